"""Which action an error calls for: what was said where the handler was bound, then what the error says of itself."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from streamworker.actions import DeadLetter, ErrorAction
from streamworker.errors import (
    ClassifyError,
    ContractViolation,
    HandlerNotWritten,
    NeverStored,
    PublishRefused,
    RevisionConflict,
)

_log = logging.getLogger("streamworker")
_OURS = (NeverStored, RevisionConflict)


@dataclass(frozen=True)
class Classification:
    """The rules of one worker. errors: the kinds whose own word counts; None takes everyone's."""

    errors: tuple[type[ClassifyError], ...] | None = None
    classes: Mapping[type[Exception], ErrorAction] = field(default_factory=dict)

    def action(self, error: BaseException) -> ErrorAction | None:
        """The action for `error`; None where nobody classified it."""
        if isinstance(error, HandlerNotWritten):
            return error.error_action
        for kind in type(error).__mro__:
            if kind in self.classes:
                return self.classes[kind]
        if isinstance(error, ContractViolation | PublishRefused):
            return DeadLetter()  # trying again changes neither
        return self._own_word(error)

    def _own_word(self, error: BaseException) -> ErrorAction | None:
        if self.errors is not None and not isinstance(error, (*self.errors, *_OURS)):
            return None
        try:
            said = getattr(error, "error_action", None)
        except Exception as raised:  # noqa: BLE001 - a property is the user's code, and the error still has to end somewhere
            said = raised
        if said is not None and not isinstance(said, ErrorAction):
            _log.warning("%s.error_action is no action but a %s", type(error).__qualname__, type(said).__qualname__)
            return None
        return said
