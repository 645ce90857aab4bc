"""The simulator's own log, one JSON object a line: what it sent, what it was asked, and how each connection ended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TextIO


class Journal:
    """Writes as it goes, a line at a time; keeps nothing but the count of lines by kind."""

    def __init__(self, path: Path | None) -> None:
        self._file: TextIO | None = path.open("w", encoding="utf-8", buffering=1) if path else None
        self.counts: dict[str, int] = {}

    def write(self, kind: str, **fields: object) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if self._file:
            self._file.write(json.dumps({"kind": kind, **fields}, ensure_ascii=False) + "\n")

    def close(self) -> None:
        if self._file:
            self._file.close()
