"""A worker's durable consumer: made where there is none, updated where that is safe, refused where it would skip events."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, cast

from streamworker.errors import BrokerError, ResourceConflict
from streamworker.jetstream.api import CONSUMER_EXISTS, CONSUMER_NOT_FOUND, Api, Config, ConsumerInfo
from streamworker.jetstream.forbidden import making
from streamworker.jetstream.instants import to_nanoseconds
from streamworker.jetstream.plan import difference
from streamworker.jetstream.pull import PRIORITY_GROUP
from streamworker.names import partition_stream
from streamworker.sources.base import ConsumerOptions

# Deliveries that the whole fleet may hold: delayed naks count, so that a small number would let poison stall the worker.
MAX_ACK_PENDING = 100_000
# How long a pinned process may be silent before another one is pinned; our pulls come every 10 s, but for a worker that wants none.
_PIN_TIMEOUT = 15.0
_FOR_GOOD = "2200-01-01T00:00:00Z"
_CREATED_WITH = ("deliver_policy", "opt_start_seq", "replay_policy", "durable_name")


@dataclass(frozen=True)
class ConsumerPlan:
    """config: what to send, for `create` and `update`; changes: what an update changes, for people. found: what there is."""

    action: Literal["keep", "create", "update"]
    config: Config = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    found: ConsumerInfo | None = None


async def ensure_consumer(
    api: Api, stream: str, filters: Sequence[str], options: ConsumerOptions, *, after: int = 0
) -> ConsumerInfo:
    """The consumer of a worker, as `options` want it.

    after: what to start behind if it has to be made, in place of `options.start`: a sequence up to which all was settled. Raises
    ResourceConflict if the worker takes more subjects than before and messages of them would be skipped; BrokerError; ConnectionLost.
    """
    made = await plan_consumer(api, stream, filters, options, after=after)
    if made.found is None:
        return await _create(api, stream, made.config, options.durable)
    if made.action == "keep":
        return made.found
    with making(_told(stream, options.durable)):
        return await api.save_consumer(stream, made.config, "update")


async def set_aside(api: Api, stream: str, filters: Sequence[str], options: ConsumerOptions) -> ConsumerInfo:
    """The plain consumer of a worker whose events come by partitions from now on: it hands out nothing more, and says where the worker was.
    It is made where there is none, so that who opens it is refused, and does not begin anew."""
    try:
        found = await api.consumer_info(stream, options.durable)
    except BrokerError as error:
        if error.code != CONSUMER_NOT_FOUND:
            raise
        found = await _create(api, stream, _config(filters, options, 0), options.durable)
    await api.pause_consumer(stream, options.durable, _FOR_GOOD)
    return await api.consumer_info(stream, found.name)


async def plan_consumer(
    api: Api, stream: str, filters: Sequence[str], options: ConsumerOptions, *, after: int = 0
) -> ConsumerPlan:
    """What `ensure_consumer` would do, and raises. Nothing is touched."""
    wanted = _config(filters, options, after)
    try:
        found = await api.consumer_info(stream, options.durable)
    except BrokerError as error:
        if error.code != CONSUMER_NOT_FOUND:
            raise
        return ConsumerPlan("create", wanted)
    if found.config.get("pause_until") == _FOR_GOOD:
        raise ResourceConflict(
            _told(stream, options.durable),
            f"the worker's events come by partitions, from stream {partition_stream(options.durable)}, and no `partitions` are declared",
            hint="keep `order_by`, and write `partitions: 1`: one process works, and the others stand by",
        )
    merged = {**found.config, **{key: value for key, value in wanted.items() if key not in _CREATED_WITH}}
    merged.pop("filter_subject", None)
    if _same(found.config, merged):
        return ConsumerPlan("keep", found=found)
    await _check_filters(api, found, filters)
    return ConsumerPlan("update", merged, tuple(_changes(found.config, merged)), found)


async def _create(api: Api, stream: str, wanted: Config, durable: str) -> ConsumerInfo:
    try:
        with making(_told(stream, durable)):
            return await api.save_consumer(stream, wanted, "create")
    except BrokerError as error:
        if error.code not in CONSUMER_EXISTS:
            raise
        return await api.consumer_info(stream, durable)  # another replica was faster


def _config(filters: Sequence[str], options: ConsumerOptions, after: int) -> dict[str, object]:
    config: dict[str, object] = {
        "durable_name": options.durable,
        "ack_policy": "explicit",
        "ack_wait": to_nanoseconds(options.ack_wait),
        "deliver_policy": options.start,
        "filter_subjects": sorted(filters),
        "max_ack_pending": MAX_ACK_PENDING,
        "max_deliver": -1,
        "replay_policy": "instant",
    }
    if after:
        config |= {"deliver_policy": "by_start_sequence", "opt_start_seq": after + 1}
    if options.pinned:
        config |= {
            "priority_groups": [PRIORITY_GROUP],
            "priority_policy": "pinned_client",
            "priority_timeout": to_nanoseconds(_PIN_TIMEOUT),
        }
    return config


def _same(found: Config, wanted: Config) -> bool:
    return filters_of(found) == filters_of(wanted) and all(
        found.get(key) == value for key, value in wanted.items() if key != "filter_subjects"
    )


def _changes(found: Config, wanted: Config) -> Iterator[str]:
    if filters_of(found) != filters_of(wanted):
        yield difference("filter", sorted(filters_of(found)), sorted(filters_of(wanted)))
    for key, value in wanted.items():
        if key != "filter_subjects" and found.get(key) != value:
            yield difference(key, found.get(key), value)


def filters_of(config: Config) -> set[str]:
    one, many = config.get("filter_subject"), config.get("filter_subjects")
    return {cast("str", one)} if one else set(cast("list[str]", many or []))


def _told(stream: str, consumer: str) -> str:
    return f"consumer {consumer} of stream {stream}"


async def _check_filters(api: Api, found: ConsumerInfo, filters: Sequence[str]) -> None:
    """The server goes on behind what it handed out last, so that older messages of a new filter would be skipped in silence."""
    if not found.delivered:
        return
    for subject in sorted(set(filters) - filters_of(found.config)):
        first = await api.first_sequence(found.stream, subject)
        if first is not None and first <= found.delivered:
            raise ResourceConflict(
                _told(found.stream, found.name),
                f"the worker takes {subject} now, and messages of it stand before {found.delivered}, where the consumer is: "
                "they would never be handled",
                hint=f"purge what need not be handled (nats stream purge {found.stream} --subject {subject}), or give the worker another "
                "name, so that it starts anew",
            )
