"""An SSE ingest: from a real server's bytes to outputs and dead letters, with sinks of this process."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from streamworker.engine.backing import MemoryLetters
from streamworker.errors import ConfigurationError, PublishRefused, StreamworkerError, WorkerStopped
from streamworker.ingest.run import IngestRunner
from streamworker.ingest.spec import SseSpec
from streamworker.ingest.translation import CONNECTION_HEADER, EVENT_HEADER, RECEIVED_HEADER
from streamworker.letters import Letter
from streamworker.sinks.base import OnStored, Output, Stored
from streamworker.sinks.memory import MemorySink

from generated.subjects import MIRAKC_EPG_PROGRAMS_UPDATED, MIRAKC_RECORDING_FAILED
from tests.conftest import Eventually
from tests.runtime.feed_server import Exchange, FeedServer, Script, feed, frame

NAME = "epg.programs-updated"
SPEC = SseSpec(
    name="mirakc",
    url="",
    events={NAME: MIRAKC_EPG_PROGRAMS_UPDATED, "recording.failed": MIRAKC_RECORDING_FAILED},
    add={
        "source": {"tuner": "tuner1", "url": "http://mirakc:40772"},
        "connection": "$connection",
        "receivedAt": "$now",
    },
    id="{connection.id}-{connection.seq}",
    idle=1.0,
    shortest=0.01,
    longest=0.05,
)
ONE = frame(NAME, {"serviceId": 1})


class SlowSink:
    """A server that takes outputs and says nothing, until it is let go."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Output, OnStored]] = []
        self.quick = False

    def check(self, output: Output, /) -> None: ...
    async def open(self) -> None: ...
    async def close(self) -> None: ...
    def publish(self, output: Output, on_stored: OnStored) -> None:
        self.waiting.append((output, on_stored))
        if self.quick:
            self.let_go()

    def let_go(self, answer: Stored | StreamworkerError | None = None) -> None:
        waiting, self.waiting = self.waiting, []
        for output, on_stored in waiting:
            on_stored(output, answer or Stored.of("S", 1, duplicate=False))


def memory() -> MemorySink[Any]:  # of any event: an ingest hands over what is encoded
    return MemorySink(MIRAKC_EPG_PROGRAMS_UPDATED)


class StrictSink(MemorySink[Any]):
    """Takes nothing larger than 100 bytes."""

    def check(self, output: Output, /) -> None:
        if len(output.data) > 100:
            raise PublishRefused(output.subject, 0, "too large")


class FullLetters:
    async def store(self, letter: Letter, _id: str, /) -> None:
        raise PublishRefused("dead-letters", 10077, "maximum bytes exceeded")


class Outcome:
    """What became of all that a server sent until it said that there is no more."""

    def __init__(self, runner: IngestRunner, outputs: list[Output], letters: list[Letter]) -> None:
        self.books = runner.books
        self.outputs = outputs
        self.letters = letters

    @property
    def events(self) -> list[Any]:  # JSON
        return [json.loads(output.data) for output in self.outputs]


async def ingest(*scripts: Script, sink: MemorySink[Any] | None = None, **options: Any) -> Outcome:  # as SseSpec's
    sink, letters = sink or memory(), MemoryLetters()
    async with FeedServer(*scripts) as server, asyncio.timeout(10):
        runner = IngestRunner(replace(SPEC, url=server.url, **options), sink, letters)
        await runner.run(asyncio.Event())
    books = runner.books
    assert books.received == books.published + books.refused + books.dropped
    assert books.waiting == 0
    assert len(sink.outputs) == books.published - books.duplicates
    assert len(letters.letters) == books.refused
    return Outcome(runner, sink.outputs, letters.letters)


async def test_a_frame_is_published_with_the_fields_that_were_added() -> None:
    outcome = await ingest(
        feed(ONE, frame("recording.failed", {"programId": 5, "reason": {"type": "schedule-expired"}}))
    )
    first, second = outcome.outputs
    assert first.subject == "mirakc.epg.programs-updated.tuner1.1"
    assert second.subject == "mirakc.recording.failed.tuner1.5"
    event = outcome.events[0]
    assert event["serviceId"] == 1
    assert event["source"] == {"tuner": "tuner1", "url": "http://mirakc:40772"}
    assert event["connection"]["seq"] == 0
    assert first.id == f"{event['connection']['id']}-0"
    assert second.id == f"{event['connection']['id']}-1"


async def test_each_connection_has_an_id_of_its_own_and_counts_anew() -> None:
    outcome = await ingest(feed(ONE, ONE), feed(ONE))
    connections = [event["connection"] for event in outcome.events]
    assert [connection["seq"] for connection in connections] == [0, 1, 0]
    assert connections[0]["id"] == connections[1]["id"] != connections[2]["id"]


