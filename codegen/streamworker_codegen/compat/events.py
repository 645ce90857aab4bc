"""Each event, and each value of a bucket: do the new read what is stored, and do the old read what the new write?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from streamworker_codegen.compat.judges import Judges
from streamworker_codegen.compat.judging import UNREAD, End, Side, judged
from streamworker_codegen.compat.parties import Parties, both, parties
from streamworker_codegen.compat.plain import Plain, Unmodelled, plain
from streamworker_codegen.compat.telling import sample, told
from streamworker_codegen.compat.verdicts import Finding, Verdict, version
from streamworker_codegen.documents import Json
from streamworker_codegen.graph import Event, Graph, Subject
from streamworker_codegen.handler_uses import Uses
from streamworker_codegen.problems import Position
from streamworker_codegen.registry import Registry


@dataclass(frozen=True)
class Version:
    """A contract, as it was or as it is."""

    graph: Graph
    registry: Registry
    uses: Mapping[str, Uses]
    judges: Judges


@dataclass(frozen=True)
class Pair:
    """An event of a subject, or a value of a bucket, as it was and as it is; and who is concerned. carrier: where it is stored."""

    old: Event
    new: Event
    before: Parties
    after: Parties
    carrier: str


class Events:
    """tries: how many messages each verdict is put to the test with."""

    def __init__(self, old: Version, new: Version, tries: int) -> None:
        self._old = old
        self._new = new
        self._tries = tries

    def findings(self) -> Iterator[Finding]:
        """The worst of each event, of those that changed."""
        by_event: dict[str, list[Finding]] = {}
        for pair in self._pairs():
            by_event.setdefault(pair.new.name, []).extend(self._compared(pair))
        for found in by_event.values():
            yield from _without_safe(found)

    def subjects(self) -> Iterator[Subject]:
        """Those of the new version whose contract is another one than before, or of which nothing can be said."""
        before = {each.filter: each for each in self._old.graph.subjects}
        for each in self._new.graph.subjects:
            if each.filter in before and self._differ(before[each.filter].event, each.event):
                yield each

    def _differ(self, old: Event, new: Event) -> bool:
        try:
            return plain(self._old.registry, old.schema).schema != plain(self._new.registry, new.schema).schema
        except Unmodelled:
            return True

    def _pairs(self) -> Iterator[Pair]:
        subjects = {each.filter: each for each in self._new.graph.subjects}
        for old in self._old.graph.subjects:
            if new := subjects.get(old.filter):
                before = parties(self._old.graph, old, self._old.uses)
                yield Pair(old.event, new.event, before, parties(self._new.graph, new, self._new.uses), new.name)
        buckets = {each.name: each for each in self._new.graph.buckets}
        for bucket in self._old.graph.buckets:
            kept = buckets.get(bucket.name)
            if bucket.value and kept and kept.value:
                # What a handler puts into a bucket is not closed.
                own = Parties(False, ("handlers",), ("handlers",), external=False)
                yield Pair(bucket.value, kept.value, own, own, f"the bucket {bucket.name}")

    def _compared(self, pair: Pair) -> Iterator[Finding]:
        if pair.old.name != pair.new.name:
            yield _renamed(pair)
        try:
            old, new = plain(self._old.registry, pair.old.schema), plain(self._new.registry, pair.new.schema)
        except Unmodelled as unmodelled:
            yield from self._unmodelled(pair, unmodelled)
            return
        if old.schema != new.schema:
            yield self._changed(pair, old, new)

    def _unmodelled(self, pair: Pair, unmodelled: Unmodelled) -> Iterator[Finding]:
        texts = [
            {path: each.value for path, each in side.registry.documents.items()} for side in (self._old, self._new)
        ]
        if texts[0] != texts[1]:
            what = f"{pair.new.name}: nothing can be proven of {unmodelled.place.where}: {unmodelled.why}"
            mend = "say it in other words, or compare by hand"
            yield Finding(
                pair.new.name, "compat-not-proven", "not proven", pair.new.schema.where, what, mend, (), version(*texts)
            )

    def _changed(self, pair: Pair, old: Plain, new: Plain) -> Finding:
        stored, sent = self._stored(pair, old, new), self._sent(pair, old, new)
        bound = version(old.schema, new.schema)
        comparing = _Comparing(pair, old, new, bound)
        if stored.verdict == "breaking":
            return comparing.broken(stored, both(pair.before, pair.after))
        if sent.verdict == "breaking" and pair.after.external | pair.before.external:
            return comparing.outside(sent)
        if stored.verdict == "not proven":
            return comparing.unproven(stored, "what is stored can still be read")
        if sent.verdict == "not proven" and pair.after.external | pair.before.external:
            return comparing.unproven(sent, "others can read what will be written")
        return comparing.passing(stored, sent)

    def _stored(self, pair: Pair, old: Plain, new: Plain) -> Side:
        if not pair.after.readers and not pair.after.external:
            return UNREAD
        return judged(
            self._end(old, pair.old, self._old), self._end(new, pair.new, self._new), pair.before.closed, self._tries
        )

    def _sent(self, pair: Pair, old: Plain, new: Plain) -> Side:
        if not pair.before.readers and not pair.before.external and not pair.after.external:
            return UNREAD
        return judged(
            self._end(new, pair.new, self._new), self._end(old, pair.old, self._old), pair.after.closed, self._tries
        )

    def _end(self, schema: Plain, event: Event, side: Version) -> End:
        return End(schema, side.judges.of(event.schema))


@dataclass(frozen=True)
class _Comparing:
    """How the outcome of one pair is told."""

    pair: Pair
    old: Plain
    new: Plain
    version: str

    def broken(self, side: Side, concerned: Parties) -> Finding:
        readers = ", ".join(concerned.readers) or "others who read it"
        return self._breaking(
            "compat-stored",
            side.example,
            self.new,
            f"{readers} will not read what {_writers(self.pair.before)} may have stored in {self.pair.carrier}",
            "take what the old schema took, too; or let a new subject carry the new event",
            "stored",
        )

    def outside(self, side: Side) -> Finding:
        return self._breaking(
            "compat-readers",
            side.example,
            self.old,
            f"others read {self.pair.carrier} by the old schema, and it refuses what {_writers(self.pair.after)} will write",
            "write only what the old schema takes until all of them have moved; or let a new subject carry the new event",
            "written",
        )

    def unproven(self, side: Side, claim: str) -> Finding:
        what = f"{self.pair.new.name}: it is not proven that {claim}; {_count(side.tried)} were read"
        mend = "change less at once, or say it in simpler words"
        return self._finding("compat-not-proven", "not proven", self.new.where("").where, what, mend)

    def passing(self, stored: Side, sent: Side) -> Finding:
        where = self.pair.new.schema.where
        tried = _count(stored.tried + sent.tried)
        if sent.verdict == "safe":
            why = "nobody reads it" if stored is UNREAD and sent is UNREAD else f"{tried} were read"
            return self._finding("compat-safe", "safe", where, f"{self.pair.new.name} changed: {why}", "")
        what = f"{self.pair.new.name}: replicas from before give back what they can't read"
        if sent.example is not None:
            what += f": {sample(sent.example)}"
        return self._finding("compat-rolling", "safe (rolling)", where, what, "")

    def _breaking(self, code: str, example: Json, refuses: Plain, who: str, mend: str, kind: str) -> Finding:
        found = told(example, refuses, self.old, self.new)
        where = found.where if found else self.pair.new.schema.where
        what = f"{self.pair.new.name}{found.what if found else ' changed'}; {who}"
        evidence = (f"{kind}:  {sample(example)}", *([f"refused: {found.refused}"] if found else []))
        return Finding(self.pair.new.name, code, "breaking", where, what, mend, evidence, self.version)

    def _finding(self, code: str, verdict: Verdict, where: Position, what: str, mend: str) -> Finding:
        return Finding(self.pair.new.name, code, verdict, where, what, mend, (), self.version)


def _renamed(pair: Pair) -> Finding:
    what = f"the class {pair.old.name} is called {pair.new.name} now; messages stay as they are, and handlers have to follow"
    return Finding(pair.new.name, "compat-class-renamed", "safe", pair.new.schema.where, what)


def _without_safe(found: list[Finding]) -> Iterator[Finding]:
    """Each once; that an event is safe on one subject says nothing where it is not on another."""
    unsafe = [each for each in found if not each.passes]
    yield from dict.fromkeys(unsafe or found)


def _writers(concerned: Parties) -> str:
    return ", ".join(concerned.writers) or "others"


def _count(tried: int) -> str:
    return f"{tried} message{'' if tried == 1 else 's'} made up from either side"
