"""Schema files that refer to each other, anywhere into each other, and random edits of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random
from typing import Any, Final

from streamworker_codegen.dialects import DRAFT7, DRAFT2020, subschemas
from streamworker_codegen.project import Project

from tests.codegen.orders import put

EVENTS: Final = ("one", "two", "three")
_FILES: Final = (*EVENTS, "shared")
_DEFINITIONS: Final = ("A", "B", "C")
_TITLES: Final = ("Order", "Line", "Line Of Two", None, None, None)

Schema = dict[str, Any]


class RandomEdits:
    """A project whose files are drawn at random, and edited."""

    def __init__(self, random: Random, project: Project) -> None:
        self._random = random
        self._project = project
        self._order = list(EVENTS)
        self._files: dict[str, Schema] = {name: {} for name in _FILES}
        for name in _FILES:
            self._files[name] = self._file(name)
        self._earlier = [deepcopy(self._files)]
        self._mend()
        self._write()

    def edit(self) -> None:
        edits = [
            self._redraw,
            self._tweak,
            self._tweak,
            self._tweak,
            self._reorder,
            self._go_back,
            self._name,
            self._point_into,
        ]
        self._random.choice(edits)()
        if self._random.random() < 0.9:
            self._mend()
        self._write()
        self._earlier.append(deepcopy(self._files))

    def undo(self) -> None:
        """The last edit; where that was none, all is drawn anew."""
        self._earlier.pop()
        self._files = deepcopy(self._earlier[-1]) if self._earlier else {name: self._file(name) for name in _FILES}
        self._earlier = self._earlier or [deepcopy(self._files)]
        self._write()

    def _redraw(self) -> None:
        name = self._random.choice(_FILES)
        self._files[name] = self._file(name)

    def _tweak(self) -> None:
        """One schema within a file."""
        holder = self._random.choice([each for each in self._holders(self._random.choice(_FILES)) if each])
        holder[self._random.choice(list(holder))] = self._schema(2)

    def _reorder(self) -> None:
        self._random.shuffle(self._order)

    def _go_back(self) -> None:
        self._files = deepcopy(self._random.choice(self._earlier))

    def _name(self) -> None:
        """Other URIs, drafts and titles: what is written stays where it is."""
        file = self._files[self._random.choice(_FILES)]
        file |= {"$id": f"https://example.org/{self._random.choice(_FILES)}.json", "title": self._random.choice("PQR")}
        if self._random.random() < 0.5:
            del file["$id"]
        file["$schema"] = self._random.choice([DRAFT7.uri, DRAFT2020.uri])

    def _point_into(self) -> None:
        """A reference to a schema that was there for itself."""
        holder = self._random.choice([each for each in self._holders(self._random.choice(_FILES)) if each])
        holder[self._random.choice(list(holder))] = {"$ref": self._random.choice(list(self._places()))}

    def _file(self, name: str) -> Schema:
        return {
            "title": f"{name.title()}Happened",
            "type": "object",
            "properties": {f"p{at}": self._schema(0) for at in range(self._random.randint(1, 4))},
            "$defs": {each: self._definition() for each in _DEFINITIONS},
        }

    def _definition(self) -> Schema:
        """Seldom nothing but a reference: those soon make a circle."""
        return self._random.choice([self._object, self._object, self._object, self._array, self._scalar, self._union])(
            1
        )

    def _schema(self, depth: int) -> Schema:
        kinds: list[Callable[[int], Schema]] = [self._scalar, self._reference]
        kinds += [self._array, self._array, *[self._object] * 4, self._union, self._both] * (depth < 2)
        schema = self._random.choice(kinds)(depth + 1)
        title = self._random.choice(_TITLES)
        return schema | ({"title": title} if title and "$ref" not in schema else {})

    def _scalar(self, _depth: int) -> Schema:
        return deepcopy(
            self._random.choice(
                [
                    {"type": "string"},
                    {"type": "integer", "minimum": self._random.randint(0, 3)},
                    {"enum": ["x", "y"]},
                    {"type": ["number", "null"]},
                    {"type": "string", "format": "date-time"},
                    {},
                ]
            )
        )

    def _reference(self, _depth: int) -> Schema:
        """More often to what is near than to another event."""
        file = self._random.choices(["", "shared.json", *(f"{each}.json" for each in EVENTS)], [9, 6, 1, 1, 1])[0]
        return {"$ref": f"{file}#/$defs/{self._random.choice(_DEFINITIONS)}"}

    def _array(self, depth: int) -> Schema:
        return {"type": "array", "items": self._schema(depth), "uniqueItems": self._random.random() < 0.2}

    def _object(self, depth: int) -> Schema:
        properties = {name: self._schema(depth) for name in self._random.sample("xyz", 2)}
        return {"type": "object", "properties": properties, "required": sorted(properties)[:1]}

    def _union(self, depth: int) -> Schema:
        return {self._random.choice(["anyOf", "oneOf"]): [self._schema(depth), self._schema(depth)]}

    def _both(self, depth: int) -> Schema:
        return {
            "allOf": [
                self._reference(depth),
                self._scalar(depth) if self._random.random() < 0.5 else self._object(depth),
            ]
        }

    def _holders(self, name: str) -> Iterator[Schema]:
        """The maps of schemas in a file."""
        for each in subschemas(self._files[name], DRAFT2020):
            yield from (each.value[keyword] for keyword in ("properties", "$defs") if keyword in each.value)  # type: ignore[misc]  # maps

    def _places(self) -> Iterator[str]:
        for name, file in self._files.items():
            yield from (f"{name}.json#{each.pointer}" for each in subschemas(file, DRAFT2020))

    def _mend(self) -> None:
        """References to nothing lead somewhere else."""
        there = set(self._places())
        for file in self._files.values():
            for each in subschemas(file, DRAFT2020):
                reference = str(each.value.get("$ref", "#"))
                if reference not in there and not reference.startswith("#"):
                    each.value.update(self._reference(0))

    def _write(self) -> None:
        for name, file in self._files.items():
            put(self._project.root, f"schemas/events/{name}.json", json.dumps(file, indent=1))
        subjects = [f"  happened.{name}: events/{name}.json" for name in self._order]
        lines = ["pipeline: random", "streams:", '  ALL: {subjects: ["happened.>"]}', "subjects:", *subjects]
        lines += [
            "workers:",
            "  worker: {source: happened.one, sink: happened.two}",
            "  other: {source: happened.three}",
        ]
        put(self._project.root, "schemas/pipeline.yaml", "\n".join(lines) + "\n")
