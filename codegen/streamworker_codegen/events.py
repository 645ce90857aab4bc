"""Schemas of the graph's events -> the modules of `generated/events/`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from streamworker_codegen.imports import Imports, listed_order, relative
from streamworker_codegen.ir import DefinitionText, File
from streamworker_codegen.models.generate import Pieces
from streamworker_codegen.models.modules import Module, imports, modules, rebuilt
from streamworker_codegen.models.text import docstring
from streamworker_codegen.shapes import Shapes
from streamworker_codegen.shapes.types import Definition, NamedType, ObjectShape


def event_files(shapes: Shapes, texts: Pieces) -> list[File]:
    """The modules of all definitions, the folders' `__init__.py`, and the facade."""
    made = modules(shapes.definitions, shapes.names)
    homes = {shapes.names[key]: module.path for module in made for key in module.keys}
    written = [_module(each, shapes, texts, homes) for each in made]
    folders = {f"events/{each.path}".rpartition("/")[0] for each in made} - {"events"}
    folders |= {folder[:at] for folder in folders for at, letter in enumerate(folder) if letter == "/"} - {"events"}
    written += [File(f"{each}/__init__.py", "package.py.jinja2", "schemas/") for each in sorted(folders)]
    return [*written, _facade(homes)]


def _module(module: Module, shapes: Shapes, texts: Pieces, homes: Mapping[str, str]) -> File:
    definitions = list(_definitions([(shapes.definitions[key], texts[shapes.names[key]].text) for key in module.keys]))
    used = {name for key in module.keys for name in texts[shapes.names[key]].uses}
    if any(each.final for each in definitions):
        used.add("final")
    found = imports(module, used, homes)
    for key in module.moved:
        name = shapes.names[key]
        found.add(relative(f"events/{module.path}", f"events/{homes[name]}"), f"{name} as {name}")
    values = {
        "definitions": definitions,
        "rebuilt": [shapes.names[key] for key in rebuilt(module.keys, shapes.definitions)],
    }
    source = ", ".join(f"schemas/{path}" for path in module.sources)
    return File(f"events/{module.path}.py", "event_module.py.jinja2", source, tuple(found.lines()), values)


def _definitions(texts: Iterable[tuple[Definition, str]]) -> Iterator[DefinitionText]:
    """Classes stand two lines apart, named types one."""
    before: Definition | None = None
    for each, text in texts:
        apart = isinstance(each, ObjectShape) or isinstance(before, ObjectShape)
        described = docstring(each.description, indent=0) if isinstance(each, NamedType) else []
        yield DefinitionText(
            text, "\n" if apart else "", isinstance(each, ObjectShape) and each.event, tuple(described)
        )
        before = each


def _facade(homes: Mapping[str, str]) -> File:
    found = Imports()
    for name, path in homes.items():
        found.add(relative("events/__init__", f"events/{path}"), name)
    values = {"names": sorted(homes, key=listed_order)}
    return File("events/__init__.py", "events.py.jinja2", "schemas/", tuple(found.lines()), values)
