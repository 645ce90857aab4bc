"""`streamworker run`."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import typer

from streamworker.app.place import Place
from streamworker.cli.options import given, place_of

LogLevel: TypeAlias = Literal["debug", "info", "warning", "error"]


@given(place=place_of)
def run(
    place: Place,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Workers and ingests; all if none is named.")
    ] = None,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="Stop when there is nothing left to do.")] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Say at the end where the CPU time of an event went, layer by layer.")
    ] = False,
    log_level: Annotated[LogLevel, typer.Option(help="Least level that is logged.")] = "info",
) -> None:
    """Run the pipeline, or parts of it, until Ctrl-C.

    NATS_URL names the server (default: nats://localhost:4222), with NATS_USER, NATS_PASSWORD, NATS_TOKEN, NATS_CREDS, NATS_NKEY,
    NATS_CA, NATS_CERT and NATS_KEY as the nats command reads them.

    The first SIGTERM or Ctrl-C finishes what has started, a second one stops at once. Exit codes: 0 stopped as asked, 1 a part
    failed or the server refused something, 2 something to mend first, 75 a process that stood still, 128 + N a second signal N.
    """
    from rich.console import Console

    from streamworker.app.logs import configure
    from streamworker.app.run import RunOptions
    from streamworker.app.run import run as run_pipeline

    console = Console()
    configure(console, log_level)
    raise typer.Exit(
        run_pipeline(RunOptions(place=place, names=names or (), until_idle=until_idle, profile=profile), console)
    )
