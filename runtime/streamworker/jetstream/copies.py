"""Partitioned copies of a stream: their form, as the server takes it and as it is read back. Pure.

A copy is a stream that sources another one (NATS ADR-8 of subject transforms, ADR-55 of their partitions; server 2.10) and has no subject of
its own, so that nobody but the server can store anything in it. A message lies there under `<epoch>.<partition>.<its own subject>`, with a
header of the server's that says where it comes from. The epoch counts how often the partitions were changed: the server remembers how far it
has copied by that form, and would repeat what it copied since, if an earlier form came back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from streamworker.delivery import Origin
from streamworker.errors import ConfigurationError, ResourceConflict
from streamworker.jetstream.api import Config, StreamInfo
from streamworker.subject import Decodes

SOURCE_HEADER: Final = "Nats-Stream-Source"
"""Set by the server alone: `<stream> <sequence> <filter> <transform> <subject> [<a hash of the stream's creation>]`."""

_STATE: Final = "streamworker.copy"  # the key in a copy's metadata
_NOTHING: Final = "streamworker.nothing"  # a subject that no stream stores
_FOLLOWED: Final = ("max_age", "max_msgs", "max_msgs_per_subject", "num_replicas")


@dataclass(frozen=True)
class Split:
    """Which subjects (with wildcards) are copied, into how many partitions, and which of the wildcards of each, from 1, is the key."""

    count: int
    keys: Mapping[str, int]

    def transforms(self, epoch: int) -> list[dict[str, str]]:
        return [{"src": each, "dest": _destination(each, key, self.count, epoch)} for each, key in self.keys.items()]


@dataclass(frozen=True)
class State:
    """What a copy's metadata say. created: when the source was (nanoseconds). behind: the copy began behind this sequence of the source.
    following: how it is to be split as soon as all that it holds is settled; until then nothing more is copied."""

    source: str
    created: int
    split: Split
    epoch: int = 0
    behind: int = 0
    following: Split | None = None

    @property
    def metadata(self) -> dict[str, str]:
        following = _plain(self.following) if self.following else None
        told = {
            "source": self.source,
            "created": self.created,
            "split": _plain(self.split),
            "epoch": self.epoch,
            "behind": self.behind,
            "following": following,
        }
        return {_STATE: json.dumps(told)}

    def sources(self) -> list[dict[str, object]]:
        """What the server is to copy."""
        if self.following is not None:
            return [{"name": self.source, "filter_subject": _NOTHING}]
        start = {"opt_start_seq": self.behind + 1} if self.behind else {}
        return [{"name": self.source, **start, "subject_transforms": self.split.transforms(self.epoch)}]


def split_of(subjects: Sequence[Decodes[object]], key: str, count: int) -> Split:
    """Raises ConfigurationError where the key is no token of every subject."""
    return Split(count, {subject.filter: _place(subject.name, key) for subject in subjects})


def config_of(name: str, state: State, source: Config) -> Config:
    """A copy that keeps messages as long as its source does. source: that stream's configuration."""
    return {
        "name": name,
        "storage": "file",
        "retention": "limits",
        "discard": "old",
        **followed(source),
        "allow_direct": True,
        "sources": state.sources(),
        "metadata": state.metadata,
    }


def followed(source: Config) -> dict[str, object]:
    """What a copy takes over of its source's configuration."""
    return {key: source[key] for key in _FOLLOWED if key in source}


def is_copy(info: StreamInfo) -> bool:
    """Whether a stream is a copy of ours."""
    return _STATE in cast("Mapping[str, str]", info.config.get("metadata") or {})


def state_of(info: StreamInfo) -> State:
    """Raises ResourceConflict where the stream is no copy of ours."""
    metadata = cast("Mapping[str, str]", info.config.get("metadata") or {})
    try:
        told = json.loads(metadata[_STATE])
        split, following = _split(told["split"]), told["following"]
        state = State(told["source"], told["created"], split, told["epoch"], told["behind"])
        return State(**{**vars(state), "following": _split(following) if following else None})
    except (KeyError, TypeError, ValueError):
        hint = "it has the name of a partitioned copy: rename or remove it"
        raise ResourceConflict(f"stream {info.name}", "streamworker did not make it", hint=hint) from None


def check_source(info: StreamInfo) -> None:
    """Raises ResourceConflict where a stream can't be copied without losing anything."""
    config, what = info.config, f"source stream {info.name}"
    for key, wanted in (("retention", "limits"), ("storage", "file")):
        if config.get(key) != wanted:
            problem = f"its {key} is {config.get(key)}, and only a stream of {wanted} can be partitioned"
            raise ResourceConflict(what, problem, hint="leave `partitions` out: one process works, the others stand by")
    if _limited(config, "max_bytes") and not _limited(config, "max_age"):
        problem = "it is limited in bytes alone, and its partitioned copy could not be limited likewise"
        raise ResourceConflict(what, problem, hint="give it a max_age, too")


def origin_in(headers: Mapping[str, str] | None, created: int) -> tuple[Origin, str]:
    """Where a copied message was first stored, and the incarnation of that stream, where the server says it (2.15). Raises ValueError for
    what the server has not copied."""
    fields = (headers or {}).get(SOURCE_HEADER, "").split(" ")
    if len(fields) < 4 or not fields[1].isdigit():
        raise ValueError(f"no header {SOURCE_HEADER}")
    return Origin(fields[0], created, int(fields[1])), fields[5] if len(fields) > 5 else ""


def subject_in(subject: str) -> str:
    """The own subject of a copied message. Raises ValueError for what the server has not copied."""
    _epoch, _partition, own = subject.split(".", 2)
    return own


def filter_of(partition: int) -> str:
    """What a partition's consumer filters on."""
    return f"*.{partition}.>"


def _destination(subject: str, key: int, count: int, epoch: int) -> str:
    wildcards = 0
    tokens = []
    for token in subject.split("."):
        wildcards += token == "*"
        tokens.append(f"{{{{wildcard({wildcards})}}}}" if token == "*" else token)
    return ".".join([str(epoch), f"{{{{partition({count},{key})}}}}", *tokens])


def _place(name: str, key: str) -> int:
    """Which wildcard of a declared subject, from 1, stands for a field."""
    wildcards = [token for token in name.split(".") if token == "*" or token.startswith("{")]
    try:
        return wildcards.index(f"{{{key}}}") + 1
    except ValueError:
        raise ConfigurationError(
            f"{key} is no token of {name}", hint="with `partitions` the key is a token of every source subject"
        ) from None


def _limited(config: Config, key: str) -> bool:
    return cast("int", config.get(key) or 0) > 0


def _plain(split: Split) -> dict[str, object]:
    return {"count": split.count, "keys": dict(split.keys)}


def _split(told: Mapping[str, object]) -> Split:
    return Split(int(cast("int", told["count"])), {**cast("dict[str, int]", told["keys"])})
