"""A YAML file as JSON values with positions: the core schema of YAML 1.2 (so `on` and dates are strings), one document, no key twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from math import inf, isfinite

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from streamworker_codegen.documents import Document, Json
from streamworker_codegen.errors import Refused
from streamworker_codegen.pointers import child
from streamworker_codegen.problems import Position, Problem
from streamworker_codegen.sources import Source

# https://yaml.org/spec/1.2.2/#103-core-schema
_NULL = re.compile(r"null|Null|NULL|~|")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,4300}|0o[0-7]{1,4300}|0x[0-9a-fA-F]{1,4300}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_TEMPLATE = re.compile(r"""[^\s"'\[\]{},]*\{[\w.]+\}(?:[^\s"'\[\]{},:]|\{[\w.]+\})*""")
_PARENTHESES = str.maketrans("{}", "()")
_MAX_DEPTH = 50


def parse_yaml(source: Source, path: str) -> Document:
    """The document of a YAML text. Raises Refused with all that is wrong in it, as far as it can be read."""
    root, problems = _composed(source)
    reading = _Reading(source)
    value = reading.value(root, "") if root else None
    if problems or reading.problems:
        raise Refused(*problems, *reading.problems)
    return Document(path, "", "", value, {"": Position(source.file), **reading.positions})


def _composed(source: Source) -> tuple[Node | None, list[Problem]]:
    """The root, and the templates that want quotes: they are read as if they had them, so that what follows is told as well."""
    problems: list[Problem] = []
    while True:
        try:
            return YAML(typ="safe", pure=True).compose(source.text), problems
        except MarkedYAMLError as error:
            problems.append(_syntax(source, error))
        except (YAMLError, RecursionError) as error:
            problems.append(_unreadable(source, error))
        if problems[-1].code != "unquoted-template":
            raise Refused(*problems)
        source = _without_braces(source, problems[-1].where)


class _Reading:
    """Turns nodes into values, and keeps where they stand."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.positions: dict[str, Position] = {}
        self.problems: list[Problem] = []

    def value(self, node: Node, pointer: str, depth: int = 0) -> Json:
        self.positions[pointer] = self._position(node)
        if depth > _MAX_DEPTH:
            raise Refused(
                self._problem(
                    node, "too-deep", "the file is nested too deeply", "a pipeline file has no more than a few levels"
                )
            )
        if node.anchor:
            self._add_anchor(node)
            return None
        match node:
            case MappingNode():
                return {key: self.value(inner, at, depth + 1) for key, inner, at in self._entries(node, pointer)}
            case SequenceNode():
                return [self.value(inner, child(pointer, index), depth + 1) for index, inner in enumerate(node.value)]
            case _:
                return self._scalar(node)

    def _entries(self, node: MappingNode, pointer: str) -> Iterator[tuple[str, Node, str]]:
        seen: dict[str, Position] = {}
        for key, inner in node.value:
            if not isinstance(key, ScalarNode):
                self._add_key(key)
                continue
            at = child(pointer, key.value)
            self.positions[f"{at}#key"] = self._position(key)
            if earlier := seen.get(key.value):
                self._add(
                    key,
                    "doubled-key",
                    f"`{key.value}` stands twice: first in line {earlier.line}",
                    "remove one of the two",
                )
            seen[key.value] = self._position(key)
            yield key.value, inner, at

    def _scalar(self, node: Node) -> Json:
        text: str = node.value
        if node.tag and node.tag.startswith("!"):
            self._add(node, "yaml-tag", f"`{node.tag}` is a tag, which has no meaning here", "remove it")
        return text if isinstance(node, ScalarNode) and node.style else _plain(text)

    def _add_key(self, key: Node) -> None:
        if unquoted := unquoted_template(self.source, self._position(key)):
            self.problems.append(unquoted)
        else:
            self._add(key, "yaml-key", "a key is a text here, not a list or a map", "quote it")

    def _add_anchor(self, node: Node) -> None:
        what, mend = (
            f"`&{node.anchor}` names a value, to repeat it elsewhere",
            "write the value where it is used, or use `defaults`",
        )
        problem = self._problem(node, "yaml-anchor", what, mend)
        if problem not in self.problems:
            self.problems.append(problem)

    def _add(self, node: Node, code: str, what: str, mend: str) -> None:
        self.problems.append(self._problem(node, code, what, mend))

    def _problem(self, node: Node, code: str, what: str, mend: str) -> Problem:
        return Problem(self._position(node), code, what, mend)

    def _position(self, node: Node) -> Position:
        return Position(self.source.file, node.start_mark.line + 1, node.start_mark.column + 1)


def _plain(text: str) -> Json:
    """A scalar without quotes."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text, 0 if text[1:2] in ("o", "x") else 10)
    number = float(text) if _FLOAT.fullmatch(text) else inf
    return number if isfinite(number) else text


def unquoted_template(source: Source, where: Position) -> Problem | None:
    """The problem of a template such as `a.{b}` without quotes, where YAML takes the brace for a map; None where there is none."""
    lines = source.text.splitlines()
    line = lines[where.line - 1] if where.line <= len(lines) else ""
    for found in _TEMPLATE.finditer(line):
        if found.start() <= where.column - 1 <= found.end():
            return Problem(
                Position(where.file, where.line, found.start() + 1),
                "unquoted-template",
                f"{found[0]} is read as a map: in YAML a brace that begins a value, or stands within [...] or {{...}}, opens one",
                f'quote it: "{found[0]}"',
            )
    return None


def _without_braces(source: Source, where: Position) -> Source:
    """The text with the template at that place made one that YAML takes, of the same length."""
    lines = source.text.splitlines(keepends=True)
    line, start = lines[where.line - 1], where.column - 1
    found = _TEMPLATE.match(line, start)
    assert found, "there is the template that was told"
    lines[where.line - 1] = line[:start] + found[0].translate(_PARENTHESES) + line[found.end() :]
    return replace(source, text="".join(lines))


def _syntax(source: Source, error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    where = Position(source.file, mark.line + 1, mark.column + 1) if mark else Position(source.file)
    problem, context = error.problem or "", error.context or ""
    what = f"{problem} {context}" if context.startswith("while") else f"{context} {problem}".strip()
    if "'\\t'" in what:
        return Problem(where, "yaml-tab", "a tab stands where YAML wants spaces", "indent with spaces")
    return unquoted_template(source, where) or Problem(where, "not-yaml", f"not YAML: {what}", _advice(what))


def _advice(what: str) -> str:
    if "mapping values are not allowed" in what:
        return "quote the text if its colon is part of it, or begin a new line for a new key"
    if "another document" in what:
        return "keep one document: remove the line ---"
    if "expected <block end>" in what:
        return "mend the indentation: keys of one map stand in one column"
    return "mend the text there"


def _unreadable(source: Source, error: Exception) -> Problem:
    if isinstance(error, ReaderError):
        text = source.text[: error.position]
        where = Position(source.file, text.count("\n") + 1, len(text.rpartition("\n")[2]) + 1)
        return Problem(
            where,
            "not-yaml",
            f"the character U+{ord(source.text[error.position]):04X} may not stand in YAML",
            "remove it",
        )
    return Problem(Position(source.file), "not-yaml", "not YAML, or nested too deeply", "mend the text")
