"""What a change of the contract means for who reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal, TypeAlias

from streamworker_codegen.documents import Json
from streamworker_codegen.problems import Position, Problem, Severity

Verdict: TypeAlias = Literal["safe", "safe (rolling)", "breaking", "not proven"]

_ORDER: Final[tuple[Verdict, ...]] = ("safe", "safe (rolling)", "not proven", "breaking")
_SEVERITY: Final[dict[Verdict, Severity]] = {
    "safe": "note",
    "safe (rolling)": "note",
    "breaking": "error",
    "not proven": "error",
}


@dataclass(frozen=True)
class Finding:
    """One change. name: of the event, subject, stream, bucket or worker. code: stable, what kind of change. evidence: lines that show
    it. version: of what was and what is; it changes with either."""

    name: str
    code: str
    verdict: Verdict
    where: Position
    what: str
    mend: str = ""
    evidence: tuple[str, ...] = ()
    version: str = ""

    @property
    def passes(self) -> bool:
        return self.verdict in ("safe", "safe (rolling)")

    def problem(self) -> Problem:
        what = f"{self.verdict}: {self.what}"
        return Problem(self.where, self.code, what, self.mend, _SEVERITY[self.verdict], self.evidence)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    return max(verdicts, key=_ORDER.index, default="safe")


def version(*sides: Json) -> str:
    """The hash by which a written reason is bound to one change."""
    return sha256(json.dumps(sides, sort_keys=True).encode()).hexdigest()[:12]
