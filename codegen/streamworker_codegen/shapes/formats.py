"""Which formats the schema validator asserts, by draft; all others it takes for annotations."""

from __future__ import annotations

from typing import Final

_EVER: Final = "date-time email hostname ipv4 ipv6 uri"
_FROM_6: Final = f"{_EVER} json-pointer uri-reference uri-template"
_FROM_7: Final = f"{_FROM_6} date idn-email idn-hostname iri iri-reference regex relative-json-pointer time"
_FROM_2019: Final = f"{_FROM_7} duration uuid"

_BY_DRAFT: Final = {
    "draft-04": frozenset(_EVER.split()),
    "draft-06": frozenset(_FROM_6.split()),
    "draft-07": frozenset(_FROM_7.split()),
    "2019-09": frozenset(_FROM_2019.split()),
    "2020-12": frozenset(_FROM_2019.split()),
}


def asserted(draft: str, name: str) -> bool:
    return any(name in names for known, names in _BY_DRAFT.items() if known in draft)
