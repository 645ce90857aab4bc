"""Samples of an event: a file with a JSON object on each line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from streamworker_codegen.documents import Json
from streamworker_codegen.errors import Refused
from streamworker_codegen.json_text import parse_json
from streamworker_codegen.problems import Position, Problem
from streamworker_codegen.sources import Source, read_source


def read_samples(path: Path) -> list[Json]:
    """The objects of a `.jsonl` file; of a `.json` file, its one object. Raises Refused with every line that is none."""
    source = read_source(path, str(path))
    texts = [source.text] if path.suffix == ".json" else source.text.split("\n")
    samples: list[Json] = []
    problems: list[Problem] = []
    for number, text in enumerate(texts, 1):
        try:
            samples += [_object(source.file, text, number)] if text.strip() else []
        except Refused as refused:
            problems += refused.problems
    if not samples and not problems:
        problems.append(
            Problem(Position(source.file), "no-samples", "the file holds no sample", "write a JSON object on each line")
        )
    if problems:
        raise Refused(*problems)
    return samples


def _object(file: str, text: str, number: int) -> Json:
    try:
        value = parse_json(Source(file, text))
    except Refused as refused:
        moved = (
            replace(each, where=replace(each.where, line=each.where.line + number - 1)) for each in refused.problems
        )
        raise Refused(*moved) from refused
    if not isinstance(value, dict):
        where = Position(file, number)
        raise Refused(
            Problem(
                where, "sample-not-object", "a sample is an object, as an event is", "write one object on each line"
            )
        )
    return value
