"""Every block of the README and the docs is true: it is run, written and type-checked, or part of a file that is there."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import StartNatsServer
from tests.docs.blocks import LANGUAGES, PAGES, ROOT, blocks
from tests.docs.project import Project

REFERENCE = ("schemas", "generated", "handlers", "pyproject.toml")
WITH_BLOCKS = [page for page in PAGES if blocks(page)]


@pytest.mark.parametrize("page", WITH_BLOCKS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page_are_true_from_top_to_bottom(
    page: Path, tmp_path: Path, start_nats_server: StartNatsServer
) -> None:
    project = Project(tmp_path, start_nats_server)
    if page.name != "tutorial.md":  # which begins in an empty folder; the others are about the reference pipeline
        project.copy(*REFERENCE)
    for block in blocks(page):
        project.take(block)


def test_every_block_is_of_a_language_that_is_tried() -> None:
    assert not [str(block) for page in PAGES for block in blocks(page) if block.language not in LANGUAGES]


def test_nothing_hides_from_these_tests_in_an_indented_block() -> None:
    """Markdown takes lines that are indented by four as code, too; ours are fenced."""
    outside = [
        f"{page.relative_to(ROOT)}:{number}"
        for page in PAGES
        for number, (before, line) in enumerate(_pairs(page), start=2)
        if line.startswith("    ") and not before.strip()
    ]
    assert outside == []


def _pairs(page: Path) -> list[tuple[str, str]]:
    """Each line with the one before it, without what is in fences."""
    lines, fenced = [], False
    for line in page.read_text().splitlines():
        fenced ^= line.startswith("```")
        lines.append("" if fenced else line)
    return list(pairwise(lines))
