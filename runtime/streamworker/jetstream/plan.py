"""What has to be done to a stream so that it is as declared: nothing, make it, update it, or refuse. Pure.

Refused is what would lose messages or forget message ids, and what is not ours to change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from streamworker.errors import ResourceConflict
from streamworker.jetstream.api import Config, StreamInfo
from streamworker.jetstream.instants import SECOND, to_nanoseconds
from streamworker.resources.declarations import Stream

OWNER = "streamworker.pipeline"
"""The key in a stream's metadata that names the pipeline that made it."""

_EVICTING = ("max_msgs", "max_bytes", "max_msgs_per_subject")


@dataclass(frozen=True)
class Wanted:
    """A stream as declared. `config` as the server takes it; `external`: it is somebody else's. `what` names it to people."""

    what: str
    config: Config
    pipeline: str
    external: bool = False
    keeps_ids: bool = True

    @property
    def name(self) -> str:
        return cast("str", self.config["name"])


@dataclass(frozen=True)
class Plan:
    """config: what to send, for `create` and `update`; changes: what an update changes, for people. conflicts: why not, all reasons."""

    wanted: Wanted
    action: Literal["keep", "create", "update"]
    config: Config = field(default_factory=dict)
    changes: tuple[str, ...] = ()
    conflicts: tuple[ResourceConflict, ...] = ()


def wanted_stream(stream: Stream, pipeline: str) -> Wanted:
    """A stream of the pipeline file."""
    return Wanted(
        f"stream {stream.name}",
        {
            "name": stream.name,
            "subjects": list(stream.subjects),
            "retention": stream.retention,
            "storage": stream.storage,
            "discard": stream.discard,
            "max_age": to_nanoseconds(stream.max_age),
            "max_bytes": _limit(stream.max_bytes),
            "max_msgs": _limit(stream.max_msgs),
            "max_msgs_per_subject": _limit(stream.max_msgs_per_subject),
            "max_msg_size": _limit(stream.max_msg_size),
            "num_replicas": stream.replicas,
            "duplicate_window": to_nanoseconds(stream.duplicate_window),
            "allow_direct": True,
        },
        pipeline,
        external=stream.owner == "external",
        keeps_ids=stream.delivery == "effectively-once",
    )


def wanted_bucket(name: str, pipeline: str, *, ttl: float | None = None, replicas: int = 1) -> Wanted:
    """The stream behind a key-value bucket that keeps the last value of each key (NATS ADR-8). ttl: seconds."""
    config = {
        "name": f"KV_{name}",
        "subjects": [f"$KV.{name}.>"],
        "max_msgs_per_subject": 1,
        "deny_delete": True,
        "allow_msg_ttl": True,
    }
    return Wanted(f"bucket {name}", _store(config, ttl, replicas), pipeline)


def wanted_objects(name: str, pipeline: str, *, ttl: float | None = None, replicas: int = 1) -> Wanted:
    """The stream behind an object store (NATS ADR-20). ttl: seconds."""
    config = {"name": f"OBJ_{name}", "subjects": [f"$O.{name}.C.>", f"$O.{name}.M.>"]}
    return Wanted(f"object store {name}", _store(config, ttl, replicas), pipeline)


def plan(wanted: Wanted, found: StreamInfo | None, now: int) -> Plan:
    """now: nanoseconds since 1970."""
    if found is None:
        return _plan_missing(wanted)
    if wanted.external:
        return Plan(wanted, "keep", conflicts=tuple(_external_conflicts(wanted, found)))
    if conflicts := tuple(_ownership(wanted, found)) or tuple(_losses(wanted, found, now)):
        return Plan(wanted, "keep", conflicts=conflicts)
    config = {**wanted.config, **_longer_window(wanted.config, found.config)}
    changes = {key: value for key, value in config.items() if _differs(key, found.config.get(key), value)}
    if not changes:
        return Plan(wanted, "keep")
    told = tuple(difference(key, found.config.get(key), value) for key, value in changes.items())
    return Plan(wanted, "update", {**found.config, **changes}, told)


