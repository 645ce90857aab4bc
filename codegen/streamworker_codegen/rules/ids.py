"""Where ids last: the promise of effectively-once, stream by stream.

JetStream rebuilds its memory of ids from what a stream still stores, so a stream keeps its ids where age alone evicts, on disk; and its
duplicate window has to cover the time in which an output may come again. (Tried on nats-server 2.15; see docs/adr.)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from streamworker_codegen.graph import SseIngest, Stream, TimerIngest
from streamworker_codegen.nodes import Node
from streamworker_codegen.problems import Problem
from streamworker_codegen.quantities import show_seconds, show_size
from streamworker_codegen.rules.findings import Findings
from streamworker_codegen.rules.workers import Entry

SERVER_WINDOW = 120.0
_MAX_PAYLOAD = 1024 * 1024
_BYTES_PER_ID = 250
_LOSSY = "`delivery: at-least-once`, or `latest` for state"


def with_windows(
    root: Node,
    streams: Sequence[Stream],
    entries: Sequence[Entry],
    ingests: Iterable[SseIngest | TimerIngest],
    outage: float,
    findings: Findings,
) -> tuple[Stream, ...]:
    """The streams with the duplicate windows that their writers need."""
    needs = _needs(entries, ingests, outage)
    return tuple(_checked(root["streams"][stream.name], stream, needs.get(stream.name), findings) for stream in streams)


def with_letters_window(letters: Stream, entries: Sequence[Entry], outage: float) -> Stream:
    """The stream of dead letters, with a window for the slowest worker: a server that was killed may have forgotten that a letter's event
    was settled, and then it comes again."""
    return _with_window(letters, max([SERVER_WINDOW, *(entry.options.horizon for entry in entries)]) + outage)


def _needs(entries: Sequence[Entry], ingests: Iterable[SseIngest | TimerIngest], outage: float) -> Mapping[str, float]:
    """How long each stream that is written to has to know ids."""
    needs: dict[str, float] = {}
    for entry in entries:
        for subject in entry.worker.sink:
            needs[subject.stream] = max(needs.get(subject.stream, 0.0), entry.options.horizon + outage)
    for ingest in ingests:
        subjects = ingest.events.values() if isinstance(ingest, SseIngest) else [ingest.subject]
        for subject in subjects:
            needs[subject.stream] = max(needs.get(subject.stream, 0.0), outage, SERVER_WINDOW)
    return needs


def _checked(node: Node, stream: Stream, need: float | None, findings: Findings) -> Stream:
    _check_size(node, stream, findings)
    if need is None or stream.settings.get("delivery", "effectively-once") != "effectively-once":
        return _with_window(stream, SERVER_WINDOW)
    for key, what, mend in _forgets(stream.settings):
        findings.error(
            node[key].where,
            "forgets-ids",
            f"{stream.name} can't keep effectively-once: {what}",
            f"{mend}; or say {_LOSSY}",
        )
    _check_window(node, stream, need, findings)
    return _with_window(stream, need)


def _with_window(stream: Stream, window: float) -> Stream:
    """The window that the file gives; else this one, within the stream's age, which the server wants."""
    age = stream.settings.get("max_age")
    fits = min(window, age) if isinstance(age, float) else window
    if "duplicate_window" in stream.settings or fits == SERVER_WINDOW:
        return stream
    return replace(stream, settings={**stream.settings, "duplicate_window": fits})


def _forgets(settings: Mapping[str, object]) -> Iterator[tuple[str, str, str]]:
    """What makes a stream forget ids at a restart: the key, why, and what to do."""
    retention = settings.get("retention", "limits")
    if retention != "limits":
        yield (
            "retention",
            f"`retention: {retention}` removes messages, and with them their ids",
            "write `retention: limits`",
        )
    if settings.get("storage") == "memory":
        yield "storage", "a stream in memory forgets all at a restart", "write `storage: file`"
    if settings.get("discard", "old") == "old":
        for key in ("max_bytes", "max_msgs"):
            if key in settings:
                yield (
                    key,
                    f"`{key}` evicts messages, and with them their ids",
                    "add `discard: new`, so that a full stream waits",
                )
    if "max_msgs_per_subject" in settings:
        yield "max_msgs_per_subject", "`max_msgs_per_subject` evicts messages, and with them their ids", "remove it"


def _check_window(node: Node, stream: Stream, need: float, findings: Findings) -> None:
    given, age = stream.settings.get("duplicate_window"), stream.settings.get("max_age")
    if isinstance(given, float) and given < need:
        what = f"{stream.name} knows ids for {show_seconds(given)}, and an output may come again within {show_seconds(need)}"
        mend = "leave `duplicate_window` out; or fewer attempts, a shorter timeout or delay"
        findings.error(node["duplicate_window"].where, "window-too-short", what, mend)
    window = max(need, given) if isinstance(given, float) else need
    if isinstance(age, float) and window > age:
        where = node["max_age"].where
        what = f"{stream.name} keeps messages for {show_seconds(age)}, and has to know ids for {show_seconds(window)}"
        findings.error(
            where, "window-over-age", what, "raise `max_age`; or fewer attempts, a shorter timeout, delay or outage"
        )


def _check_size(node: Node, stream: Stream, findings: Findings) -> None:
    """A message larger than the whole stream empties it, with a good publish ack (tried; only `discard: new` refuses it)."""
    largest, message = stream.settings.get("max_bytes"), stream.settings.get("max_msg_size", _MAX_PAYLOAD)
    if isinstance(largest, int) and isinstance(message, int) and largest < message:
        fate = "it would never be stored" if stream.settings.get("discard") == "new" else "it would empty the stream"
        what = f"{stream.name} holds {show_size(largest)}, and a message may have {show_size(message)}: {fate}"
        findings.error(
            node["max_bytes"].where,
            "smaller-than-a-message",
            what,
            "raise `max_bytes`, or set a smaller `max_msg_size`",
        )


def memory_of_ids(streams: Iterable[Stream]) -> list[Problem]:
    """What the ids of each stream cost the server, as notes."""
    notes: list[Problem] = []
    for stream in streams:
        window = stream.settings.get("duplicate_window")
        if isinstance(window, float) and window > SERVER_WINDOW:
            cost = f"{show_size(window * 1000 * _BYTES_PER_ID)} of the server's memory for each 1,000 messages a second"
            what = f"{stream.name} knows ids for {show_seconds(window)}: {cost}"
            notes.append(
                Problem(
                    stream.where,
                    "memory-of-ids",
                    what,
                    "fewer attempts, or a shorter timeout or delay, cost less",
                    "note",
                )
            )
    return notes
