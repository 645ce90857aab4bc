"""Which declared subject a concrete one belongs to. Declared subjects do not overlap, so it is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from streamworker.errors import ContractViolation, Violation
from streamworker.subject import Decodes


class Router:
    """Decodes deliveries by their subject, and names the tokens of a subject."""

    def __init__(self, subjects: Sequence[Decodes[object]]) -> None:
        self._subjects = subjects
        self.decode: Callable[[str, bytes], object] = self._decode_any
        if len(subjects) == 1:
            only = subjects[0]
            self.decode = lambda _subject, data: only.decode(data)

    def tokens(self, subject: str) -> Mapping[str, str]:
        """The tokens of a concrete subject by field."""
        return self._declared(subject).tokens(subject)

    def _decode_any(self, subject: str, data: bytes) -> object:
        return self._declared(subject).decode(data)

    def _declared(self, subject: str) -> Decodes[object]:
        for declared in self._subjects:
            if declared.matches(subject):
                return declared
        raise ContractViolation("source", [Violation("", f"a declared subject, not {subject}")])
