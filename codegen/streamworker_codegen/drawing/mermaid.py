"""Mermaid (https://mermaid.js.org/syntax/flowchart.html), which GitHub and many editors draw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from streamworker_codegen.drawing.colours import KINDS, streams
from streamworker_codegen.drawing.flow import Box, Flow, Kind

_SHAPES: Final[dict[Kind, tuple[str, str]]] = {
    "ingest": ("[/", "/]"),
    "subject": ("([", "])"),
    "worker": ("[", "]"),
    "bucket": ("[(", ")]"),
    "http": ("{{", "}}"),
    "outside": ("(((", ")))"),
}
# As HTML entities are written there; # and " would end the text, <> would be tags.
_ESCAPED: Final = str.maketrans({"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;"})


def mermaid(flow: Flow) -> str:
    """A flowchart from left to right; a subject has the colour of its stream, and names it."""
    return "\n".join(["flowchart LR", *(f"  {line}" for line in _lines(flow))]) + "\n"


def _lines(flow: Flow) -> Iterator[str]:
    for box in flow.boxes:
        opening, closing = _SHAPES[box.kind]
        yield f'{box.id}{opening}"{_text(box)}"{closing}:::{_style(box)}'
    for arrow in flow.arrows:
        yield f"{arrow.start} {'-.->' if arrow.loose else '-->'} {arrow.end}"
    for stream, colour in streams(flow).items():
        yield f"classDef stream_{stream.replace('-', '_')} fill:{colour},stroke:#495057,color:#212529"
    for kind in dict.fromkeys(box.kind for box in flow.boxes if box.kind in KINDS):
        yield f"classDef {kind} fill:{KINDS[kind]},stroke:#495057,color:#212529"


def _text(box: Box) -> str:
    first, *others = (line.translate(_ESCAPED) for line in (*box.lines, *([box.group] if box.group else [])))
    return "<br/>".join([f"<b>{first}</b>" if box.kind == "worker" else first, *(f"<i>{each}</i>" for each in others)])


def _style(box: Box) -> str:
    return f"stream_{box.group.replace('-', '_')}" if box.group else box.kind
