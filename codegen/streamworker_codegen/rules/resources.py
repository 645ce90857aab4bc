"""Buckets, object stores and HTTP services, and that the constants of all of them differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from streamworker_codegen import naming
from streamworker_codegen.graph import Bucket, Http, Stream
from streamworker_codegen.nodes import Node
from streamworker_codegen.problems import Position
from streamworker_codegen.rules.events import Events
from streamworker_codegen.rules.findings import Findings

_HTTP_TIMEOUT = 10.0
_KEY_PART = re.compile(r"(?:[-/_=A-Za-z0-9]|\{[A-Za-z_][A-Za-z0-9_]*\})+")
_TOKEN = re.compile(r"\{([^{}]*)\}")
_VARIABLE = re.compile(r"\$\{(?![A-Za-z_][A-Za-z0-9_]*(?::-[^{}]*)?\})")


def read_buckets(root: Node, events: Events, findings: Findings) -> tuple[Bucket, ...]:
    return tuple(
        bucket for node in root["buckets"] if (bucket := _bucket(node, root["pipeline"].text, events, findings))
    )


def read_http(root: Node, findings: Findings) -> tuple[Http, ...]:
    services = []
    for node in root["http"]:
        check_variables(node["url"], findings)
        timeout = node["timeout"].seconds if "timeout" in node else _HTTP_TIMEOUT
        services.append(Http(node.key, node["url"].text, timeout, node.key_where))
    return tuple(services)


def check_variables(node: Node, findings: Findings) -> None:
    """`${NAME}` and `${NAME:-default}` are all that comes from the environment."""
    if isinstance(node.value, str) and _VARIABLE.search(node.value):
        findings.error(
            node.where,
            "malformed-variable",
            f"{node.value} holds a ${{ that names no variable",
            "write ${NAME} or ${NAME:-default}",
        )
    for inner in (*node, *(node.texts if isinstance(node.value, list) else ())):
        check_variables(inner, findings)


def check_constants(
    streams: Sequence[Stream], buckets: Sequence[Bucket], http: Sequence[Http], findings: Findings
) -> None:
    named = [(f"{naming.constant(stream.name)}_STREAM", f"stream {stream.name}", stream.where) for stream in streams]
    named += [(naming.constant(bucket.name), f"bucket {bucket.name}", bucket.where) for bucket in buckets]
    named += [(naming.constant(service.name), f"http service {service.name}", service.where) for service in http]
    _check_unique(named, findings)


def _check_unique(named: Iterable[tuple[str, str, Position]], findings: Findings) -> None:
    first: dict[str, str] = {"DEAD_LETTERS_STREAM": "stream of dead letters"}
    for constant, what, where in named:
        earlier = first.setdefault(constant, what)
        if earlier != what:
            text = f"the {what} and the {earlier} both make the constant {constant} of generated/resources.py"
            findings.error(where, "doubled-constant", text, "rename one of them")


def _bucket(node: Node, pipeline: str, events: Events, findings: Findings) -> Bucket | None:
    if node.key.startswith(f"{pipeline}_"):
        what = f"buckets that begin with {pipeline}_ are streamworker's own"
        findings.error(node.key_where, "reserved-bucket", what, "choose another name")
    settings = _settings(node)
    if node["objects"].value is True:
        _check_store(node, findings)
        return Bucket(node.key, "", None, settings, node.key_where)
    for key in ("key", "value"):
        if key not in node:
            mend = f"add `{key}`, or `objects: true` for an object store"
            findings.error(node.key_where, "missing-key", f"`{node.key}` has no `{key}`", mend)
    if "key" not in node or "value" not in node:
        return None
    _check_key(node["key"], findings)
    value = events.at(node["value"], "value")
    return Bucket(node.key, node["key"].text, value, settings, node.key_where) if value else None


def _settings(node: Node) -> dict[str, object]:
    found: dict[str, object] = {"ttl": node["ttl"].seconds} if "ttl" in node else {}
    return found | ({"replicas": node["replicas"].value} if "replicas" in node else {})


def _check_store(node: Node, findings: Findings) -> None:
    for key in ("key", "value"):
        if key in node:
            findings.error(
                node[key].where,
                "store-with-key",
                f"an object store has no `{key}`",
                f"remove `{key}`, or `objects: true`",
            )


def _check_key(node: Node, findings: Findings) -> None:
    parts = re.split(r"\.(?![^{}]*\})", node.text)
    tokens = _TOKEN.findall(node.text)
    if not all(_KEY_PART.fullmatch(part) for part in parts):
        mend = "write names in braces, letters, digits, -, _, / and =, with dots between: {tuner}.{programId}"
        findings.error(node.where, "malformed-key", f'"{node.text}" is no template of keys', mend)
    elif doubled := [token for token in tokens if tokens.count(token) > 1]:
        findings.error(node.where, "malformed-key", f"the key names {{{doubled[0]}}} twice", "name each token once")
