"""Messages whose headers are larger than a server takes: then they travel in the body, compressed with it. Pure.

JetStream refuses headers of 64 KiB and more (10097), whatever its `max_payload`; and what comes from outside may have headers, or be the
reason of ours, of any size.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping

PACKED_HEADER = "Streamworker-Packed"
"""How many bytes of the unpacked body are headers."""

_MOST_HEADERS = 60_000
_LARGEST = 128 * 1024 * 1024  # of what is unpacked: twice the most that a server can be told to take


def pack(headers: Mapping[str, str], data: bytes, *, max_payload: int) -> tuple[dict[str, str], bytes]:
    """A message as it is where the server takes it so, else packed; which may still be too large: see `fits`."""
    if _size(headers) <= _MOST_HEADERS and fits(headers, data, max_payload=max_payload):
        return dict(headers), data
    text = json.dumps(headers).encode()
    return {PACKED_HEADER: str(len(text))}, zlib.compress(text + data)


def unpack(headers: Mapping[str, str], data: bytes) -> tuple[Mapping[str, str], bytes]:
    """What `pack` was given. Raises ValueError where it was not given it."""
    packed = headers.get(PACKED_HEADER)
    if packed is None:
        return headers, data
    whole, at = _inflated(data), int(packed)
    found = json.loads(whole[:at])
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise ValueError("no headers are packed in it")
    return found, whole[at:]


def fits(headers: Mapping[str, str], data: bytes, *, max_payload: int) -> bool:
    """Whether the server takes it, with a message id beside it."""
    return _size(headers) + len(data) <= max_payload


def _size(headers: Mapping[str, str]) -> int:
    return 200 + sum(len(name) + len(value.encode("utf-8", "replace")) + 4 for name, value in headers.items())


def _inflated(data: bytes) -> bytes:
    inflating = zlib.decompressobj()
    try:
        whole = inflating.decompress(data, _LARGEST)
    except zlib.error as error:
        raise ValueError(f"can't be unpacked: {error}") from None
    if not inflating.eof:
        raise ValueError("can't be unpacked: it is cut off, or larger than any message")
    return whole
