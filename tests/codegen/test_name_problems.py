"""Names that can't be: each a clear problem, or told apart."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from streamworker_codegen.problems import Problem

from tests.codegen.projects import render_events


def rendered(folder: Path, **files: dict[str, Any]) -> tuple[tuple[Problem, ...], dict[str, str]]:
    (folder / "schemas/events").mkdir(parents=True)
    for name, schema in files.items():
        (folder / f"schemas/events/{name}.json").write_text(json.dumps({"type": "object", **schema}))
    project = render_events(folder)
    return project.problems, dict(project.files)


def test_two_properties_with_one_attribute_are_a_problem(tmp_path: Path) -> None:
    text = {"type": "string"}
    problems, files = rendered(tmp_path, a={"title": "A", "properties": {"a-b": text, "a_b": text, "a_dash_b": text}})
    assert not files
    assert [str(problem).splitlines()[0] for problem in problems] == [
        "schemas/events/a.json:1:56: error: the property 'a-b' becomes the attribute a_dash_b, as 'a_dash_b' does [field-name-clash]",
        "schemas/events/a.json:1:115: error: the property 'a_dash_b' becomes the attribute a_dash_b, as 'a-b' does [field-name-clash]",
    ]


def test_an_event_with_a_name_that_generated_code_needs_is_a_problem(tmp_path: Path) -> None:
    problems, files = rendered(tmp_path, a={"title": "Omittable", "properties": {}})
    assert not files
    assert [problem.code for problem in problems] == ["reserved-class-name"]
    assert problems[0].where.file == "schemas/events/a.json"


def test_two_schemas_that_no_name_tells_apart_are_a_problem(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"x": {"type": "string"}}}
    event = {"properties": {"inner": {"$ref": "#/$defs/Inner"}}, "$defs": {"Inner": inner}}
    problems, files = rendered(tmp_path, **{"a-b": {"title": "A", **event}, "a_b": {"title": "B", **event}})
    assert not files
    assert {problem.code for problem in problems} == {"class-name-clash"}
    assert "both be the class" in problems[0].what


def test_keys_that_make_one_name_are_spelled_out(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"x": {"type": "string"}}}
    referring = {name: {"$ref": f"#/$defs/{key}"} for name, key in (("one", "one+"), ("two", "One"))}
    properties = dict.fromkeys(("p-q", "pQ", "true", "True"), inner) | referring
    event = {"title": "A", "properties": properties, "$defs": {"one+": inner, "One": inner}}
    problems, files = rendered(tmp_path, a=event)
    assert not problems
    classes = re.findall(r"^class (\w+)\(Part", files["events/a.py"], re.MULTILINE)
    assert classes == ["ACapitalTrue", "APCapitalQ", "APDashQ", "ATrue", "CapitalOne", "OnePlus"]


def test_schemas_where_no_keyword_holds_them_are_named_by_their_own_keys(tmp_path: Path) -> None:
    """Some sets keep definitions in containers of their own, which only references know."""
    inner = {"type": "object", "properties": {"x": {"type": "string"}}}
    referring = {
        name: {"$ref": f"#/{path}"} for name, path in {"p": "defs/Axis", "q": "definitions/2c08a/local/Debug"}.items()
    }
    event = {
        "title": "A",
        "properties": referring,
        "defs": {"Axis": inner},
        "definitions": {"2c08a": {"local": {"Debug": inner}}},
    }
    problems, files = rendered(tmp_path, a=event)
    assert not problems
    assert re.findall(r"^class (\w+)\(Part", files["events/a.py"], re.MULTILINE) == ["Axis", "Debug"]


def test_items_one_by_one_are_told_apart(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"x": {"type": "string"}}}
    row = {"type": "array", "items": [inner, inner], "minItems": 2, "additionalItems": False}
    event = {"$schema": "http://json-schema.org/draft-07/schema#", "title": "A", "properties": {"row": row}}
    problems, files = rendered(tmp_path, a=event)
    assert not problems
    assert "row: Omittable[tuple[ARowFirst, ARowSecond]] = None" in files["events/a.py"]


def test_definitions_of_one_key_within_each_other_are_named_by_their_ways(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"x": {"type": "string"}}}
    outer = {**inner, "properties": {"y": {"$ref": "#/$defs/P/$defs/P"}}, "$defs": {"P": inner}}
    problems, files = rendered(
        tmp_path, a={"title": "A", "properties": {"p": {"$ref": "#/$defs/P"}}, "$defs": {"P": outer}}
    )
    assert not problems
    assert re.findall(r"^class (\w+)\(Part", files["events/a.py"], re.MULTILINE) == ["ADefsPDefsP", "ADefsP"]


def test_underscores_around_a_name_are_spelled_where_two_would_have_one_attribute(tmp_path: Path) -> None:
    text = {"type": "string"}
    problems, files = rendered(
        tmp_path, a={"title": "A", "properties": {"config": text, "_config": text, "config_": text}}
    )
    assert not problems
    assert re.findall(r"^    (\w+):", files["events/a.py"], re.MULTILINE) == [
        "config",
        "underscore_config",
        "config_underscore",
    ]


def test_schemas_that_hold_together_are_named_by_the_property_that_they_are(tmp_path: Path) -> None:
    """Two sets of fields say something of `media`, and one of them has kinds."""
    media = {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}
    kinds = [{"properties": {"kind": {"const": each}}, "required": ["kind"]} for each in ("film", "song")]
    sets = {"first": {"properties": {"media": media}}, "second": {"properties": {"media": {"oneOf": kinds}}}}
    both = [{"$ref": "#/$defs/first"}, {"$ref": "#/$defs/second"}]
    alone = {"title": "B", "type": "object", "allOf": both[:1]}
    problems, files = rendered(
        tmp_path, a={"title": "A", "type": "object", "allOf": both, "$defs": sets}, b={**alone, "$defs": sets}
    )
    assert not problems
    assert re.findall(r"^class (\w+)\(Part", files["events/a.py"], re.MULTILINE) == ["AMediaFilm", "AMediaSong"]


def test_alternatives_of_an_event_that_another_one_refers_to_make_no_classes(tmp_path: Path) -> None:
    """As a part of the other they would be a union; an event is one class."""
    kinds = [{"properties": {"x": {"const": each}}, "required": ["x"]} for each in ("a", "b")]
    whole = {"title": "Whole", "properties": {"part": {"$ref": "part.json"}}}
    problems, files = rendered(tmp_path, part={"title": "Zpart", "oneOf": kinds}, whole=whole)
    assert [each.code for each in problems] == ["wider-type"]
    assert "part: Omittable[Zpart]" in files["events/whole.py"]
    assert re.findall(r"^class (\w+)\(", files["events/part.py"], re.MULTILINE) == ["Zpart"]


def test_a_title_tells_them_apart(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"x": {"type": "string"}}}
    problems, files = rendered(
        tmp_path, a={"title": "A", "properties": {"p-q": inner, "pQ": {**inner, "title": "Other"}}}
    )
    assert not problems
    assert "class APQ(Part):" in files["events/a.py"]
    assert "class Other(Part):" in files["events/a.py"]


def test_the_same_event_referred_to_by_another_is_one_class(tmp_path: Path) -> None:
    part = {"title": "Part Of It", "properties": {"x": {"type": "string"}}}
    whole = {"title": "Whole", "properties": {"part": {"$ref": "part.json"}}}
    problems, files = rendered(tmp_path, part=part, whole=whole)
    assert not problems
    assert "from .part import PartOfIt" in files["events/whole.py"]
    assert files["events/part.py"].count("class PartOfIt(Event") == 1


def test_an_event_that_only_refers_to_another_is_a_type_of_its_own(tmp_path: Path) -> None:
    first = {"title": "First", "properties": {"x": {"type": "string"}}}
    problems, files = rendered(tmp_path, first=first, second={"title": "Second", "$ref": "first.json"})
    assert not problems
    assert "class First(Event):" in files["events/first.py"]
    assert "class Second(Event):" in files["events/second.py"]
