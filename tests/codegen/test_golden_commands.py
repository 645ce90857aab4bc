"""What commands say of projects in a wrong state, with the exact words that the user reads, and that every code has such words.

A case is a folder of tests/golden/commands/: a project, steps.sh and expected.txt, which holds what the steps print, and the exit code of
the last. The steps run in a copy, with `streamworker` and as much of `nats` as the docs use; `start_server` starts one, for those that
follow. After a change of wording, `STREAMWORKER_ACCEPT=1` writes the words anew; read the difference before you commit it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from streamworker_codegen.explaining.pages import codes

from tests.conftest import StartNatsServer

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
CASES = GOLDEN / "commands"
PRELUDE = """\
streamworker() { "$PYTHON" -P -m streamworker.cli "$@"; }
nats() { (cd "$ROOT" && "$PYTHON" -m tests.docs.nats "$@"); }
start_server() { export NATS_URL="$SERVER"; }
"""


def said(folder: Path, server: str, cache: Path) -> str:
    """What the steps in a folder print, without what varies."""
    steps = (folder / "steps.sh").read_text("utf-8")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("NATS_", "GITHUB_"))}
    variables = {
        "PYTHON": sys.executable,
        "ROOT": str(ROOT),
        "SERVER": server,
        "MYPY_CACHE_DIR": str(cache),  # one for all cases: mypy reads our libraries once
        "GIT_CEILING_DIRECTORIES": str(folder.parent),
    }
    run = subprocess.run(
        ["bash", "-c", PRELUDE + steps],
        cwd=folder,
        env={**clean, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return f"{run.stdout}exit code {run.returncode}\n"


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_a_command_says_so_in_these_words(
    case: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, start_nats_server: StartNatsServer
) -> None:
    folder = tmp_path / "shop"
    shutil.copytree(case, folder)
    starts = "start_server" in (case / "steps.sh").read_text("utf-8")
    text = said(folder, start_nats_server().url if starts else "", tmp_path_factory.getbasetemp() / "mypy")
    if os.environ.get("STREAMWORKER_ACCEPT"):
        (case / "expected.txt").write_text(text, "utf-8")
    assert (case / "expected.txt").read_text("utf-8") == text


def test_every_code_is_said_in_a_golden_message() -> None:
    found = re.findall(
        r": (?:error|warning|note): .*\[([a-z0-9-]+)(?:: [a-z-]+)?\]$", "\n".join(golden()), re.MULTILINE
    )
    assert set(codes()) == set(found)


def golden() -> list[str]:
    paths = [*GOLDEN.rglob("expected.txt"), *GOLDEN.glob("generate/*/expected/report.txt")]
    return [path.read_text("utf-8") for path in paths]