def difference(key: str, theirs: object, ours: object) -> str:
    """`max_age is 1d on the server and 12h as declared`; values as the server writes them."""
    return f"{key} is {_shown(key, theirs)} on the server and {_shown(key, ours)} as declared"


def undeclared(wanted: Wanted, found: StreamInfo) -> list[str]:
    """The stream's subjects that are declared no more. `plan` wants to know what is stored of them."""
    declared = cast("list[str]", wanted.config["subjects"])
    theirs = cast("list[str]", found.config.get("subjects") or [])
    return [subject for subject in theirs if not any(covers(pattern, subject) for pattern in declared)]


def covers(pattern: str, subject: str) -> bool:
    """Whether all that `subject` (which may have wildcards) matches is matched by `pattern` as well."""
    wide, narrow = pattern.split("."), subject.split(".")
    for place, token in enumerate(wide):
        if token == ">":
            return len(narrow) > place
        if place >= len(narrow) or narrow[place] == ">" or token not in ("*", narrow[place]):
            return False
    return len(wide) == len(narrow)


def _plan_missing(wanted: Wanted) -> Plan:
    if wanted.external:
        hint = "its owner has to make it first; or leave out `owner: external`, and it is made here"
        return Plan(wanted, "keep", conflicts=(ResourceConflict(wanted.what, "it does not exist", hint=hint),))
    return Plan(wanted, "create", {**wanted.config, "metadata": {OWNER: wanted.pipeline}})


def _ownership(wanted: Wanted, found: StreamInfo) -> Iterator[ResourceConflict]:
    metadata = cast("Mapping[str, str]", found.config.get("metadata") or {})
    owner = metadata.get(OWNER, "")
    if owner != wanted.pipeline:
        yield ResourceConflict(
            wanted.what,
            f"it belongs to the pipeline {owner}" if owner else "it exists already, and no pipeline made it",
            hint=f"declare it with `owner: external` to use it as it is; or hand it over: nats stream edit {wanted.name} "
            f"--metadata {OWNER}={wanted.pipeline}",
        )


def _losses(wanted: Wanted, found: StreamInfo, now: int) -> Iterator[ResourceConflict]:
    """What the update would lose."""
    conflict = _Conflicts(wanted, found)
    yield from conflict.where_differs("retention", "messages would be removed by other rules: make a new stream for it")
    yield from conflict.where_differs("storage", "the server can't move messages: make a new stream for it")
    yield from _lost_subjects(wanted, found)
    yield from _lost_messages(conflict, wanted.config, found, now)


def _longer_window(wanted: Config, found: Config) -> Config:
    """A stream's window, where it is longer than it has to be: it stays, since a shorter one forgets ids of what may come again, such as
    those of a worker that was just removed. Never beyond the stream's age, which the server refuses."""
    theirs = _number(found, "duplicate_window")
    if age := _number(wanted, "max_age"):
        theirs = min(theirs, age)
    return {"duplicate_window": theirs} if theirs > _number(wanted, "duplicate_window") else {}


def _lost_messages(conflict: _Conflicts, wanted: Config, found: StreamInfo, now: int) -> Iterator[ResourceConflict]:
    hint = "stored messages would be removed: keep the limit, or purge the stream to it first"
    age = _number(wanted, "max_age")
    if age and found.messages and found.oldest < now - age and age != _number(found.config, "max_age"):
        yield conflict.of("max_age", hint)
    stored: Mapping[str, int] = {"max_msgs": found.messages, "max_bytes": found.bytes}
    for key in _EVICTING:
        limit = _number(wanted, key)
        if 0 < limit < stored.get(key, found.messages) and _tighter(limit, _number(found.config, key)):
            yield conflict.of(key, hint)


def _lost_subjects(wanted: Wanted, found: StreamInfo) -> Iterator[ResourceConflict]:
    for subject in undeclared(wanted, found):
        if any(covers(subject, stored) for stored in found.subjects):
            yield ResourceConflict(
                wanted.what,
                f"subject {subject} is declared no more, and the stream holds messages of it",
                hint=f"declare it again until they are handled; or remove them: nats stream purge {wanted.name} --subject '{subject}'",
            )


