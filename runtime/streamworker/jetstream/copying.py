"""A worker's partitioned copy on the server: made behind what the worker has handled, and split anew when all in it is handled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from streamworker.delivery import Origin
from streamworker.errors import BrokerError, ResourceConflict
from streamworker.jetstream.api import STREAM_NOT_FOUND, Api, Config, ConsumerInfo, StreamInfo
from streamworker.jetstream.consumer import set_aside
from streamworker.jetstream.copies import Split, State, check_source, config_of, followed, is_copy, origin_in, state_of
from streamworker.jetstream.forbidden import making
from streamworker.names import partition_consumer, partition_stream
from streamworker.sources.base import ConsumerOptions

_IN_USE: Final = 10058
_PAUSE: Final = 0.2
_SETTLES: Final = 2.0  # seconds after which a message of the source has been copied, if the server copies at all
_ALIVE: Final = 5.0  # seconds: the server gives a sign every second


@dataclass(frozen=True)
class Copy:
    """A copy as it stands."""

    info: StreamInfo
    state: State


@dataclass(frozen=True)
class CopyPlan:
    """config: what to send, for `create` and `update`. changes: what an update changes, for people. found: what there is."""

    action: Literal["keep", "create", "update"]
    config: Config
    changes: tuple[str, ...] = ()
    found: Copy | None = None


class Copying:
    """The copy of `stream` for the worker that `options` are of. split: as its subjects and key want it."""

    def __init__(self, api: Api, stream: str, split: Split, options: ConsumerOptions) -> None:
        self._api = api
        self._stream = stream
        self._split = split
        self._options = options
        self.name = partition_stream(options.durable)

    async def ensure(self) -> Copy:
        """The copy, made where there is none. One that is split in another way copies nothing more until all that it holds is settled:
        `advance` splits it anew. Raises ResourceConflict, BrokerError or ConnectionLost."""
        made = await self.plan()
        if made.found is not None and made.action == "keep":
            return made.found
        with making(f"stream {self.name}"):
            if made.action == "update":
                return _copy(await self._api.update_stream(made.config))
            return await self._create(made.config)

    async def plan(self) -> CopyPlan:
        """What `ensure` would do, and raises. Nothing is touched."""
        source = await self._api.stream_info(self._stream)
        check_source(source)
        try:
            found = await self.look()
        except BrokerError as error:
            if error.code != STREAM_NOT_FOUND:
                raise
            state = State(self._stream, source.created, self._split)
            return CopyPlan("create", config_of(self.name, state, source.config))
        self.check(found, source)
        return await self._plan_update(found, source)

    async def look(self) -> Copy:
        """The copy as it stands. Raises BrokerError where there is none."""
        return _copy(await self._api.stream_info(self.name))

    def check(self, found: Copy, source: StreamInfo) -> None:
        """Raises ResourceConflict where the source is not the stream that was copied: sequences begin anew there."""
        state = found.state
        if (state.source, state.created) != (source.name, source.created):
            raise ResourceConflict(
                f"stream {self.name}",
                f"it is a copy of a stream {state.source} that was deleted since",
                hint=f"what it still holds of that is handled by nobody: remove it (nats stream rm {self.name}), and it is made anew",
            )

    async def advance(self, found: Copy) -> Copy:
        """Split it as it is to be split, if all that it holds is settled."""
        state = found.state
        if state.following is None or not await self.is_settled(state.split.count):
            return found
        behind = await self._copied(found)
        state = replace(state, split=state.following, epoch=state.epoch + 1, behind=behind, following=None)
        return _copy(await self._api.update_stream(_with(found.info.config, state)))

    async def is_settled(self, count: int) -> bool:
        """Whether all that it holds was handed out, and all of that settled."""
        return not any(each.pending or each.unsettled for each in await self._consumers(count))

    async def is_complete(self, found: Copy) -> bool:
        """Whether all that the source holds was copied."""
        if found.state.following is not None or not found.info.sources:
            return False
        (copied,) = found.info.sources
        newest = (await self._api.stream_info(self._stream)).newest
        is_old = newest < time.time_ns() - _SETTLES * 1e9
        return not copied.lag and copied.silent is not None and copied.silent < _ALIVE and is_old

    async def _plan_update(self, found: Copy, source: StreamInfo) -> CopyPlan:
        state, config, changes = found.state, found.info.config, []
        wanted = followed(source.config)
        if any(config.get(key) != value for key, value in wanted.items()):
            changes.append("its limits follow those of its source")
        if (state.following or state.split) != self._split:
            await self._check_passed_over(found)
            changes.append(f"it is split into {state.split.count} and wanted in {self._split.count} partitions")
            state = replace(state, following=self._split)
        if not changes:
            return CopyPlan("keep", config, found=found)
        return CopyPlan("update", _with({**config, **wanted}, state), tuple(changes), found)

    async def _check_passed_over(self, found: Copy) -> None:
        """What the copy did not take so far is copied from the change on."""
        for subject in sorted(self._split.keys.keys() - found.state.split.keys.keys()):
            first = await self._api.first_sequence(self._stream, subject)
            if first is not None and first <= await self._copied(found):
                raise ResourceConflict(
                    f"stream {self.name}",
                    f"the worker takes {subject} now, and older messages of it would never be handled",
                    hint=f"purge what need not be handled (nats stream purge {self._stream} --subject {subject}), or give the worker "
                    "another name, so that it starts anew",
                )

    async def _create(self, config: Config) -> Copy:
        state = State(self._stream, (await self._api.stream_info(self._stream)).created, self._split)
        state = replace(state, behind=await self._handled())
        try:
            return _copy(await self._api.create_stream(_with(config, state)))
        except BrokerError as error:
            if error.code != _IN_USE:
                raise
            return await self.look()  # another replica was faster

    async def _handled(self) -> int:
        """The sequence up to which the worker needs nothing: where it worked without partitions before, what it has settled.

        Its plain consumer stays, and hands out nothing more: who opens that is told where its events are. What it had handed out has
        `ack_wait` to be settled; later than that, it is handled again.
        """
        until = time.monotonic() + self._options.ack_wait
        consumer = await self._set_aside()
        while consumer.unsettled and time.monotonic() < until:
            await asyncio.sleep(_PAUSE)
            consumer = await self._api.consumer_info(self._stream, self._options.durable)
        return consumer.floor if consumer.unsettled else max(consumer.floor, consumer.delivered)

    async def _set_aside(self) -> ConsumerInfo:
        filters = sorted(self._split.keys)
        plain = replace(self._options, partitions=None)
        return await set_aside(self._api, self._stream, filters, plain)

    async def _copied(self, found: Copy) -> int:
        """The last sequence of the source that was copied, or need not be."""
        info = await self._api.stream_info(self.name)
        last = await self._api.message(self.name, info.last) if info.messages else None
        if last is None:
            return found.state.behind
        return max(found.state.behind, origin_in(last.headers, 0)[0].sequence)

    async def _consumers(self, count: int) -> Sequence[ConsumerInfo]:
        names = [partition_consumer(self._options.durable, each) for each in range(count)]
        return [await self._api.consumer_info(self.name, each) for each in names]


async def origin_of(api: Api, stream: str, sequence: int) -> Origin:
    """Where the event at a sequence was first stored: there, or where a copy of ours has it from. Raises BrokerError or ConnectionLost."""
    info = await api.stream_info(stream)
    if not is_copy(info):
        return Origin(stream, info.created, sequence)
    message = await api.message(stream, sequence)
    if message is None:
        raise BrokerError(f"event {sequence} of {stream}", 0, "it is gone")
    return origin_in(message.headers, state_of(info).created)[0]


def _copy(info: StreamInfo) -> Copy:
    return Copy(info, state_of(info))


def _with(config: Config, state: State) -> Config:
    metadata = config.get("metadata")
    kept = metadata if isinstance(metadata, dict) else {}
    return {**config, "sources": state.sources(), "metadata": {**kept, **state.metadata}}
