"""Keywords that say nothing: JSON Schema lets any stand, so that what is misspelt, or known to other drafts alone, is passed over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from streamworker_codegen.dialects import DIALECTS, DRAFT4, DRAFT6, DRAFT7, DRAFT2019, DRAFT2020, Subschema
from streamworker_codegen.documents import Document, Json, Remark
from streamworker_codegen.metaschema import is_schema, keywords_of
from streamworker_codegen.pointers import child
from streamworker_codegen.problems import Problem

_NAMES: Final = {
    DRAFT4.uri: "draft 4",
    DRAFT6.uri: "draft 6",
    DRAFT7.uri: "draft 7",
    DRAFT2019.uri: "draft 2019-09",
    DRAFT2020.uri: "draft 2020-12",
}
_ORDER: Final = tuple(_NAMES)


@dataclass(frozen=True)
class _Span:
    """The drafts that a keyword of some drafts alone has an effect in. instead: what the others have for it, if anything."""

    first: str
    last: str = DRAFT2020.uri
    instead: str = ""

    def has(self, draft: str) -> bool:
        return _ORDER.index(self.first) <= _ORDER.index(draft) <= _ORDER.index(self.last)

    def __str__(self) -> str:
        if self.first == self.last:
            return f"{_NAMES[self.first]} knows it"
        if self.last == DRAFT2020.uri:
            return f"{_NAMES[self.first]} and later know it"
        return f"{_NAMES[self.last]} and earlier know it"


_OF_SOME: Final = {
    "const": _Span(DRAFT6.uri, instead="`enum` with one value"),
    "contains": _Span(DRAFT6.uri),
    "propertyNames": _Span(DRAFT6.uri),
    "if": _Span(DRAFT7.uri),
    "dependentRequired": _Span(DRAFT2019.uri, instead="`dependencies`"),
    "dependentSchemas": _Span(DRAFT2019.uri, instead="`dependencies`"),
    "maxContains": _Span(DRAFT2019.uri),
    "minContains": _Span(DRAFT2019.uri),
    "unevaluatedItems": _Span(DRAFT2019.uri),
    "unevaluatedProperties": _Span(DRAFT2019.uri),
    "$recursiveRef": _Span(DRAFT2019.uri, DRAFT2019.uri, "`$ref`"),
    "prefixItems": _Span(DRAFT2020.uri, instead="a list in `items`"),
    "$dynamicRef": _Span(DRAFT2020.uri, instead="`$ref`"),
    "additionalItems": _Span(DRAFT4.uri, DRAFT2019.uri, "`items` beside `prefixItems`"),
}
"""Those that a value can break, and whose draft matters; what only describes, or names, is left out. `dependencies` holds in every draft."""

_OPEN: Final = frozenset({"additionalItems", "propertyNames", "unevaluatedItems", "unevaluatedProperties"})
"""Of these, those by which `true` asks for nothing."""

_WORDS: Final = frozenset({"anchor", "comment", "cost", "descriptor", "example", "id", "schema", "vocabulary", "when"})
"""Of others' vocabularies, and near a keyword."""

_CONTAINERS: Final = frozenset({"$defs", "definitions"})
"""References find schemas below any other name as well; where they don't, they are told."""

_SPELLING: Final = re.compile(r"\$?[A-Za-z][A-Za-z_-]*")
_EXTENSION: Final = re.compile(r"x[_-]", re.IGNORECASE)
_MARKS: Final = str.maketrans("", "", "$_-")
_SHORT: Final = 3
"""Letters of a keyword in which only capitals and marks can be wrong: any other letter makes another word."""


def remarks(document: Document, schemas: Iterable[Subschema]) -> list[Remark]:
    """On the schemas of a document: none where its metaschema is its own, and says itself what keywords mean."""
    if document.dialect:
        return []
    return [remark for schema in schemas for remark in _remarks(schema)]


