from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import BaseModel
from streamworker.delivery import CORRELATION_HEADER
from streamworker.errors import PublishRefused, ResourceConflict
from streamworker.jetstream.api import Api
from streamworker.jetstream.buckets import KeyValue
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.options import Credentials
from streamworker.jetstream.plan import wanted_bucket
from streamworker.jetstream.provision import provision
from streamworker.jetstream.publisher import Publisher
from streamworker.sinks.base import EventSink, Output
from streamworker.sinks.jetstream import JetStreamSink
from streamworker.sources.base import ConsumerOptions, EventSource
from streamworker.sources.jetstream import JetStreamSource
from streamworker.subject import Subject

from tests.conftest import Eventually, StartNatsServer
from tests.runtime.jetstream.fakes import Holder
from tests.runtime.jetstream.test_publisher import Words


class Order(BaseModel):
    id: str


class Receipt(BaseModel):
    id: str


@pytest.fixture
def subjects(prefix: str) -> tuple[Subject[Order], Subject[Receipt]]:
    return Subject(f"{prefix}.orders.{{id}}", Order), Subject(f"{prefix}.receipts.{{id}}", Receipt)


async def make_stream(api: Api, name: str, *subjects: str, **config: object) -> None:
    await api.create_stream({"name": name, "subjects": list(subjects), "storage": "file", **config})


async def test_what_a_sink_publishes_a_source_delivers(
    connection: Connection,
    api: Api,
    prefix: str,
    subjects: tuple[Subject[Order], Subject[Receipt]],
    eventually: Eventually,
) -> None:
    orders, receipts = subjects
    await make_stream(api, prefix, f"{prefix}.>")
    source: EventSource[Order | Receipt] = JetStreamSource(connection, orders, receipts)  # its stream is found
    sink: EventSink[Order | Receipt] = JetStreamSink(connection, orders, receipts)
    words, holder = Words(), Holder()
    await sink.open()
    session = await source.open(holder, ConsumerOptions(durable="worker"))
    for event in (Order(id="a"), Receipt(id="b")):
        subject, data = sink.encode(event)
        output = Output(subject, data, f"id-{event.id}", {})
        sink.check(output)
        sink.publish(output, words)
    await eventually(lambda: len(holder.got) == 2)
    decoded = [orders.decode(holder.got[0].data), receipts.decode(holder.got[1].data)]
    assert decoded == [Order(id="a"), Receipt(id="b")]
    assert [incoming.subject for incoming in holder.got] == [f"{prefix}.orders.a", f"{prefix}.receipts.b"]
    assert len(words.stored) == 2
    await session.close()
    await sink.close()


async def test_a_source_whose_subjects_lie_in_no_stream_or_in_two_is_refused(
    connection: Connection, api: Api, prefix: str, subjects: tuple[Subject[Order], Subject[Receipt]]
) -> None:
    source = JetStreamSource(connection, *subjects)
    with pytest.raises(ResourceConflict, match="no stream stores"):
        await source.open(Holder(), ConsumerOptions(durable="worker"))
    await make_stream(api, f"{prefix}1", f"{prefix}.orders.*")
    await make_stream(api, f"{prefix}2", f"{prefix}.receipts.*")
    with pytest.raises(ResourceConflict, match=f"they lie in {prefix}1, {prefix}2"):
        await source.open(Holder(), ConsumerOptions(durable="worker"))


async def test_a_sink_whose_subject_no_stream_stores_is_refused(
    connection: Connection, prefix: str, subjects: tuple[Subject[Order], Subject[Receipt]]
) -> None:
    with pytest.raises(ResourceConflict, match="no stream stores it"):
        await JetStreamSink(connection, subjects[0]).open()


@pytest.mark.parametrize("limit", [{"max_bytes": 2000}, {"max_msg_size": 2000}])
async def test_what_a_stream_would_not_keep_is_refused_before_it_is_sent(
    connection: Connection,
    api: Api,
    prefix: str,
    subjects: tuple[Subject[Order], Subject[Receipt]],
    limit: dict[str, object],
) -> None:
    orders, receipts = subjects
    await make_stream(api, f"{prefix}1", f"{prefix}.orders.*", **limit)
    await make_stream(api, f"{prefix}2", f"{prefix}.receipts.*")
    sink = JetStreamSink(connection, orders, receipts)
    await sink.open()
    sink.check(Output(f"{prefix}.orders.a", b"x" * 1000, "id", {}))
    sink.check(Output(f"{prefix}.receipts.a", b"x" * 3000, "id", {}))
    with pytest.raises(PublishRefused, match=f"stream {prefix}1 takes"):
        sink.check(Output(f"{prefix}.orders.a", b"x" * 3000, "id", {}))
    await sink.close()


