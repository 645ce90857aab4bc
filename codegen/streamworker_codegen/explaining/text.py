"""Facts and cost of an event, as people and programs read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from streamworker_codegen.explaining.cost import Cost, NotMeasured
from streamworker_codegen.explaining.facts import Facts

_MOST = 8


def as_text(facts: Facts, cost: Cost | NotMeasured | None, origin: str) -> str:
    """origin: where the sample came from."""
    return "\n".join(_lines(facts, cost, origin)) + "\n"


def as_json(facts: Facts, cost: Cost | NotMeasured | None, origin: str) -> str:
    measured = asdict(cost) | {"origin": origin} if isinstance(cost, Cost) else None
    return json.dumps({**asdict(facts), "sound": facts.sound, "cost_us": measured}, ensure_ascii=False) + "\n"


def _lines(facts: Facts, cost: Cost | NotMeasured | None, origin: str) -> Iterator[str]:
    yield facts.name
    yield f"  schema    {facts.schema} ({facts.draft})"
    size = f"{_counted(facts.fields, 'field')} in {_counted(facts.classes, 'class', 'classes')}"
    yield f"  model     generated.events.{facts.name}: {size}"
    yield from _model(facts)
    yield from _listed("typed", "wider than the schema says:", facts.notes)
    for each in facts.carried:
        yield f"  subject   {each.subject}, in the stream {each.stream}"
        yield f"            written by {', '.join(each.writers) or 'nobody here'}"
        yield f"            read by {', '.join(each.readers) or 'nobody here'}"
    if facts.buckets:
        yield f"  value     of the bucket{'' if len(facts.buckets) == 1 else 's'} {', '.join(facts.buckets)}"
    yield from _cost(cost, origin)


def _model(facts: Facts) -> Iterator[str]:
    if facts.sound:
        yield "  sound     the model accepts by itself; what it refuses, the schema judges (jsonschema-rs)"
    else:
        yield from _listed(
            "unsound", "the schema judges every event first (jsonschema-rs); no type says these:", facts.unsound
        )
    yield from _listed("beside", "checked by the validator of the schema, within the model:", facts.beside)


def _listed(word: str, what: str, lines: tuple[str, ...]) -> Iterator[str]:
    if lines:
        yield f"  {word:<9} {what}"
        yield from (f"              {line}" for line in lines[:_MOST])
    if len(lines) > _MOST:
        yield f"              and {len(lines) - _MOST} more"


def _cost(cost: Cost | NotMeasured | None, origin: str) -> Iterator[str]:
    match cost:
        case Cost():
            yield f"  cost      on {origin}, {cost.size} bytes; microseconds of one core:"
            yield f"              decode {cost.decode:.1f}"
            yield f"              encode {cost.encode:.1f} as it came, {cost.encode_made:.1f} made in code"
        case NotMeasured(why):
            yield f"  cost      not measured: {why}"
        case None:
            return


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or f'{one}s'}"
