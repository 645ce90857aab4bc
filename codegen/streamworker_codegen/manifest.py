"""`generated/manifest.json`: what was generated from what, as hashes. It makes an unchanged project instant, and tells whose a file is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from streamworker_codegen.errors import Refused
from streamworker_codegen.problems import Position, Problem
from streamworker_codegen.project import Project

NAME = "manifest.json"
_FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """Paths are relative to the project.

    tool: of the compiler itself. inputs, outputs: hashes by path. handlers: `module:name` by worker. replaced: while files are being
    renamed, the hashes of those that are replaced or removed; a file that has either hash is ours.
    """

    tool: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    handlers: Mapping[str, str] = field(default_factory=dict)
    replaced: Mapping[str, str] = field(default_factory=dict)

    def owns(self, path: str, found: str) -> bool:
        """Whether a file with this hash is as we left it."""
        return found in (self.outputs.get(path), self.replaced.get(path))

    @property
    def owned(self) -> set[str]:
        return {*self.outputs, *self.replaced}

    def text(self) -> str:
        """One line for each file, so that merges stay small."""
        body = {
            "format": _FORMAT,
            "tool": self.tool,
            "inputs": self.inputs,
            "handlers": self.handlers,
            "outputs": self.outputs,
        }
        if self.replaced:
            body["replaced"] = self.replaced
        return json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read_manifest(project: Project) -> Manifest:
    """An empty one where there is none. Raises Refused where it can't be read."""
    path = project.generated / NAME
    try:
        body = json.loads(path.read_bytes())
        return Manifest(
            str(body["tool"]),
            dict(body["inputs"]),
            dict(body["outputs"]),
            dict(body["handlers"]),
            dict(body.get("replaced", {})),
        )
    except FileNotFoundError:
        return Manifest()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Refused(_broken()) from error


def _broken() -> Problem:
    return Problem(
        Position(f"generated/{NAME}"),
        "broken-manifest",
        "the list of generated files cannot be read; a merge may have left it unfinished",
        "run `streamworker generate --force`, which makes all of generated/ anew",
    )


def digest(data: bytes) -> str:
    """Of a text file; the line ends that git may have changed do not count."""
    return sha256(data.replace(b"\r\n", b"\n")).hexdigest()[:16]


def digests(root: Path, paths: Iterable[str]) -> dict[str, str]:
    """The hashes of files by path below `root`; those that are not there, or can't be read, are left out."""
    found: dict[str, str] = {}
    for path in paths:
        try:
            with open(f"{root}/{path}", "rb") as file:  # paths by the thousand, and pathlib takes longer than the disk
                found[path] = digest(file.read())
        except OSError:
            continue
    return found


@lru_cache
def tool() -> str:
    """The compiler: its own files, and the version of the generator that it calls."""
    package = Path(__file__).parent
    files = sorted(path for path in package.rglob("*") if path.suffix in (".py", ".jinja2", ".json"))
    whole = sha256(version("datamodel-code-generator").encode())
    for path in files:
        whole.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return whole.hexdigest()[:16]
