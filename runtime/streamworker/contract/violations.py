"""What is wrong with a value, place by place, in words that never repeat the value."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final, Protocol, TypeAlias, get_args

from jsonschema_rs import ValidationError, Validator
from jsonschema_rs import ValidationErrorKind as Kind
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from streamworker.contract.names import OWN_ERRORS
from streamworker.errors import Violation

MOST: Final = 100
"""How many places are listed: a hostile value could have any number."""
_LOOKS: Final = 1_000
"""Where each level multiplies the looks at the next, these take about a tenth of a second."""
_LONGEST: Final = 200
"""Characters of what is quoted from a schema, and of a property's name."""

Path: TypeAlias = Sequence[str | int]


class Judge(Protocol):
    """repeats: how often each level of a value multiplies the looks that telling its errors takes at what lies below."""

    @property
    def repeats(self) -> int: ...
    @property
    def validator(self) -> Validator: ...


def by_schema(judge: Judge, value: object) -> list[Violation]:
    """Every place where `value` breaks its schema, or the first 100. One of which the places could not be told in reasonable time breaks
    it as a whole."""
    if judge.repeats > 1 and judge.repeats ** _depth(value) > _LOOKS:
        return [Violation("", "what its schema says: it nests too deep in alternatives to tell the place")]
    return _bounded(each for error in judge.validator.iter_errors(value) for each in _of_error(error))


def by_model(errors: Iterable[ErrorDetails]) -> list[Violation]:
    """Every place where a value breaks a model that has no schema beside it, or the first 100."""
    return _bounded(Violation(pointer(error["loc"]), _model_words(error)) for error in errors)


def pointer(path: Path) -> str:
    """A path as a JSON pointer."""
    return "".join("/" + _clipped(str(step)).replace("~", "~0").replace("/", "~1") for step in path)


def _bounded(found: Iterator[Violation]) -> list[Violation]:
    first = list(islice(dict.fromkeys(found), MOST + 1))
    return (
        first if len(first) <= MOST else [*first[:MOST], Violation("", "what is left: only the first 100 are listed")]
    )


def _depth(value: object) -> int:
    """How many arrays and objects are nested; parsed JSON has at most 200."""
    held = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if held is None else 1 + max(map(_depth, held), default=0)


def _of_error(error: ValidationError) -> Iterator[Violation]:
    path, kind = error.instance_path, error.kind
    match kind:
        case Kind.AdditionalProperties(names) | Kind.UnevaluatedProperties(names):
            yield from (Violation(pointer([*path, name]), "no field of this name") for name in names)
        case Kind.UnevaluatedItems(indexes):
            yield from (Violation(pointer([*path, index]), "no item here") for index in indexes)
        case Kind.PropertyNames(inner):
            yield from (Violation(pointer(path), f"names of fields: {each.expected}") for each in _of_error(inner))
        case Kind.AnyOf(branches) | Kind.OneOfNotValid(branches):
            yield from _of_union(path, branches)
        case _:
            yield Violation(pointer(path), _schema_words(kind))


def _of_union(path: Path, branches: Sequence[Sequence[ValidationError]]) -> Iterator[Violation]:
    """What the branch that was meant lacks; where none was, what each of them starts with."""
    bars = [_bar(path, errors) for errors in branches]
    meant = [errors for errors, bar in zip(branches, bars, strict=True) if bar is None]
    if meant:
        yield from (each for error in min(meant, key=len) for each in _of_error(error))
    elif len({pointer(bar.instance_path) for bar in bars if bar}) == 1:
        told = dict.fromkeys(each for bar in bars if bar for each in _of_error(bar))
        yield Violation(next(iter(told)).pointer, _clipped(" or ".join(each.expected for each in told)))
    else:
        yield Violation(pointer(path), f"one of {len(branches)} shapes")


def _bar(path: Path, errors: Iterable[ValidationError]) -> ValidationError | None:
    """The error that says that a branch of a union was not meant: another constant, or another type altogether."""
    for error in errors:
        if isinstance(error.kind, Kind.Constant | Kind.Enum):
            return error
        if isinstance(error.kind, Kind.Type) and list(error.instance_path) == list(path):
            return error
    return None


def _schema_words(kind: Kind) -> str:
    match kind:
        case Kind.Type(types):
            return " or ".join(types)
        case Kind.Required(name):
            return f"a field {_quoted(name)}"
        case Kind.Constant(value):
            return _quoted(value)
        case Kind.Enum(options):
            return "one of " + _clipped(", ".join(map(_quoted, options)))
        case Kind.Format(name):
            return f"the format {name}"
        case Kind.Pattern(text):
            return f"a text like {_clipped(text)}"
        case Kind.MultipleOf(unit):
            return f"a multiple of {unit}"
        case Kind.FalseSchema():
            return "nothing"
        case Kind.Not():
            return "another value: the schema rules it out"
        case Kind.OneOfMultipleValid():
            return "exactly one of its shapes, not several"
        case Kind.UniqueItems():
            return "items that all differ"
        case Kind.Contains():
            return "an item as the schema's `contains` says"
        case Kind.BacktrackLimitExceeded():
            return "a text that its pattern can be tried on in reasonable time"
        case _:
            return _limit_words(kind)


def _limit_words(kind: Kind) -> str:
    words = _LIMITS.get(kind.name)
    return f"{words} {getattr(kind, 'limit', '')}".strip() if words else f"what the schema's `{kind.name}` says"


_LIMITS: Final[Mapping[str, str]] = {
    "minimum": "a number not below",
    "maximum": "a number not above",
    "exclusiveMinimum": "a number above",
    "exclusiveMaximum": "a number below",
    "minLength": "characters: at least",
    "maxLength": "characters: at most",
    "minItems": "items: at least",
    "maxItems": "items: at most",
    "minProperties": "fields: at least",
    "maxProperties": "fields: at most",
}

# Errors of pydantic whose messages repeat a part of the value. Those that a user's own validator words are told in ours, too.
_TELLTALE: Final = {
    "extra_forbidden": "no field of this name",
    "union_tag_invalid": "one of its kinds: {expected_tags}",
    "uuid_parsing": "a UUID",
}
_WORDED: Final = frozenset((*get_args(ErrorType), *OWN_ERRORS)) - {"value_error", "assertion_error"}


def _model_words(error: ErrorDetails) -> str:
    kind = error["type"]
    if kind not in _WORDED:
        return "what the model's validator takes"
    words = _TELLTALE.get(kind)
    return words.format_map(error.get("ctx", {})) if words else error["msg"]


def _quoted(value: object) -> str:
    return _clipped(json.dumps(value, ensure_ascii=False, default=str))


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
