"""The entry point: finds the command, loads it alone, and turns errors into a line and an exit code.

Exit codes: 0 done, or stopped as asked; 1 an error; 2 something that the user has to mend first, an unknown option or a missing
variable; 75 a process that could not go on and is to be started again; 128 + N ended at once by a second signal N.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamworker.app.plain_text import shown
from streamworker.cli.commands import Command, all_commands, begin, own_commands
from streamworker.errors import ConfigurationError, StreamworkerError

if TYPE_CHECKING:
    import typer


def main() -> None:
    """Run the command that the arguments name."""
    arguments = ["version"] if sys.argv[1:] == ["--version"] else sys.argv[1:]
    begin("".join(arguments[:1]))
    try:
        app_for(arguments)(arguments)
    except ConfigurationError as error:
        _fail(error, code=2)
    except StreamworkerError as error:
        _fail(error, code=1)


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """An app of the one command that is wanted; of all, where none is or it is unknown: for the help, and the error."""
    import typer  # takes a while, which `begin` makes use of

    app = typer.Typer(
        name="streamworker",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_about)
    wanted = arguments[0] if arguments else ""
    commands = own_commands()
    if wanted not in commands:
        commands = all_commands()
    for name in [wanted] if wanted in commands else commands:
        _add(app, name, commands[name]())
    return app


def _about() -> None:
    """Typed event pipelines on NATS JetStream."""


def _add(app: typer.Typer, name: str, command: Command) -> None:
    import typer

    if isinstance(command.run, typer.Typer):
        app.add_typer(command.run, name=name)
    else:
        lenient = {"allow_extra_args": True, "ignore_unknown_options": True} if command.lenient else None
        app.command(name, context_settings=lenient)(command.run)


def _fail(error: StreamworkerError, *, code: int) -> None:
    import typer

    lines = map(shown, str(error).split("\n"))
    typer.secho("error: " + "\n".join(lines), fg="red", err=True)
    sys.exit(code)
