"""The compiler, whole: `generate`, `generate --check` and `check` call it, and differ in what they do with the outcome."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from streamworker_codegen.bindings import Binding, Bindings, decorated_in, read_bindings
from streamworker_codegen.graph import Graph
from streamworker_codegen.inputs import handler_names, input_digests
from streamworker_codegen.load import load_documents
from streamworker_codegen.manifest import Manifest, digest, tool
from streamworker_codegen.naming import attribute
from streamworker_codegen.pipeline_file import PipelineFile, load_pipeline
from streamworker_codegen.problems import Problem
from streamworker_codegen.project import Project
from streamworker_codegen.references import check_references
from streamworker_codegen.registry import Registry
from streamworker_codegen.render import Rendered, render_project
from streamworker_codegen.rules import Checked, check_graph
from streamworker_codegen.sources import Source


@dataclass(frozen=True)
class Compiled:
    """files: the text of all of generated/ but its manifest. stubs: of every worker, by the path of its handler file. Paths are relative
    to the project. Where a problem is an error, there are none."""

    problems: tuple[Problem, ...]
    files: Mapping[str, str] = field(default_factory=dict)
    stubs: Mapping[str, str] = field(default_factory=dict)
    manifest: Manifest = field(default_factory=Manifest)
    events: int = 0
    workers: int = 0

    @property
    def failed(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)


def compile_project(project: Project) -> Compiled:
    """From the schemas to the texts. Writes nothing; reports every problem of every phase that could run."""
    documents = load_documents(project.schemas)
    registry = Registry(documents.files.values())
    references = check_references(registry, documents.refused)
    file = load_pipeline(project.schemas)
    checked = _graph(file, registry, documents.refused, references)
    bindings = read_bindings(project.handlers, _workers(file))
    rendered = _render(checked.graph, registry, bindings, project)
    problems = (
        *documents.problems,
        *references,
        *file.problems,
        *checked.problems,
        *bindings.problems,
        *(rendered.problems if rendered else ()),
    )
    if checked.graph is None or rendered is None or any(problem.severity == "error" for problem in problems):
        return Compiled(_sorted(problem for problem in problems if problem.severity != "note"))
    return _compiled(project, checked.graph, rendered, bindings, _sorted(problems))


def _graph(file: PipelineFile, registry: Registry, refused: Iterable[str], references: Iterable[Problem]) -> Checked:
    """Schemas in a circle have no fields to look for."""
    if file.root is None or any(problem.code == "ref-circle" for problem in references):
        return Checked(None, ())
    return check_graph(file.root, registry, frozenset(refused))


def _workers(file: PipelineFile) -> list[str]:
    return [worker.key for worker in file.root["workers"]] if file.root else []


def _render(graph: Graph | None, registry: Registry, bindings: Bindings, project: Project) -> Rendered | None:
    if graph is None:
        return None
    return render_project(graph, registry, bindings.handlers, package=project.package, templates=project.templates)


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
    return Compiled(problems, files, stubs, manifest, len(graph.events), len(graph.workers))


def _stub_binding(worker: str, text: str) -> Binding:
    (decorated,) = decorated_in(Source("", text))
    return Binding(attribute(worker), decorated.name)


def _sorted(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """By place, each once."""
    return tuple(sorted(set(problems)))
