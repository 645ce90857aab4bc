"""`streamworker explain`."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from streamworker_codegen.project import Project
from streamworker_codegen.terminal import ProjectOption, fail, guarded, tell

if TYPE_CHECKING:
    from streamworker_codegen.documents import Json
    from streamworker_codegen.graph import Event, Graph
    from streamworker_codegen.reading import Reading


def explain(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="CODE|EVENT",
            help="A problem's code, such as token-loose; or an event: class, schema file or subject.",
        ),
    ] = None,
    sample: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Measure on the first event of this .json or .jsonl file.")
    ] = None,
    measure: Annotated[bool, typer.Option(help="Measure what decode and encode cost.")] = True,
    json: Annotated[bool, typer.Option("--json", help="An event's facts as a line of JSON.")] = False,
    project: ProjectOption = Path(),
) -> None:
    """Explain a problem: cause, example, mend. Or an event: where its contract is enforced, who reads and writes it, what it costs.

    Without an argument: all codes.
    """
    from streamworker_codegen.explaining.pages import codes, headline, page

    if what is None:
        width = max(map(len, codes()))
        typer.echo("\n".join(f"{code:<{width}}  {headline(code)}" for code in codes()))
    elif (text := page(what)) is not None:
        typer.echo(text, nl=False)
    else:
        guarded(lambda: _explain_event(Project(project), what, sample, measure=measure, json=json), Project(project))


def _explain_event(place: Project, name: str, sample: Path | None, *, measure: bool, json: bool) -> None:
    from streamworker_codegen.explaining.cost import measure as measured
    from streamworker_codegen.explaining.facts import facts_of, find_event
    from streamworker_codegen.explaining.text import as_json, as_text
    from streamworker_codegen.handler_uses import read_uses
    from streamworker_codegen.reading import read_project
    from streamworker_codegen.shapes import read_shapes

    reading = read_project(place)
    event = find_event(reading.graph, name) if reading.graph else None
    if reading.graph is None or event is None:
        _unknown(place, name, reading)
        return
    shapes = read_shapes(reading.graph, reading.registry)
    facts = facts_of(event, reading, reading.graph, shapes, read_uses(place, reading.workers))
    cost = measured(place, event.name, _samples(reading, event, sample)) if measure and facts.carried else None
    origin = str(sample) if sample else "a sample made up from the schema (--sample FILE gives another)"
    typer.echo((as_json if json else as_text)(facts, cost, origin), nl=False)


def _samples(reading: Reading, event: Event, sample: Path | None) -> list[Json]:
    if sample:
        from streamworker_codegen.adding.samples import read_samples

        return read_samples(sample)
    from streamworker_codegen.explaining.sample import samples_of

    return list(samples_of(reading.registry, event.schema))


def _unknown(place: Project, name: str, reading: Reading) -> None:
    from streamworker_codegen.explaining.pages import codes

    if reading.graph is None:
        tell(sorted(each for each in set(reading.problems) if each.severity == "error"), place)
        fail(f"{name} is no code of a problem; to explain an event, mend these first")
    near = get_close_matches(name, [*codes(), *_names(reading.graph)], 1)
    fail(f"{name} is no code of a problem and no event here" + (f"; did you mean {near[0]}?" if near else ""))


def _names(graph: Graph) -> list[str]:
    return [*(each.name for each in (*graph.events, *graph.values)), *(each.name for each in graph.subjects)]
