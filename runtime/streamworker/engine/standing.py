"""A worker's backing on a NATS server: its ledger, dead letters, redrives and deploys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from streamworker.engine.advisories import Advisories
from streamworker.engine.backing import Backing
from streamworker.engine.dead_letters import DeadLetters
from streamworker.engine.deploys import Deploy
from streamworker.engine.ledger import BucketLedger
from streamworker.jetstream.buckets import KeyValue
from streamworker.jetstream.connection import Connection
from streamworker.jetstream.publisher import Publisher
from streamworker.names import deploys_bucket, ledger_bucket, redrive_stream, redrive_subject
from streamworker.sources.jetstream import JetStreamSource
from streamworker.sources.redrive import RedriveSource, RedriveSubject


@asynccontextmanager
async def standing(
    connection: Connection,
    *,
    pipeline: str,
    worker: str,
    contract: str,
    dead_letters: str,
    consumers: Sequence[str],
    in_child: bool = False,
) -> AsyncIterator[Backing]:
    """The backing of one worker, from what `provision` made for its pipeline.

    contract: the hash of its source schemas. dead_letters: the stream that keeps them. consumers: those that hand out its events; the
    server is heard where it gives up on one of them. in_child: of a child process, which only tries what its parent hands it.
    """
    publisher = Publisher(connection)
    await publisher.open()
    deploy = Deploy(KeyValue(connection, deploys_bucket(pipeline)), worker, contract)
    letters = DeadLetters(connection, publisher, pipeline, dead_letters)
    advisories = Advisories(connection, letters, pipeline=pipeline, worker=worker, consumers=consumers)
    if not in_child:
        await deploy.announce()
        await advisories.open()
    redrives = JetStreamSource(
        connection, RedriveSubject(redrive_subject(pipeline, worker)), stream=redrive_stream(pipeline)
    )
    try:
        yield Backing(
            ledger=BucketLedger(KeyValue(connection, ledger_bucket(pipeline))),
            letters=letters,
            redrives=None if in_child else RedriveSource(redrives),
            is_current=deploy.is_current,
        )
    finally:
        await advisories.close()
        await publisher.close()
