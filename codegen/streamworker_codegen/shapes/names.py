"""Class names: by title, else by where a schema is written; a union's variants by what they are. Unique, and never numbered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Final

from streamworker_codegen import naming
from streamworker_codegen.documents import Document
from streamworker_codegen.pointers import child, follow, steps
from streamworker_codegen.problems import Problem
from streamworker_codegen.shapes.types import Definition, Key, ObjectShape
from streamworker_codegen.shapes.unions import tag_values

_DEFINITIONS: Final = ("$defs", "definitions")
_VARIANTS: Final = ("oneOf", "anyOf")
_FIRST_TAGS: Final = ("type", "kind")
_ORDINALS: Final = ["First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth"]

Names = dict[Key, str]


def module_path(document: Document) -> str:
    """The module of a schema file, below `generated/events/`, without its suffix."""
    *folders, file = PurePosixPath(document.path).parts
    if folders[:1] == ["events"]:
        folders = folders[1:]
    return "/".join([*map(naming.attribute, folders), naming.module(file)])


def class_names(definitions: Mapping[Key, Definition], given: Mapping[Key, str]) -> tuple[Names, tuple[Problem, ...]]:
    """The name of each definition; `given` are those of events and bucket values."""
    names = dict(given)
    open_keys = [key for key in definitions if key not in given]
    for name_of in (_titled, _located, _filed, _pathed):
        candidates = {key: name_of(definitions[key], definitions) for key in open_keys}
        taken = Counter(candidates.values()) + Counter(names.values())
        names |= {key: name for key, name in candidates.items() if name and taken[name] == 1}
        open_keys = [key for key in open_keys if key not in names]
    problems = [_clash(definitions[key]) for key in open_keys]
    names |= {key: _pathed(definitions[key], definitions) for key in open_keys}
    return names, tuple(problems)


def _titled(definition: Definition, _all: Mapping[Key, Definition]) -> str:
    schema = follow(definition.place.document.value, _written_at(definition))
    title = schema.get("title") if isinstance(schema, dict) else None
    return naming.pascal(title) if isinstance(title, str) else ""


def _located(definition: Definition, definitions: Mapping[Key, Definition]) -> str:
    """`$defs/Reason/oneOf/0` -> `ReasonIoError`; `properties/outcome` of `RecordCompleted` -> `RecordCompletedOutcome`."""
    document, pointer = definition.place.document, _written_at(definition)
    owner, below = _owner(document, steps(pointer))
    return owner + "".join(_parts(below, definition))


def _filed(definition: Definition, definitions: Mapping[Key, Definition]) -> str:
    return _with_path(definition, definitions, 1)


def _pathed(definition: Definition, definitions: Mapping[Key, Definition]) -> str:
    return _with_path(definition, definitions, None)


def _with_path(definition: Definition, definitions: Mapping[Key, Definition], last: int | None) -> str:
    parts = module_path(definition.place.document).split("/")
    prefix = "".join(naming.pascal(part) for part in (parts if last is None else parts[-last:]))
    name = _titled(definition, definitions) or _located(definition, definitions)
    return name if name.startswith(prefix) else prefix + name


def _written_at(definition: Definition) -> str:
    """Of a branch that holds together with the schema around it, the branch names it."""
    first, last = definition.key.places[0], definition.key.places[-1]
    return last[1] if first[0] == last[0] and _is_variant(last[1]) else first[1]


def _is_variant(pointer: str) -> bool:
    return pointer.split("/")[-2:-1] in ([each] for each in _VARIANTS)


def _owner(document: Document, tokens: list[str]) -> tuple[str, list[str]]:
    """The name of the definition within which a schema is written, and the way from there."""
    start = max((at + 2 for at, token in enumerate(tokens[:-1]) if token in _DEFINITIONS), default=0)
    schema = follow(document.value, child("", *tokens[:start]))
    title = schema.get("title") if isinstance(schema, dict) else None
    named = naming.pascal(title) if isinstance(title, str) else ""
    written = tokens[start - 1] if start else PurePosixPath(document.path).name
    plain = naming.pascal(written if start else naming.module(written))
    return named or plain, tokens[start:]


def _parts(tokens: list[str], definition: Definition) -> Iterable[str]:
    rest = iter(tokens)
    for token in rest:
        read = _STEPS.get(token)
        if read is not None:
            yield read(next(rest, ""))
        elif token in _VARIANTS:
            index = next(rest, "")
            yield _label(definition, index)
        elif token == "items":
            yield "Item"
        elif token in ("additionalProperties", "unevaluatedProperties"):
            yield "Value"
        elif token in ("then", "else"):
            yield naming.pascal(token)


_STEPS: Final[Mapping[str, Callable[[str], str]]] = {
    "properties": naming.pascal,
    "patternProperties": lambda _: "Value",
    "prefixItems": lambda index: _ORDINALS[int(index)] if int(index) < len(_ORDINALS) else f"Item{index}",
    "allOf": lambda _: "",
    "dependentSchemas": naming.pascal,
}


def _label(definition: Definition, _index: str) -> str:
    """What a variant is: by its constant, else by what it has."""
    if not isinstance(definition, ObjectShape):
        return "Variant"
    tags = tag_values(definition)
    for name in sorted(tags, key=lambda each: (each not in _FIRST_TAGS, each)):
        if len(tags[name]) == 1:
            return naming.pascal(next(iter(tags[name])))
    required = [each.json_name for each in definition.fields if each.required]
    return "".join(map(naming.pascal, required or [each.json_name for each in definition.fields])) or "Empty"


def _clash(definition: Definition) -> Problem:
    return Problem(
        definition.place.where,
        "class-name-clash",
        "two schemas would have the same class name",
        "give this schema a title of its own",
    )
