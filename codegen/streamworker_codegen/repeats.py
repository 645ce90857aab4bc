"""How often telling all errors of a value may look at one part of it: a validator that does so tries every alternative, however often the
schema leads to it. Where a schema leads back to itself in two ways for one part, each level of a value doubles that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from streamworker_codegen.chains import Node, circular_or_long, references_of
from streamworker_codegen.components import components
from streamworker_codegen.dialects import DIALECTS, Subschema, applied_in_place, held, subschemas
from streamworker_codegen.documents import Document, Place
from streamworker_codegen.pointers import child, follow
from streamworker_codegen.problems import Problem
from streamworker_codegen.registry import Registry

_TOO_MANY: Final = 100_000
_ITSELF: Final = "/"  # no part is called so
_ANY_PART: Final = frozenset(
    {"patternProperties", "additionalProperties", "unevaluatedProperties", "items", "contains"}
)
"""Keywords that may hold for a part that another one holds for, too."""


@dataclass
class _Edges:
    """here: the schemas that hold for the same value. parts: those that hold for a part of it, and which part: "" for any."""

    here: list[Node] = field(default_factory=list)
    parts: list[tuple[str, Node]] = field(default_factory=list)

    @property
    def all(self) -> list[Node]:
        return [*self.here, *(node for _, node in self.parts)]


@lru_cache(maxsize=1)
def repeats_of(registry: Registry) -> Repeats:
    """Counted once, for whoever asks next."""
    return Repeats(registry)


class Repeats:
    """Of the schemas of a registry."""

    def __init__(self, registry: Registry) -> None:
        self._documents = {each.path: each for each in (*registry.documents.values(), *registry.metaschemas)}
        self._edges = _graph(registry)
        self._back: dict[Node, Counter[str]] = {}
        self._looks: dict[Node, Counter[str]] = {}
        self._looks_at_most: dict[Node, int] = {}
        self._worst: dict[Node, int] = {}
        for component in components({node: each.all for node, each in self._edges.items()}):  # the innermost first
            self._judge(component)

    def of(self, place: Place) -> int:
        """How often each level of a value multiplies the looks at what is below it: in how many ways a schema, or one that it leads to, leads
        back to itself for one part of a value. 0 or 1 is harmless. Of schemas in no circle, how many looks there are, where they are too many."""
        return self._worst.get((place.document.path, place.pointer), 0)

    def problems(self) -> list[Problem]:
        """Documents by which nobody could judge a value: alternatives within alternatives come to too many looks at one part of it."""
        found = [(looks, *node) for node, looks in self._looks_at_most.items() if looks > _TOO_MANY]
        worst = {path: (looks, pointer) for looks, path, pointer in sorted(found)}
        return [_too_many(Place(self._documents[path], pointer), looks) for path, (looks, pointer) in worst.items()]

    def _judge(self, component: list[Node]) -> None:
        within = frozenset(component)
        ways = max(_most(self._ways_back(node, within)) for node in component)
        looks = {node: max(1, _most(self._looks_from(node, within))) for node in component}
        self._looks_at_most |= looks
        beyond = (self._worst.get(each, 0) for node in component for each in self._edges[node].all)
        own = max(looks.values()) if max(looks.values()) > _TOO_MANY else ways
        self._worst |= dict.fromkeys(component, max([own, *beyond]))

    def _ways_back(self, node: Node, within: frozenset[Node]) -> Counter[str]:
        """The ways back into a circle, by the part of the value that each is for."""
        if node not in self._back:
            self._back[node] = Counter()  # circles in place are reported elsewhere
            edges = self._edges[node]
            found = Counter(part for part, target in edges.parts if target in within)
            for target in within.intersection(edges.here):
                found.update(self._ways_back(target, within))
            self._back[node] = found
        return self._back[node]

    def _looks_from(self, node: Node, within: frozenset[Node]) -> Counter[str]:
        """The looks at what lies below each part of a value, what leads back left out."""
        if node not in self._looks:
            self._looks[node] = Counter()
            found = Counter({_ITSELF: 1})
            for part, target in self._edges[node].parts:
                found[part] += 1 if target in within else self._looks_at_most.get(target, 1)
            for target in self._edges[node].here:
                found.update(self._looks_from(target, within) if target in self._edges else ())
            self._looks[node] = found
        return self._looks[node]


def _too_many(place: Place, looks: int) -> Problem:
    what = f"alternatives within alternatives: a part of a value may have to be looked at {looks:,} times, and no validator ends"
    return Problem(
        place.where, "alternatives-multiply", what, "let fewer of them hold the next, or tell them apart earlier"
    )


def _most(counted: Counter[str]) -> int:
    return max((count for part, count in counted.items() if part), default=0) + counted[""]


def _graph(registry: Registry) -> Mapping[Node, _Edges]:
    """All schemas of the documents whose references lead in a circle, or far: others are harmless, and left out."""
    references = references_of(registry)
    suspects = circular_or_long(references)
    edges: dict[Node, _Edges] = {}
    for document in registry.documents.values():
        edges |= _schemas(Place(document)) if document.path in suspects else {}
    for place, target in references:
        if place.document.path in suspects:
            if (node := (target.document.path, target.pointer)) not in edges and node[0] in suspects:
                edges |= _schemas(target)  # it stands where no keyword holds one, or in a metaschema
            edges.setdefault((place.document.path, place.pointer), _Edges()).here.append(node)
    return edges


def _schemas(place: Place) -> dict[Node, _Edges]:
    """The schema at a place and all within it. A boolean one leads nowhere."""
    document = place.document
    within = subschemas(follow(document.value, place.pointer), DIALECTS[document.draft], place.pointer)
    return {(document.path, place.pointer): _Edges()} | {
        (document.path, s.pointer): _of_schema(document, s) for s in within
    }


def _of_schema(document: Document, schema: Subschema) -> _Edges:
    if schema.dialect.lone_reference and "$ref" in schema.value:
        return _Edges()
    found = _Edges([(document.path, child(schema.pointer, *s)) for s in applied_in_place(schema.value, schema.dialect)])
    found.parts += ((part, (document.path, pointer)) for part, pointer in _parts(schema))
    return found


def _parts(schema: Subschema) -> Iterator[tuple[str, str]]:
    for keyword, value in schema.value.items():
        if keyword not in schema.dialect.in_place and keyword not in ("$defs", "definitions", "dependencies"):
            for step, _ in held(keyword, value, schema.dialect):
                part = "" if (keyword in _ANY_PART and len(step) == 1) or keyword == "patternProperties" else str(step)
                yield part, child(schema.pointer, *step)