@pytest.mark.parametrize(("limit", "least"), [({"max_bytes": 2000}, 900), ({"max_msg_size": 2000}, 1121)])
async def test_what_a_sink_lets_pass_its_stream_keeps_with_its_id_and_headers(
    connection: Connection, api: Api, prefix: str, limit: dict[str, object], least: int, eventually: Eventually
) -> None:
    """To the byte: of a fan-out, what is refused later than the others leaves half of it; above `max_bytes` the stream empties itself."""
    await make_stream(api, prefix, f"{prefix}.>", **limit)
    sink = JetStreamSink(connection, Subject(f"{prefix}.orders.{{id}}", Order))
    await sink.open()
    words = Words()
    subject, headers = f"{prefix}.orders.{'a' * 100}", {CORRELATION_HEADER: "\U0001f600" * 200}

    def passes(output: Output) -> bool:
        try:
            sink.check(output)
        except PublishRefused:
            return False
        return True

    outputs = (Output(subject, b"x" * size, f"{size:024}", headers) for size in range(2000, 0, -1))
    largest = next(filter(passes, outputs))
    assert least <= len(largest.data) < 1200
    sink.publish(largest, words)
    await eventually(lambda: words.count == 1)
    assert words.refused == {}
    assert (await api.stream_info(prefix)).messages == 1
    await sink.close()


_LEAST = """authorization {{ users: [
    {{ user: admin, password: a }},
    {{ user: worker, password: w, permissions: {{
        publish: ["$JS.API.STREAM.INFO.{stream}", "$JS.API.CONSUMER.INFO.{stream}.worker",
            "$JS.API.CONSUMER.MSG.NEXT.{stream}.worker", "$JS.ACK.{stream}.worker.>", "receipts.*",
            "$KV.ledger.>", "$JS.API.DIRECT.GET.KV_ledger.>"],
        subscribe: ["_INBOX.worker.>"]
    }} }}
] }}"""


async def test_a_worker_needs_no_more_permissions_than_these(
    start_nats_server: StartNatsServer, open_connection: Callable[..., Connection], eventually: Eventually
) -> None:
    server = start_nats_server(config=_LEAST.format(stream="SHOP"))
    admin = open_connection(server.url, credentials=Credentials(user="admin", password="a"))
    await admin.open()
    orders, receipts = Subject("orders.{id}", Order), Subject("receipts.{id}", Receipt)
    await make_stream(Api(admin), "SHOP", "orders.*", "receipts.*")
    await provision(Api(admin), [wanted_bucket("ledger", "tests")])
    options = ConsumerOptions(durable="worker")
    await (await JetStreamSource(admin, orders).open(Holder(), options)).close()

    worker = open_connection(
        server.url, credentials=Credentials(user="worker", password="w"), inbox_prefix="_INBOX.worker"
    )
    await worker.open()
    sink, words, holder = JetStreamSink(worker, receipts), Words(), Holder()
    await sink.open()
    session = await JetStreamSource(worker, orders, stream="SHOP").open(holder, options)
    await admin.requests.ask("orders.a", b"{}")
    await eventually(lambda: holder.got)
    sink.publish(Output("receipts.a", b"{}", "id", {}), words)
    await eventually(lambda: words.stored)
    await eventually(session.drained)
    ledger = KeyValue(worker, "ledger")
    await ledger.update("k", b"2", await ledger.create("k", b"1"))
    assert await ledger.get("k") is not None
    await session.stop()
    await session.close()
    await sink.close()


async def test_an_output_without_permission_waits_and_says_so(
    start_nats_server: StartNatsServer, open_connection: Callable[..., Connection], eventually: Eventually
) -> None:
    server = start_nats_server(config=_LEAST.format(stream="SHOP"))
    worker = open_connection(
        server.url, credentials=Credentials(user="worker", password="w"), inbox_prefix="_INBOX.worker"
    )
    await worker.open()
    publisher, words = Publisher(worker), Words()
    await publisher.open()
    publisher.publish(Output("Orders.a", b"{}", "id", {}), words)
    await eventually(lambda: "does not permit publishing to Orders.a" in publisher.waiting)
    assert not words.count
    await publisher.close()
