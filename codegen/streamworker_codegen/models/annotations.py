"""Writes annotations from their syntax trees: immutable containers for mutable ones, what was stood in for, wrapped as ruff does."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import reduce
from typing import Final

from streamworker_codegen.models.text import literal

WIDTH: Final = 120
_RENAMED: Final = {"list": "tuple", "dict": "Mapping", "Any": "Json"}


class StandIns(ast.NodeTransformer):
    """Rewrites the generator's annotations: names for what stands for them, immutable containers, nothing quoted."""

    def __init__(self, stand_ins: Mapping[str, str]) -> None:
        self._stand_ins = stand_ins

    def resolved(self, annotation: ast.expr) -> ast.expr:
        found: ast.expr = self.visit(annotation)
        return found

    def visit_Name(self, node: ast.Name) -> ast.expr:  # ast's own names
        text = self._stand_ins.get(node.id)
        return _parsed(text) if text else ast.Name(_RENAMED.get(node.id, node.id))

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return self.resolved(_parsed(node.value)) if isinstance(node.value, str) else node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        match node:
            case ast.Subscript(ast.Name("Literal")):
                return node
            case ast.Subscript(ast.Name("Union"), ast.Tuple([first, *others])):
                return reduce(_either, map(self.resolved, others), self.resolved(first))
            case ast.Subscript(ast.Name("Optional"), inner):
                return _either(self.resolved(inner), ast.Constant(None))
            case ast.Subscript(ast.Name("list"), items):
                return ast.Subscript(ast.Name("tuple"), ast.Tuple([self.visit(items), ast.Constant(...)]))
            case _:
                self.generic_visit(node)
                return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return node


def _either(left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.BinOp(left, ast.BitOr(), right)


def _parsed(text: str) -> ast.expr:
    return ast.Name(text) if text.isidentifier() and text != "None" else ast.parse(text, mode="eval").body


def statement(target: str, annotation: ast.expr, end: str = "", indent: str = "    ") -> list[str]:
    """The lines of `target: annotation = default`; `target` brings its punctuation."""
    start = f"{indent}{target}{_text(annotation)}"
    if len(start + end) <= WIDTH:
        return [start + end]
    if end.startswith(" = ") and len(start) <= WIDTH - len(" = ("):
        return [f"{start} = (", f"{indent}    {end.removeprefix(' = ')}", f"{indent})"]
    return _wrapped(f"{indent}{target}", annotation, end, indent)


def _text(node: ast.expr) -> str:
    """An annotation on one line."""
    match node:
        case ast.Name(name):
            return name
        case ast.Constant(value):
            return "..." if value is ... else literal(value)
        case ast.Subscript(ast.Name("Literal"), inner):
            values = inner.elts if isinstance(inner, ast.Tuple) else [inner]
            return f"Literal[{', '.join(literal(ast.literal_eval(each)) for each in values)}]"
        case ast.Subscript(value, inner):
            return f"{_text(value)}[{', '.join(map(_text, _elements(inner)))}]"
        case ast.BinOp(left, ast.BitOr(), right):
            return f"{_text(left)} | {_text(right)}"
        case ast.Call(function, arguments, keywords):
            return f"{_text(function)}({', '.join(_arguments(arguments, keywords))})"
        case _:
            return ast.unparse(node)


def _arguments(positional: list[ast.expr], named: list[ast.keyword]) -> list[str]:
    given = [literal(ast.literal_eval(each)) for each in positional]
    return given + [f"{each.arg}={literal(ast.literal_eval(each.value))}" for each in named]


def _wrapped(start: str, node: ast.expr, end: str, indent: str) -> list[str]:
    deeper = f"{indent}    "
    match node:
        case ast.Subscript(ast.Name("Literal"), ast.Tuple(values)):
            lines = [f"{deeper}{literal(ast.literal_eval(each))}," for each in values]
            return [f"{start}Literal[", *lines, f"{indent}]{end}"]
        case ast.Call(function, arguments, keywords):
            given = [f"{deeper}{each}," for each in _arguments(arguments, keywords)]
            return [f"{start}{_text(function)}(", *given, f"{indent}){end}"]
        case ast.Subscript(value, inner):
            return [f"{start}{_text(value)}[", *_element_lines(inner, deeper), f"{indent}]{end}"]
        case ast.BinOp():
            first, *others = _members(node)
            if not start.strip():
                return [*statement("", first, "", indent), *_alternatives(others, indent, end)]
            line = f"{deeper}{_text(node)}"
            apart = [*statement("", first, "", deeper), *_alternatives(others, deeper)]
            return [f"{start}(", *([line] if len(line) <= WIDTH else apart), f"{indent}){end}"]
        case _:
            return [f"{start}{_text(node)}{end}"]


def _element_lines(inner: ast.expr, indent: str) -> list[str]:
    """What stands between brackets: one element by itself, several on one line or on one each."""
    elements = _elements(inner)
    line = f"{indent}{', '.join(map(_text, elements))}"
    if len(line) <= WIDTH:
        return [line]
    if len(elements) == 1:
        return statement("", elements[0], "", indent)
    return [line for each in elements for line in statement("", each, ",", indent)]


def _alternatives(members: list[ast.expr], indent: str, end: str = "") -> list[str]:
    lines = [line for each in members for line in statement("| ", each, "", indent)]
    return [*lines[:-1], f"{lines[-1]}{end}"]


def _elements(inner: ast.expr) -> list[ast.expr]:
    return inner.elts if isinstance(inner, ast.Tuple) else [inner]


def _members(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp):
        return [*_members(node.left), *_members(node.right)]
    return [node]
