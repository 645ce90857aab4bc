"""Options that several commands share, each declared once, and how a command takes a group of them as one value."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeAlias, TypeVar

import typer

from streamworker.app.place import Place

T = TypeVar("T")

Project: TypeAlias = Annotated[
    Path, typer.Option("--project", metavar="DIR", help="Folder that holds generated/ and handlers/.")
]
Embedded: TypeAlias = Annotated[
    bool, typer.Option("--embedded", help="Bring a nats-server along, on this machine alone.")
]
Store: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--store", metavar="DIR", help="Where --embedded keeps its data; default: .streamworker/nats in the project."
    ),
]


def place_of(project: Project = Path(), embedded: Embedded = False, store: Store = None) -> Place:
    """Which project, on which server."""
    return Place(project=project, embedded=embedded, store=store)


def given(**makers: Callable[..., object]) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Has a command (or another maker) take values that are made of options.

    `@given(place=place_of)` puts the parameters of `place_of` in place of the parameter `place`, which gets what that returns.
    """

    def decorate(command: Callable[..., T]) -> Callable[..., T]:
        made = {name: inspect.signature(maker, eval_str=True).parameters for name, maker in makers.items()}
        own = inspect.signature(command, eval_str=True).parameters
        parameters = [own[name] for name in own if name not in makers]
        parameters += [parameter for options in made.values() for parameter in options.values()]

        def run(**values: object) -> T:
            for name, options in made.items():
                values[name] = makers[name](**{option: values.pop(option) for option in options})
            return command(**values)

        run.__doc__ = command.__doc__
        run.__name__ = command.__name__
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        signature = inspect.Signature([each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters])
        vars(run)["__signature__"] = signature  # what typer reads
        return run

    return decorate
