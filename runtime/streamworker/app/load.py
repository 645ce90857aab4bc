"""A project's pipeline: imports `generated.pipeline` of a folder, and says in a few lines what stands in the way."""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from streamworker.errors import ConfigurationError
from streamworker.pipeline import Pipeline

_FRAMES = 3  # of the user's own code, nearest the error: enough to see where it came from


def load_pipeline(project: Path) -> Pipeline:
    """The pipeline of the project in `project`: its `generated/pipeline.py` is imported, and with it every handler.

    Where the folder lies in a package, so do the modules: `shop.events.generated.pipeline`.
    Raises ConfigurationError where nothing was generated, where a handler can't be imported or is bound to another worker.
    """
    folder = project.resolve()
    file = folder / "generated" / "pipeline.py"
    if not file.is_file():
        first = "run `streamworker generate` there first, or" if folder.is_dir() else "there is no such folder:"
        raise ConfigurationError(
            f"there is no generated/pipeline.py in {project}", hint=f"{first} say where the project is: --project DIR"
        )
    return _pipeline_of(_import(folder, project))


def _import(folder: Path, project: Path) -> ModuleType:
    root, package = _root_and_package(folder)
    sys.path.insert(0, str(root))
    try:
        module = importlib.import_module(".".join((*package, "generated", "pipeline")))
    except ConfigurationError:
        raise
    except (Exception, SystemExit) as error:
        _check_origins(folder, package)
        raise ConfigurationError(_account(error, folder), hint=_hint(error, folder, project)) from error
    _check_origins(folder, package)
    return module


def _root_and_package(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """The folder to import from, and the packages between it and the project."""
    package: list[str] = []
    while (folder / "__init__.py").is_file():
        package.insert(0, folder.name)
        folder = folder.parent
    return folder, tuple(package)


def _check_origins(folder: Path, package: Sequence[str]) -> None:
    """The packages that were imported are the project's own, and not others of the same names."""
    for name in ("generated", "handlers"):
        found = sys.modules.get(".".join((*package, name)))
        places = [Path(place) for place in found.__path__] if found is not None else []
        if places and folder / name not in places:
            raise ConfigurationError(
                f"another package called {name} is in the way: {places[0]}",
                hint=f"remove it, give {name}/ an __init__.py if it has none, and run one project in a process",
            )


def _pipeline_of(module: ModuleType) -> Pipeline:
    pipeline = getattr(module, "PIPELINE", None)
    if isinstance(pipeline, Pipeline):
        return pipeline
    raise ConfigurationError(
        "generated/pipeline.py does not define PIPELINE",
        hint="run `streamworker generate`: another version may have made it",
    )


def _account(error: BaseException, folder: Path) -> str:
    """What went wrong, with the frames of the project's own code that led there."""
    told = traceback.TracebackException.from_exception(error)
    own = [frame for frame in told.stack if _is_own(frame.filename, folder)]
    lines = [f"  {_place(frame.filename, frame.lineno, folder)}: {frame.line}" for frame in own[-_FRAMES:]]
    what = [f"  {line.rstrip()}" for line in told.format_exception_only()]
    place = own[-1].filename if own else error.filename if isinstance(error, SyntaxError) and error.filename else ""
    subject = _place(place, None, folder) if place and Path(place).is_relative_to(folder) else "the pipeline"
    return "\n".join([f"{subject} could not be imported:", *lines, *what])


def _hint(error: BaseException, folder: Path, project: Path) -> str:
    missing = getattr(error, "name", "") or ""
    own = missing.split(".")[0] in ("handlers", "generated") or missing.startswith(f"{folder.name}.")
    if isinstance(error, ImportError) and own:
        return f"generated/ and handlers/ do not fit: run `streamworker generate --project {project}`"
    return "nothing was started"


def _is_own(filename: str, folder: Path) -> bool:
    path = Path(filename)
    return (
        path.is_relative_to(folder)
        and "site-packages" not in path.parts
        and not path.is_relative_to(folder / "generated")
    )


def _place(filename: str, line: int | None, folder: Path) -> str:
    path = Path(filename).relative_to(folder)
    return f"{path}:{line}" if line else str(path)
