"""What streams hold, against a contract that may be newer than what wrote it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from streamworker.contract.codec import judge
from streamworker.contract.contracts import Contract, Contracts
from streamworker.errors import BrokerError, ContractViolation, Violation
from streamworker.jetstream.api import STREAM_NOT_FOUND
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.latest import latest
from streamworker.jetstream.messages import Message
from streamworker.jetstream.scan import sequence_of


@dataclass(frozen=True)
class Wanted:
    """Messages to look at: those of a subject (wildcards allowed) in a stream, by the contract of an event."""

    stream: str
    subject: str
    event: str


@dataclass(frozen=True)
class Looked:
    """At how many messages was looked, and those that the contract refuses."""

    wanted: Wanted
    read: int
    refused: Sequence[Refused]


@dataclass(frozen=True)
class Refused:
    """A stored message, and all that is wrong with it; never a part of it."""

    sequence: int
    subject: str
    violations: Sequence[Violation]


async def look(
    connection: Connection, contracts: Contracts, wanted: Sequence[Wanted], count: int
) -> AsyncIterator[Looked]:
    """At the last `count` messages of each; at none, where there is no such stream. Raises ConfigurationError where the contract can't be
    used; BrokerError; ConnectionLost."""
    for each in wanted:
        messages = await _latest(connection, each, count)
        yield Looked(
            each, len(messages), [found for message in messages if (found := _refusal(message, contracts[each.event]))]
        )


async def _latest(connection: Connection, wanted: Wanted, count: int) -> Sequence[Message]:
    try:
        return await latest(connection, wanted.stream, wanted.subject, count)
    except BrokerError as error:
        if error.code != STREAM_NOT_FOUND:
            raise
        return ()


def _refusal(message: Message, contract: Contract) -> Refused | None:
    try:
        judge(bytes(message.data), contract)
    except ContractViolation as violation:
        return Refused(sequence_of(message), message.subject, violation.violations)
    return None
