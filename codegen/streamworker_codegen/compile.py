"""The compiler, whole: `generate`, `generate --check` and `check` call it, and differ in what they do with the outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from streamworker_codegen.affected import users_of_events
from streamworker_codegen.bindings import Binding, Bindings, decorated_in, read_bindings
from streamworker_codegen.collecting import uncollected
from streamworker_codegen.graph import Graph
from streamworker_codegen.inputs import handler_names, input_digests
from streamworker_codegen.manifest import Manifest, digest, tool
from streamworker_codegen.models.making import Making
from streamworker_codegen.naming import attribute
from streamworker_codegen.problems import Problem
from streamworker_codegen.project import Project
from streamworker_codegen.reading import Reading, read_project
from streamworker_codegen.render import Rendered, render_project
from streamworker_codegen.sources import Source


@dataclass(frozen=True)
class Compiled:
    """files: the text of all of generated/ but its manifest. stubs: of every worker, by the path of its handler file. users: the handler
    files that take or return an event, by its name. Paths are relative to the project. Where a problem is an error, there are none."""

    problems: tuple[Problem, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    stubs: Mapping[str, str] = field(default_factory=dict)
    manifest: Manifest = field(default_factory=Manifest)
    users: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    events: int = 0
    workers: int = 0

    @property
    def failed(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)


@uncollected()
def compile_project(project: Project, making: Making | None = None) -> Compiled:
    """From the schemas to the texts. Writes nothing; reports every problem of every phase that could run.

    making: how things are made.
    """
    making = making or Making()
    reading = read_project(project, making.kept)
    bindings = read_bindings(project.handlers, reading.workers)
    rendered = _render(reading, bindings, project, making)
    problems = (*reading.problems, *_certain(bindings, reading), *(rendered.problems if rendered else ()))
    if reading.graph is None or rendered is None or any(problem.severity == "error" for problem in problems):
        return Compiled(_sorted(problem for problem in problems if problem.severity != "note"))
    return _compiled(project, reading.graph, rendered, bindings, _sorted(problems))


def _certain(bindings: Bindings, reading: Reading) -> Iterable[Problem]:
    """That a handler's worker is gone is said of a file that holds: where it does not, a worker may only not have been read."""
    return (problem for problem in bindings.problems if not reading.failed or problem.severity == "error")


def _render(reading: Reading, bindings: Bindings, project: Project, making: Making) -> Rendered | None:
    if reading.graph is None:
        return None
    return render_project(
        reading.graph,
        reading.registry,
        bindings.handlers,
        package=project.package,
        templates=project.templates,
        making=making,
    )


def _compiled(
    project: Project, graph: Graph, rendered: Rendered, bindings: Bindings, problems: tuple[Problem, ...]
) -> Compiled:
    files = {f"generated/{path}": text for path, text in sorted(rendered.files.items())}
    stubs = {f"handlers/{attribute(worker)}.py": text for worker, text in rendered.stubs.items()}
    new = {
        worker: _stub_binding(worker, text)
        for worker, text in rendered.stubs.items()
        if worker not in bindings.handlers
    }
    manifest = Manifest(
        tool(),
        input_digests(project),
        {path: digest(text.encode()) for path, text in files.items()},
        handler_names(Bindings({**bindings.handlers, **new}, ())),
    )
    users = users_of_events(graph, {worker: f"handlers/{attribute(worker)}.py" for worker in rendered.stubs})
    return Compiled(problems, files, stubs, manifest, users, len(graph.events), len(graph.workers))


def _stub_binding(worker: str, text: str) -> Binding:
    (decorated,) = decorated_in(Source("", text))
    return Binding(attribute(worker), decorated.name)


def _sorted(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By place, each once."""
    return tuple(sorted(set(problems)))
