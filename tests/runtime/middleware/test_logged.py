from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping

import pytest
from streamworker import delivery as deliveries
from streamworker.delivery import Incoming, Origin, enter
from streamworker.middleware import Logged


class Scope:
    worker = "biller"

    def tokens(self, _subject: str, /) -> Mapping[str, str]:
        return {}

    def publish_id(self, _origin: Origin, _counter: int, /) -> str:
        return ""


class NoSettler:
    """Nothing settles here."""

    def ack(self, incoming: Incoming, /) -> None: ...
    def nak(self, incoming: Incoming, delay: float, /) -> None: ...
    def term(self, incoming: Incoming, reason: str, /) -> None: ...
    def in_progress(self, incoming: Incoming, /) -> None: ...


@pytest.fixture
def delivery() -> Iterator[Incoming]:
    incoming = Incoming("orders.paid.7", b"{}", None, Origin("ORDERS", 0, 31), NoSettler())
    token = enter((incoming, Scope()))
    yield incoming
    deliveries._current.reset(token)


async def bill(event: str) -> str:
    if "bad" in event:
        raise ValueError(f"{event} is bad")
    return event


async def test_a_handled_event_is_a_line(delivery: Incoming, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "streamworker.handled"):
        assert await Logged()(bill)("secret") == "secret"
    (record,) = caplog.records
    assert record.getMessage().startswith("biller: orders.paid.7 (31) handled in ")
    assert vars(record).items() >= {"worker": "biller", "sequence": 31, "attempt": 1, "error": None}.items()


async def test_a_failed_one_is_a_warning_with_the_class_of_its_error_alone(
    delivery: Incoming, caplog: pytest.LogCaptureFixture
) -> None:
    delivery.attempt = 2
    with pytest.raises(ValueError, match="bad"):
        await Logged()(bill)("bad secret")
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("biller: orders.paid.7 (31, attempt 2) failed with ValueError in ")
    assert "secret" not in str(vars(record))


async def test_level_and_logger_are_as_said(delivery: Incoming, caplog: pytest.LogCaptureFixture) -> None:
    logged = Logged(level=logging.DEBUG, logger=logging.getLogger("mine"))
    with caplog.at_level(logging.INFO, "mine"):
        await logged(bill)("x")
    assert not caplog.records
    with caplog.at_level(logging.DEBUG, "mine"):
        await logged(bill)("x")
    assert [record.name for record in caplog.records] == ["mine"]


async def test_without_a_delivery_it_is_a_line_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    """In a unit test, and for a batch."""
    with caplog.at_level(logging.INFO, "streamworker.handled"):
        await Logged()(bill)("x")
    assert caplog.records[0].getMessage().startswith("event or batch handled in ")
