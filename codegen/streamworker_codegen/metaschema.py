"""Whether a document is a schema: judged by the metaschema of its draft."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import TypeAlias

import jsonschema_rs
from jsonschema_rs import ValidationError, ValidationErrorKind

from streamworker_codegen.dialects import (
    DIALECTS,
    DRAFT4,
    DRAFT6,
    DRAFT7,
    DRAFT2019,
    DRAFT2020,
    Subschema,
    subschemas,
)
from streamworker_codegen.documents import Document, Json
from streamworker_codegen.errors import Refused
from streamworker_codegen.pointers import child
from streamworker_codegen.problems import Position, Problem

_Errors: TypeAlias = Callable[[object], Iterator[ValidationError]]
_VALIDATORS = {
    DRAFT4.uri: jsonschema_rs.Draft4Validator,
    DRAFT6.uri: jsonschema_rs.Draft6Validator,
    DRAFT7.uri: jsonschema_rs.Draft7Validator,
    DRAFT2019.uri: jsonschema_rs.Draft201909Validator,
    DRAFT2020.uri: jsonschema_rs.Draft202012Validator,
}
_LEFT_OUT = {DRAFT2020.uri: ("https://json-schema.org/draft/2020-12/meta/format-assertion",)}
_EARLIER = (DRAFT7.uri, DRAFT4.uri)
_SHOWN = 60


@lru_cache
def _metaschema(draft: str) -> _Errors:
    return _VALIDATORS[draft]({"$ref": draft}).iter_errors


def check_schema(document: Document) -> list[Subschema]:
    """The schemas of a document. Raises Refused with all that the metaschema says against it, and with patterns that the validator can't
    run."""
    if not isinstance(document.value, dict | bool):
        raise Refused(_problem(document, "", "a schema is an object, true or false"))
    errors = _metaschema(document.draft)(document.value)
    problems = [_problem(document, child("", *error.instance_path), describe(error)) for error in errors]
    schemas = [] if problems else list(subschemas(document.value, DIALECTS[document.draft]))
    problems += _bad_patterns(document, schemas)
    if problems:
        raise Refused(*problems)
    return schemas


def _bad_patterns(document: Document, schemas: Iterable[Subschema]) -> list[Problem]:
    found: list[Problem] = []
    for schema in schemas:
        for pointer, pattern in _patterns(schema):
            if not _runs(pattern):
                what = f"{shown(pattern)} is no regular expression that the validator can run"
                found.append(
                    Problem(
                        document.where(pointer), "bad-pattern", what, "write it as ECMA 262 has it, smaller or simpler"
                    )
                )
    return found


def _patterns(schema: Subschema) -> Iterator[tuple[str, str]]:
    if isinstance(pattern := schema.value.get("pattern"), str):
        yield f"{schema.pointer}/pattern", pattern
    keyed = schema.value.get("patternProperties")
    for pattern in keyed if isinstance(keyed, dict) else ():
        yield f"{child(schema.pointer, 'patternProperties', pattern)}#key", pattern


@lru_cache(maxsize=4096)
def _runs(pattern: str) -> bool:
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except ValueError:
        return False
    return True


def is_schema(value: Json, draft: str) -> bool:
    """Whether a draft's metaschema has nothing against a value."""
    return next(_metaschema(draft)(value), None) is None


@lru_cache
def keywords_of(draft: str) -> frozenset[str]:
    """Those that a draft's metaschema knows."""
    known = (each.value_at("/properties") for each in metaschema_documents(draft))
    return frozenset(name for properties in known if isinstance(properties, dict) for name in properties)


def metaschema_documents(draft: str) -> list[Document]:
    """The documents of a draft's metaschema, as the validator has them, and of the vocabularies that it leaves to others to use."""
    known = (draft, *_LEFT_OUT.get(draft, ()))
    schema: dict[str, Json] = {"$schema": draft, "allOf": [{"$ref": uri} for uri in known]}
    bundle = jsonschema_rs.bundle(schema)
    parts = bundle.get("$defs") or bundle.get("definitions")
    found = parts if isinstance(parts, dict) else {}
    return [Document(uri, uri.rstrip("#"), draft, value, {"": Position(uri)}) for uri, value in found.items()]


def _problem(document: Document, pointer: str, what: str) -> Problem:
    name = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    subject = f"`{name}`: " if name else ""
    return Problem(
        document.where(pointer),
        "not-a-schema",
        f"not a schema: {subject}{what}",
        _draft_meant(document) or f"see {document.draft} for what a schema may say there",
    )


def _draft_meant(document: Document) -> str:
    """What to do where a document names no draft, and is a schema of an earlier one."""
    if isinstance(document.value, dict) and "$schema" not in document.value:
        for draft in _EARLIER:
            if is_schema(document.value, draft):
                return (
                    f'without `$schema` it is read as {document.draft}; for an earlier draft, add "$schema": "{draft}#"'
                )
    return ""


def describe(error: ValidationError) -> str:
    """An error of the validator in a few words, without an instance of any size in it."""
    value = shown(error.instance)
    match error.kind:
        case ValidationErrorKind.Type(types=types):
            return f"{value} is not {_either(types)}"
        case ValidationErrorKind.AnyOf(context=branches):
            return _any_of(value, [error for branch in branches for error in branch])
        case ValidationErrorKind.Enum(options=options):
            return f"{value} is none of {', '.join(shown(option) for option in _listed(options))}"
        case _:
            return error.message if len(error.message) <= 2 * _SHOWN else f"{value} breaks `{error.schema_path[-1]}`"


def _any_of(value: str, errors: list[ValidationError]) -> str:
    """The reasons of all branches; of wrong types and wrong names only what would be right."""
    types = [name for error in errors if isinstance(error.kind, ValidationErrorKind.Type) for name in error.kind.types]
    options = [
        option
        for error in errors
        if isinstance(error.kind, ValidationErrorKind.Enum)
        for option in _listed(error.kind.options)
    ]
    if options:
        return f"{value} is none of {', '.join(shown(option) for option in options)}"
    return f"{value} is not {_either(types)}" if types else f"{value} is none of what may stand there"


def _listed(options: object) -> list[Json]:
    return options if isinstance(options, list) else []


def _either(types: list[str]) -> str:
    article = {"array": "an array", "object": "an object", "integer": "an integer", "null": "null"}
    return " or ".join(dict.fromkeys(article.get(name, f"a {name}") for name in types))


def shown(value: object) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
