"""Whether a field can be a token of a subject: what its schema lets stand there.

NATS takes no empty token, and none with a dot, wildcard, blank or control character; nothing is escaped, so such an event can't be published.
"""

from __future__ import annotations

import re

from streamworker_codegen.documents import Json, Place
from streamworker_codegen.fields import Field, all_of, keyword, literals, types
from streamworker_codegen.registry import Registry

SCALARS = frozenset({"string", "integer", "boolean"})
_SAFE_FORMATS = ("uuid", "date")
_UNSAFE = re.compile(r"[.*>\s\x00-\x1f\x7f-\x9f]|^$")

# A pattern that we can read: anchored, and made of classes and characters without a meaning of their own.
_CLASS = r"\[(?:[A-Za-z0-9_]-[A-Za-z0-9_]|[A-Za-z0-9_]|\\[dw]|-(?=\])|(?<=\[)-)+\]"
# \s alone leaves control characters, U+0085 among them: they have to be excluded by name.
_NO_CONTROL = r"(?=[^\]]*\\x00-\\x(?:1f|20))(?=[^\]]*\\x7f-\\x9f)"
_EXCLUDING = rf"\[\^(?=[^\]]*\.)(?=[^\]]*\*)(?=[^\]]*>)(?=[^\]]*\\s){_NO_CONTROL}[^\]]+\]"
_ATOM = rf"(?:{_CLASS}|{_EXCLUDING}|\\[dw]|[A-Za-z0-9_:=@-])"
_REPEATED = r"(?:\+|\{[1-9][0-9]*(?:,[0-9]*)?\})"
_MAYBE = r"(?:\*|\?|\{0?,?[0-9]*\})"
_READABLE = re.compile(
    rf"\^(?:{_ATOM}(?:{_REPEATED}|{_MAYBE})?)*{_ATOM}{_REPEATED}?(?:{_ATOM}(?:{_REPEATED}|{_MAYBE})?)*\$"
)


def can_be_token(registry: Registry, field: Field) -> bool:
    """Whether a field is a text, a whole number or a boolean, and nothing else."""
    found = types(registry, field.places)
    return bool(found) and found <= SCALARS


def always_fits(registry: Registry, field: Field) -> bool:
    """Whether the schema excludes every value that can't be a token. False where we can't tell."""
    return "string" not in types(registry, field.places) or any(
        _excludes(registry, place) for place in all_of(registry, field.places)
    )


def _excludes(registry: Registry, place: Place) -> bool:
    values = literals(registry, place)
    if values is not None:
        return not any(isinstance(value, str) and _UNSAFE.search(value) for value in values)
    pattern = keyword(registry, place, "pattern")
    return keyword(registry, place, "format") in _SAFE_FORMATS or (
        isinstance(pattern, str) and is_safe_pattern(pattern)
    )


def is_safe_pattern(pattern: Json) -> bool:
    """Whether every text that matches a regular expression can be a token. False where we can't tell."""
    return isinstance(pattern, str) and _READABLE.fullmatch(pattern) is not None
