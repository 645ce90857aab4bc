"""The pages of problem codes: a file of `pages/` for each, with cause, example and mend."""

from __future__ import annotations

from importlib.resources import files
from textwrap import shorten
from typing import Final

_HEADLINE: Final = 110


def codes() -> tuple[str, ...]:
    """All codes that have a page, sorted."""
    names = (each.name for each in files(__package__).joinpath("pages").iterdir())
    return tuple(sorted(name.removesuffix(".md") for name in names if name.endswith(".md")))


def page(code: str) -> str | None:
    """The Markdown of a code's page; None where there is none. `mypy: arg-type`, and `[loop]` as a report shows it, are taken, too."""
    name = code.strip("[] ").partition(":")[0]
    return files(__package__).joinpath("pages", f"{name}.md").read_text("utf-8") if name in codes() else None


def headline(code: str) -> str:
    """The first words of a code's page, in one line."""
    text = " ".join((page(code) or "").split("\n## ")[0].split("\n")[2:]).partition(". ")[0].strip().rstrip(".")
    return shorten(text, _HEADLINE, placeholder=" ...")
