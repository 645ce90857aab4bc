"""The JSON scanner agrees with json.loads about every value, whatever the text looks like."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from streamworker_codegen.documents import Json
from streamworker_codegen.json_positions import JsonPositions, offsets
from streamworker_codegen.pointers import child, follow

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES: st.SearchStrategy[Json] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=20,
)
SPACE = st.text(" \t\r\n", max_size=3)


@st.composite
def texts(draw: st.DrawFn, value: Json | None = None) -> str:
    """A JSON text with blanks anywhere, escapes or none, and keys that stand twice."""
    value = draw(VALUES) if value is None else value
    return draw(SPACE) + _written(draw, value) + draw(SPACE)


def _written(draw: st.DrawFn, value: Json) -> str:
    def spaced(text: str) -> str:
        return draw(SPACE) + text + draw(SPACE)

    if isinstance(value, list):
        return f"[{','.join(spaced(_written(draw, each)) for each in value) or draw(SPACE)}]"
    if isinstance(value, dict):
        items: list[tuple[str, Json]] = list(value.items())
        doubled: bool = draw(st.booleans())
        if items and doubled:
            items.insert(0, (items[-1][0], draw(VALUES)))
        return (
            "{"
            + (
                ",".join(f"{spaced(json.dumps(key))}:{spaced(_written(draw, each))}" for key, each in items)
                or draw(SPACE)
            )
            + "}"
        )
    return json.dumps(value, ensure_ascii=draw(st.booleans()))


def pointers(value: Json, pointer: str = "") -> set[str]:
    children: dict[str, Json] = {}
    if isinstance(value, dict):
        children = {child(pointer, key): each for key, each in value.items()}
    elif isinstance(value, list):
        children = {child(pointer, index): each for index, each in enumerate(value)}
    return {pointer}.union(*(pointers(each, at) for at, each in children.items()))


@given(texts())
def test_every_value_is_found_where_it_stands(text: str) -> None:
    value: Json = json.loads(text)
    found = offsets(text)
    keys = {pointer for pointer in found if pointer.endswith("#key")}
    assert pointers(value) == {pointer for pointer in found if pointer not in keys or pointer in pointers(value)}
    for pointer in pointers(value):
        assert json.JSONDecoder().raw_decode(text, found[pointer])[0] == follow(value, pointer)


@given(texts())
def test_every_key_is_found_where_it_stands(text: str) -> None:
    found = offsets(text)
    for pointer in pointers(json.loads(text)) - {""}:
        if (at := found.get(f"{pointer}#key")) is not None:
            key = json.JSONDecoder().raw_decode(text, at)[0]
            assert pointer.endswith(child("", key))


def test_of_doubled_keys_the_last_counts_with_all_that_is_in_it() -> None:
    positions = JsonPositions("a.json", '{"a": {"b": 1},\n "a": [2]}')
    assert set(positions) == {"", "/a", "/a#key", "/a/0"}
    assert str(positions["/a/0"]) == "a.json:2:8"


def test_columns_count_characters_from_one() -> None:
    positions = JsonPositions("a.json", '{"録画": {"😀": 1}}')
    assert str(positions["/録画/😀"]) == "a.json:1:14"
