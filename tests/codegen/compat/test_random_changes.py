"""Random schemas of every keyword, changed at random: what is told safe stands up to messages from another generator."""

from __future__ import annotations

import os
from collections.abc import Iterator
from copy import deepcopy
from random import Random

import pytest
from streamworker_codegen.compat.closing import closed
from streamworker_codegen.compat.judges import judge
from streamworker_codegen.compat.judging import End, judged
from streamworker_codegen.compat.plain import Unmodelled
from streamworker_codegen.dialects import DRAFT2020, subschemas
from streamworker_codegen.documents import Document, Json, Place
from streamworker_codegen.problems import Position
from streamworker_codegen.references import check_references
from streamworker_codegen.registry import Registry

from tests.codegen.compat.ends import end
from tests.codegen.compat.pairs import Schema
from tests.codegen.instances import Instances
from tests.codegen.random_schemas import RandomSchemas

TRIES = min(int(os.environ.get("COMPAT_TRIES", "25")), 100)
SEEDS = 2 * TRIES
PARTS = 4


def registry_of(schema: Schema) -> tuple[Registry, Place]:
    path = "events/it.schema.json"
    document = Document(path, f"streamworker:///{path}", DRAFT2020.uri, schema, {"": Position(path)})
    return Registry([document]), Place(document)


def changed(schema: Schema, random: Random) -> Schema:
    """With some keywords gone, and some tightened."""
    made = deepcopy(schema)
    for _ in range(random.randint(1, 3)):
        part = random.choice([each.value for each in subschemas(made, DRAFT2020)])
        gone = [name for name in part if name not in ("$defs", "$ref", "$schema", "title") and part is not made]
        match random.randrange(4):
            case 0 if gone:
                del part[random.choice(gone)]
            case 1:
                rest: list[Json] = [False, True, {"type": "string"}]
                part["additionalProperties"] = random.choice(rest)
            case 2:
                part["required"] = random.sample(["a", "b", "c"], 1)
            case _:
                part[random.choice(["maxLength", "maximum", "minItems", "minLength"])] = random.randint(0, 3)
    return made


def changes(part: int) -> Iterator[tuple[int, Schema, Schema]]:
    for seed in range(part, SEEDS, PARTS):
        random = Random(seed)
        old = RandomSchemas(random).event("E")
        new = changed(old, random)
        if not check_references(registry_of(old)[0]) and not check_references(registry_of(new)[0]):
            yield seed, old, new


def contradiction(writes: End, reads: End, schema: Schema, shut: bool, seed: int) -> object:
    """A message that the writer writes and the reader refuses, by a generator that knows nothing of the other version."""
    registry, place = registry_of(schema)
    instances = Instances(registry, Random(seed))
    named = judge(closed(writes.schema)) if shut else writes.accepts
    for _ in range(2 * TRIES):
        value = instances.of(place)
        if isinstance(value, dict) and writes.accepts(value) and named(value) and not reads.accepts(value):
            return value
    return None


@pytest.mark.parametrize("part", range(PARTS))
def test_no_message_contradicts_what_is_told_safe(part: int) -> None:
    judgements = 0
    for seed, old, new in changes(part):
        try:
            before, after = end(old), end(new)
        except Unmodelled:
            continue
        for writes, reads, schema in ((before, after, old), (after, before, new)):
            for shut in (True, False):
                judgements += 1
                if judged(writes, reads, shut, TRIES).verdict == "safe":
                    assert contradiction(writes, reads, schema, shut, seed) is None, (seed, shut)
    assert judgements > SEEDS / PARTS
