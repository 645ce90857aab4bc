"""Whether work moves."""

from __future__ import annotations

from streamworker.app.figures import State
from streamworker.app.health import Pulse, Work
from streamworker.options import RetryOptions, WorkerOptions
from streamworker.sources.base import SourceHealth

OPTIONS = WorkerOptions(timeout=10.0, ack_wait=5.0, retry=RetryOptions(longest=5.0))


def work(
    settled: int = 0,
    *,
    held: int = 0,
    published: int = 0,
    unconfirmed: int = 0,
    backlog: int | None = 0,
    connected: bool = True,
    waiting: str = "",
) -> Work:
    source = SourceHealth(connected=connected, waiting=waiting, backlog=backlog)
    return Work(settled=settled, held=held, published=published, unconfirmed=unconfirmed, sources=[source])


def test_a_worker_without_open_sources_starts() -> None:
    assert Pulse(OPTIONS).state(0.0, Work(settled=0, held=0, published=0, unconfirmed=0, sources=())) == State(
        "starting"
    )


def test_a_worker_with_nothing_to_do_is_idle_however_long() -> None:
    pulse = Pulse(OPTIONS)
    assert pulse.state(0.0, work()) == State("idle")
    assert pulse.state(9999.0, work()) == State("idle")


def test_a_source_that_waits_says_for_what() -> None:
    pulse = Pulse(OPTIONS)
    assert pulse.state(0.0, work(connected=False)) == State("waiting", "no connection")
    assert pulse.state(1.0, work(backlog=9, waiting="another process is pinned")) == State(
        "waiting", "another process is pinned"
    )


def test_a_worker_that_settles_now_and_then_works() -> None:
    pulse = Pulse(OPTIONS)
    assert {pulse.state(at * 19.0, work(at, held=1)).condition for at in range(10)} == {"working"}


def test_a_worker_that_settles_nothing_for_longer_than_a_handler_may_run_is_stuck() -> None:
    """As long as a handler may run, a retry in place may wait, and a delivery may take to come back."""
    pulse = Pulse(OPTIONS)
    pulse.state(0.0, work(7, held=1))
    assert pulse.state(20.0, work(7, held=1)) == State("working")
    assert pulse.state(20.1, work(7, held=1)) == State("stuck", "no delivery was settled for more than 20 s")
    assert pulse.state(21.0, work(8, held=1)) == State("working")


def test_a_backlog_that_nobody_delivers_is_stuck() -> None:
    pulse = Pulse(WorkerOptions())
    pulse.state(0.0, work(backlog=5))
    assert pulse.state(30.0, work(backlog=5)) == State("working")
    assert pulse.state(31.0, work(backlog=5)) == State(
        "stuck", "messages wait, and none was delivered for more than 30 s"
    )


def test_outputs_that_are_not_stored_are_stuck() -> None:
    """A full sink shows long before a handler's timeout would."""
    pulse = Pulse(WorkerOptions())
    pulse.state(0.0, work(held=9, published=3, unconfirmed=9))
    assert pulse.state(31.0, work(held=9, published=3, unconfirmed=9)) == State(
        "stuck", "none of its outputs was stored for more than 30 s"
    )


def test_a_long_rest_is_no_standstill() -> None:
    pulse = Pulse(OPTIONS)
    pulse.state(0.0, work(7))
    pulse.state(500.0, work(7))
    assert pulse.state(505.0, work(7, held=1)) == State("working")
