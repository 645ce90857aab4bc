"""`python -m tests.codegen.command generate ...`: the compiler's commands without the runtime's command line around them."""

from __future__ import annotations

import typer
from streamworker_codegen.cli import check, generate


def app() -> typer.Typer:
    made = typer.Typer(pretty_exceptions_enable=False, add_completion=False, rich_markup_mode=None)
    made.command()(generate)
    made.command()(check)
    return made


if __name__ == "__main__":
    app()()
