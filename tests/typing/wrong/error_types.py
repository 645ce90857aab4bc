"""Errors that do not say what becomes of the delivery."""

from __future__ import annotations

from streamworker.actions import ErrorAction, Retry
from streamworker.errors import StreamError

from tests.typing.contract import Paid, Placed, one


class SaysText(StreamError):
    error_action = "retry"


class ReturnsText(StreamError):
    @property
    def error_action(self) -> str:
        return "retry"


class NoException:
    error_action: ErrorAction = Retry()


class WrongWord(Exception):
    error_action = "retry"


# E: Argument 1 to "with_errors" of "WorkerSpec" has incompatible type "type[SaysText]"; expected "type[ClassifyError]"  [arg-type]
@one.with_errors(SaysText).handler
async def says_text(event: Placed) -> Paid:
    return Paid(order=event.order)


# E: Argument 1 to "with_errors" of "WorkerSpec" has incompatible type "type[ReturnsText]"; expected "type[ClassifyError]"  [arg-type]
@one.with_errors(ReturnsText).handler
async def returns_text(event: Placed) -> Paid:
    return Paid(order=event.order)


# E: Argument 1 to "with_errors" of "WorkerSpec" has incompatible type "type[WrongWord]"; expected "type[ClassifyError]"  [arg-type]
@one.with_errors(WrongWord).handler
async def wrong_word(event: Placed) -> Paid:
    return Paid(order=event.order)


# E: Argument 1 to "with_errors" of "WorkerSpec" has incompatible type "type[NoException]"; expected "type[ClassifyError]"  [arg-type]
@one.with_errors(NoException).handler
async def no_exception(event: Placed) -> Paid:
    return Paid(order=event.order)


# E: Argument 1 to "with_errors" of "WorkerSpec" has incompatible type "StreamError"; expected "type[ClassifyError]"  [arg-type]
@one.with_errors(StreamError("not a class")).handler
async def no_class(event: Placed) -> Paid:
    return Paid(order=event.order)


# E: Dict entry 0 has incompatible type "type[KeyError]": "type[Retry]"; expected "type[Exception]": "Retry | Ignore | DeadLetter | Stop"  [dict-item]
@one.classify({KeyError: Retry}).handler
async def no_action(event: Placed) -> Paid:
    return Paid(order=event.order)
