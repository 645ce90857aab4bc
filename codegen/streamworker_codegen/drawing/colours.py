"""Colours of a drawing: one for each stream, in the order in which they come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from streamworker_codegen.drawing.flow import Flow, Kind

KINDS: Final[Mapping[Kind, str]] = {
    "ingest": "#ffe8cc",
    "worker": "#ffffff",
    "bucket": "#eeeeee",
    "http": "#eeeeee",
    "outside": "#ffffff",
}
_STREAMS: Final = ("#d0ebff", "#d3f9d8", "#fff3bf", "#e5dbff", "#ffdeeb", "#c5f6fa", "#ffe3e3", "#e9fac8")


def streams(flow: Flow) -> Mapping[str, str]:
    """A colour by stream; of more than eight streams some share one."""
    names = dict.fromkeys(box.group for box in flow.boxes if box.group)
    return {name: _STREAMS[index % len(_STREAMS)] for index, name in enumerate(names)}
