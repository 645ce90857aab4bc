"""What a worker's `source` and `sink` stand for: declared subjects."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from streamworker_codegen.graph import Subject
from streamworker_codegen.nodes import Node
from streamworker_codegen.patterns import covers, malformed_filter
from streamworker_codegen.rules.declarations import Declaration, Declarations
from streamworker_codegen.rules.findings import Findings


def read_source(node: Node, declarations: Declarations, findings: Findings) -> tuple[Subject, ...]:
    """The declared subjects that a worker's filters match, in the order in which they are declared."""
    matched = {each for text in node["source"].texts for each in _matched(text, declarations, findings)}
    subjects = tuple(each.subject for each in sorted(matched, key=lambda each: each.order) if each.subject)
    _check_one_stream(node, subjects, findings)
    return subjects


def read_sink(node: Node, declarations: Declarations, findings: Findings) -> tuple[Subject, ...]:
    """The declared subjects that a worker publishes to, in the order of its sinks."""
    subjects: list[Subject] = []
    for text in node["sink"].texts:
        found = declared_as(text, declarations, "sink", findings)
        if found and found.subject:
            _check_distinct(text, found.subject, subjects, findings)
            subjects.append(found.subject)
    return tuple(subjects)


def declared_as(text: Node, declarations: Declarations, role: str, findings: Findings) -> Declaration | None:
    """The subject that is declared under exactly this name."""
    if found := declarations.named(text.text):
        return found
    same = [each.declared.name for each in declarations if each.declared.filter == text.text]
    mend = f'write it as it is declared: "{same[0]}"' if same else _suggestion(text.text, declarations)
    findings.error(text.where, "undeclared-subject", f"the {role} {text.text} is not declared", mend)
    return None


def _matched(text: Node, declarations: Declarations, findings: Findings) -> list[Declaration]:
    if "{" in text.text:
        found = declared_as(text, declarations, "source", findings)
        return [found] if found else []
    if wrong := malformed_filter(text.text):
        findings.error(
            text.where, "malformed-filter", f'"{text.text}" is no filter: {wrong}', "write words, * and > between dots"
        )
        return []
    matched = declarations.overlapping(text.text)
    for each in matched:
        if not covers(text.text, each.declared.filter):
            what = f"the source {text.text} matches only a part of {each.declared.name}"
            findings.error(text.where, "part-of-a-subject", what, f'take all of it: "{each.declared.filter}"')
            return [each]
    if not matched:
        mend = _suggestion(text.text, declarations)
        findings.error(text.where, "undeclared-subject", f"the source {text.text} matches no declared subject", mend)
    return matched


def _check_one_stream(node: Node, subjects: Sequence[Subject], findings: Findings) -> None:
    streams = sorted({subject.stream for subject in subjects})
    if len(streams) > 1:
        what = f"the source lies in {len(streams)} streams, {', '.join(streams)}, and a worker reads one"
        findings.error(
            node["source"].where,
            "source-in-two-streams",
            what,
            "make a worker for each, or store the subjects in one stream",
        )


def _check_distinct(text: Node, subject: Subject, earlier: Sequence[Subject], findings: Findings) -> None:
    alike = [other for other in earlier if other.event == subject.event]
    if subject in alike:
        findings.error(text.where, "doubled-sink", f"the sink {subject.name} stands twice", "remove one of the two")
    elif alike:
        what = f"{subject.name} and {alike[0].name} both carry {subject.event.name}, and an output goes where its type says"
        findings.error(text.where, "sinks-alike", what, "give each sink an event of its own")


def _suggestion(name: str, declarations: Declarations) -> str:
    known = {form: each.declared.name for each in declarations for form in (each.declared.filter, each.declared.name)}
    if near := get_close_matches(name, known, 1):
        return f'did you mean "{known[near[0]]}"?'
    if "*" in name or ">" in name:
        return "declare a subject that it matches under `subjects`, with its event"
    return f"declare it under `subjects`, with its event: {name}: events/FILE"
