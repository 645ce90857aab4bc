"""Class names: by title, else by where a schema is written; a union's variants by what they are. Unique, and never numbered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Final, TypeAlias

from streamworker_codegen import naming
from streamworker_codegen.documents import Document, Place
from streamworker_codegen.imports import RESERVED
from streamworker_codegen.pointers import child, steps
from streamworker_codegen.problems import Problem
from streamworker_codegen.shapes.types import Definition, Key, ObjectShape
from streamworker_codegen.shapes.unions import tag_values
from streamworker_codegen.shapes.users import uses_by_key
from streamworker_codegen.shapes.walks import VARIANTS, Step, ordinal, owner_ends, walk

_OF_PROPERTIES: Final = ("properties", "dependentSchemas", "dependencies")
_FIRST_TAGS: Final = ("type", "kind")
_WORDS: Final = {
    "patternProperties": "Value",
    "items": "Item",
    "additionalItems": "Item",
    "additionalProperties": "Value",
    "then": "Then",
    "else": "Else",
}
"""What keywords without a key that could be a name add to one."""

_Pascal: TypeAlias = Callable[[str], str]


def module_path(document: Document) -> str:
    """The module of a schema file, below `generated/events/`, without its suffix."""
    return _module_of(document.path)


@lru_cache(maxsize=1 << 14)
def _module_of(path: str) -> str:
    *folders, file = PurePosixPath(path).parts
    if folders[:1] == ["events"]:
        folders = folders[1:]
    return "/".join(map(naming.module, [*folders, file]))


def class_names(
    definitions: Mapping[Key, Definition], given: Mapping[Key, str]
) -> tuple[dict[Key, str], tuple[Problem, ...]]:
    """The name of each definition; `given` are those of events and bucket values."""
    naming_ = _Naming(definitions, given)
    for name_of in naming_.ways:
        while naming_.name(name_of) and name_of == naming_.used:
            pass  # an owner that has just been named may name others
    names, nameless = naming_.names, naming_.nameless
    problems = [_reserved(definitions[key], name) for key, name in given.items() if name in RESERVED]
    problems += [_clash(definitions[key], naming_.pathed(definitions[key])) for key in nameless]
    return names | {key: naming_.pathed(definitions[key]) for key in nameless}, tuple(problems)


def _is_free(name: str, taken: Mapping[str, int]) -> bool:
    return bool(name) and name not in RESERVED and taken[name] == 1


class _Naming:
    def __init__(self, definitions: Mapping[Key, Definition], given: Mapping[Key, str]) -> None:
        self.names = dict(given)
        self.nameless = [key for key in definitions if key not in given]
        self._definitions = definitions
        self._uses = uses_by_key(definitions)
        self._given = {key.places[0]: name for key, name in given.items()}
        self._written = {_written_at(each): each for each in definitions.values()}
        self._siblings: dict[Place, list[Definition]] = defaultdict(list)
        for place, each in self._written.items():
            self._siblings[_around(place)].append(each)
        self.ways = (
            self.titled,
            self.located,
            self.keyed,
            self.used,
            self.filed,
            self.pathed,
            self.combined,
            self.spelled,
            self.walked,
        )
        """The shorter before the longer; a name that several get goes to none of them."""

    def name(self, name_of: Callable[[Definition], str]) -> bool:
        """Name those that this way names alone; whether there were any."""
        candidates = {key: name_of(self._definitions[key]) for key in self.nameless}
        taken = Counter([*candidates.values(), *self.names.values()])
        found = {key: name for key, name in candidates.items() if _is_free(name, taken)}
        self.names |= found
        self.nameless = [key for key in self.nameless if key not in found]
        return bool(found)

    def titled(self, definition: Definition) -> str:
        place = _written_at(definition)
        schema = place.document.value_at(place.pointer)
        return _title(schema) if isinstance(schema, dict) else ""

    def located(self, definition: Definition) -> str:
        """`$defs/Reason/oneOf/0` -> `ReasonIoError`; `properties/outcome` of `RecordCompleted` -> `RecordCompletedOutcome`."""
        return self._at(_written_at(definition)) + self._part(definition)

    def keyed(self, definition: Definition) -> str:
        """The same by keys and file names alone: several schemas may have one title."""
        return self._at(_written_at(definition), titled=False) + self._part(definition)

    def used(self, definition: Definition) -> str:
        """Of several schemas that hold together, by the property that they are: `RecordCompletedOutcome`, `RecordCompletedOutcomeIoError`."""
        use = next((each for each in self._uses[definition.key] if each.owner in self.names), None)
        if use is None or len(definition.key.places) == 1:
            return ""
        others = [each for each in map(self._definitions.__getitem__, use.members) if isinstance(each, ObjectShape)]
        kind = _told_apart(definition, others) if len(use.members) > 1 else ""
        return self.names[use.owner] + naming.pascal(use.name) + kind

    def spelled(self, definition: Definition) -> str:
        """By keys that differ only in what no name has: `a-b` and `aB` of `Order` -> `OrderADashB`, `OrderACapitalB`."""
        return self._at(_written_at(definition), titled=False, pascal=_spelled) + self._part(definition)

    def walked(self, definition: Definition) -> str:
        """By every step of the way to it."""
        ways = ["".join(map(_step_word, walk(steps(place.pointer)))) for place in definition.key.places]
        return self._prefix(definition, 0) + "And".join(ways) + self._part(definition)

    def _part(self, definition: Definition) -> str:
        apart = definition.key.part and Key(definition.key.places) in self._definitions
        return "Object" * bool(apart)

    def _at(self, place: Place, *, titled: bool = True, pascal: _Pascal = naming.pascal) -> str:
        tokens = steps(place.pointer)
        start = owner_ends(tokens)
        owner = self._owner(place.document, tokens[:start], titled=titled, pascal=pascal)
        within = (each for each in walk(tokens) if each.end > start)
        return owner + "".join(self._word(place.document, tokens, each, pascal) for each in within)

    def filed(self, definition: Definition) -> str:
        return self._behind(definition, -1)

    def pathed(self, definition: Definition) -> str:
        return self._behind(definition, 0)

    def combined(self, definition: Definition) -> str:
        """For schemas that hold together: all of them by where they are written, and by which alternatives."""
        places = definition.key.places
        walked = [step for place in places for step in steps(place.pointer)]
        chosen = [ordinal(step) for before, step in pairwise(walked) if before in VARIANTS]
        written = "And".join(dict.fromkeys(map(self._at, places)))
        return self._prefix(definition, 0) + written + "".join(chosen) + definition.key.part.title()

    def _prefix(self, definition: Definition, first: int) -> str:
        return "".join(map(naming.pascal, module_path(definition.place.document).split("/")[first:]))

    def _behind(self, definition: Definition, first: int) -> str:
        """Its name behind those of its file and, from `first` on, of the folders around it."""
        prefix = self._prefix(definition, first)
        name = self.titled(definition) or self.located(definition)
        return name if name.startswith(prefix) and name != prefix else prefix + name

    def _owner(self, document: Document, tokens: tuple[str, ...], *, titled: bool, pascal: _Pascal) -> str:
        """The name of the definition within which a schema is written."""
        pointer = child("", *tokens)
        schema = document.value_at(pointer)
        title = _title(schema) if titled and isinstance(schema, dict) else ""
        written = tokens[-1] if tokens else naming.module(PurePosixPath(document.path).name)
        return self._given.get(Place(document, pointer)) or title or pascal(written)

    def _word(self, document: Document, tokens: tuple[str, ...], step: Step, pascal: _Pascal) -> str:
        """What a step adds to the name."""
        if step.keyword in VARIANTS:
            return self._variant(Place(document, child("", *tokens[: step.end])))
        if step.keyword in _OF_PROPERTIES:
            return pascal(step.key)
        if step.keyword in ("prefixItems", "items") and step.key:
            return ordinal(step.key)
        return _WORDS.get(step.keyword, "")

    def _variant(self, place: Place) -> str:
        shape = self._written.get(place)
        siblings = [each for each in self._siblings[_around(place)] if isinstance(each, ObjectShape)]
        return "" if shape is None else _told_apart(shape, siblings)


def _told_apart(variant: Definition, siblings: Sequence[ObjectShape]) -> str:
    """What a variant of a union is: by its constant, by what it refers to, or by what it alone has."""
    referred = _referred(variant.key.places[-1])
    if not isinstance(variant, ObjectShape):
        return referred or "Variant"
    tags = tag_values(variant)
    for name in sorted(tags, key=lambda each: (each not in _FIRST_TAGS, each)):
        if len(tags[name]) == 1:
            return naming.pascal(next(iter(tags[name])))
    if referred:
        return referred
    required = _required(variant)
    own = [name for name in required if not all(name in _required(each) for each in siblings)]
    return "".join(map(naming.pascal, own or required or [each.json_name for each in variant.fields])) or "Empty"


def _referred(place: Place) -> str:
    """What the `$ref` of a schema is called where it leads; "" for none."""
    schema = place.document.value_at(place.pointer)
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    return naming.pascal(naming.module(reference.rpartition("/")[2])) if isinstance(reference, str) else ""


def _required(shape: ObjectShape) -> list[str]:
    return [each.json_name for each in shape.fields if each.required]


def _step_word(step: Step) -> str:
    return naming.pascal(step.keyword) + naming.pascal(step.key)


def _spelled(key: str) -> str:
    return naming.pascal(naming.spelled(key))


def _title(schema: Mapping[str, object]) -> str:
    return naming.title(schema.get("title"))


def _around(place: Place) -> Place:
    return Place(place.document, place.pointer.rpartition("/")[0])


def _written_at(definition: Definition) -> Place:
    """Of a branch that holds together with the schema around it, the branch names it."""
    first, last = definition.key.places[0], definition.key.places[-1]
    is_variant = last.pointer.split("/")[-2:-1] in ([each] for each in VARIANTS)
    within = first.document == last.document and _owner_of(first.pointer) == _owner_of(last.pointer)
    return last if within and is_variant else first


@lru_cache(maxsize=1 << 16)
def _owner_of(pointer: str) -> tuple[str, ...]:
    tokens = steps(pointer)
    return tokens[: owner_ends(tokens)]


def _clash(definition: Definition, name: str) -> Problem:
    return Problem(
        definition.place.where,
        "class-name-clash",
        f"this schema and another one would both be the class {name}",
        "give one of the two a `title` of its own",
    )


def _reserved(definition: Definition, name: str) -> Problem:
    return Problem(
        definition.place.where,
        "reserved-class-name",
        f"{name} is a name that generated code uses itself",
        "give the event another `title`",
    )
