"""Which definition is whose handler, read without importing anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamworker_codegen.bindings import Binding, read_bindings

SHAPES = {
    "a function": "from generated.workers import biller\n@biller.handler\nasync def bill(e): ...",
    "under another name": "from generated.workers import biller as b\n@b.blocking\ndef bill(e): ...",
    "the module": "import generated.workers\n@generated.workers.biller.handler\nasync def bill(e): ...",
    "the module under another name": "import generated.workers as w\n@w.biller.handler\nasync def bill(e): ...",
    "the module from its package": "from generated import workers\n@workers.biller.handler\nasync def bill(e): ...",
    "everything": "from generated.workers import *\n@biller.handler\nasync def bill(e): ...",
    "a project in a package": "from shop.generated.workers import biller\n@biller.handler\nasync def bill(e): ...",
    "a relative import": "from ..generated.workers import biller\n@biller.handler\nasync def bill(e): ...",
    "a relative module": "from ..generated import workers\n@workers.biller.handler\nasync def bill(e): ...",
    "a chain": "from generated.workers import biller\n@biller.with_middleware(Logged()).with_errors(E).classify({}).handler\nasync def bill(e): ...",
    "a chain over lines": "from generated.workers import (\n    biller,\n)\n@biller.with_middleware(\n    Logged(),\n).handler\ndef bill(e): ...",
    "a spec of its own": "from generated.workers import biller\nspec = biller.with_errors(E)\n@spec.handler\nasync def bill(e): ...",
    "a lifespan": "from generated.workers import biller\n@biller.lifespan\n@asynccontextmanager\nasync def bill(r): ...",
    "a class": "from generated.workers import biller\n@biller.handler\nclass bill: ...",
    "among others": "from generated.workers import biller\nx = 1\nclass A: ...\n@property\ndef b(): ...\n@biller.handler\nasync def bill(e): ...",
}


def bound(folder: Path, *workers: str, **modules: str) -> tuple[dict[str, Binding], list[str]]:
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text, "utf-8")
    found = read_bindings(folder, workers)
    return dict(found.handlers), [problem.code for problem in found.problems]


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_a_handler_is_found_however_it_is_bound(tmp_path: Path, text: str) -> None:
    assert bound(tmp_path, "biller", biller=text) == ({"biller": Binding("biller", "bill")}, [])


def test_a_worker_without_a_file_has_no_handler_and_no_problem(tmp_path: Path) -> None:
    assert bound(tmp_path, "biller") == ({}, [])
    assert bound(tmp_path / "handlers", "biller") == ({}, [])


@pytest.mark.parametrize(
    "text",
    [
        "async def bill(e): ...",
        "from elsewhere import biller\n@biller.handler\nasync def bill(e): ...",
        "from generated.workers import biller\ndef outer():\n    @biller.handler\n    async def bill(e): ...",
        "from generated.workers import biller\nasync def bill(e): ...\nbiller.handler(bill)",
        "",
    ],
)
def test_what_no_spec_decorates_at_the_top_is_no_handler(tmp_path: Path, text: str) -> None:
    assert bound(tmp_path, "biller", biller=text) == ({}, ["no-handler"])


def test_a_worker_whose_name_is_a_keyword_has_a_handler_file(tmp_path: Path) -> None:
    text = "from generated.workers import class_\n@class_.handler\nasync def teach(e): ..."
    assert bound(tmp_path, "class", class_=text) == ({"class": Binding("class_", "teach")}, [])


def test_modules_beside_the_handlers_may_be_anything(tmp_path: Path) -> None:
    assert bound(tmp_path, "biller", domain="def broken(", other="import generated.workers") == ({}, [])


@pytest.mark.parametrize("text", ["def bill(:", "\x00", "(" * 10_000, "x = " + "-" * 100_000 + "1"])
def test_what_is_no_python_is_told_and_never_ends_the_compiler(tmp_path: Path, text: str) -> None:
    assert bound(tmp_path, "biller", biller=text) == ({}, ["handler-syntax"])
