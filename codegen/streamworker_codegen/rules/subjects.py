"""The declared subjects: each of them has a type, a constant and one stream, and a concrete subject is no two of them."""

from __future__ import annotations

from collections.abc import Sequence

from streamworker_codegen import naming
from streamworker_codegen.errors import MalformedSubject
from streamworker_codegen.fields import Field, field_names, find_field
from streamworker_codegen.graph import Stream, Subject
from streamworker_codegen.nodes import Node
from streamworker_codegen.patterns import DeclaredSubject, FilterIndex, covers, overlap, parse_subject
from streamworker_codegen.registry import Registry
from streamworker_codegen.rules.declarations import Declaration, Declarations
from streamworker_codegen.rules.events import Events, schema_node
from streamworker_codegen.rules.findings import Findings
from streamworker_codegen.token_values import always_fits, can_be_token


def read_subjects(
    root: Node, streams: Sequence[Stream], events: Events, registry: Registry, findings: Findings
) -> Declarations:
    nodes = [(node, declared) for node in root["subjects"] if (declared := _parsed(node, findings))]
    declarations = Declarations(
        Declaration(order, declared, _subject(node, declared, streams, events, findings))
        for order, (node, declared) in enumerate(nodes)
    )
    _check_overlaps([node for node, _ in nodes], [declared for _, declared in nodes], findings)
    subjects = [each.subject for each in declarations if each.subject]
    _check_constants(subjects, findings)
    for subject in subjects:
        _check_tokens(subject, registry, findings)
    return declarations


def _parsed(node: Node, findings: Findings) -> DeclaredSubject | None:
    try:
        return parse_subject(node.key)
    except MalformedSubject as error:
        findings.error(node.key_where, "malformed-subject", f'"{node.key}" is no subject: {error.what}', error.mend)
        return None


def _subject(
    node: Node, declared: DeclaredSubject, streams: Sequence[Stream], events: Events, findings: Findings
) -> Subject | None:
    event = events.at(schema_node(node), "event")
    stream = _stream(node, declared, streams, findings)
    constant = node["name"].text if "name" in node else _constant(node, declared, findings)
    if not (event and stream and constant):
        return None
    return Subject(
        declared.name,
        declared.filter,
        declared.tokens,
        event,
        constant,
        stream.name,
        node.key_where,
        unknown="pass" if node["unknown"].value == "pass" else "refuse",
        readers="external" if node["readers"].value == "external" else "pipeline",
    )


def _stream(node: Node, declared: DeclaredSubject, streams: Sequence[Stream], findings: Findings) -> Stream | None:
    """The one stream that stores a subject."""
    around = [stream for stream in streams if any(covers(each, declared.filter) for each in stream.subjects)]
    touching = [stream for stream in streams if any(overlap(each, declared.filter) for each in stream.subjects)]
    if around:
        return around[0]  # where there are two, they overlap, which is reported already
    if touching:
        what = f"{touching[0].name} stores only a part of {declared.name}"
        findings.error(node.key_where, "part-of-a-stream", what, f"add {declared.filter} to its subjects")
    else:
        mend = f'add "{declared.filter}", or a filter around it, to the subjects of one'
        findings.error(node.key_where, "no-stream", f"no stream stores {declared.name}", mend)
    return None


def _constant(node: Node, declared: DeclaredSubject, findings: Findings) -> str:
    name = naming.constant("_".join(declared.literals)) if declared.literals else ""
    if not (name.isascii() and name.isidentifier()):
        what = f"no constant can be named after {declared.name}"
        findings.error(node.key_where, "no-constant-name", what, "write the long form: {event: FILE, name: CONSTANT}")
        return ""
    return name


def _check_overlaps(nodes: Sequence[Node], declared: Sequence[DeclaredSubject], findings: Findings) -> None:
    known: FilterIndex[int] = FilterIndex()
    for later, subject in enumerate(declared):
        for earlier in known.overlapping(subject.filter):
            what = f"{subject.name} overlaps {declared[earlier].name} (line {nodes[earlier].key_where.line}): some messages would have two types"
            mend = "give one of them another word at a place where they differ"
            findings.error(nodes[later].key_where, "subjects-overlap", what, mend)
        known.add(subject.filter, later)


def _check_constants(subjects: Sequence[Subject], findings: Findings) -> None:
    first: dict[str, Subject] = {}
    for subject in subjects:
        earlier = first.setdefault(subject.constant, subject)
        if earlier is not subject:
            what = f"{subject.name} and {earlier.name} (line {earlier.where.line}) both make the constant {subject.constant}"
            findings.error(
                subject.where, "doubled-constant", what, "write the long form: {event: FILE, name: CONSTANT}"
            )


def _check_tokens(subject: Subject, registry: Registry, findings: Findings) -> None:
    for token in subject.tokens:
        field = find_field(registry, subject.event.schema, token)
        if field is None:
            mend = f"name a field of it; it has {', '.join(field_names(registry, subject.event.schema)) or 'none'}"
            _refuse(subject, "token-unknown", f"{{{token}}} is no field of", mend, findings)
        elif not field.required:
            mend = f"add it to `required` there, all the way: a subject without {token} can't be made"
            _refuse(subject, "token-optional", f"{{{token}}} is not required in", mend, findings)
        elif not can_be_token(registry, field):
            mend = "a token is a string, an integer or a boolean, never null: choose another field"
            _refuse(subject, "token-not-scalar", f"{{{token}}} is not a scalar in", mend, findings)
        elif not always_fits(registry, field):
            _warn_loose(subject, token, field, findings)


def _refuse(subject: Subject, code: str, what: str, mend: str, findings: Findings) -> None:
    findings.error(subject.where, code, f"{what} {subject.event.name} ({subject.event.schema.where})", mend)


def _warn_loose(subject: Subject, token: str, field: Field, findings: Findings) -> None:
    findings.warn(
        field.places[0].where,
        "token-loose",
        f"{{{token}}} of {subject.name} may be empty, or hold a dot, wildcard or blank: such an event can't be published",
        'hold it to a form: "pattern": "^[A-Za-z0-9_-]+$", "format": "uuid", or an enum',
    )
