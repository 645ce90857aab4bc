"""What stands in the way of a project's pipeline, each told in a few lines."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

WORKERS = """
from streamworker.spec import WorkerSpec
watcher = WorkerSpec[int, None](name="watcher", source=(), emit="none")
other = WorkerSpec[int, None](name="other", source=(), emit="none")
"""
HANDLER = """
from {package}generated.workers import watcher
@watcher.handler
async def watch(event: int) -> None: ...
"""
PIPELINE = """
from {package}handlers.watcher import watch
from streamworker.pipeline import Pipeline
from streamworker.resources import Stream
from streamworker.spec import bound
from .workers import watcher
PIPELINE = Pipeline(name="tv", streams=(), dead_letters=Stream(name="DEAD", subjects=("dead.>",)), subjects=(), workers=(bound(watcher, watch),))
"""
LOAD = """
import sys
from pathlib import Path
from streamworker.app.load import load_pipeline
from streamworker.errors import ConfigurationError
try:
    print("loaded", load_pipeline(Path(sys.argv[1])).workers[0].spec.name)
except ConfigurationError as error:
    print(error)
"""


def project(folder: Path, *, handler: str = HANDLER, pipeline: str = PIPELINE, package: str = "") -> Path:
    files = {"generated/__init__.py": "", "generated/workers.py": WORKERS, "generated/pipeline.py": pipeline}
    for name, text in (files | {"handlers/watcher.py": handler}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text.replace("{package}", package))
    return folder


def load(folder: Path) -> str:
    """What loading prints, in a process of its own: a process holds one project."""
    done = subprocess.run(
        [sys.executable, "-P", "-c", LOAD, str(folder)], capture_output=True, text=True, check=True, timeout=30
    )
    return done.stdout.replace(str(folder), "DIR").strip()


def test_a_project_is_loaded_from_its_folder(tmp_path: Path) -> None:
    assert load(project(tmp_path)) == "loaded watcher"


def test_a_project_inside_a_package_is_loaded_with_its_full_name(tmp_path: Path) -> None:
    folder = project(tmp_path / "shop" / "events", package="shop.events.")
    (tmp_path / "shop" / "__init__.py").touch()
    (folder / "__init__.py").touch()

    assert load(folder) == "loaded watcher"


def test_a_folder_without_generated_files_says_what_to_run(tmp_path: Path) -> None:
    assert load(tmp_path) == (
        "there is no generated/pipeline.py in DIR\n"
        "  run `streamworker generate` there first, or say where the project is: --project DIR"
    )
    assert load(tmp_path / "nowhere").endswith("\n  there is no such folder: say where the project is: --project DIR")


def test_a_handler_that_raises_at_import_shows_its_own_traceback(tmp_path: Path) -> None:
    raising = HANDLER + "\ndef limit(text):\n    return int(text)\n\nLIMIT = limit('many')\n"

    assert load(project(tmp_path, handler=raising)) == (
        "handlers/watcher.py could not be imported:\n"
        "  handlers/watcher.py:9: LIMIT = limit('many')\n"
        "  handlers/watcher.py:7: return int(text)\n"
        "  ValueError: invalid literal for int() with base 10: 'many'\n"
        "  nothing was started"
    )


def test_a_handler_that_ends_the_process_at_import_is_told_like_any_other(tmp_path: Path) -> None:
    told = load(project(tmp_path, handler=HANDLER + "\nexit(3)\n"))

    assert "handlers/watcher.py:6: exit(3)\n  SystemExit: 3" in told


def test_a_handler_with_a_syntax_error_shows_the_line(tmp_path: Path) -> None:
    told = load(project(tmp_path, handler=HANDLER + "\ndef broken(:\n"))

    assert told.startswith("handlers/watcher.py could not be imported:\n")
    assert 'watcher.py", line 6' in told
    assert "def broken(:" in told
    assert told.endswith("SyntaxError: invalid syntax\n  nothing was started")


def test_a_package_that_a_handler_misses_is_named(tmp_path: Path) -> None:
    told = load(project(tmp_path, handler="import nonexistent_package\n" + HANDLER))

    assert told == (
        "handlers/watcher.py could not be imported:\n"
        "  handlers/watcher.py:1: import nonexistent_package\n"
        "  ModuleNotFoundError: No module named 'nonexistent_package'\n"
        "  nothing was started"
    )


@pytest.mark.parametrize("gone", ["renamed", "removed"])
def test_a_handler_that_has_gone_asks_for_generate(tmp_path: Path, gone: str) -> None:
    folder = project(tmp_path, handler=HANDLER.replace("watch(", "look("))
    if gone == "removed":
        (folder / "handlers" / "watcher.py").unlink()

    told = load(folder)

    assert told.startswith("the pipeline could not be imported:\n")
    assert "handlers" in told
    assert told.endswith("\n  generated/ and handlers/ do not fit: run `streamworker generate --project DIR`")


def test_a_handler_of_another_worker_is_refused(tmp_path: Path) -> None:
    assert load(project(tmp_path, handler=HANDLER.replace("import watcher", "import other as watcher"))) == (
        "watch is bound to the worker other, not to watcher\n  decorate it with that worker's own spec, from generated.workers"
    )


def test_a_handler_without_its_decorator_is_refused(tmp_path: Path) -> None:
    assert load(project(tmp_path, handler=HANDLER.replace("@watcher.handler", ""))) == (
        "watch is not bound to the worker watcher\n  decorate it with that worker's own spec, from generated.workers"
    )


def test_a_second_handler_of_a_worker_is_refused(tmp_path: Path) -> None:
    second = HANDLER[HANDLER.index("@") :].replace("watch(", "watch_too(")
    assert load(project(tmp_path, handler=HANDLER + second)) == (
        "watch and watch_too are both bound to the worker watcher\n  a worker has one handler: remove one of the decorators"
    )


def test_generated_files_without_a_pipeline_are_refused(tmp_path: Path) -> None:
    assert load(project(tmp_path, pipeline="")) == (
        "generated/pipeline.py does not define PIPELINE\n  run `streamworker generate`: another version may have made it"
    )


def test_another_package_of_the_name_is_named(tmp_path: Path) -> None:
    """A project's `generated` that is not the one imported: an installed package, or a second project in one process."""
    one, two = project(tmp_path / "one"), project(tmp_path / "two")
    script = LOAD.replace("try:", f"load_pipeline(Path({str(one)!r}))\ntry:")
    done = subprocess.run(
        [sys.executable, "-P", "-c", script, str(two)], capture_output=True, text=True, check=True, timeout=30
    )

    assert done.stdout.startswith(f"another package called generated is in the way: {one}/generated\n")


def test_a_package_that_hides_the_handlers_is_named(tmp_path: Path) -> None:
    """A folder without __init__.py gives way to any package of that name, wherever it is."""
    folder = project(tmp_path / "project")
    other = tmp_path / "other" / "handlers"
    other.mkdir(parents=True)
    (other / "__init__.py").touch()
    script = f"import sys; sys.path.append({str(other.parent)!r})\n{LOAD}"
    done = subprocess.run(
        [sys.executable, "-P", "-c", script, str(folder)], capture_output=True, text=True, check=True, timeout=30
    )

    assert done.stdout == (
        f"another package called handlers is in the way: {other}\n"
        "  remove it, give handlers/ an __init__.py if it has none, and run one project in a process\n"
    )
