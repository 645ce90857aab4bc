"""Where a project's parts lie."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Project:
    """A folder with `schemas/` in it. It may be a package itself, so that `generated` and `handlers` have a dotted prefix."""

    root: Path

    @property
    def schemas(self) -> Path:
        return self.root / "schemas"

    @property
    def generated(self) -> Path:
        return self.root / "generated"

    @property
    def handlers(self) -> Path:
        return self.root / "handlers"

    @property
    def kept(self) -> Path:
        """What a run leaves for the next one; see `kept.py`."""
        return self.root / ".streamworker" / "compiler" / "kept.json"

    @property
    def templates(self) -> Path | None:
        """The project's own templates, each instead of ours of that name."""
        folder = self.root / "codegen" / "templates"
        return folder if folder.is_dir() else None

    @cached_property
    def import_root(self) -> Path:
        """The folder from which the project's modules are imported."""
        folder = self.root.resolve()
        while (folder / "__init__.py").exists():
            folder = folder.parent
        return folder

    @cached_property
    def package(self) -> str:
        """The dotted package that the project lies in; "" for none."""
        return ".".join(self.root.resolve().relative_to(self.import_root).parts)
