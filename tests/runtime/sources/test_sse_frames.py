"""The SSE decoder: the edge cases of the standard, and that no chunking changes what it decodes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamworker.sources.sse_frames import Connection, Frame, FrameDecoder

HERE = Connection("c", 0)
LIMIT = 10_000


def decode(*chunks: bytes, limit: int = LIMIT) -> list[Frame]:
    decoder = FrameDecoder(HERE, limit=limit)
    return [frame for chunk in chunks for frame in decoder.feed(chunk)]


def seen(*chunks: bytes) -> list[tuple[str, bytes]]:
    return [(frame.event, frame.data) for frame in decode(*chunks)]


def by_the_book(stream: bytes) -> list[tuple[str, bytes, str]]:
    """The standard's algorithm on a whole stream, written for plainness: name, data and id of each event."""
    lines = stream.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    events = []
    event, data, last = b"", b"", ""
    for line in lines[:-1]:
        field, _, value = line.partition(b":")
        value = value[1:] if value[:1] == b" " else value
        if line == b"":
            if data:
                events.append((event.decode(errors="replace") or "message", data[:-1], last))
            event, data = b"", b""
        elif field == b"event":
            event = value
        elif field == b"data":
            data += value + b"\n"
        elif field == b"id" and value.decode(errors="replace").isprintable() and value == value.strip():
            last = value.decode(errors="replace")
    return events


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_ending_ends_lines_and_frames(end: bytes) -> None:
    assert seen(end.join([b"event: a", b"data: 1", b"data: 2", b"", b"data: 3", b"", b""])) == [
        ("a", b"1\n2"),
        ("message", b"3"),
    ]


def test_a_frame_that_ends_in_lone_cr_is_not_held_back() -> None:
    decoder = FrameDecoder(HERE, limit=LIMIT)
    assert [frame.data for frame in decoder.feed(b"data: 1\r\r")] == [b"1"]
    assert [frame.data for frame in decoder.feed(b"\ndata: 2\r\r")] == [b"2"], "the LF belongs to the CR before it"


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data\n\n", [("message", b"")]),
        (b"data:\n\n", [("message", b"")]),
        (b"data\ndata\n\n", [("message", b"\n")]),
        (b"data:  two spaces\n\n", [("message", b" two spaces")]),
        (b"data:a:b\n\n", [("message", b"a:b")]),
        (b"event: alone\n\ndata: next\n\n", [("message", b"next")]),
        (b"event: a\nevent: b\ndata: 1\n\n", [("b", b"1")]),
        (b"event:\ndata: 1\n\n", [("message", b"1")]),
        (b": comment\n:\n\ndata: 1\n: in between\ndata: 2\n\n", [("message", b"1\n2")]),
        (b"a line without a colon\ndata: 1\nunknown: x\n\n", [("message", b"1")]),
        (b" data: 1\n\nData: 2\n\n", []),
        (b"\xef\xbb\xbfdata: 1\n\n", [("message", b"1")]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: 1\n\n", []),
        (b"data: 1\n\n\xef\xbb\xbfdata: 2\n\n", [("message", b"1")]),
        (b"data: \xff\xfe\n\n", [("message", b"\xff\xfe")]),
        (b"data: \x0b\x0c\x1c\xc2\x85\xe2\x80\xa8\n\n", [("message", b"\x0b\x0c\x1c\xc2\x85\xe2\x80\xa8")]),
        (b"data: 1\n", []),
        (b"data: 1", []),
        (b"\n\n\n\r\r\n", []),
    ],
)
def test_frames_by_the_standard(stream: bytes, expected: list[tuple[str, bytes]]) -> None:
    assert seen(stream) == expected
    assert seen(*(stream[at : at + 1] for at in range(len(stream)))) == expected
    assert [(event, data) for event, data, _ in by_the_book(stream)] == expected


def test_frames_are_numbered_and_know_their_connection() -> None:
    frames = decode(b"data: 1\n\nevent: none\n\ndata: 2\n\n")
    assert [(frame.connection, frame.number) for frame in frames] == [(HERE, 0), (HERE, 1)]


def test_id_stays_until_the_next_and_counts_once_its_frame_ended() -> None:
    decoder = FrameDecoder(HERE, limit=LIMIT, last_id="before")
    assert [frame.id for frame in decoder.feed(b"data: 1\n\nid: 7\ndata: 2\n\ndata: 3\n\n")] == ["before", "7", "7"]
    assert list(decoder.feed(b"id: 8\n\nid: 9\ndata: torn")) == []
    assert decoder.last_id == "8", "a frame without data counts, one that was torn does not"


@pytest.mark.parametrize("bad", [b"a\0b", b"a\x0bb", b"a ", b"  a", b"\x1b[0m", b"x" * 2000])
def test_id_that_no_header_could_carry_is_ignored(bad: bytes) -> None:
    assert [frame.id for frame in decode(b"id: good\ndata: 1\n\nid: " + bad + b"\ndata: 2\n\n")] == ["good", "good"]


