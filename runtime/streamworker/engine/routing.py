"""Which declared subject a concrete one belongs to. Declared subjects do not overlap, so it is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from streamworker.errors import ContractViolation, Violation
from streamworker.subject import Decodes


class Router:
    """Decodes deliveries by their subject, and names the tokens of a subject."""

    def __init__(self, subjects: Sequence[Decodes[object]]) -> None:
        self._routes = [_Route(subject) for subject in subjects]
        self.decode: Callable[[str, bytes], object] = self._decode_any
        if len(subjects) == 1:
            decode = subjects[0].decode
            self.decode = lambda _subject, data: decode(data)

    def tokens(self, subject: str) -> Mapping[str, str]:
        """The tokens of a concrete subject by field."""
        parts = subject.split(".")
        return self._route(subject, parts).tokens(parts)

    def _decode_any(self, subject: str, data: bytes) -> object:
        return self._route(subject, subject.split(".")).decode(data)

    def _route(self, subject: str, parts: Sequence[str]) -> _Route:
        for route in self._routes:
            if route.matches(parts):
                return route
        raise ContractViolation("source", [Violation("", f"a declared subject, not {subject}")])


class _Route:
    """One declared subject: its literals by place, and its fields by place."""

    def __init__(self, subject: Decodes[object]) -> None:
        parts = _split(subject.name)
        self.decode = subject.decode
        self._count = len(parts)
        self._literals = [
            (place, part) for place, part in enumerate(parts) if part not in ("*", ">") and part[0] != "{"
        ]
        self._fields = [(place, part[1:-1]) for place, part in enumerate(parts) if part[0] == "{"]
        self._open = parts[-1] == ">"

    def matches(self, parts: Sequence[str]) -> bool:
        if len(parts) < self._count if self._open else len(parts) != self._count:
            return False
        return all(parts[place] == literal for place, literal in self._literals)

    def tokens(self, parts: Sequence[str]) -> Mapping[str, str]:
        return {field: parts[place] for place, field in self._fields}


def _split(name: str) -> list[str]:
    """The parts of a declared subject; a field's own dots do not part it."""
    parts, depth, part = [], 0, ""
    for character in name:
        depth += (character == "{") - (character == "}")
        if character == "." and not depth:
            parts.append(part)
            part = ""
        else:
            part += character
    return [*parts, part]
