"""Proofs of containment, above all of schemas that hold themselves."""

from __future__ import annotations

import pytest
from streamworker_codegen.compat.closing import closed
from streamworker_codegen.compat.containment import covers, difference
from streamworker_codegen.compat.judges import judge
from streamworker_codegen.documents import Json

from tests.codegen.compat.pairs import Schema, listed, number, text, thing, whole


def tree(value: Json, **more: Json) -> Schema:
    node = thing({"value": value, "children": listed({"$ref": "#/$defs/Node"})}, "value", **more)
    return {"$ref": "#/$defs/Node", "$defs": {"Node": node}}


def test_a_tree_of_integers_is_one_of_numbers_and_not_the_other_way() -> None:
    assert covers(tree(number()), tree(whole())) == "yes"
    assert covers(tree(whole()), tree(number())) != "yes"


def test_a_tree_that_asks_for_more_is_not_proven() -> None:
    assert covers(tree(text(), maxProperties=1), tree(text())) != "yes"
    assert covers(tree(text(), additionalProperties=False), tree(text())) != "yes"


def test_a_closed_tree_is_one_that_knows_more_fields() -> None:
    old, new = tree(text()), tree(text())
    node = new["$defs"]
    assert isinstance(node, dict)
    node["Node"] = thing({"value": text(), "children": listed({"$ref": "#/$defs/Node"}), "note": text()}, "value")
    assert covers(new, closed(old)) == "yes"
    assert covers(new, old) != "yes"


def test_trees_of_alternatives() -> None:
    def either(*leaves: Json) -> Schema:
        node = thing({"next": {"$ref": "#/$defs/It"}}, "next")
        definitions: Schema = {"It": {"anyOf": [*leaves, node]}}
        return {"$ref": "#/$defs/It", "$defs": definitions}

    assert covers(either(text(), whole()), either(text())) == "yes"
    assert covers(either(text()), either(text(), whole())) != "yes"


@pytest.mark.parametrize(
    ("wide", "narrow"),
    [
        (text(pattern="^[a-z]+$"), text(pattern="^[a-c]+$")),
        ({"if": {"minLength": 2}, "then": {"pattern": "^a"}}, text()),
        (text(format="date-time"), text()),
        (thing({}, "b"), thing({}, "a")),
    ],
)  # fmt: skip
def test_what_is_not_known_is_not_proven(wide: Json, narrow: Json) -> None:
    assert covers(wide, narrow) != "yes"


def test_a_difference_is_what_one_takes_and_the_other_refuses() -> None:
    left = difference({"type": "integer", "minimum": 0}, {"type": "integer", "minimum": 3})
    assert judge(left)(1)
    assert not judge(left)(3)
    assert difference(text(), True) is False or not judge(difference(text(), True))("a")
