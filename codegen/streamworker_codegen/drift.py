"""`generate --check`: what `generate` would do, as problems."""

from __future__ import annotations

from collections.abc import Iterator

from streamworker_codegen.plan import Plan
from streamworker_codegen.problems import Position, Problem

_MEND = "run `streamworker generate`, and commit what it writes"


def drift(plan: Plan) -> list[Problem]:
    """Files that are missing, stale or edited by hand, and stubs that were never written."""
    return sorted(_drift(plan))


def _drift(plan: Plan) -> Iterator[Problem]:
    for path in plan.writes:
        if path in plan.missing:
            yield Problem(Position(path), "missing", f"{path} is missing", _MEND)
        elif path not in plan.edited:
            yield Problem(Position(path), "stale", f"{path} is not what the schemas make", _MEND)
    for path in plan.removes:
        if path not in plan.edited:
            yield Problem(Position(path), "left-over", f"{path} is made by nothing any more", _MEND)
    for path in plan.stubs:
        yield Problem(Position(path), "missing-stub", f"{path} is missing: a worker without a handler", _MEND)
    yield from edited(plan)


def edited(plan: Plan) -> list[Problem]:
    """Files of generated/ that somebody changed: `generate` does not touch them."""
    mend = "move the change to schemas/, a handler or a template, then run `streamworker generate --force`, which overwrites it"
    return [
        Problem(Position(path), "edited-by-hand", f"{path} is not as generate left it", mend) for path in plan.edited
    ]
