"""Workers with partitions: they read a copy of their source's stream, which the runtime makes (see docs/adr)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from streamworker_codegen.graph import Stream
from streamworker_codegen.problems import Problem
from streamworker_codegen.quantities import show_seconds
from streamworker_codegen.rules.findings import Findings
from streamworker_codegen.rules.workers import Entry

_USUAL: Mapping[str, str] = {"retention": "limits", "storage": "file"}
_LEAVE = "leave `partitions` out: one process works, the others stand by"


def check_copies(entries: Iterable[Entry], streams: Sequence[Stream], findings: Findings) -> None:
    """A stream is copied without loss where it is on disk and only limits evict."""
    for entry, stream in _copied(entries, streams):
        where, settings = entry.node["partitions"].where, stream.settings
        for key, usual in _USUAL.items():
            if (value := settings.get(key, usual)) != usual:
                what = f"partitions are made of a copy, and with `{key}: {value}` {stream.name} can't be copied without loss"
                findings.error(where, "partition-stream", what, f"give it `{key}: {usual}`; or {_LEAVE}")
        if "max_bytes" in settings and "max_age" not in settings:
            what = f"{stream.name} is limited in bytes alone, and its copy has other sizes: it could not be limited likewise"
            findings.error(where, "partition-stream", what, f"give it a `max_age`, too; or {_LEAVE}")


def cost_of_copies(entries: Iterable[Entry], streams: Sequence[Stream]) -> list[Problem]:
    """What each copy costs, as notes."""
    return [_cost(entry, stream) for entry, stream in _copied(entries, streams)]


def _cost(entry: Entry, stream: Stream) -> Problem:
    age = stream.settings.get("max_age")
    how_long = f"for {show_seconds(age)}" if isinstance(age, float) else f"as long as {stream.name} keeps it"
    what = f"what {entry.worker.name} takes of {stream.name} is stored twice {how_long}: partitions are made of a copy"
    return Problem(entry.node["partitions"].where, "partition-copy", what, f"where that is too much, {_LEAVE}", "note")


def _copied(entries: Iterable[Entry], streams: Sequence[Stream]) -> list[tuple[Entry, Stream]]:
    named = {stream.name: stream for stream in streams}
    found = [
        (entry, entry.worker.source[0].stream)
        for entry in entries
        if "partitions" in entry.node and entry.worker.source
    ]
    return [(entry, named[stream]) for entry, stream in found if stream in named]
