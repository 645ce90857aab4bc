"""`streamworker provision`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import typer

from streamworker.app.load import load_pipeline
from streamworker.app.place import Place
from streamworker.cli.options import given, place_of
from streamworker.cli.reached import reached
from streamworker.engine.consumers import Durable, copying_of_worker, durables_of_ingest, durables_of_worker
from streamworker.engine.groundwork import groundwork
from streamworker.jetstream.api import Api
from streamworker.jetstream.consumer import ensure_consumer
from streamworker.jetstream.copying import Copying
from streamworker.jetstream.provision import provision as make
from streamworker.pipeline import Pipeline


@given(place=place_of)
def provision(place: Place) -> None:
    """Make the streams, buckets and consumers of the pipeline, and run nothing.

    `run` makes them as well, where it is permitted to. What would lose messages, or belongs to somebody else, is refused.
    """
    asyncio.run(_provision(load_pipeline(place.project), place))


async def _provision(pipeline: Pipeline, place: Place) -> None:
    async with reached(place) as connection:
        api = Api(connection)
        made = await make(api, groundwork(pipeline))
        for what, names in (("created", made.created), ("updated", made.updated), ("as declared", made.kept)):
            for name in names:
                typer.echo(f"{what}: {name}")
        for worker in pipeline.workers:
            if (copying := copying_of_worker(api, pipeline, worker.spec)) is not None:
                await _copy(copying)
        for each in _durables(pipeline):
            found = await ensure_consumer(api, each.stream, each.filters, each.options)
            typer.echo(f"ready: consumer {found.name} of stream {found.stream}")


async def _copy(copying: Copying) -> None:
    """The workers need not be permitted to split it anew: then it is done here."""
    copy = await copying.advance(await copying.ensure())
    typer.echo(f"ready: partitioned copy {copying.name}")
    if copy.state.following is not None:
        typer.echo(
            f"  nothing more is copied to it until its {copy.state.split.count} former partitions are worked off; then run this again"
        )


def _durables(pipeline: Pipeline) -> Iterable[Durable]:
    for worker in pipeline.workers:
        yield from durables_of_worker(pipeline, worker.spec)
    for ingest in pipeline.ingests:
        yield from durables_of_ingest(pipeline, ingest)
