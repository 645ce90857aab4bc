"""What `generated/` and `handlers/` have to become: compared with what is there. Pure but for reading; `write.py` carries it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from streamworker_codegen.manifest import NAME, Manifest, digest, digests

MANIFEST = f"generated/{NAME}"


@dataclass(frozen=True)
class Plan:
    """Paths are relative to the project.

    writes: the text of files that are missing or differ. removes: files of ours that nothing makes any more. edited: files that
    somebody else changed, and that would be written or removed. stubs: files that are written once. replaced: the hashes of ours that
    go. manifest: as it will be.
    """

    writes: Mapping[str, str]
    removes: tuple[str, ...]
    edited: tuple[str, ...]
    stubs: Mapping[str, str]
    missing: frozenset[str]
    replaced: Mapping[str, str]
    manifest: Manifest

    @property
    def changes_files(self) -> bool:
        return bool(self.writes or self.removes or self.stubs)


def make_plan(
    root: Path, files: Mapping[str, str], stubs: Mapping[str, str], before: Manifest, after: Manifest
) -> Plan:
    """`files`: all of generated/ but the manifest. `stubs`: of the workers that have no handler file."""
    there = digests(root, {*files, *before.owned})
    wanted = {path: digest(text.encode()) for path, text in files.items()}
    writes = {path: text for path, text in files.items() if there.get(path) != wanted[path]}
    removes = tuple(sorted(path for path in before.owned - files.keys() if path in there))
    changing = [path for path in (*sorted(writes), *removes) if path in there]
    return Plan(
        writes,
        removes,
        edited=tuple(path for path in changing if not before.owns(path, there[path])),
        stubs={path: text for path, text in stubs.items() if not (root / path).exists()},
        missing=frozenset(writes.keys() - there.keys()),
        replaced={path: there[path] for path in changing},
        manifest=after,
    )
