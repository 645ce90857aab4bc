"""The options of a worker: its own over `defaults`, over the runtime's. Durations are seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streamworker_codegen.nodes import Node
from streamworker_codegen.quantities import span

RETRY_DEFAULTS: Mapping[str, object] = {"attempts": 5, "shortest": 1.0, "longest": 60.0}
BATCH_DEFAULTS: Mapping[str, object] = {"wait": 1.0}
DEFAULTS: Mapping[str, object] = {
    "concurrency": 64,
    "max_unconfirmed": 4096,
    "timeout": 300.0,
    "ack_wait": 30.0,
    "grace": 25.0,
    "start": "all",
    "order_by": None,
    "partitions": None,
    "batch": None,
    "retry": RETRY_DEFAULTS,
}
_DURATIONS = ("timeout", "ack_wait", "grace")


@dataclass(frozen=True)
class Options:
    """All options of a worker, as they apply."""

    values: Mapping[str, object]
    attempts: int
    longest: float
    ack_wait: float
    timeout: float

    @property
    def horizon(self) -> float:
        """How long after its first delivery an event may still be tried: attempts x (ack_wait + timeout + longest delay)."""
        return self.attempts * (self.ack_wait + self.timeout + self.longest)

    @property
    def changed(self) -> dict[str, object]:
        """Those that differ from the runtime's defaults; of `retry` and `batch` only what differs within."""
        found = {name: value for name, value in self.values.items() if value != DEFAULTS[name]}
        if isinstance(retry := found.get("retry"), dict):
            found["retry"] = _without(retry, RETRY_DEFAULTS)
        if isinstance(batch := found.get("batch"), dict):
            found["batch"] = _without(batch, BATCH_DEFAULTS)
        return found


def read_options(worker: Node, defaults: Node) -> Options:
    own, general = _own(worker), _own(defaults)
    retry = {**RETRY_DEFAULTS, **_retry(defaults["retry"]), **_retry(worker["retry"])}
    values: dict[str, object] = {**DEFAULTS, **general, **own, "retry": retry}
    return Options(
        values,
        int(str(retry["attempts"])),
        float(str(retry["longest"])),
        float(str(values["ack_wait"])),
        float(str(values["timeout"])),
    )


def _own(node: Node) -> dict[str, object]:
    found: dict[str, object] = {
        each.key: each.value for each in node if each.key in DEFAULTS and each.key not in ("retry", "batch")
    }
    found |= {name: node[name].seconds for name in _DURATIONS if name in node}
    if "batch" in node:
        batch = node["batch"]
        wait = batch["wait"].seconds if "wait" in batch else BATCH_DEFAULTS["wait"]
        found["batch"] = {"max": batch["max"].value, "wait": wait}
    return found


def _retry(node: Node) -> dict[str, object]:
    found: dict[str, object] = {}
    if "attempts" in node:
        found["attempts"] = node["attempts"].value
    if "delay" in node:
        found["shortest"], found["longest"] = span(node["delay"].text)
    return found


def _without(values: Mapping[str, object], defaults: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in values.items() if name not in defaults or value != defaults[name]}
