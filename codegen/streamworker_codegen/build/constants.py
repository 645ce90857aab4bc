"""What the modules of constants have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from streamworker_codegen.expressions import Group, arguments
from streamworker_codegen.graph import Event
from streamworker_codegen.imports import Imports
from streamworker_codegen.ir import Constant, File
from streamworker_codegen.models.text import literal

PIPELINE_FILE: Final = "schemas/pipeline.yaml"


def constants_file(path: str, found: Imports, constants: Iterable[Constant]) -> File:
    made = tuple(constants)
    return File(path, f"{path}.jinja2", PIPELINE_FILE, tuple(found.lines()) if made else (), {"constants": made})


def constant_of(name: str, expression: Group) -> Constant:
    return Constant(name, expression.start.removesuffix("("), tuple(arguments(expression)))


def contract_of(event: Event) -> str:
    return f"CONTRACTS[{literal(event.name)}]"


def importing(*names: str) -> Imports:
    """Imports that begin with these names of the runtime and of the standard library."""
    found = Imports()
    for name in names:
        found.known(name)
    return found
