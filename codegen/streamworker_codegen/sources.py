"""Reading the user's text files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from streamworker_codegen.errors import Refused
from streamworker_codegen.json_positions import Lines
from streamworker_codegen.problems import Position, Problem

_CONFLICT = re.compile(r"^(?:<{7} .*|={7}|>{7} .*)$", re.MULTILINE)


@dataclass(frozen=True)
class Source:
    """A text file. file: as the user knows it, relative to the project."""

    file: str
    text: str

    @property
    def digest(self) -> str:
        return sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


def read_source(path: Path, file: str) -> Source:
    """The text of a file, without a byte-order mark. Raises Refused where it can't be read or a merge left it unfinished."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(_not_utf8(file, error)) from error
    except OSError as error:
        raise Refused(_unreadable(file, error)) from error
    if conflict := _CONFLICT.search(text):
        raise Refused(_unmerged(file, text, conflict.start()))
    return Source(file, text)


def _not_utf8(file: str, error: UnicodeDecodeError) -> Problem:
    data = bytes(error.object[: error.start])
    line = data.count(b"\n") + 1
    column = len(data.rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
    byte = error.object[error.start]
    return Problem(
        Position(file, line, column), "not-utf8", f"byte 0x{byte:02x} is not UTF-8", "save the file as UTF-8"
    )


def _unreadable(file: str, error: OSError) -> Problem:
    return Problem(
        Position(file), "unreadable", f"the file cannot be read: {error.strerror}", "mend its permissions, or remove it"
    )


def _unmerged(file: str, text: str, offset: int) -> Problem:
    return Problem(
        Lines(file, text).position(offset),
        "merge-conflict",
        "the file holds a merge conflict",
        "choose one side and remove the markers <<<<<<<, ======= and >>>>>>>",
    )
