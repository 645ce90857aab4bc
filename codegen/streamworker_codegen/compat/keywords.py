"""The keywords of JSON Schema that decide about a value, in the words of 2020-12."""

from __future__ import annotations

from typing import Final

from streamworker_codegen.dialects import DRAFT4, DRAFT6, DRAFT7, DRAFT2019, DRAFT2020

ASSERTIONS: Final = frozenset(
    {"type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    | {"minLength", "maxLength", "pattern", "format", "required", "dependentRequired", "minProperties", "maxProperties"}
    | {"minItems", "maxItems", "uniqueItems", "minContains", "maxContains"}
)
SINGLE: Final = frozenset(
    {"items", "contains", "additionalProperties", "propertyNames", "unevaluatedProperties", "unevaluatedItems"}
    | {"not", "if", "then", "else"}
)
LISTS: Final = frozenset({"prefixItems", "allOf", "anyOf", "oneOf"})
MAPS: Final = frozenset({"properties", "patternProperties", "dependentSchemas"})

_DRAFTS: Final = [each.uri for each in (DRAFT4, DRAFT6, DRAFT7, DRAFT2019, DRAFT2020)]
_SINCE: Final = {
    **dict.fromkeys(("const", "contains", "propertyNames"), 1),
    **dict.fromkeys(("if", "then", "else"), 2),
    **dict.fromkeys(("dependentRequired", "dependentSchemas", "minContains", "maxContains"), 3),
    **dict.fromkeys(("unevaluatedProperties", "unevaluatedItems"), 3),
    "prefixItems": 4,
}


def since(keyword: str, draft: str) -> bool:
    """Whether a draft has a keyword; one that it has not says nothing there."""
    return _SINCE.get(keyword, 0) <= _DRAFTS.index(draft)
