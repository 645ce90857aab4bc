"""Python expressions laid out as ruff formats them: on one line where they fit, else one item a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from streamworker_codegen.models.annotations import WIDTH
from streamworker_codegen.models.text import literal


@dataclass(frozen=True)
class Group:
    """A call, tuple or mapping: each item is a prefix (`name=`, `"key": ` or nothing) and an expression."""

    start: str
    items: tuple[tuple[str, Expression], ...]
    end: str


Expression: TypeAlias = "str | Group"


def call(function: str, *positional: Expression, **named: Expression) -> Group:
    items = [*(("", each) for each in positional), *((f"{name}=", each) for name, each in named.items())]
    return Group(f"{function}(", tuple(items), ")")


def row(items: Iterable[Expression]) -> Group:
    """A tuple."""
    listed = tuple(("", each) for each in items)
    return Group("(", listed, ",)" if len(listed) == 1 else ")")


def mapping(items: Mapping[str, Expression]) -> Group:
    return Group("{", tuple((f"{literal(name)}: ", each) for name, each in items.items()), "}")


def plain(value: object) -> Expression:
    """A literal of a JSON value or of Python's counterparts; lists become tuples."""
    if isinstance(value, Mapping):
        return mapping({str(name): plain(each) for name, each in value.items()})
    if isinstance(value, list | tuple):
        return row(map(plain, value))
    return literal(value)


def flat(expression: Expression) -> str:
    if isinstance(expression, str):
        return expression
    return expression.start + ", ".join(prefix + flat(each) for prefix, each in expression.items) + expression.end


def lines(prefix: str, expression: Expression, suffix: str = "", indent: int = 0) -> list[str]:
    margin = " " * indent
    line = f"{margin}{prefix}{flat(expression)}{suffix}"
    if isinstance(expression, str) or len(line) <= WIDTH or not expression.items:
        return [line]
    inner = [line for name, each in expression.items for line in lines(name, each, ",", indent + 4)]
    return [f"{margin}{prefix}{expression.start}", *inner, f"{margin}{expression.end.removeprefix(',')}{suffix}"]


def arguments(group: Group) -> list[str]:
    """The lines of a call's arguments, each with its comma, as they stand between its parentheses."""
    return [line for name, each in group.items for line in lines(name, each, ",", 4)]
