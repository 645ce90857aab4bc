"""A repository that somebody has cloned, at one commit, whatever is checked out."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path


class NotThere(Exception):
    """The repository, or the commit in it, is missing."""


def files_of(clone: Path, commit: str, folders: Sequence[str]) -> dict[str, bytes]:
    """The files of some folders, by their paths. Raises NotThere."""
    if not clone.is_dir():
        raise NotThere(f"{clone} is not there")
    command = ["git", "-C", str(clone), "archive", "--format=tar", commit, "--", *folders]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode:
        raise NotThere(f"{clone} has no {commit}: {done.stderr.decode().strip()}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        return {each.name: held.read() for each in archive if (held := archive.extractfile(each))}
