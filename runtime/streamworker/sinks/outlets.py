"""Which subject an event goes to: the one that carries its class. Events are final, so the class itself decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from streamworker.errors import ConfigurationError, ContractViolation, Violation
from streamworker.subject import AnySubject

E_co = TypeVar("E_co", covariant=True)


class Carries(AnySubject, Protocol[E_co]):
    """A subject as a sink sees it: by the class of what it carries."""

    @property
    def event(self) -> type[E_co]: ...


class Outlets:
    """Encodes events for the subjects of one sink."""

    def __init__(self, subjects: Sequence[AnySubject]) -> None:
        self._by_class = {subject.event: subject for subject in subjects}
        if len(self._by_class) != len(subjects):
            raise ConfigurationError("two subjects of one sink carry the same event", hint="give each its own event")

    def encode(self, event: object) -> tuple[str, bytes]:
        """The concrete subject and the bytes. Raises ContractViolation."""
        subject = self._by_class.get(type(event))
        if subject is None:
            expected = " or ".join(sorted(each.__name__ for each in self._by_class))
            raise ContractViolation(expected, [Violation("", f"{expected}, not {type(event).__name__}")])
        return subject.subject_for(event), subject.encode_closed(event)