def _external_conflicts(wanted: Wanted, found: StreamInfo) -> Iterator[ResourceConflict]:
    conflict = _Conflicts(wanted, found)
    theirs = cast("list[str]", found.config.get("subjects") or [])
    for subject in cast("list[str]", wanted.config["subjects"]):
        if not any(covers(pattern, subject) for pattern in theirs):
            problem = f"it does not store {subject}, only {', '.join(theirs) or 'nothing'}"
            yield ResourceConflict(
                wanted.what, problem, hint="ask its owner to add the subject, or declare another stream"
            )
    hint = "it is not ours to change: declare it as it is, or ask its owner"
    for key in ("retention", "storage"):
        yield from conflict.where_differs(key, hint)
    if not wanted.keeps_ids:
        return
    if _number(found.config, "duplicate_window") < _number(wanted.config, "duplicate_window"):
        yield conflict.of("duplicate_window", hint)
    if found.config.get("discard") == "old":
        for key in _EVICTING:
            if _tighter(_number(found.config, key), _number(wanted.config, key)):
                yield conflict.of(key, hint)


@dataclass(frozen=True)
class _Conflicts:
    wanted: Wanted
    found: StreamInfo

    def where_differs(self, key: str, hint: str) -> Iterator[ResourceConflict]:
        if self.found.config.get(key) != self.wanted.config.get(key):
            yield self.of(key, hint)

    def of(self, key: str, hint: str) -> ResourceConflict:
        theirs, ours = self.found.config.get(key), self.wanted.config.get(key)
        return ResourceConflict(self.wanted.what, difference(key, theirs, ours), hint=hint)


def _store(config: Config, ttl: float | None, replicas: int) -> Config:
    """What buckets and object stores have in common."""
    window = min(120.0, ttl) if ttl else 120.0
    common: dict[str, object] = {
        "max_msgs_per_subject": -1,
        "retention": "limits",
        "storage": "file",
        "discard": "new",
        "max_age": to_nanoseconds(ttl),
        "max_bytes": -1,
        "max_msgs": -1,
        "max_msg_size": -1,
        "num_replicas": replicas,
        "duplicate_window": to_nanoseconds(window),
        "allow_rollup_hdrs": True,
        "allow_direct": True,
    }
    return {**common, **config}


def _differs(key: str, found: object, wanted: object) -> bool:
    if key == "subjects":
        return set(cast("list[str]", found or [])) != set(cast("list[str]", wanted))
    return (found or None) != (wanted or None) if key in _EMPTY_IS_ABSENT else found != wanted


def _duration(nanoseconds: int) -> str:
    """`7d`, `1m30s`, `200ms`: as the pipeline file writes it."""
    told = ""
    for unit, size in _UNITS.items():
        whole, nanoseconds = divmod(nanoseconds, size)
        told += f"{whole}{unit}" if whole else ""
    return told or "0s"


_UNITS = {"d": 86_400 * SECOND, "h": 3600 * SECOND, "m": 60 * SECOND, "s": SECOND, "ms": SECOND // 1000}
_DURATIONS = ("max_age", "duplicate_window", "ack_wait", "priority_timeout")
_EMPTY_IS_ABSENT = ("max_age", "allow_direct", "allow_msg_ttl", "allow_rollup_hdrs", "deny_delete")


def _limit(value: int | None) -> int:
    return -1 if value is None else value


def _number(config: Config, key: str) -> int:
    return cast("int", config.get(key) or 0)


def _tighter(limit: int, than: int) -> bool:
    """Whether a limit (0 or less: none) allows less than another."""
    return limit > 0 and (than <= 0 or limit < than)


def _shown(key: str, value: object) -> str:
    if key in _DURATIONS:
        return _duration(value) if isinstance(value, int) and value else "unlimited"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return "unlimited" if value == -1 else "not set" if value is None else str(value)
