"""What changed beside the events: subjects and their tokens, streams, workers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from streamworker_codegen.compat.events import Version
from streamworker_codegen.compat.parties import parties
from streamworker_codegen.compat.verdicts import Finding, version
from streamworker_codegen.graph import Stream, Subject, Worker
from streamworker_codegen.problems import Position

_LIMITS: Final = ("max_age", "max_bytes", "max_msgs", "max_msgs_per_subject", "max_msg_size")
_PIPELINE: Final = Position("schemas/pipeline.yaml")


def topology(old: Version, new: Version) -> Iterator[Finding]:
    yield from _subjects(old, new)
    yield from _streams(old, new)
    yield from _workers(old, new)


def _subjects(old: Version, new: Version) -> Iterator[Finding]:
    now = {each.filter: each for each in new.graph.subjects}
    before = {each.filter for each in old.graph.subjects}
    added = [each for each in new.graph.subjects if each.filter not in before]
    for subject in old.graph.subjects:
        kept = now.get(subject.filter)
        if kept is None:
            yield _gone(old, subject, added)
            continue
        if kept.tokens != subject.tokens:
            yield _tokens(subject, kept)
        if kept.stream != subject.stream:
            yield _moved(subject, kept)


def _gone(old: Version, subject: Subject, added: list[Subject]) -> Finding:
    concerned = parties(old.graph, subject, old.uses)
    heir = next((each for each in added if each.event.name == subject.event.name), None)
    if not concerned.readers and not concerned.external:
        return Finding(
            subject.name, "compat-subject-gone", "safe", _PIPELINE, f"{subject.name} is gone; nobody read it"
        )
    who = ", ".join([*concerned.readers, *(["others"] if concerned.external else [])])
    what = f"{subject.name} is gone, and {who} read it"
    if heir:
        what = (
            f"{subject.name} is now {heir.name}, and {who} read it by its old name; what is stored there stays unread"
        )
    mend = "keep the old subject until it is drained and all have moved"
    where = heir.where if heir else _PIPELINE
    return Finding(
        subject.name, "compat-subject-gone", "breaking", where, what, mend, (), version(subject.name, "gone")
    )


def _tokens(old: Subject, new: Subject) -> Finding:
    what = f"the tokens of {new.name} were {_all(old.tokens)}, and are {_all(new.tokens)}"
    bound = version(old.name, new.name)
    if "external" in (old.readers, new.readers):
        mend = "others filter by what stands in each place: add a subject instead"
        return Finding(new.name, "compat-tokens", "breaking", new.where, what, mend, (), bound)
    return Finding(new.name, "compat-tokens", "safe (rolling)", new.where, what, "", (), bound)


def _moved(old: Subject, new: Subject) -> Finding:
    what = f"{new.name} was stored in {old.stream}, and is in {new.stream}: what is left in the old stream stays unread"
    mend = "let the old stream be drained first"
    bound = version(old.stream, new.stream, new.name)
    return Finding(new.name, "compat-subject-moved", "breaking", new.where, what, mend, (), bound)


def _streams(old: Version, new: Version) -> Iterator[Finding]:
    now = {each.name: each for each in new.graph.streams}
    for stream in old.graph.streams:
        kept = now.get(stream.name)
        lost = _lost(stream, kept) if kept else []
        if kept and lost:
            what = f"{stream.name} forgets messages that it kept: {'; '.join(lost)}"
            mend = "let its workers catch up first"
            bound = version(stream.name, *lost)
            yield Finding(stream.name, "compat-retention", "breaking", kept.where, what, mend, (), bound)


def _lost(old: Stream, new: Stream) -> list[str]:
    lost = [
        f"{name} was {_shown(old, name)}, and is {_shown(new, name)}" for name in _LIMITS if _shrunk(old, new, name)
    ]
    for name, usual in (("retention", "limits"), ("storage", "file")):
        was, now = old.settings.get(name, usual), new.settings.get(name, usual)
        if was == usual and now != usual:
            lost.append(f"{name} was {was}, and is {now}")
    return lost


def _shrunk(old: Stream, new: Stream, name: str) -> bool:
    was, now = old.settings.get(name), new.settings.get(name)
    return isinstance(now, int | float) and (not isinstance(was, int | float) or now < was)


def _shown(stream: Stream, name: str) -> str:
    value = stream.settings.get(name)
    if value is None:
        return "without limit"
    if name == "max_age" and isinstance(value, int | float):
        return _duration(value)
    return str(value)


def _duration(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length and seconds % length == 0:
            return f"{seconds / length:g}{unit}"
    return f"{seconds:g}s"


def _workers(old: Version, new: Version) -> Iterator[Finding]:
    now = {each.name: each for each in new.graph.workers}
    for worker in old.graph.workers:
        kept = now.get(worker.name)
        if kept is None:
            yield _removed(worker, new)
            continue
        if grown := _grown(worker, kept, old):
            yield grown
        if worker.options.get("partitions") != kept.options.get("partitions"):
            yield _shared(worker, kept)


def _removed(worker: Worker, new: Version) -> Finding:
    what = f"the worker {worker.name} is gone: what waits for it in {_names(worker.source)} is handled by nobody"
    mend = "let it work off its backlog first (a worker under another name begins anew, and repeats outputs)"
    bound = version(worker.name, _names(worker.source))
    return Finding(worker.name, "compat-worker-gone", "breaking", _PIPELINE, what, mend, (), bound)


def _shared(old: Worker, new: Worker) -> Finding:
    """The runtime works off what lies in the former partitions before it goes on with the new ones."""
    was, now = old.options.get("partitions"), new.options.get("partitions")
    bound = version(new.name, str(was), str(now))
    if now is None:
        what = f"{new.name} had {was} partitions, and has none: it does not start, since its events come by partitions"
        mend = "keep `order_by`, and write `partitions: 1`: one process works, the others stand by"
        return Finding(new.name, "compat-partitions", "breaking", new.where, what, mend, (), bound)
    before = f"its {was} partitions" if was else "its consumer"
    what = f"{new.name} has {now} partitions: they begin when what waits in {before} is handled"
    return Finding(new.name, "compat-partitions", "safe (rolling)", new.where, what, "", (), bound)


def _grown(old: Worker, new: Worker, before: Version) -> Finding | None:
    """A durable's filter that grows passes over what was stored before in what it takes in newly."""
    known = {each.filter for each in old.source}
    stored = {each.filter for each in before.graph.subjects}
    added = tuple(each for each in new.source if each.filter not in known and each.filter in stored)
    if not added:
        return None
    what = f"{new.name} reads {_names(added)} too: its place in the stream is kept, so what was stored there before is passed over"
    mend = "let a new worker read it, which begins with all that is stored"
    bound = version(new.name, _names(old.source), _names(new.source))
    return Finding(new.name, "compat-filter-grown", "breaking", new.where, what, mend, (), bound)


def _names(subjects: tuple[Subject, ...]) -> str:
    return ", ".join(each.name for each in subjects)


def _all(tokens: tuple[str, ...]) -> str:
    return ", ".join(f"{{{each}}}" for each in tokens) or "none"
