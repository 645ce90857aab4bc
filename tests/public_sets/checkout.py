"""A repository that somebody has cloned, at one commit, whatever is checked out."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path


class NotThere(Exception):
    """The repository, or the commit in it, is missing."""


def files_of(clone: Path, commit: str, folders: Sequence[str]) -> dict[str, bytes]:
    """The files of some folders, by their paths; those that the clone does not hold are passed over. Raises NotThere."""
    if not clone.is_dir():
        raise NotThere(f"{clone} is not there")
    try:
        listed = _git(clone, "ls-tree", "-r", "-z", commit, "--", *(f"{each}/" for each in folders))
    except subprocess.CalledProcessError as error:
        raise NotThere(f"{clone} has no {commit}: {error.stderr.decode().strip()}") from error
    entries = [line.split("\t", 1) for line in listed.decode().split("\0") if line]
    found = _blobs(clone, [about.split()[2] for about, _ in entries])
    return {path: data for (_, path), data in zip(entries, found, strict=True) if data is not None}


def _blobs(clone: Path, hashes: Sequence[str]) -> Iterator[bytes | None]:
    answer = io.BytesIO(_git(clone, "cat-file", "--batch", asked="".join(f"{each}\n" for each in hashes)))
    for _ in hashes:
        _, *about = answer.readline().split()
        yield answer.read(int(about[1]) + 1)[:-1] if len(about) == 2 else None


def _git(clone: Path, *arguments: str, asked: str = "") -> bytes:
    command = ["git", "-C", str(clone), *arguments]
    return subprocess.run(command, input=asked.encode(), capture_output=True, check=True).stdout
