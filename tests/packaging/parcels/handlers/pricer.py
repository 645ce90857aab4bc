"""pricer: what a parcel costs."""

from __future__ import annotations

from streamworker import DeadLetter, Ignore, StreamError

from generated.events import Accepted, Due
from generated.workers import pricer

HEAVY = 10_000
HEAVIEST = 30_000


class TooHeavy(StreamError):
    error_action = DeadLetter()


class TestCustomer(StreamError):
    error_action = Ignore()


@pricer.with_errors(TooHeavy, TestCustomer).blocking
def price(event: Accepted) -> Due | None:
    if event.customer == "nobody":
        raise TestCustomer("nobody pays for this one")
    if event.weight_grams > HEAVIEST:
        raise TooHeavy(f"{event.weight_grams} g")
    if event.prepaid:
        return None
    return Due(
        parcel_id=event.parcel_id,
        customer=event.customer,
        cents=500 + event.weight_grams // 10,
        heavy=event.weight_grams > HEAVY,
    )
