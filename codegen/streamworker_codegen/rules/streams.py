"""The streams: what they store, and that no two store the same."""

from __future__ import annotations

from itertools import combinations

from streamworker_codegen.graph import Stream
from streamworker_codegen.nodes import Node
from streamworker_codegen.patterns import malformed_filter, overlap
from streamworker_codegen.problems import Position
from streamworker_codegen.rules.findings import Findings

_DEAD_LETTERS_AGE = 30 * 86_400.0
_DURATIONS = ("max_age", "duplicate_window")
_SIZES = ("max_bytes", "max_msg_size")


def read_streams(root: Node, findings: Findings) -> tuple[Stream, ...]:
    streams = tuple(_stream(node, findings) for node in root["streams"])
    for earlier, later in combinations(streams, 2):
        _check_apart(earlier, later, findings)
    return streams


def read_dead_letters(root: Node, streams: tuple[Stream, ...], findings: Findings) -> Stream:
    """The stream of dead letters; nothing else is stored there, and it refuses rather than forgets."""
    node, pipeline = root["dead_letters"], root["pipeline"].text
    name = node["stream"].text if "stream" in node else f"{pipeline.upper().replace('-', '_')}_DEAD_LETTERS"
    settings = {"max_age": _DEAD_LETTERS_AGE, **_settings(node), "discard": "new"}
    settings.pop("stream", None)
    stream = Stream(name, (f"dead-letters.{pipeline}.>",), settings, node.where)
    for other in streams:
        _check_apart(stream, other, findings)
    return stream


def _stream(node: Node, findings: Findings) -> Stream:
    for subject in node["subjects"].texts:
        _check_filter(subject, findings)
    subjects = tuple(subject.text for subject in node["subjects"].texts)
    settings = _settings(node)
    del settings["subjects"]
    return Stream(node.key, subjects, settings, node.key_where)


def _check_filter(node: Node, findings: Findings) -> None:
    if "{" in node.text:
        what, mend = f'"{node.text}" is a declared subject, not a filter', "write * for each {token}"
        findings.error(node.where, "malformed-filter", what, mend)
    elif wrong := malformed_filter(node.text):
        findings.error(
            node.where, "malformed-filter", f'"{node.text}" is no filter: {wrong}', "write words, * and > between dots"
        )
    elif node.text.startswith(("$", "redrive.", "dead-letters.")) or node.text.split(".")[0] in ("*", ">"):
        what = f'"{node.text}" takes in subjects that are not yours'
        mend = "begin with a word of your own; $..., redrive and dead-letters belong to the server and to streamworker"
        findings.error(node.where, "reserved-subject", what, mend)


def _settings(node: Node) -> dict[str, object]:
    found: dict[str, object] = {each.key: each.value for each in node}
    found |= {key: node[key].seconds for key in _DURATIONS if key in node}
    return found | {key: node[key].size for key in _SIZES if key in node}


def _check_apart(earlier: Stream, later: Stream, findings: Findings) -> None:
    if earlier.name == later.name:
        findings.error(
            later.where,
            "doubled-stream",
            f"dead letters have a stream of their own, and {later.name} is taken",
            "choose another name",
        )
    for one in earlier.subjects:
        for other in later.subjects:
            if overlap(one, other):
                _overlapping(earlier, later, one, other, later.where, findings)


def _overlapping(earlier: Stream, later: Stream, one: str, other: str, where: Position, findings: Findings) -> None:
    what = f"{other} of {later.name} overlaps {one} of {earlier.name}"
    findings.error(
        where, "streams-overlap", what, "narrow one of them: the server refuses two streams that store one message"
    )