def test_an_empty_id_resets() -> None:
    assert [frame.id for frame in decode(b"id: 1\ndata: 1\n\nid\ndata: 2\n\n")] == ["1", ""]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"1500", 1.5), (b"0", 0.0), (b"-5", None), (b"1.5", None), (b"", None), (b" 5", None), ("٣".encode(), None)],
)
def test_retry_is_ascii_digits(value: bytes, expected: float | None) -> None:
    decoder = FrameDecoder(HERE, limit=LIMIT)
    assert list(decoder.feed(b"retry: " + value + b"\n")) == []
    assert decoder.retry == expected


def test_retry_of_thousands_of_digits_is_just_long() -> None:
    decoder = FrameDecoder(HERE, limit=LIMIT)
    assert list(decoder.feed(b"retry: " + b"9" * 5000 + b"\n")) == []
    assert decoder.retry == float("inf")


@pytest.mark.parametrize(
    ("stream", "whole"),
    [
        (b"data: " + b"x" * 14 + b"\n\n", True),
        (b"data: " + b"x" * 15 + b"\n\n", False),
        (b"data:" + b"x" * 10 + b"\ndata:" + b"y" * 9 + b"\n\n", True),
        (b"data:" + b"x" * 10 + b"\ndata:" + b"y" * 10 + b"\n\n", False),
        (b"data\n" * 21 + b"\n", True),
        (b"data\n" * 22 + b"\n", False),
        (b"event:" + b"x" * 50 + b"\ndata: 1\n\n", False),
        (b":" + b"x" * 500 + b"\ndata: 1\n\n", True),
        (b"\xef\xbb\xbf:" + b"x" * 500 + b"\ndata: 1\n\n", True),
        (b"unknown:" + b"x" * 500 + b"\ndata: 1\n\n", True),
    ],
)
def test_a_frame_over_the_limit_says_so_and_keeps_its_beginning(stream: bytes, whole: bool) -> None:
    for chunks in ([stream], [stream[at : at + 1] for at in range(len(stream))]):
        frame, after = decode(*chunks, b"data: after\n\n", limit=20)
        assert frame.whole is whole
        assert len(frame.data) <= 20
        assert (after.data, after.whole) == (b"after", True)


def test_memory_is_bounded_by_the_limit() -> None:
    decoder = FrameDecoder(HERE, limit=1000)
    for _ in range(1000):
        assert list(decoder.feed(b"data: " + b"x" * 5000 + b"\n")) == []
        assert list(decoder.feed(b"x" * 5000)) == []
    held = len(decoder._data) + len(decoder._line)
    assert held <= 2002


def test_unfinished_tells_a_torn_frame_from_a_clean_end() -> None:
    def unfinished(stream: bytes) -> bool:
        decoder = FrameDecoder(HERE, limit=LIMIT)
        list(decoder.feed(stream))
        return decoder.unfinished

    assert [unfinished(stream) for stream in (b"", b"data: 1\n\n", b"data: 1\n\n: keep-al")] == [False, False, False]
    assert [unfinished(stream) for stream in (b"data: 1\n", b"dat", b"event: x\n", b"data: 1\n\nda")] == [True] * 4


LINE = st.one_of(
    st.sampled_from(
        [b"", b":", b"data", b"data:", b"event: a", b"id: 1", b"id", b"retry: 10", b"id: \0", b"\xef\xbb\xbf"]
    ),
    st.binary(max_size=6).map(lambda value: b"data: " + value),
    st.binary(max_size=4).map(lambda value: b"event:" + value),
    st.binary(max_size=4).map(lambda value: b"id: " + value),
    st.binary(max_size=8),
)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    lines = draw(st.lists(st.tuples(LINE, st.sampled_from([b"\n", b"\r", b"\r\n", b"\n\n", b"\r\n\r\n"])), max_size=12))
    start = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    return start + b"".join(line + end for line, end in lines)


@st.composite
def chunkings(draw: st.DrawFn, stream: bytes) -> Sequence[bytes]:
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    edges = [0, *cuts, len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


@settings(max_examples=300)
@given(st.data())
def test_any_chunking_of_any_stream_decodes_as_the_standard_says(data: st.DataObject) -> None:
    stream = data.draw(streams())
    frames = decode(*data.draw(chunkings(stream)))
    assert [(frame.event, frame.data, frame.id) for frame in frames] == by_the_book(stream)
    assert [frame.number for frame in frames] == list(range(len(frames)))


@settings(max_examples=150)
@given(st.data())
def test_any_chunking_cuts_frames_over_the_limit_alike(data: st.DataObject) -> None:
    stream = data.draw(streams())
    limit = data.draw(st.integers(1, 12))
    assert decode(*data.draw(chunkings(stream)), limit=limit) == decode(stream, limit=limit)
