"""The generator's source text -> the text of each class and named type, as we write them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from streamworker_codegen.models.annotations import StandIns, statement
from streamworker_codegen.models.fields import alias_of, default_of, omittable
from streamworker_codegen.models.schema import field_name
from streamworker_codegen.shapes.types import Field, ObjectShape


@dataclass(frozen=True)
class Piece:
    """The text of one definition, and the names that it uses."""

    text: str
    uses: frozenset[str]


class Source:
    """Splits generated source into `pieces` by name.

    stand_ins: what to write for names that the generator was given. shapes: of the classes, by their names.
    """

    def __init__(self, text: str, stand_ins: Mapping[str, str], shapes: Mapping[str, ObjectShape]) -> None:
        self._lines = text.split("\n")
        self._stand_ins = stand_ins
        self._annotations = StandIns(stand_ins)
        self._shapes = shapes
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
        shape = self._shapes[node.name]
        fields = {field_name(at): field for at, field in enumerate(shape.fields)}
        lines: list[str] = []
        at = node.lineno - 1
        for each in node.body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                lines += self._lines[at : each.lineno - 1]
                lines += self._field(shape, fields[each.target.id], each.annotation)
                at = each.end_lineno or each.lineno
        return lines + self._lines[at : node.end_lineno]

    def _field(self, shape: ObjectShape, field: Field, annotation: ast.expr) -> list[str]:
        written = self._annotations.resolved(annotation)
        if omittable(field):
            written = _omittable(written)
        if (alias := alias_of(field, shape)) is not None:
            written = _aliased(written, alias)
        default = default_of(field)
        return statement(f"{field.name}: ", written, "" if default is None else f" = {default}")


def _aliased(annotation: ast.expr, alias: str) -> ast.expr:
    """`T` -> `Annotated[T, Field(alias="a-b")]`."""
    keyword = ast.keyword("alias", ast.Constant(alias))
    field = ast.Name("Field")
    match annotation:
        case ast.Subscript(
            ast.Name("Annotated") as annotated, ast.Tuple([inner, ast.Call(ast.Name("Field"), [], known), *others])
        ):
            return ast.Subscript(annotated, ast.Tuple([inner, ast.Call(field, [], [keyword, *known]), *others]))
        case ast.Subscript(ast.Name("Annotated") as annotated, ast.Tuple([inner, *metadata])):
            return ast.Subscript(annotated, ast.Tuple([inner, ast.Call(field, [], [keyword]), *metadata]))
        case _:
            return ast.Subscript(ast.Name("Annotated"), ast.Tuple([annotation, ast.Call(field, [], [keyword])]))


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
