"""The generator's source text -> the text of each class and named type, as we write them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from streamworker_codegen.models.annotations import StandIns, statement
from streamworker_codegen.models.requests import FieldText, Request
from streamworker_codegen.models.schema import field_name


@dataclass(frozen=True)
class Piece:
    """The text of one definition, and the names that it uses."""

    text: str
    uses: frozenset[str]


class Source:
    """Splits generated source into `pieces` by name.

    stand_ins: what to write for names that the generator was given. asked: what was asked for, by its name in the generator's document.
    """

    def __init__(self, text: str, stand_ins: Mapping[str, str], asked: Mapping[str, Request]) -> None:
        self._lines = text.split("\n")
        self._annotations = StandIns(stand_ins)
        self._named = {key: each.name for key, each in asked.items()}
        self._classes = {each.name: each for each in asked.values()}
        self.pieces = dict(self._pieces(ast.parse(text)))

    def _pieces(self, tree: ast.Module) -> Iterator[tuple[str, Piece]]:
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                yield node.name, self._class(node)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                name = self._named[node.target.id]
                value = self._annotations.resolved(node.value)
                text = "\n".join(statement(f"{name}: TypeAlias = ", value, indent=""))
                yield name, Piece(text, _names(value) | {"TypeAlias"})

    def _class(self, node: ast.ClassDef) -> Piece:
        """Its lines, with those of its fields written anew."""
        fields = {field_name(at): field for at, field in enumerate(self._classes[node.name].fields)}
        uses = _names(*node.bases, *(each.value for each in node.keywords))
        lines: list[str] = []
        at = node.lineno - 1
        for each in node.body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                field = fields[each.target.id]
                annotation = self._annotation(field, each.annotation)
                lines += self._lines[at : each.lineno - 1]
                lines += statement(f"{field.name}: ", annotation, field.default)
                uses |= _names(annotation)
                at = each.end_lineno or each.lineno
            else:
                uses |= _names(each)
        return Piece("\n".join(lines + self._lines[at : node.end_lineno]), frozenset(uses))

    def _annotation(self, field: FieldText, annotation: ast.expr) -> ast.expr:
        written = self._annotations.resolved(annotation)
        if field.omittable:
            written = _omittable(written)
        return written if field.alias is None else _aliased(written, field.alias)


def _names(*nodes: ast.AST) -> frozenset[str]:
    return frozenset(each.id for node in nodes for each in ast.walk(node) if isinstance(each, ast.Name))


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
