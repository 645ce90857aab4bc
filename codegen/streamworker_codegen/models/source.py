"""The generator's source text -> the text of each class and named type, as we write them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from streamworker_codegen.models.annotations import StandIns, statement
from streamworker_codegen.models.fields import default_of, omittable
from streamworker_codegen.shapes.types import Field


@dataclass(frozen=True)
class Piece:
    """The text of one definition, and the names that it uses."""

    text: str
    uses: frozenset[str]


class Source:
    """Splits generated source into `pieces` by name.

    stand_ins: what to write for names that the generator was given. fields: of each class, by attribute.
    """

    def __init__(self, text: str, stand_ins: Mapping[str, str], fields: Mapping[str, Mapping[str, Field]]) -> None:
        self._lines = text.split("\n")
        self._stand_ins = stand_ins
        self._annotations = StandIns(stand_ins)
        self._fields = fields
        self.pieces = dict(self._pieces(ast.parse(text)))

    def _pieces(self, tree: ast.Module) -> Iterator[tuple[str, Piece]]:
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                yield node.name, _piece(self._class(node))
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                name = self._stand_ins[node.target.id]
                value = self._annotations.resolved(node.value)
                yield name, _piece(statement(f"{name}: TypeAlias = ", value, indent=""))

    def _class(self, node: ast.ClassDef) -> list[str]:
        """Its lines, with those of its fields written anew."""
        lines: list[str] = []
        at = node.lineno - 1
        for each in node.body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                lines += self._lines[at : each.lineno - 1]
                lines += self._field(node.name, each.target.id, each.annotation)
                at = each.end_lineno or each.lineno
        return lines + self._lines[at : node.end_lineno]

    def _field(self, owner: str, name: str, annotation: ast.expr) -> list[str]:
        field = self._fields[owner][name]
        annotation = self._annotations.resolved(annotation)
        default = default_of(field)
        return statement(
            f"{name}: ",
            _omittable(annotation) if omittable(field) else annotation,
            "" if default is None else f" = {default}",
        )


def _omittable(annotation: ast.expr) -> ast.expr:
    """`Annotated[T, ...]` -> `Annotated[Omittable[T], ...]`."""
    match annotation:
        case ast.Subscript(ast.Name("Annotated") as annotated, ast.Tuple([inner, *metadata])):
            return ast.Subscript(annotated, ast.Tuple([_omittable(inner), *metadata]))
        case _:
            return ast.Subscript(ast.Name("Omittable"), annotation)


def _piece(lines: list[str]) -> Piece:
    text = "\n".join(lines)
    return Piece(text, frozenset(each.id for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Name)))