def warnings(document: Document) -> Iterator[Problem]:
    """What was remarked on a document, where it stands today."""
    for pointer, code, what, mend in document.outline.remarks if document.outline else ():
        yield Problem(document.where(f"{pointer}#key"), code, what, mend, "warning")


def _remarks(schema: Subschema) -> Iterator[Remark]:
    passed = _passed(schema.dialect.uri)
    for name, value in schema.value.items():
        if name not in passed:
            yield from _of_another_draft(schema, name, value) if name in _OF_SOME else _misspelt(schema, name, value)


@lru_cache
def _passed(draft: str) -> frozenset[str]:
    """Names on which there is nothing to remark: keywords of any draft, but for those that only seem to hold in this one."""
    known = frozenset.union(*map(keywords_of, DIALECTS))
    return known - {name for name, span in _OF_SOME.items() if not span.has(draft)}


def _of_another_draft(schema: Subschema, name: str, value: Json) -> Iterator[Remark]:
    if value is True and name in _OPEN:
        return
    span, draft = _OF_SOME[name], _NAMES[schema.dialect.uri]
    what = f"`{name}` means nothing in {draft}: {span}"
    named = "name a draft that knows it in `$schema`"
    mend = f"write {span.instead}, or {named}" if span.instead else named
    yield Remark(child(schema.pointer, name), "keyword-of-another-draft", what, mend)


def _misspelt(schema: Subschema, name: str, value: Json) -> Iterator[Remark]:
    draft = schema.dialect.uri
    meant = next((each for each in _near(name, draft) if _fits(each, value, draft)), "")
    if meant:
        what = f"`{name}` is no keyword of {_NAMES[draft]}, and says nothing"
        yield Remark(child(schema.pointer, name), "misspelt-keyword", what, f"did you mean `{meant}`?")


def _fits(keyword: str, value: Json, draft: str) -> bool:
    """Whether the value is one that the keyword could have: else the name is another's."""
    return isinstance(value, str) if keyword == "$ref" else is_schema({keyword: value}, draft)


@lru_cache(maxsize=4096)
def _near(name: str, draft: str) -> tuple[str, ...]:
    """The keywords of a draft that a name may have been meant for, the nearest first."""
    bare = _bare(name)
    if bare in _WORDS or not _SPELLING.fullmatch(name) or _EXTENSION.match(name):
        return ()
    known = {keyword: _allowed(keyword, name) for keyword in (keywords_of(draft) | {"$ref"}) - _CONTAINERS}
    found = sorted(
        (_edits(bare, _bare(each)), each) for each, edits in known.items() if _alike(bare, _bare(each), edits)
    )
    return tuple(keyword for edits, keyword in found if edits <= known[keyword])


def _bare(name: str) -> str:
    return name.casefold().translate(_MARKS)


def _allowed(keyword: str, name: str) -> int:
    """How many edits: of a keyword whose `$` was forgotten no others, else one for each five letters."""
    if len(keyword) <= _SHORT or (keyword[0] == "$" and name[0] != "$"):
        return 0
    return max(1, len(keyword) // 5)


def _alike(one: str, other: str, edits: int) -> bool:
    """Whether so few edits may do, by lengths and letters alone: most names are told apart so."""
    letters, others = set(one), set(other)
    return max(abs(len(one) - len(other)), len(letters - others), len(others - letters)) <= edits


def _edits(one: str, other: str) -> int:
    """How many letters to add, leave out, replace or swap with the next make one word the other."""
    before: list[int] = []
    last, row = before, list(range(len(other) + 1))
    for i, letter in enumerate(one):
        before, last, row = last, row, [i + 1]
        for j, wanted in enumerate(other):
            row.append(min(last[j + 1] + 1, row[j] + 1, last[j] + (letter != wanted)))
            if i and j and letter == other[j - 1] and one[i - 1] == wanted:
                row[-1] = min(row[-1], before[j - 1] + 1)
    return row[-1]
