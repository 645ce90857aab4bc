"""`streamworker version`."""

from __future__ import annotations

import platform
from importlib.metadata import version as version_of

import typer


def version() -> None:
    """Print the versions of streamworker and of what it stands on."""
    libraries = ", ".join(f"{name} {version_of(name)}" for name in ("nats-py", "pydantic", "jsonschema-rs"))
    typer.echo(f"streamworker {version_of('streamworker')} (Python {platform.python_version()}, {libraries})")
