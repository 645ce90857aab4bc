"""DOT (https://graphviz.org/doc/info/lang.html), for Graphviz: the better layout where there is much to show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from streamworker_codegen.drawing.colours import KINDS, streams
from streamworker_codegen.drawing.flow import Box, Flow, Kind

_SHAPES: Final[dict[Kind, str]] = {
    "ingest": "cds",
    "subject": "box",
    "worker": "component",
    "bucket": "cylinder",
    "http": "hexagon",
    "outside": "circle",
}


def dot(flow: Flow) -> str:
    """A digraph from left to right; a subject has the colour of its stream, and names it."""
    return "\n".join([f"digraph {_quoted(flow.name)} {{", *(f"  {line}" for line in _lines(flow)), "}"]) + "\n"


def _lines(flow: Flow) -> Iterator[str]:
    yield 'graph [rankdir=LR, ranksep=1.1, nodesep=0.18, fontname="Helvetica"];'
    yield 'node [style="filled", color="#495057", fontname="Helvetica", fontsize=11, margin="0.2,0.06"];'
    yield 'edge [color="#868e96", arrowsize=0.7];'
    colours = streams(flow)
    for box in flow.boxes:
        style = ', style="filled,rounded"' if box.kind == "subject" else ""
        colour = colours[box.group] if box.group else KINDS[box.kind]
        yield f"{box.id} [label={_label(box)}, shape={_SHAPES[box.kind]}{style}, fillcolor={_quoted(colour)}];"
    for arrow in flow.arrows:
        yield f"{arrow.start} -> {arrow.end}{' [style=dashed]' if arrow.loose else ''};"


def _label(box: Box) -> str:
    return _quoted("\n".join([*box.lines, *([box.group] if box.group else [])])).replace("\n", "\\n")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
