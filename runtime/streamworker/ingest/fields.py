"""What an ingest makes of a frame: fields set on its data, and a message id out of them. Pure.

Fields are set by appending members to the JSON text, not by parsing and writing it: what the feed sent stays as it came, to the last
digit, and whether it is JSON at all is for the contract to judge. Of doubled names the last wins, so a feed can't forge what is set.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic_core import from_json

from streamworker.errors import ContractViolation, Violation
from streamworker.sources.sse_frames import Frame

_BLANK = b" \t\r\n"
_TOKEN = re.compile(r"\{([^{}]*)\}")
_CONNECTION = "$connection"
_NOW = "$now"


def now() -> str:
    """The time as RFC 3339 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Additions:
    """The fields that are set on every frame of a feed."""

    def __init__(self, add: Mapping[str, object]) -> None:
        changing = {name: value for name, value in add.items() if _changes(value)}
        self._changing = changing
        self._fixed = _members({name: value for name, value in add.items() if name not in changing})

    def members(self, frame: Frame, at: str) -> bytes:
        """The members to set, as JSON text without braces; empty where there are none. `at`: what `$now` stands for."""
        moving = {name: _filled(value, frame, at) for name, value in self._changing.items()}
        return b",".join(filter(None, (self._fixed, _members(moving))))


def with_members(data: bytes, members: bytes) -> bytes | None:
    """`data` with these members set, if it looks like a JSON object; valid JSON then if and only if `data` is. Else None."""
    text = data.strip(_BLANK)
    if not (text.startswith(b"{") and text.endswith(b"}")):
        return None
    if not members:
        return data
    inside = text[:-1].rstrip(_BLANK)
    return inside + (b"" if inside == b"{" else b",") + members + b"}"


class IdTemplate:
    """A message id with `{field}` for fields of the event, dotted where nested."""

    def __init__(self, template: str) -> None:
        self._format = _TOKEN.sub("%s", template.replace("%", "%%"))
        self._paths = [field.split(".") for field in _TOKEN.findall(template)]

    @property
    def varies(self) -> bool:
        """Whether it names a field at all."""
        return bool(self._paths)

    def fill(self, event: str, data: bytes) -> str:
        """The id of an event, out of its JSON. Raises ContractViolation where a field is missing, or can't be part of an id."""
        value = from_json(data)
        return self._format % tuple([_part(event, value, path) for path in self._paths])


def _changes(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_changes, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_changes, value))
    return value in (_CONNECTION, _NOW)


def _filled(value: object, frame: Frame, at: str) -> object:
    if isinstance(value, Mapping):
        return {name: _filled(each, frame, at) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(each, frame, at) for each in value]
    if value == _CONNECTION:
        return {"id": frame.connection.id, "seq": frame.number}
    return at if value == _NOW else value


def _members(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")[1:-1]


def _part(event: str, value: object, path: list[str]) -> str:
    found = value
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    if type(found) is int:
        return str(found)
    if isinstance(found, str) and found.isprintable() and found.strip():
        return found
    place = "".join(f"/{name}" for name in path)
    raise ContractViolation(
        event, [Violation(place, "part of a message id: an integer, or a text without control characters")]
    )
