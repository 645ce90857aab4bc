"""Which formats the schema validator asserts, by draft; all others it takes for annotations."""

from __future__ import annotations

from typing import Final

_FROM_4: Final = "date date-time email hostname idn-email ipv4 ipv6 regex time uri"
_FROM_6: Final = f"{_FROM_4} json-pointer uri-reference uri-template"
_FROM_7: Final = f"{_FROM_6} idn-hostname iri iri-reference relative-json-pointer"
_FROM_2019: Final = f"{_FROM_7} duration uuid"

_BY_DRAFT: Final = {
    "draft-04": frozenset(_FROM_4.split()),
    "draft-06": frozenset(_FROM_6.split()),
    "draft-07": frozenset(_FROM_7.split()),
    "2019-09": frozenset(_FROM_2019.split()),
    "2020-12": frozenset(_FROM_2019.split()),
}


def asserted(draft: str, name: str) -> bool:
    return any(name in names for known, names in _BY_DRAFT.items() if known in draft)
