"""The form of the pipeline file: what pipeline.schema.json, which editors use too, says against it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files

import jsonschema_rs
from jsonschema_rs import ValidationError, ValidationErrorKind

from streamworker_codegen.documents import Document, Json
from streamworker_codegen.metaschema import shown
from streamworker_codegen.pointers import child, follow
from streamworker_codegen.problems import Problem
from streamworker_codegen.sources import Source
from streamworker_codegen.yaml_positions import unquoted_template

# Without these, what else is wrong with the graph can't be told.
_STRUCTURE = {
    "source",
    "sink",
    "subjects",
    "event",
    "key",
    "value",
    "events",
    "sse",
    "id",
    "url",
    "subject",
    "pipeline",
    "every",
}
_SCALARS = {
    "string": "a text",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a map",
}


@dataclass(frozen=True)
class Form:
    """sound: the file without what is wrong, where that are settings only; None where more is."""

    sound: Document | None
    problems: tuple[Problem, ...]


@lru_cache
def pipeline_schema() -> Json:
    text = files(__package__).joinpath("pipeline.schema.json").read_text("utf-8")
    schema: Json = json.loads(text)
    return schema


def check_form(source: Source, document: Document) -> Form:
    """Every place where the file is not as the schema says."""
    schema = pipeline_schema()
    assert isinstance(schema, dict)
    errors = list(jsonschema_rs.Draft202012Validator(schema).iter_errors(document.value))
    problems = [problem for error in errors for problem in _problems(source, document, error)]
    if any(_is_structure(error) for error in errors):
        return Form(None, tuple(_without_echoes(problems)))
    return Form(_pruned(document, errors), tuple(problems))


def _problems(source: Source, document: Document, error: ValidationError) -> list[Problem]:
    pointer = child("", *error.instance_path)
    match error.kind:
        case ValidationErrorKind.AdditionalProperties(unexpected=keys):
            return [_unknown_key(document, pointer, key, _keys(error)) for key in keys]
        case ValidationErrorKind.PropertyNames(error=inner):
            return [_bad_key(document, pointer, inner)]
        case ValidationErrorKind.Required(property=key):
            return [_missing_key(document, pointer, str(key), error)]
        case _:
            return [unquoted_map(source, document, pointer) or _bad_value(document, pointer, error)]


def _unknown_key(document: Document, pointer: str, key: str, known: Iterable[str]) -> Problem:
    known = sorted(known)
    near = get_close_matches(key, known, 1, 0.7)
    mend = f"did you mean `{near[0]}`?" if near else f"there may stand: {', '.join(known)}"
    return Problem(document.where(f"{child(pointer, key)}#key"), "unknown-key", f"unknown key `{key}`", mend)


def _keys(error: ValidationError) -> Iterable[str]:
    properties = _schema(error).get("properties")
    return properties if isinstance(properties, dict) else ()


def _bad_key(document: Document, pointer: str, error: ValidationError) -> Problem:
    key = str(error.instance)
    if isinstance(error.kind, ValidationErrorKind.Enum):
        return _unknown_key(document, pointer, key, [str(option) for option in error.kind.options])
    schema = _schema(error)
    where = document.where(f"{child(pointer, key)}#key")
    return Problem(where, "bad-name", f"`{key}` is not {schema['title']}", f"write {schema['description']}")


def _missing_key(document: Document, pointer: str, key: str, error: ValidationError) -> Problem:
    where = document.where(f"{pointer}#key") if f"{pointer}#key" in document.positions else document.where(pointer)
    name = f"`{error.instance_path[-1]}`" if error.instance_path else "the pipeline file"
    return Problem(where, "missing-key", f"{name} has no `{key}`", f"add `{key}`: {_description(error, key)}")


def _description(error: ValidationError, key: str) -> str:
    """Of a key: beside what requires it, or, where that stands in `then` or `else`, around it."""
    for end in (-1, -2):
        around = follow(pipeline_schema(), child("", *error.schema_path[:end]))
        named = around.get("properties") if isinstance(around, dict) else None
        if isinstance(named, dict) and key in named:
            return str(follow(named[key], "/description"))
    return "it is needed here"


def unquoted_map(source: Source, document: Document, pointer: str) -> Problem | None:
    """For a map without values, such as {id}, where a text should stand."""
    value = follow(document.value, pointer)
    if isinstance(value, dict) and value and all(inner is None for inner in value.values()):
        return unquoted_template(source, document.where(pointer))
    return None


def _bad_value(document: Document, pointer: str, error: ValidationError) -> Problem:
    schema = _schema(error)
    value, name = shown(error.instance), _named(error)
    where = document.where(pointer)
    if not pointer:
        what = "the pipeline file is empty" if error.instance is None else f"the pipeline file is {value}, not a map"
        return Problem(
            where, "bad-value", what, "begin with the line `pipeline: NAME`; see the keys in pipeline.schema.json"
        )
    match error.kind:
        case ValidationErrorKind.Enum(options=options):
            known = [str(option) for option in options]
            near = get_close_matches(str(error.instance), known, 1)
            mend = f"did you mean `{near[0]}`?" if near else f"write one of: {', '.join(known)}"
            return Problem(where, "bad-value", f"{name} can't be {value}", mend)
        case ValidationErrorKind.Constant(expected_value=expected):
            return Problem(where, "bad-value", f"{name} can't be {value}", f"write {expected}, or leave it out")
        case ValidationErrorKind.MinItems() | ValidationErrorKind.MinLength() | ValidationErrorKind.MinProperties():
            return Problem(where, "bad-value", f"{name} is empty", "write at least one, or leave the key out")
        case _ if "title" in schema:
            return Problem(
                where,
                "bad-value",
                f"{name} is {value}, not {schema['title']}",
                f"write {schema.get('description', 'one')}",
            )
        case ValidationErrorKind.Type(types=types):
            wanted = " or ".join(_SCALARS.get(each, each) for each in types)
            return Problem(where, "bad-value", f"{name} is {value}, not {wanted}", f"write {wanted}")
        case _:
            return Problem(where, "bad-value", f"{name}: {error.message}", "mend the value")


def _named(error: ValidationError) -> str:
    path = [step for step in error.instance_path if isinstance(step, str)]
    return f"`{path[-1]}`" if path else "the pipeline file"


def _schema(error: ValidationError) -> dict[str, Json]:
    """The schema that the failing keyword stands in."""
    found = follow(pipeline_schema(), child("", *error.schema_path[:-1]))
    return found if isinstance(found, dict) else {}


def _is_structure(error: ValidationError) -> bool:
    kind = error.kind
    if isinstance(kind, ValidationErrorKind.Required | ValidationErrorKind.PropertyNames):
        return True
    if isinstance(kind, ValidationErrorKind.AdditionalProperties):
        return False
    names = {step for step in error.instance_path[2:] if isinstance(step, str)} | set(error.instance_path[-1:])
    return not names or bool(names & _STRUCTURE) or "object" in _types(_schema(error))


def _types(schema: dict[str, Json]) -> list[Json]:
    declared = schema.get("type")
    return declared if isinstance(declared, list) else [declared]


def _pruned(document: Document, errors: Iterable[ValidationError]) -> Document:
    value = deepcopy(document.value)
    for error in errors:
        for key in getattr(error.kind, "unexpected", ()):
            _remove(value, [*error.instance_path, key])
        if not isinstance(error.kind, ValidationErrorKind.AdditionalProperties):
            _remove(value, error.instance_path)
    return replace(document, value=value)


def _remove(value: Json, path: list[str | int]) -> None:
    held = follow(value, child("", *path[:-1]))
    if isinstance(held, dict):
        held.pop(str(path[-1]), None)


def _without_echoes(problems: list[Problem]) -> list[Problem]:
    """Leaves out that a key is missing where a misspelt one was already reported."""
    meant = [problem.mend for problem in problems if problem.code == "unknown-key"]
    return [
        problem
        for problem in problems
        if not (
            problem.code == "missing-key"
            and any(f"did you mean `{problem.what.split('`')[-2]}`?" == mend for mend in meant)
        )
    ]
