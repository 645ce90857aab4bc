"""Which commands there are, and how each is loaded: only the one that is wanted, since a start should be instant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    import typer  # slow to import, and not needed to find a command

GROUP: Final = "streamworker.commands"

Load: TypeAlias = Callable[[], "Command"]


@dataclass(frozen=True)
class Command:
    """run: a function whose parameters typer reads, or an app of several. lenient: takes whatever arguments it is given."""

    run: Callable[..., None] | typer.Typer
    lenient: bool = False


_OWN: Final = {
    "run": ("streamworker.cli.run", "run"),
    "dlq": ("streamworker.cli.dlq", "dlq"),
    "permissions": ("streamworker.cli.permissions", "permissions"),
    "provision": ("streamworker.cli.provision", "provision"),
    "version": ("streamworker.cli.version", "version"),
}
_OF_THE_COMPILER: Final = ("add", "asyncapi", "check", "compat", "explain", "generate", "graph", "new", "schema")


def own_commands() -> Mapping[str, Load]:
    """What the runtime itself brings."""
    return {name: partial(_own, *place) for name, place in _OWN.items()}


def all_commands() -> Mapping[str, Load]:
    """Those of the runtime, and of what else is installed. The compiler's are there without it, and say that it is missing."""
    absent = {name: partial(_absent, name) for name in _OF_THE_COMPILER}
    found = {entry.name: partial(_loaded, entry) for entry in entry_points(group=GROUP)}
    return {**own_commands(), **absent, **found}


def begin(name: str) -> None:
    """Let the package that brings a command begin what takes long, before anything else is loaded: where it has a function `early`, that
    is called with the command's name. Nothing may hang on it."""
    packages = {entry.module.partition(".")[0] for entry in entry_points(group=GROUP) if entry.name == name}
    for package in packages:
        with suppress(ImportError):  # which is told when the command itself is loaded
            early = getattr(import_module(package), "early", None)
            if early:
                early(name)


def _own(module: str, name: str) -> Command:
    return Command(getattr(import_module(module), name))


def _loaded(entry: EntryPoint) -> Command:
    """A command that is installed; one that can't be loaded becomes one that says why, so that the others still work."""
    try:
        return Command(entry.load())
    except Exception as error:  # noqa: BLE001  # whatever it is, it is told
        package = entry.dist.name if entry.dist else entry.module
        told = f"the command {entry.name} of {package} can't be loaded: {type(error).__name__}: {error}"
        return _failing(told, hint=f"reinstall it: pip install --force-reinstall {package}")


def _absent(name: str) -> Command:
    return _failing(
        f"the compiler is not installed here, and `{name}` is a command of it",
        hint="pip install streamworker-codegen",
    )


def _failing(problem: str, *, hint: str) -> Command:
    from streamworker.cli.failing import failing

    return Command(failing(problem, hint=hint), lenient=True)
