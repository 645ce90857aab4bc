"""Which action an error calls for: what was said where the handler was bound, then what the error says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from streamworker.actions import DeadLetter, ErrorAction
from streamworker.errors import ClassifyError, ContractViolation


@dataclass(frozen=True)
class Classification:
    """The rules of one worker. errors: the kinds whose own word counts; None takes everyone's."""

    errors: tuple[type[ClassifyError], ...] | None = None
    classes: Mapping[type[Exception], ErrorAction] = field(default_factory=dict)

    def action(self, error: BaseException) -> ErrorAction | None:
        """The action for `error`; None where nobody classified it."""
        for kind in type(error).__mro__:
            if kind in self.classes:
                return self.classes[kind]
        if isinstance(error, ContractViolation):
            return DeadLetter()
        return self._own_word(error)

    def _own_word(self, error: BaseException) -> ErrorAction | None:
        if not isinstance(error, ClassifyError):
            return None
        if self.errors is not None and not isinstance(error, self.errors):
            return None
        return error.error_action
