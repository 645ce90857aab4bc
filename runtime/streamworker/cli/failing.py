"""A command that can only say why it is not there."""

from __future__ import annotations

from collections.abc import Callable

import typer

from streamworker.errors import ConfigurationError


def failing(problem: str, *, hint: str) -> Callable[..., None]:
    def fail(_arguments: typer.Context) -> None:
        raise ConfigurationError(problem, hint=hint)

    fail.__doc__ = f"({problem})"
    return fail
