"""The frames of a Server-Sent Events stream, decoded from bytes as they come. Pure.

After the HTML standard, section 9.2.6 "Interpreting an event stream"; httpx-sse decodes text, so it loses the bytes of a frame
that is not UTF-8, delivers frames without data, holds back a frame that ends in a lone CR, and bounds nothing. Beyond the standard:
a frame has a limit, and an id that no HTTP header could carry back is ignored (the standard ignores one with NULL).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_BOM = b"\xef\xbb\xbf"
_LONGEST_ID = 1024  # servers refuse a request whose headers are much longer


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection to a feed. opened: nanoseconds since 1970."""

    id: str
    opened: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One event of a feed, as it came.

    connection, number: where it came from, and how many frames came before it there. event: its name, "message" where it has none.
    data: its data lines joined by LF, undecoded. id: the feed's last id. whole: False where the frame was over the limit; `data` is
    then its beginning.
    """

    connection: Connection
    number: int
    event: str
    data: bytes
    id: str
    whole: bool = True


class FrameDecoder:
    """Takes one connection's bytes in any pieces. It never holds more than about two frames of `limit` bytes.

    last_id: what to resume after. retry: the delay before reconnecting that the feed asked for, in seconds; None until it does.
    """

    def __init__(self, connection: Connection, *, limit: int, last_id: str = "") -> None:
        self.last_id = last_id
        self.retry: float | None = None
        self._connection = connection
        self._limit = limit
        self._number = 0
        self._at_start = True
        self._after_cr = False
        self._line = bytearray()
        self._line_whole = True
        self._event = b""
        self._data = bytearray()
        self._id = last_id
        self._whole = True
        self._fields = {
            b"event": self._take_event,
            b"data": self._take_data,
            b"id": self._take_id,
            b"retry": self._take_retry,
        }

    @property
    def unfinished(self) -> bool:
        """Whether the bytes so far stop in the middle of a frame."""
        return bool(self._data or self._event or (self._line and not self._line.startswith(b":")))

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        """The frames that `chunk` completes. Exhaust it before the next chunk."""
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        for line in chunk.splitlines(keepends=True):
            text = line.rstrip(b"\r\n")
            self._extend(text)
            if text != line and self._end_line() and (frame := self._end_frame()):
                yield frame
        self._after_cr = self._after_cr or chunk.endswith(b"\r")

    def _extend(self, part: bytes) -> None:
        room = self._limit - len(self._line)
        self._line += part[:room]
        self._line_whole = self._line_whole and len(part) <= room

    def _end_line(self) -> bool:
        """Take the line into the frame; whether it was the empty line that ends one."""
        line = bytes(self._line)
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(_BOM)
        name, _, value = line.partition(b":")
        if take := self._fields.get(name):
            take(value.removeprefix(b" "))
        self._line.clear()
        self._line_whole = True
        return not line

    def _take_event(self, value: bytes) -> None:
        self._event = value
        self._whole = self._whole and self._line_whole

    def _take_data(self, value: bytes) -> None:
        room = self._limit - len(self._data)
        self._data += value[: max(room, 0)]
        if room >= 0:
            self._data += b"\n"
        self._whole = self._whole and self._line_whole and len(value) <= room

    def _take_id(self, value: bytes) -> None:
        text = value.decode("utf-8", "replace")
        if len(value) <= _LONGEST_ID and text.isprintable() and text == text.strip():
            self._id = text

    def _take_retry(self, value: bytes) -> None:
        if value.isdigit():
            self.retry = float(value) / 1000

    def _end_frame(self) -> Frame | None:
        self.last_id = self._id
        event, data, whole = self._event, self._data, self._whole
        self._event, self._data, self._whole = b"", bytearray(), True
        if not data:
            return None
        frame = Frame(
            self._connection,
            self._number,
            event.decode("utf-8", "replace") or "message",
            bytes(data[:-1]),
            self.last_id,
            whole,
        )
        self._number += 1
        return frame
