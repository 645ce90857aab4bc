"""Messages as they come from the server, and their headers (NATS/1.0, ADR-4). Pure."""

from __future__ import annotations

from typing import NamedTuple

_STATUS = "Status"
_DESCRIPTION = "Description"


class Message(NamedTuple):
    """A message: its subject, the subject to answer on ("" where there is none), its data, and its headers as they came."""

    subject: str
    reply: str
    data: bytes
    head: bytes = b""

    @property
    def headers(self) -> dict[str, str] | None:
        """Its headers, read when one asks; a status that the server put in their first line is in `Status` and `Description`. None where
        there are none."""
        return headers_of(self.head) if self.head else None


def headers_of(head: bytes) -> dict[str, str] | None:
    """Of a name that comes twice, the last counts. What is no header, and a name with blanks in it, is passed over."""
    first, *lines = head.split(b"\r\n")
    found = _status(first.decode("utf-8", "replace"))
    for line in lines:
        name, colon, value = line.partition(b":")
        name = name.strip()
        if colon and name.isascii() and not any(blank in name for blank in b" \t\n\v\f\r"):
            found[name.decode()] = value.strip().decode("utf-8", "replace")
    return found or None


def _status(first: str) -> dict[str, str]:
    """What stands in the line `NATS/1.0 408 Request Timeout`."""
    _, _, said = first.partition(" ")
    status, _, description = said.strip().partition(" ")
    if not status.isdigit():
        return {}
    return {_STATUS: status, _DESCRIPTION: description} if description else {_STATUS: status}
