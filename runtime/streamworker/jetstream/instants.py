"""Times as NATS writes them."""

from __future__ import annotations

import re
from calendar import timegm

_RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))")
SECOND = 1_000_000_000


def nanoseconds(text: str) -> int:
    """Nanoseconds since 1970 of an RFC 3339 date-time, exactly; `datetime` keeps microseconds only. Raises ValueError."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise ValueError(f"not an RFC 3339 date-time: {text!r}")
    *fields, fraction, sign, hours, minutes = found.groups()
    whole = timegm((*map(int, fields), 0, 0, 0))
    if sign:
        whole -= int(f"{sign}1") * (int(hours) * 3600 + int(minutes) * 60)
    return whole * SECOND + int((fraction or "").ljust(9, "0"))


def to_nanoseconds(seconds: float | None) -> int:
    """A duration as JetStream takes it; 0 (unlimited, or the server's default) for None."""
    return round((seconds or 0) * SECOND)
