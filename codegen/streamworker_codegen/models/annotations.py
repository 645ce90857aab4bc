"""Writes annotations from their syntax trees: immutable containers for mutable ones, what was stood in for, wrapped as ruff does."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Final

from streamworker_codegen.models.text import literal

WIDTH: Final = 120
_RENAMED: Final = {"list": "tuple", "dict": "Mapping", "Any": "object"}


class Annotations:
    """placeholders: names that stand for other annotations."""

    def __init__(self, placeholders: Mapping[str, str]) -> None:
        self._placeholders = placeholders

    def statement(self, target: str, annotation: ast.expr, end: str = "", indent: str = "    ") -> list[str]:
        """The lines of `target: annotation = default`; `target` brings its punctuation."""
        line = f"{indent}{target}{self.text(annotation)}{end}"
        if len(line) <= WIDTH:
            return [line]
        return self._wrapped(f"{indent}{target}", annotation, end, indent)

    def text(self, node: ast.expr) -> str:
        """An annotation on one line."""
        match node:
            case ast.Name(name):
                return _RENAMED.get(name) or self._placeholders.get(name, name)
            case ast.Constant(str(quoted)):
                return self.text(ast.parse(quoted, mode="eval").body)
            case ast.Constant(value):
                return "..." if value is ... else literal(value)
            case ast.Subscript(ast.Name("Literal"), inner):
                values = inner.elts if isinstance(inner, ast.Tuple) else [inner]
                return f"Literal[{', '.join(literal(ast.literal_eval(each)) for each in values)}]"
            case ast.Subscript(ast.Name("Union"), ast.Tuple(members)):
                return " | ".join(map(self.text, members))
            case ast.Subscript(value, inner):
                return f"{self.text(value)}[{', '.join(self._inner(value, inner))}]"
            case ast.BinOp(left, ast.BitOr(), right):
                return f"{self.text(left)} | {self.text(right)}"
            case ast.Call(function, arguments, keywords):
                given = [literal(ast.literal_eval(each)) for each in arguments]
                given += [f"{each.arg}={literal(ast.literal_eval(each.value))}" for each in keywords]
                return f"{self.text(function)}({', '.join(given)})"
            case _:
                return ast.unparse(node)

    def _inner(self, value: ast.expr, inner: ast.expr) -> list[str]:
        parts = [self.text(each) for each in (inner.elts if isinstance(inner, ast.Tuple) else [inner])]
        return [*parts, "..."] if isinstance(value, ast.Name) and value.id == "list" else parts

    def _wrapped(self, start: str, node: ast.expr, end: str, indent: str) -> list[str]:
        deeper = f"{indent}    "
        match node:
            case ast.Subscript(value, ast.Tuple(elements)):
                body = ", ".join(self._inner(value, ast.Tuple(elements)))
                lines = [f"{deeper}{body}"]
                if len(lines[0]) > WIDTH:
                    lines = [line for each in elements for line in self.statement("", each, ",", deeper)]
                return [f"{start}{self.text(value)}[", *lines, f"{indent}]{end}"]
            case ast.Subscript(value, inner):
                ellipsis = ", ..." if self.text(value) == "tuple" else ""
                return [f"{start}{self.text(value)}[", *self.statement("", inner, ellipsis, deeper), f"{indent}]{end}"]
            case ast.BinOp():
                first, *others = self._members(node)
                lines = [f"{deeper}{first}", *(f"{deeper}| {other}" for other in others)]
                if not start.strip():
                    dedented = [line[4:] for line in lines]
                    return [*dedented[:-1], f"{dedented[-1]}{end}"]
                return [f"{start}(", *lines, f"{indent}){end}"]
            case _:
                return [f"{start}{self.text(node)}{end}"]

    def _members(self, node: ast.expr) -> list[str]:
        if isinstance(node, ast.BinOp):
            return [*self._members(node.left), *self._members(node.right)]
        return [self.text(node)]
