"""Entries for the pipeline file, put between its lines: not a character of what is there changes.

A YAML library's round trip would keep comments, and still wrap, quote and indent anew what nobody touched. So its parser says where an
entry belongs, the text goes there, and the parser then proves that the file says what it said, and the entry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from streamworker_codegen.adding.spelling import Entry, as_block, as_flow, scalar
from streamworker_codegen.documents import Json
from streamworker_codegen.errors import Refused
from streamworker_codegen.problems import Position, Problem
from streamworker_codegen.sources import Source
from streamworker_codegen.yaml_positions import parse_yaml

_INDENT = 2


def with_entry(source: Source, section: str, key: str, entry: Entry) -> Source:
    """The file with `key: entry` as the last of a section, which is made where there is none. Raises Refused."""
    whole = f"{section}: {{{as_flow(key, entry)}}}"
    root = _root(source, whole)
    text = _inserted(source.text, root, section, key, entry)
    wanted = _values(source)
    below = wanted.setdefault(section, {}) or {}
    assert isinstance(below, dict)
    wanted[section] = {**below, key: _plain(entry)}
    return _proven(source, text, wanted, whole)


def with_item(source: Source, path: Sequence[str], item: str) -> Source:
    """The file with one more text in the list at `path`. Raises Refused."""
    whole = f"{'.'.join(path)}: {item}"
    node: Node | None = _root(source, whole)
    for key in path:
        node = _value(node, key) if isinstance(node, MappingNode) else None
    if not isinstance(node, SequenceNode) or not node.value:
        raise Refused(_not_editable(source, whole))
    last = node.value[-1]
    if node.flow_style:
        text = _at(source.text, last.end_mark.index, f", {scalar(item, flow=True)}")
    else:
        line = f"{' ' * node.start_mark.column}- {scalar(item, flow=False)}"
        text = _after_line(source.text, _last_line(last), [line])
    wanted = _values(source)
    held: Json = wanted
    for key in path:
        assert isinstance(held, dict)
        held = held[key]
    assert isinstance(held, list)
    held.append(item)
    return _proven(source, text, wanted, whole)


def _root(source: Source, entry: str) -> MappingNode:
    _values(source)  # raises Refused where it is no YAML of ours
    root = YAML(typ="safe", pure=True).compose(source.text)
    if not isinstance(root, MappingNode) or root.flow_style:
        raise Refused(_not_editable(source, entry))
    return root


def _values(source: Source) -> dict[str, Json]:
    value = deepcopy(parse_yaml(source, source.file).value)
    return value if isinstance(value, dict) else {}


def _value(root: Node, key: str) -> Node | None:
    pairs = root.value if isinstance(root, MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)


def _inserted(text: str, root: MappingNode, section: str, key: str, entry: Entry) -> str:
    held = _value(root, section)
    if isinstance(held, MappingNode) and held.flow_style:
        inner = as_flow(key, entry)
        if held.value:
            return _at(text, held.value[-1][1].end_mark.index, f", {inner}")
        return _at(text, held.start_mark.index + 1, inner)
    if isinstance(held, MappingNode):
        indent, last = held.start_mark.column, held.value[-1][1]
        flow = isinstance(last, MappingNode) and bool(last.flow_style)
        return _after_line(
            text, _last_line(last), as_block(key, entry, indent=indent, unit=indent or _INDENT, flow=flow)
        )
    lines = as_block(key, entry, indent=_INDENT, unit=_INDENT, flow=False)
    if isinstance(held, ScalarNode):
        named = next(name for name, _ in root.value if name.value == section)
        return _after_line(text, named.end_mark.line, lines)
    return _after_line(text, len(text.splitlines()), [*_apart(text), f"{section}:", *lines])


def _apart(text: str) -> list[str]:
    """A blank line before a new section, where the others have one."""
    plain = text.replace("\r\n", "\n")
    return [""] if "\n\n" in plain and not plain.endswith("\n\n") else []


def _last_line(node: Node) -> int:
    """The line on which a value ends, without the comments and blank lines after it."""
    match node:
        case MappingNode(flow_style=False) if node.value:
            key, value = node.value[-1]
            return int(key.end_mark.line) if _is_absent(value) else _last_line(value)
        case SequenceNode(flow_style=False) if node.value:
            return _last_line(node.value[-1])
        case ScalarNode(style="|" | ">"):
            return int(node.end_mark.line) - 1
        case _:
            return int(node.end_mark.line)


def _is_absent(node: Node) -> bool:
    """Whether it is the nothing after a colon, which the parser places at whatever comes next."""
    return isinstance(node, ScalarNode) and not node.value and node.style is None


def _after_line(text: str, number: int, lines: Sequence[str]) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    there = text.splitlines(keepends=True)
    before = "".join(there[: number + 1])
    if before and not before.endswith(("\n", "\r")):
        before += end
    return before + "".join(line + end for line in lines) + "".join(there[number + 1 :])


def _at(text: str, index: int, more: str) -> str:
    return text[:index] + more + text[index:]


def _proven(source: Source, text: str, wanted: Mapping[str, Json], entry: str) -> Source:
    made = Source(source.file, text)
    try:
        found = _values(made)
    except Refused:
        found = {}
    if found != wanted:
        raise Refused(_not_editable(source, entry))
    return made


def _plain(entry: Entry) -> Json:
    return (
        entry
        if isinstance(entry, str)
        else {key: value if isinstance(value, str) else list(value) for key, value in entry.items()}
    )


def _not_editable(source: Source, entry: str) -> Problem:
    return Problem(
        Position(source.file),
        "not-editable",
        f"this can't be added to the file as it is written: {entry}",
        "add it by hand, or write each section and each entry of the file on lines of its own",
    )
