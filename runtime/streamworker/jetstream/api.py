"""The JetStream API, in its own JSON: fields that we do not know are kept as they are.

Names and fields: the NATS architecture documents, ADR-1 (API), ADR-31 (direct get). Answers come as the server wrote them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from streamworker.errors import BrokerError
from streamworker.jetstream.instants import SECOND, nanoseconds
from streamworker.jetstream.messages import Message
from streamworker.jetstream.requests import status_of

if TYPE_CHECKING:
    from streamworker.jetstream.connection import Connection

Config: TypeAlias = Mapping[str, object]
"""The configuration of a stream or consumer as the server writes it: durations in nanoseconds."""

STREAM_NOT_FOUND = 10059
CONSUMER_NOT_FOUND = 10014
CONSUMER_EXISTS = (10148, 10013)
_MESSAGE_NOT_FOUND = 10037
_NOT_FOUND = (404, 408)
_END_OF_BATCH = 204


@dataclass(frozen=True)
class StreamInfo:
    """created: nanoseconds since 1970; differs after the stream was deleted and made again. oldest, newest: likewise, of the first and the
    last message (a time before 1970 where there is none). subjects: messages by subject, where asked for. sources: what it copies."""

    name: str
    created: int
    config: Config
    messages: int
    bytes: int
    first: int
    last: int
    oldest: int
    newest: int
    subjects: Mapping[str, int]
    sources: Sequence[SourceInfo] = ()


@dataclass(frozen=True)
class SourceInfo:
    """A stream that another one copies. lag: how many messages are still to be copied, as far as it has heard. silent: seconds since the
    last sign of it; None before the first one."""

    stream: str
    lag: int
    silent: float | None


@dataclass(frozen=True)
class ConsumerInfo:
    """delivered: the last stream sequence that was handed out. floor: all up to it are settled. pending: how many wait to be handed
    out; unsettled: how many were, and are not settled."""

    stream: str
    name: str
    created: int
    config: Config
    delivered: int
    floor: int
    pending: int
    unsettled: int


class Api:
    """Requests to the JetStream API. Each raises BrokerError with the server's `err_code`, or ConnectionLost if no answer comes in the
    connection's `request_timeout`."""

    def __init__(self, connection: Connection) -> None:
        self._requests = connection.requests

    async def account_info(self) -> Mapping[str, object]:
        return await self._ask("INFO")

    async def stream_names(self, subject: str) -> Sequence[str]:
        """The streams that store messages of `subject`, which may have wildcards."""
        answer = await self._ask("STREAM.NAMES", {"subject": subject})
        return cast("list[str]", answer.get("streams") or [])

    async def stream_info(self, stream: str, *, subjects: str = "") -> StreamInfo:
        """subjects: count the messages of each subject that this filter matches, too."""
        return _stream(await self._ask(f"STREAM.INFO.{stream}", {"subjects_filter": subjects} if subjects else None))

    async def create_stream(self, config: Config) -> StreamInfo:
        return _stream(await self._ask(f"STREAM.CREATE.{config['name']}", config))

    async def update_stream(self, config: Config) -> StreamInfo:
        return _stream(await self._ask(f"STREAM.UPDATE.{config['name']}", config))

    async def delete_stream(self, stream: str) -> None:
        await self._ask(f"STREAM.DELETE.{stream}")

    async def purge_stream(self, stream: str, *, subject: str = "") -> int:
        """How many messages were removed."""
        answer = await self._ask(f"STREAM.PURGE.{stream}", {"filter": subject} if subject else None)
        return cast("int", answer["purged"])

    async def delete_message(self, stream: str, sequence: int) -> None:
        """Remove one message. Its bytes are not overwritten."""
        await self._ask(f"STREAM.MSG.DELETE.{stream}", {"seq": sequence, "no_erase": True})

    async def consumer_info(self, stream: str, consumer: str) -> ConsumerInfo:
        return _consumer(await self._ask(f"CONSUMER.INFO.{stream}.{consumer}"))

    async def save_consumer(self, stream: str, config: Config, action: Literal["create", "update"]) -> ConsumerInfo:
        """create: an error if there is one that differs. update: an error if there is none."""
        body = {"stream_name": stream, "config": config, "action": action}
        place = f"{stream}.{config.get('durable_name') or config['name']}"
        if subject := config.get("filter_subject"):  # in the request's subject, so that permissions can bound it
            place = f"{place}.{subject}"
        return _consumer(await self._ask(f"CONSUMER.CREATE.{place}", body))

    async def unpin(self, stream: str, consumer: str, group: str) -> None:
        """Have the server pin another client of a priority group (ADR-42)."""
        await self._ask(f"CONSUMER.UNPIN.{stream}.{consumer}", {"group": group})

    async def pause_consumer(self, stream: str, consumer: str, until: str) -> None:
        """Have a consumer hand out nothing (ADR-5; server 2.11). until: an RFC 3339 time."""
        await self._ask(f"CONSUMER.PAUSE.{stream}.{consumer}", {"pause_until": until})

    async def delete_consumer(self, stream: str, consumer: str) -> None:
        await self._ask(f"CONSUMER.DELETE.{stream}.{consumer}")

    async def last_message(self, stream: str, subject: str) -> Message | None:
        """The last message of a concrete subject, read directly; headers `Nats-Sequence`, `Nats-Time-Stamp` and more."""
        return _found(await self._requests.ask(f"$JS.API.DIRECT.GET.{stream}.{subject}"))

    async def last_messages(self, stream: str, subjects: Sequence[str]) -> Sequence[Message]:
        """The last message of each of at most 1,024 concrete subjects that has one, read directly in one request (ADR-31, "Batched
        requests"; server 2.11)."""
        body = json.dumps({"multi_last": list(subjects)}).encode()
        answers = await self._requests.ask_all(f"$JS.API.DIRECT.GET.{stream}", body, _ends_batch)
        end = status_of(answers[-1])
        if end not in (_END_OF_BATCH, *_NOT_FOUND):
            raise BrokerError(f"DIRECT.GET.{stream}", end or 0, (answers[-1].headers or {}).get("Description", ""))
        return answers[:-1]

    async def message(self, stream: str, sequence: int) -> Message | None:
        """The message at a sequence, with its own headers; None where there is none (any more)."""
        try:
            answer = await self._ask(f"STREAM.MSG.GET.{stream}", {"seq": sequence})
        except BrokerError as error:
            if error.code == _MESSAGE_NOT_FOUND:
                return None
            raise
        found = cast("dict[str, str]", answer["message"])
        head, data = (base64.b64decode(found.get(part, "")) for part in ("hdrs", "data"))
        return Message(found["subject"], "", data, head)

    async def first_sequence(self, stream: str, subject: str) -> int | None:
        """The sequence of the first message of a subject, which may have wildcards; None where there is none."""
        try:
            answer = await self._ask(f"STREAM.MSG.GET.{stream}", {"seq": 1, "next_by_subj": subject})
        except BrokerError as error:
            if error.code == _MESSAGE_NOT_FOUND:
                return None
            raise
        return cast("dict[str, int]", answer["message"])["seq"]

    async def _ask(self, name: str, body: Mapping[str, object] | None = None) -> Mapping[str, object]:
        payload = json.dumps(body).encode() if body is not None else b""
        return answer_of(name, await self._requests.ask(f"$JS.API.{name}", payload))


