"""`streamworker run`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer


def run(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Workers and ingests; all if none is named.")
    ] = None,
    embedded: Annotated[
        bool, typer.Option("--embedded", help="Bring a nats-server along, on this machine alone.")
    ] = False,
    until_idle: Annotated[bool, typer.Option("--until-idle", help="Stop when there is nothing left to do.")] = False,
    project: Annotated[Path, typer.Option(metavar="DIR", help="Folder that holds generated/ and handlers/.")] = Path(),
    store: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Where --embedded keeps its data; default: .streamworker/nats in the project."
        ),
    ] = None,
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], typer.Option(help="Least level that is logged.")
    ] = "info",
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
    options = RunOptions(project=project, names=names or (), embedded=embedded, store=store, until_idle=until_idle)
    raise typer.Exit(run_pipeline(options, console))