# The cases of EPGStation's tests of mirakc's feed, and what else the contract can't take.
REFUSED = {
    "null": b"null",
    "array": b"[]",
    "scalar": b"73",
    "text": b'"{}"',
    "missing field": b"{}",
    "null field": b'{"serviceId":null}',
    "wrong type": b'{"serviceId":"73"}',
    "unknown field": b'{"serviceId":1,"more":1}',
    "not JSON": b"{invalid}",
    "unfinished": b'{"serviceId":1',
    "doubled end": b'{"serviceId":1}}',
    "two values": b'{"serviceId":1} {"serviceId":1}',
    "empty": b"",
    "not UTF-8": b'{"serviceId":1,"\xff":1}',
    "NaN": b'{"serviceId":NaN}',
    "too large a number": b'{"serviceId":1e400}',
    "5,000 digits": b'{"serviceId":' + b"1" * 5000 + b"}",
    "201 levels": b'{"serviceId":1,"x":' + b"[" * 201 + b"]" * 201 + b"}",
    "100,000 levels": b'{"serviceId":' + b"[" * 100_000 + b"}",
    "a line break inside of a token": b'{"service\ndata: Id":1}',
}


@pytest.mark.parametrize("case", REFUSED)
async def test_what_the_contract_refuses_is_a_dead_letter_as_it_came(case: str) -> None:
    bad = b"event: " + NAME.encode() + b"\ndata: " + REFUSED[case] + b"\n\n"
    outcome = await ingest(feed(bad, ONE))
    assert [event["serviceId"] for event in outcome.events] == [1]
    letter = outcome.letters[0]
    assert letter.data == REFUSED[case].replace(b"\ndata: ", b"\n")
    assert letter.worker == "mirakc"
    assert letter.subject == MIRAKC_EPG_PROGRAMS_UPDATED.name
    assert letter.reason == "feed"
    assert letter.error == "ContractViolation"
    assert letter.headers[EVENT_HEADER] == NAME
    assert letter.headers[CONNECTION_HEADER] == outcome.events[0]["connection"]["id"]
    assert letter.headers[RECEIVED_HEADER] <= outcome.events[0]["receivedAt"]
    assert (letter.origin.stream, letter.origin.sequence) == ("mirakc", 0)
    assert letter.text


async def test_a_letter_names_the_failing_place_and_never_the_value() -> None:
    outcome = await ingest(feed(frame(NAME, {"serviceId": "my secret"})))
    assert [place for place, _ in outcome.letters[0].places] == ["/serviceId"]
    assert "secret" not in outcome.letters[0].text


async def test_json_over_several_lines_is_one_event() -> None:
    lines = b'data: {"serviceId":\r\ndata: 66}\r\n\r\n'
    outcome = await ingest(feed(b"synthetic-comment\r\nevent: " + NAME.encode() + b"\r\n" + lines))
    assert [event["serviceId"] for event in outcome.events] == [66]


async def test_a_feed_cannot_choose_its_source_connection_or_id() -> None:
    forged = {"serviceId": 1, "source": {"tuner": "other.>"}, "connection": {"id": "x", "seq": -1}, "receivedAt": ""}
    outcome = await ingest(feed(frame(NAME, forged)))
    assert outcome.outputs[0].subject == "mirakc.epg.programs-updated.tuner1.1"
    assert outcome.events[0]["source"]["tuner"] == "tuner1"
    assert outcome.outputs[0].id.endswith("-0")


@pytest.mark.parametrize("name", ["unknown", "message", "番組", "x" * 5000, "a\x00\x1b[31mb"])
async def test_an_event_under_an_unknown_name_follows_its_policy(name: str) -> None:
    stray = b"event: " + name.encode() + b"\ndata: {invalid}\n\n"
    dropped = await ingest(feed(stray, stray, ONE), unmapped="ignore")
    assert (dropped.books.published, dropped.books.dropped) == (1, 2)
    assert dropped.books.dropped_names == {name[:200]: 2}

    kept = await ingest(feed(stray, ONE), unmapped="dead-letter")
    assert (kept.books.published, kept.books.refused) == (1, 1)
    assert (kept.letters[0].data, kept.letters[0].error) == (b"{invalid}", "UnmappedEvent")
    assert kept.letters[0].headers[EVENT_HEADER] == name[:200]


