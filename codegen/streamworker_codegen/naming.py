"""Names in Python for names in JSON, in file paths and in the pipeline file. Pure, predictable, never numbered."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from keyword import iskeyword
from typing import Final

# What a generated class has already: the names of pydantic's BaseModel, and the builtins that annotations are made of.
RESERVED: Final = frozenset(
    {"construct", "copy", "dict", "from_orm", "json", "parse_file", "parse_obj", "parse_raw", "schema", "schema_json"}
    | {"update_forward_refs", "validate", "model_config", "model_computed_fields", "model_construct", "model_copy"}
    | {"model_dump", "model_dump_json", "model_extra", "model_fields", "model_fields_set", "model_json_schema"}
    | {"model_parametrized_name", "model_post_init", "model_rebuild", "model_validate", "model_validate_json"}
    | {"model_validate_strings", "mro", "register", "bool", "float", "int", "object", "str", "tuple"}
)

_SYMBOLS: Final = {
    " ": "space",
    "$": "dollar",
    "+": "plus",
    "-": "dash",
    ".": "dot",
    "/": "slash",
    ":": "colon",
    "@": "at",
    "_": "underscore",
}

_LONGEST_TITLE: Final = 60
_URI: Final = re.compile(r"https?://\S*[/#]([^/#]*\w[^/#]*)[/#]?")
"""Of a property that is called by a URI only the last part makes its name."""
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[^A-Z_]+")


def snake(text: str) -> str:
    """`recordId` -> `record_id`, `HTTPStatus` -> `http_status`, `a-b` -> `a_b`; "" where no character can stand in a name."""
    return "_".join(_words(text)).lower()


def pascal(text: str) -> str:
    """`record.completed` -> `RecordCompleted`, `io-error` -> `IoError`, `recordID` -> `RecordID`, `v1.0` -> `V1_0`; "" where no character
    can."""
    words = [word[0].upper() + word[1:] for word in _words(text)]
    name = re.sub(r"(?<=\d) (?=\d)", "_", " ".join(words)).replace(" ", "")
    return name if name.isidentifier() or not name else f"N{name}"


def title(text: object) -> str:
    """The class that a schema's `title` asks for; "" where it is none, or a whole sentence."""
    name = pascal(text) if isinstance(text, str) and not text.endswith(".") else ""
    return name if len(name) <= _LONGEST_TITLE else ""


def constant(text: str) -> str:
    """`recording.record-saved` -> `RECORDING_RECORD_SAVED`."""
    return attribute(text).upper()


def attribute(text: str) -> str:
    """A snake_case name that may stand anywhere: `class` -> `class_`, `2fa` -> `field_2fa`, an emoji by its Unicode name."""
    name = _identifier(text)
    return f"{name}_" if iskeyword(name) or name in RESERVED else name


def module(text: str) -> str:
    """The module of a file or folder: `record.completed.schema.json` -> `record_completed`, `1-0-3` -> `v1_0_3`."""
    name = re.sub(r"(\.schema)?\.(json|yaml|yml)$", "", text)
    plain = _identifier(f"v{name}" if name[:1].isdecimal() else name)
    return f"{plain}_" if iskeyword(plain) else plain


def attributes(properties: Iterable[str]) -> tuple[Mapping[str, str], frozenset[str]]:
    """The attribute of each property of a class, and the properties for which there is none.

    Where two would have the same, one that is already written so keeps it and the others are spelled out: of `a_b`, `a-b` and
    `aB` come `a_b`, `a_dash_b` and `a_capital_b`.
    """
    names = {each: attribute(each) for each in properties}
    taken = Counter(names.values())
    for each, name in names.items():
        if taken[name] > 1 and name != each:
            names[each] = spelled(each)
    final = Counter(names.values())
    return names, frozenset(each for each, name in names.items() if final[name] > 1)


@lru_cache(maxsize=1 << 14)  # projects have few words, and many properties of each name
def _words(text: str) -> tuple[str, ...]:
    uri = _URI.fullmatch(text)
    local = unicodedata.normalize("NFKC", uri[1] if uri else text)
    plain = "".join(each if f"_{each}".isidentifier() else "_" for each in local)
    return tuple(_WORD.findall(plain))


def _identifier(text: str) -> str:
    name = snake(text) or snake(_spelled(text)) or "empty"
    return name if name.isidentifier() else f"field_{name}"


def _spelled(text: str) -> str:
    """Its characters by their names: `+1` -> `plus_1`, a party popper -> `party_popper`."""
    return "_".join(_SYMBOLS.get(each) or unicodedata.name(each, f"u{ord(each):04x}").lower() for each in text)


def spelled(text: str) -> str:
    """An attribute as it is written, with capitals and what a name can't have or would lose spelled: `a-b` -> `a_dash_b`, `aB` ->
    `a_capital_b`, `_a` -> `underscore_a`; a URI with all of its parts."""
    if _URI.fullmatch(text):
        return attribute(text.partition("://")[2].replace("/", "."))
    around = zip(f" {text}", text, f"{text[1:]} ", strict=False)
    parts = [_letter(before, each, after) for before, each, after in around]
    return attribute(re.sub("__+", "_", "".join(parts)).strip("_") or "empty")


def _letter(before: str, each: str, after: str) -> str:
    if each == "_":
        return "_" if f"a{before}".isalnum() and f"a{after}".isalnum() else "_underscore_"
    if each.isupper():
        return f"_capital_{each.lower()}"
    return each if f"a{each}".isidentifier() else f"_{snake(_spelled(each))}_"
