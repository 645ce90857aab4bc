from __future__ import annotations

import logging
import re
from collections.abc import Sequence

import pytest
from streamworker.handler import Item
from streamworker.middleware import Logged
from streamworker.spec import bound

from tests.runtime.middleware.workers import Order, biller, packer, work


def lines(caplog: pytest.LogCaptureFixture, logger: str = "streamworker.handled") -> list[tuple[str, str]]:
    """Levels and texts, in order of the sequence that each tells of; milliseconds as 0."""
    found = [(record.levelname, record.getMessage()) for record in caplog.records if record.name == logger]
    return sorted(
        ((level, re.sub(r"in [\d.]+ ms", "in 0 ms", text)) for level, text in found), key=lambda line: line[1]
    )


async def bill(order: Order) -> None:
    if order.number == 13:
        raise ValueError(order.card)


async def pack(items: Sequence[Item[Order, None]]) -> None:
    for item in items:
        if item.event.number == 2:
            item.failed(KeyError(item.event.card))
        elif item.event.number == 3:
            item.done(None)
    if any(item.event.number == 13 for item in items):
        raise ValueError("secret")


async def test_every_event_is_a_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "streamworker.handled"):
        await work(bound(biller, biller.with_middleware(Logged()).handler(bill)), 7, 8)
    assert lines(caplog) == [
        ("DEBUG", "biller: orders.7 (sequence 1, attempt 1) handled in 0 ms"),
        ("DEBUG", "biller: orders.8 (sequence 2, attempt 1) handled in 0 ms"),
    ]


async def test_a_failure_is_a_warning_with_the_class_of_its_error(caplog: pytest.LogCaptureFixture) -> None:
    """Each attempt has its own; what the error says may hold a secret."""
    with caplog.at_level(logging.INFO, "streamworker.handled"):
        await work(bound(biller, biller.with_middleware(Logged()).handler(bill)), 13, 14)
    assert lines(caplog) == [
        ("WARNING", "biller: orders.13 (sequence 1, attempt 1) failed with ValueError in 0 ms"),
        ("WARNING", "biller: orders.13 (sequence 1, attempt 2) failed with ValueError in 0 ms"),
    ]
    assert "secret" not in str([vars(record) for record in caplog.records if record.name == "streamworker.handled"])


async def test_each_item_of_a_batch_has_its_own_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "streamworker.handled"):
        await work(bound(packer, packer.with_middleware(Logged()).handler(pack)), 1, 2, 3)
    assert [line for line in lines(caplog) if "attempt 1" in line[1]] == [
        ("DEBUG", "packer: orders.1 (sequence 1, attempt 1) handled in 0 ms"),
        ("WARNING", "packer: orders.2 (sequence 2, attempt 1) failed with KeyError in 0 ms"),
        ("DEBUG", "packer: orders.3 (sequence 3, attempt 1) handled in 0 ms"),
    ]


async def test_of_a_batch_that_raises_what_was_said_of_an_item_counts(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "streamworker.handled"):
        await work(bound(packer, packer.with_middleware(Logged()).handler(pack)), 2, 3, 13)
    assert [line for line in lines(caplog) if "attempt 1" in line[1]] == [
        ("WARNING", "packer: orders.13 (sequence 3, attempt 1) failed with ValueError in 0 ms"),
        ("WARNING", "packer: orders.2 (sequence 1, attempt 1) failed with KeyError in 0 ms"),
        ("DEBUG", "packer: orders.3 (sequence 2, attempt 1) handled in 0 ms"),
    ]


async def test_a_blocking_handlers_events_are_lines_too(caplog: pytest.LogCaptureFixture) -> None:
    def bill_slowly(order: Order) -> None:
        assert order.number

    with caplog.at_level(logging.DEBUG, "streamworker.handled"):
        await work(bound(biller, biller.with_middleware(Logged()).blocking(bill_slowly)), 7)
    assert lines(caplog) == [("DEBUG", "biller: orders.7 (sequence 1, attempt 1) handled in 0 ms")]


async def test_a_record_has_all_of_it_in_attributes(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "streamworker.handled"):
        await work(bound(biller, biller.with_middleware(Logged()).handler(bill)), 7)
    (record,) = caplog.records
    told = {"worker": "biller", "subject": "orders.7", "sequence": 1, "attempt": 1, "error": None}
    assert vars(record).items() >= told.items()
    assert 0 <= vars(record)["seconds"] < 10


async def test_level_and_logger_are_as_said(caplog: pytest.LogCaptureFixture) -> None:
    logged = Logged(level=logging.INFO, logger=logging.getLogger("mine"))
    with caplog.at_level(logging.INFO, "mine"):
        await work(bound(biller, biller.with_middleware(logged).handler(bill)), 7)
    assert [level for level, _ in lines(caplog, "mine")] == ["INFO"]


async def test_outside_a_delivery_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """A unit test may call a handler through its middleware."""
    with caplog.at_level(logging.DEBUG):
        await Logged()(bill)(Order(number=1))
        await Logged()(pack)([Item[Order, None](Order(number=1))])
    assert caplog.records == []