@pytest.mark.parametrize("policy", ["unmapped", "invalid"])
async def test_stop_keeps_the_frame_as_a_dead_letter_and_ends_in_order(policy: str) -> None:
    bad = frame("unknown" if policy == "unmapped" else NAME, {})
    sink = memory()
    letters = MemoryLetters()
    async with FeedServer(feed(ONE, bad, ONE)) as server, asyncio.timeout(10):
        options: Mapping[str, Any] = {policy: "stop"}
        runner = IngestRunner(replace(SPEC, url=server.url, **options), sink, letters)
        with pytest.raises(WorkerStopped, match="mirakc stopped"):
            await runner.run(asyncio.Event())
    books = runner.books
    assert (books.received, books.published, books.refused, books.waiting) == (2, 1, 1, 0)
    assert (len(sink.outputs), len(letters.letters)) == (1, 1)


async def test_invalid_frames_may_be_ignored_and_are_counted() -> None:
    outcome = await ingest(feed(frame(NAME, {}), ONE), invalid="ignore")
    assert (outcome.books.published, outcome.books.dropped, outcome.books.refused) == (1, 1, 0)


async def test_of_frames_that_are_dropped_the_first_of_a_name_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    outcome = await ingest(feed(*[frame("stray", {})] * 50), unmapped="ignore")
    assert outcome.books.dropped == 50
    told = [record.getMessage() for record in caplog.records if record.name == "streamworker.mirakc"]
    assert told == [
        "dropped, as the policy says: no subject is given for events 'stray' (the first of its name; others are counted)"
    ]


async def test_names_without_end_do_not_fill_the_memory() -> None:
    outcome = await ingest(feed(*(frame(f"n{number}", {}) for number in range(500))), unmapped="ignore")
    assert outcome.books.dropped == 500
    assert len(outcome.books.dropped_names) <= 101
    assert sum(outcome.books.dropped_names.values()) == 500


async def test_frames_without_data_are_none() -> None:
    outcome = await ingest(feed(b"event: x\n\n: comment\n\nid: 5\n\n", ONE))
    assert outcome.books.received == 1


async def test_a_frame_over_the_limit_is_a_dead_letter_of_its_beginning() -> None:
    outcome = await ingest(feed(frame(NAME, {"serviceId": 1, "x": "y" * 100_000}), ONE), max_frame=1000)
    assert len(outcome.outputs) == 1
    assert outcome.letters[0].data.startswith(b'{"serviceId": 1, "x": "yyy')
    assert "no more than 1,000 bytes" in outcome.letters[0].text


async def test_what_the_server_refuses_is_a_dead_letter_too() -> None:
    outcome = await ingest(feed(frame(NAME, {"serviceId": 1}), ONE), sink=StrictSink(MIRAKC_EPG_PROGRAMS_UPDATED))
    assert [letter.reason for letter in outcome.letters] == ["refused", "refused"]
    assert outcome.letters[0].data == b'{"serviceId": 1}'


async def test_what_the_server_refuses_later_is_a_dead_letter_too(eventually: Eventually) -> None:
    sink, letters, stop = SlowSink(), MemoryLetters(), asyncio.Event()
    async with FeedServer(feed(ONE, hang=True)) as server:
        runner = IngestRunner(replace(SPEC, url=server.url), sink, letters)
        running = asyncio.ensure_future(runner.run(stop))
        await eventually(lambda: sink.waiting)
        sink.let_go(PublishRefused("subject", 10054, "too large"))
        await eventually(lambda: runner.books.refused == 1)
        stop.set()
        await running
    assert [letter.reason for letter in letters.letters] == ["refused"]


@pytest.mark.parametrize("value", ["a b", "a.b", "*", ">", "", "a\r\nNats-Msg-Id: x", "\x00"])
async def test_a_hostile_text_in_a_token_is_a_dead_letter(value: str) -> None:
    outcome = await ingest(feed(ONE), add={**SPEC.add, "source": {"tuner": value, "url": "http://x"}})
    assert (outcome.books.published, outcome.books.refused) == (0, 1)


async def test_a_full_buffer_stops_reading_and_the_server_feels_it(eventually: Eventually) -> None:
    """Frames wait for their acks up to the buffer; what else the server sends stays in sockets, and then with the server."""
    total = 200_000
    sink, stop = SlowSink(), asyncio.Event()

    async def script(exchange: Exchange) -> None:
        await exchange.start()
        for _ in range(total):
            await exchange.send(ONE)
        await exchange.hang()

    async with FeedServer(script, send_buffer=8192) as server:
        runner = IngestRunner(replace(SPEC, url=server.url, buffer=50, idle=10.0), sink, MemoryLetters())
        running = asyncio.ensure_future(runner.run(stop))
        await eventually(lambda: runner.books.waiting == 50)
        sent = -1
        while sent != server.exchanges[0].sent:
            sent = server.exchanges[0].sent
            await asyncio.sleep(0.2)
        assert sent < total * len(ONE) / 3, "the server could send no more"
        assert runner.books.received == runner.books.waiting == len(sink.waiting) == 50
        sink.let_go()
        await eventually(lambda: len(sink.waiting) == 50, what="it reads on once there is room")
        sink.quick = True
        sink.let_go()
        await eventually(lambda: runner.books.published > 5000)
        stop.set()
        await running
    assert runner.books.received == runner.books.published


