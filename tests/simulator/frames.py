"""Server-Sent Events as bytes: the same frame in each of the ways in which one may write it, and frames that are none."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal, TypeAlias

Reading: TypeAlias = Literal["valid", "invalid", "unmapped", "nothing"]
"""What a reader must make of a frame: an event, something to refuse, an event that nobody asked for, nothing at all."""

MAPPED = frozenset(
    {
        "epg.programs-updated",
        "onair.program-changed",
        "tuner.status-changed",
        "timeshift.timeline",
        "recording.started",
        "recording.failed",
        "recording.record-saved",
    }
)


@dataclass(frozen=True)
class Frame:
    """One frame. `data` is its text; `event` is None where it has no name."""

    event: str | None
    data: str | None
    reading: Reading


def frame(event: str, payload: Mapping[str, object]) -> Frame:
    """A frame as mirakc sends it."""
    data = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    return Frame(event, data, "valid" if event in MAPPED else "unmapped")


KEEPALIVE = b":\n\n"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def plain(it: Frame) -> bytes:
    name = "" if it.event is None else f"event: {it.event}\n"
    data = "" if it.data is None else f"data: {it.data}\n"
    return f"{name}{data}\n".encode()


def with_crlf(it: Frame) -> bytes:
    return plain(it).replace(b"\n", b"\r\n")


def with_comments(it: Frame) -> bytes:
    name, _, rest = plain(it).partition(b"\n")
    return b": what follows is one event\n" + name + b"\n:\n" + rest


def on_many_lines(it: Frame) -> bytes:
    """The JSON with line breaks in it, each line a `data` field of its own; some without the blank after the colon."""
    pretty = json.dumps(json.loads(it.data or "null"), ensure_ascii=False, indent=1)
    lines = "\n".join(("data: " if number % 2 else "data:") + line for number, line in enumerate(pretty.split("\n")))
    return f"event:{it.event}\n{lines}\n\n".encode()


def with_other_fields(it: Frame) -> bytes:
    """With fields that the standard knows and mirakc never sends, and one that nobody knows."""
    return b"retry: 1000\nid\nunknown: x\n" + plain(it)


STYLES: Mapping[str, Callable[[Frame], bytes]] = {
    "crlf": with_crlf,
    "comments": with_comments,
    "many-lines": on_many_lines,
    "other-fields": with_other_fields,
}

Strange: TypeAlias = Callable[[Random], Frame]


def _mapped(random: Random) -> str:
    return random.choice(sorted(MAPPED))


def bad_json(random: Random) -> Frame:
    broken = ('{"serviceId":', '{"serviceId":1}}', "{'serviceId':1}", "", "NaN", '{"serviceId":1e400}', "\ufffd")
    return Frame(_mapped(random), random.choice(broken), "invalid")


def not_an_object(random: Random) -> Frame:
    return Frame(_mapped(random), random.choice(("null", "[1]", '"x"', "5", "true")), "invalid")


def wrong_fields(random: Random) -> Frame:
    wrong = (
        '{"serviceId":"1"}',
        '{"recorder":""}',
        "{}",
        '{"programId":-1}',
        '{"recordId":"0","recordingStatus":"saved"}',
    )
    return Frame(_mapped(random), random.choice(wrong), "invalid")


def unknown_reason(random: Random) -> Frame:
    reason = {"type": "disk-melted", "celsius": random.randint(900, 2000)}
    data = json.dumps({"programId": 327360102400001, "reason": reason})
    return Frame("recording.failed", data, "invalid")


def unknown_event(random: Random) -> Frame:
    return Frame(random.choice(("service.updated", "epg.programs-updated2", "録画", "message")), "{}", "unmapped")


def nameless(random: Random) -> Frame:
    return Frame(None, json.dumps({"serviceId": random.randint(1, 9)}), "unmapped")


def without_data(random: Random) -> Frame:
    return Frame(_mapped(random), None, "nothing")


STRANGE: Mapping[str, Strange] = {
    "bad-json": bad_json,
    "not-an-object": not_an_object,
    "wrong-fields": wrong_fields,
    "unknown-reason": unknown_reason,
    "unknown-event": unknown_event,
    "nameless": nameless,
    "without-data": without_data,
}