def answer_of(request: str, message: Message) -> Mapping[str, object]:
    """The JSON of an answer. Raises BrokerError if it is an error."""
    answer: dict[str, Any] = json.loads(message.data)
    if error := answer.get("error"):
        raise BrokerError(request, error.get("err_code", 0), error.get("description", "an error without description"))
    return answer


def _ends_batch(message: Message) -> bool:
    return status_of(message) is not None


def _found(message: Message) -> Message | None:
    return None if status_of(message) in _NOT_FOUND else message


def _stream(answer: Mapping[str, Any]) -> StreamInfo:  # Any: JSON
    state = answer["state"]
    return StreamInfo(
        name=answer["config"]["name"],
        created=nanoseconds(answer["created"]),
        config=answer["config"],
        messages=state["messages"],
        bytes=state["bytes"],
        first=state["first_seq"],
        last=state["last_seq"],
        oldest=nanoseconds(state["first_ts"]),
        newest=nanoseconds(state["last_ts"]),
        subjects=state.get("subjects") or {},
        sources=tuple(_source(each) for each in answer.get("sources") or ()),
    )


def _source(told: Mapping[str, Any]) -> SourceInfo:  # Any: JSON
    active = told.get("active", -1)
    return SourceInfo(told["name"], told.get("lag", 0), active / SECOND if active >= 0 else None)


def _consumer(answer: Mapping[str, Any]) -> ConsumerInfo:  # Any: JSON
    return ConsumerInfo(
        stream=answer["stream_name"],
        name=answer["name"],
        created=nanoseconds(answer["created"]),
        config=answer["config"],
        delivered=answer["delivered"]["stream_seq"],
        floor=answer["ack_floor"]["stream_seq"],
        pending=answer["num_pending"],
        unsettled=answer["num_ack_pending"],
    )
