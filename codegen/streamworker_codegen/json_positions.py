"""Where each value of a JSON text stands. Values come from `json.loads`; this reads the same text again, when a position is asked for."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cached_property
from json import JSONDecoder

from streamworker_codegen.pointers import child
from streamworker_codegen.problems import Position

_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^\s,\]}]+")
_DECODER = JSONDecoder()


class Lines:
    """Offsets of a text as lines and columns, both from 1."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def position(self, offset: int) -> Position:
        line = bisect_right(self._starts, offset)
        return Position(self.file, line, offset - self._starts[line - 1] + 1)


class JsonPositions(Mapping[str, Position]):
    """The positions of a JSON text by pointer, as `Document.positions` wants them. The text has to be JSON; of doubled keys the last counts."""

    def __init__(self, file: str, text: str) -> None:
        self._file = file
        self._text = text

    @cached_property
    def _lines(self) -> Lines:
        return Lines(self._file, self._text)

    @cached_property
    def _offsets(self) -> dict[str, int]:
        return offsets(self._text)

    def __getitem__(self, pointer: str) -> Position:
        return self._lines.position(self._offsets[pointer])

    def __iter__(self) -> Iterator[str]:
        return iter(self._offsets)

    def __len__(self) -> int:
        return len(self._offsets)


def offsets(text: str) -> dict[str, int]:
    """The offset of every value by its pointer, and of every key by its value's pointer and `#key`."""
    scanner = _Scanner(text)
    scanner.value(scanner.skip(0), "")
    return scanner.found


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.found: dict[str, int] = {}

    def skip(self, offset: int) -> int:
        match = _SPACE.match(self.text, offset)
        return match.end() if match else offset

    def value(self, offset: int, pointer: str) -> int:
        """Notes the value that starts at `offset`, and returns where it ends."""
        self.found[pointer] = offset
        match self.text[offset]:
            case "{":
                return self._object(offset + 1, pointer)
            case "[":
                return self._array(offset + 1, pointer)
            case '"':
                return _DECODER.raw_decode(self.text, offset)[1]
            case _:
                scalar = _SCALAR.match(self.text, offset)
                return scalar.end() if scalar else offset

    def _object(self, offset: int, pointer: str) -> int:
        offset = self.skip(offset)
        seen: set[str] = set()
        while self.text[offset] != "}":
            key, end = _DECODER.raw_decode(self.text, offset)
            inner = child(pointer, key)
            if key in seen:
                self._forget(inner)
            seen.add(key)
            self.found[f"{inner}#key"] = offset
            offset = self.value(self.skip(self.skip(end) + 1), inner)
            offset = self._next(offset)
        return offset + 1

    def _array(self, offset: int, pointer: str) -> int:
        offset = self.skip(offset)
        index = 0
        while self.text[offset] != "]":
            offset = self._next(self.value(offset, child(pointer, index)))
            index += 1
        return offset + 1

    def _next(self, offset: int) -> int:
        """The offset of the next element, or of the closing bracket."""
        offset = self.skip(offset)
        return self.skip(offset + 1) if self.text[offset] == "," else offset

    def _forget(self, pointer: str) -> None:
        inside = (f"{pointer}/", f"{pointer}#")
        for known in [known for known in self.found if known == pointer or known.startswith(inside)]:
            del self.found[known]
