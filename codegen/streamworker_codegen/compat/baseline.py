"""The version of a project that a change is compared with: a folder, or what a git ref holds."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from streamworker_codegen.errors import Refused
from streamworker_codegen.problems import Position, Problem
from streamworker_codegen.project import Project

_PARTS: Final = ("schemas", "handlers")
_MEND: Final = "name a folder that holds schemas/, or a commit, tag or branch of this repository: --against origin/main"


@contextmanager
def baseline(project: Project, against: str) -> Iterator[Project]:
    """The project as it was, for as long as it is needed. A folder counts before a ref. Raises Refused where there is neither."""
    folder = Path(against).expanduser()
    if (folder / "schemas").is_dir():
        yield Project(folder)
        return
    if folder.is_dir() and any(mark in against for mark in "/\\."):
        raise Refused(_missing(f"the folder {against} holds no schemas/"))
    archive = _archive(project.root, against)
    with TemporaryDirectory(prefix="streamworker-compat-") as place:
        _unpack(archive, place)
        yield Project(Path(place))


def _archive(root: Path, ref: str) -> bytes:
    commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if commit is None:
        raise Refused(_missing(f"there is no folder {ref}, and git knows no commit of that name here"))
    found = commit.decode().strip()
    listed = (_git(root, "ls-tree", "--name-only", found, *_PARTS) or b"").decode().split()
    if "schemas" not in listed:
        raise Refused(_missing(f"{ref} holds no schemas/ where this project has it"))
    archive = _git(root, "archive", "--format=tar", found, "--", *listed)
    if archive is None:
        raise Refused(_missing(f"git could not read {ref}"))
    return archive


def _unpack(archive: bytes, place: str) -> None:
    """Nothing lands outside of the place. Python 3.11.0 to 3.11.3 (Debian 12 has 3.11.2) know no filters: there, links are left out."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        if hasattr(tarfile, "data_filter"):
            files.extractall(place, filter="data")
        else:
            files.extractall(place, [each for each in files if _is_plain(each)])


def _is_plain(member: tarfile.TarInfo) -> bool:
    path = PurePosixPath(member.name)
    return (member.isfile() or member.isdir()) and not path.is_absolute() and ".." not in path.parts


def _git(root: Path, *arguments: str) -> bytes | None:
    """What git says; None where it fails, or there is none."""
    try:
        run = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    except OSError as error:
        raise Refused(_missing(f"git cannot be run: {error.strerror}")) from error
    return run.stdout if run.returncode == 0 else None


def _missing(what: str) -> Problem:
    return Problem(Position("schemas"), "no-baseline", f"nothing to compare with: {what}", _MEND)
