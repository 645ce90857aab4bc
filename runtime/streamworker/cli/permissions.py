"""`streamworker permissions`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streamworker.app.load import load_pipeline
from streamworker.app.permissions import permitted
from streamworker.cli.options import Project
from streamworker.cli.permission_text import as_config, as_json, as_nsc
from streamworker.errors import ConfigurationError


def permissions(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Workers, ingests, dlq, dlq-read and provision; all if none is named."),
    ] = None,
    worker: Annotated[list[str] | None, typer.Option(metavar="NAME", help="The same as NAME, as `dlq` has it.")] = None,
    create: Annotated[
        bool, typer.Option("--create", help="Workers and ingests may make what they need; else `provision` has to.")
    ] = False,
    one: Annotated[bool, typer.Option("--one", help="One user for all of them, which run in one process.")] = False,
    json: Annotated[bool, typer.Option("--json", help="JSON, by user.")] = False,
    nsc: Annotated[bool, typer.Option("--nsc", help="Commands for nsc.")] = False,
    project: Project = Path(),
) -> None:
    """Print what each part of the pipeline may do on the NATS server, and no more.

    A block of users for a nats-server's configuration, with a private prefix of answers for each: NATS_INBOX_PREFIX has to be set to it.
    """
    if json and nsc:
        raise ConfigurationError("--json and --nsc don't go together", hint="say one of them")
    users = permitted(load_pipeline(project), project, [*(names or ()), *(worker or ())], create=create, one=one)
    for line in [as_json(users)] if json else as_nsc(users) if nsc else as_config(users):
        typer.echo(line)