async def test_a_stop_awaits_the_acks_of_what_was_read(eventually: Eventually) -> None:
    sink, stop = SlowSink(), asyncio.Event()
    async with FeedServer(feed(ONE, ONE, hang=True)) as server:
        runner = IngestRunner(replace(SPEC, url=server.url), sink, MemoryLetters())
        running = asyncio.ensure_future(runner.run(stop))
        await eventually(lambda: len(sink.waiting) == 2)
        stop.set()
        await asyncio.wait({running}, timeout=0.1)
        assert not running.done()
        sink.let_go()
        await asyncio.wait_for(running, 5)
    assert (runner.books.published, runner.books.waiting) == (2, 0)


async def test_a_stop_waits_no_longer_than_its_grace_and_says_what_is_left(
    eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    sink, stop = SlowSink(), asyncio.Event()
    async with FeedServer(feed(ONE, ONE, hang=True)) as server:
        runner = IngestRunner(replace(SPEC, url=server.url), sink, MemoryLetters(), grace=0.1)
        running = asyncio.ensure_future(runner.run(stop))
        await eventually(lambda: len(sink.waiting) == 2)
        stop.set()
        await asyncio.wait_for(running, 5)
    assert (runner.books.received, runner.books.published, runner.books.waiting) == (2, 0, 2)
    assert "2 frames are not confirmed" in caplog.text


async def test_dead_letters_that_cannot_be_kept_stop_it(eventually: Eventually) -> None:
    async with FeedServer(feed(ONE, frame(NAME, {}), hang=True)) as server, asyncio.timeout(10):
        runner = IngestRunner(replace(SPEC, url=server.url), memory(), FullLetters())
        with pytest.raises(WorkerStopped, match="maximum bytes exceeded"):
            await runner.run(asyncio.Event())
    books = runner.books
    assert (books.received, books.published, books.refused, books.waiting) == (2, 1, 0, 1)


async def test_it_resumes_after_the_last_frame_over_disconnects() -> None:
    async with FeedServer(feed(b"id: 7\n" + ONE), feed(ONE)) as server, asyncio.timeout(10):
        await IngestRunner(replace(SPEC, url=server.url), memory(), MemoryLetters()).run(asyncio.Event())
    assert [request.headers.get("last-event-id") for request in server.requests] == [None, "7", "7"]


async def test_health_says_what_is_the_matter(eventually: Eventually) -> None:
    stop = asyncio.Event()
    runner = IngestRunner(replace(SPEC, url="http://127.0.0.1:1/"), memory(), MemoryLetters())
    assert runner.health().condition == "starting"
    running = asyncio.ensure_future(runner.run(stop))
    await eventually(lambda: runner.health().condition == "waiting" and "ConnectError" in runner.health().detail)
    stop.set()
    await running
    assert runner.health().condition == "stopped"


async def test_idle_is_a_feed_without_frames_for_a_while_or_at_its_end(eventually: Eventually) -> None:
    stop = asyncio.Event()
    async with FeedServer(feed(ONE, hang=True)) as server:
        runner = IngestRunner(replace(SPEC, url=server.url, idle=0.3), memory(), MemoryLetters())
        running = asyncio.ensure_future(runner.run(stop))
        await eventually(lambda: runner.books.received == 1)
        assert not runner.drained
        await eventually(lambda: runner.drained, within=2)
        stop.set()
        await running


async def test_an_id_that_never_varies_is_refused_at_the_start() -> None:
    with pytest.raises(ConfigurationError, match="names no field"):
        IngestRunner(replace(SPEC, url="http://host/", id="mirakc"), memory(), MemoryLetters())


async def test_credentials_never_reach_a_log_or_a_letter(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sink, letters = memory(), MemoryLetters()
    async with FeedServer(feed(frame(NAME, {}), ONE)) as server, asyncio.timeout(10):
        url = server.url.replace("http://", "http://user:hidden1@") + "?token=hidden2"
        spec = replace(SPEC, url=url, headers={"Authorization": "Bearer hidden3"})
        await IngestRunner(spec, sink, letters).run(asyncio.Event())
        assert server.requests[0].headers["authorization"] == "Bearer hidden3"
    assert "hidden" not in caplog.text + repr(letters.letters) + repr(sink.outputs)
