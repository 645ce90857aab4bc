"""A schema of a test as one of the ends of a change."""

from __future__ import annotations

from streamworker_codegen.compat.judges import Judges
from streamworker_codegen.compat.judging import End
from streamworker_codegen.compat.plain import plain
from streamworker_codegen.dialects import DRAFT2020
from streamworker_codegen.documents import Document, Place
from streamworker_codegen.problems import Position
from streamworker_codegen.registry import Registry

from tests.codegen.compat.pairs import Schema


def end(schema: Schema) -> End:
    draft = str(schema.get("$schema", DRAFT2020.uri)).rstrip("#")
    path = "events/it.schema.json"
    document = Document(path, f"streamworker:///{path}", draft, schema, {"": Position(path)})
    registry = Registry([document])
    return End(plain(registry, Place(document)), Judges(registry).of(Place(document)))
