"""The server against a pipeline: what `run` would make, update or refuse there, and what is left over. Nothing is changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from streamworker.engine.consumers import Durable, copying_of_worker, durables_of_ingest, durables_of_worker
from streamworker.engine.groundwork import groundwork
from streamworker.errors import BrokerError, ResourceConflict
from streamworker.jetstream.api import CONSUMER_NOT_FOUND, STREAM_NOT_FOUND, Api, ConsumerInfo
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.consumer import ConsumerPlan, plan_consumer
from streamworker.jetstream.copying import Copying, CopyPlan
from streamworker.jetstream.forbidden import forbidden
from streamworker.jetstream.plan import Plan
from streamworker.jetstream.provision import planned
from streamworker.names import deploys_bucket, durable, partition_stream
from streamworker.pipeline import Pipeline

Kind: TypeAlias = Literal["missing", "update", "refused", "skipped", "left-over"]


@dataclass(frozen=True)
class Finding:
    """One difference. kind: `missing` and `update` are what `run` mends by itself; `refused` is what it does not start with, `skipped` the
    same where messages would be passed over; `left-over` is what nobody in the pipeline has. part: `stream ORDERS`, `bucket seen`,
    `object store covers`, `worker biller`, `ingest feed`. mend: what to do, "" where nothing has to be done."""

    kind: Kind
    part: str
    what: str
    mend: str = ""


async def survey(connection: Connection, pipeline: Pipeline) -> Sequence[Finding]:
    """Everything that differs, streams and buckets before consumers. Raises BrokerError; ConnectionLost."""
    api = Api(connection)
    found = [each for plan in await planned(api, groundwork(pipeline)) for each in _of_plan(plan)]
    for worker in pipeline.workers:
        if (copying := copying_of_worker(api, pipeline, worker.spec)) is not None:
            found += await _of_copy(copying, f"worker {worker.spec.name}")
    for part, each in _durables(pipeline):
        found += await _of_durable(api, part, each)
    return [*found, *[each async for each in _left_over(api, pipeline)]]


def _of_plan(plan: Plan) -> Iterator[Finding]:
    part = plan.wanted.what
    if plan.conflicts:
        yield from (Finding("refused", part, each.description, each.hint) for each in plan.conflicts)
    elif plan.action == "create":
        yield _missing(part, "it")
    else:
        yield from (Finding("update", part, f"{each}; run changes it") for each in plan.changes)


def _durables(pipeline: Pipeline) -> Iterator[tuple[str, Durable]]:
    for worker in pipeline.workers:
        yield from ((f"worker {worker.spec.name}", each) for each in durables_of_worker(pipeline, worker.spec))
    for ingest in pipeline.ingests:
        yield from ((f"ingest {ingest.name}", each) for each in durables_of_ingest(pipeline, ingest))


async def _of_copy(copying: Copying, part: str) -> Sequence[Finding]:
    return await _of_own(copying.plan(), part, f"its partitioned copy {copying.name}", "refused")


async def _of_durable(api: Api, part: str, wanted: Durable) -> Sequence[Finding]:
    name = f"its consumer {wanted.options.durable} of stream {wanted.stream}"
    return await _of_own(plan_consumer(api, wanted.stream, wanted.filters, wanted.options), part, name, "skipped")


async def _of_own(
    planning: Awaitable[CopyPlan | ConsumerPlan], part: str, name: str, conflicting: Kind
) -> list[Finding]:
    """Of what a part has to itself. conflicting: what it is where it can't be had as it is wanted."""
    try:
        plan = await planning
    except ResourceConflict as conflict:
        return [Finding(conflicting, part, f"{name}: {conflict.description}", conflict.hint)]
    except BrokerError as error:
        if error.code != STREAM_NOT_FOUND:
            raise
        return [_missing(part, name)]
    made = [_missing(part, name)] if plan.action == "create" else []
    return made + [Finding("update", part, f"{name}: {each}; run changes it") for each in plan.changes]


def _missing(part: str, name: str) -> Finding:
    return Finding("missing", part, f"{name} is not there; run makes it")


async def _left_over(api: Api, pipeline: Pipeline) -> AsyncIterator[Finding]:
    """Consumers of workers that ran once, by the deploys bucket, and are declared no more."""
    streams = [each.name for each in (*pipeline.streams, pipeline.dead_letters)]
    for name in sorted({*await _deployed(api, pipeline.name)} - {each.spec.name for each in pipeline.workers}):
        part, consumer = f"worker {name}", durable(pipeline.name, name)
        try:
            for each in await _consumers(api, streams, consumer):
                yield _backlog(part, each)
            if await _exists(api, copy := partition_stream(consumer)):
                what = f"it is declared no more; its partitioned copy {copy} is still there"
                yield Finding("left-over", part, what, f"once nobody needs it: nats stream rm {copy}")
        except BrokerError as error:
            if not forbidden(error):
                raise
            yield Finding(
                "left-over",
                part,
                f"it is declared no more; this user may not see whether its consumer {consumer} is there",
            )


def _backlog(part: str, consumer: ConsumerInfo) -> Finding:
    waiting = consumer.pending + consumer.unsettled
    told = f"{waiting:,} message{' waits' if waiting == 1 else 's wait'} for it"
    return Finding(
        "left-over",
        part,
        f"it is declared no more; its consumer {consumer.name} of stream {consumer.stream} is still there, and {told}",
        f"once nobody needs them: nats consumer rm {consumer.stream} {consumer.name}",
    )


async def _exists(api: Api, stream: str) -> bool:
    try:
        await api.stream_info(stream)
    except BrokerError as error:
        if error.code != STREAM_NOT_FOUND:
            raise
        return False
    return True


async def _deployed(api: Api, pipeline: str) -> Sequence[str]:
    """The workers that ever started, by the keys of that bucket."""
    bucket = deploys_bucket(pipeline)
    try:
        info = await api.stream_info(f"KV_{bucket}", subjects=">")
    except BrokerError as error:
        if error.code != STREAM_NOT_FOUND:
            raise
        return ()
    return [subject.removeprefix(f"$KV.{bucket}.") for subject in info.subjects]


async def _consumers(api: Api, streams: Iterable[str], name: str) -> Sequence[ConsumerInfo]:
    found: list[ConsumerInfo] = []
    for stream in streams:
        try:
            found.append(await api.consumer_info(stream, name))
        except BrokerError as error:
            if error.code not in (STREAM_NOT_FOUND, CONSUMER_NOT_FOUND):
                raise
    return found
