"""The generator takes longer to load than everything else in a small project: where it is needed for certain, it begins before us."""

from __future__ import annotations

import atexit
from pathlib import Path
from typing import Final

from streamworker_codegen.models.processes import Processes
from streamworker_codegen.project import Project

GENERATOR: Final = Processes()
"""That of the command."""


def load_generator() -> None:
    """Where nothing was generated yet, so that nobody has to look whether anything has changed."""
    here = Project(Path())
    if here.schemas.is_dir() and not here.generated.exists():
        atexit.register(GENERATOR.end)  # the options may be wrong, or lead elsewhere
        GENERATOR.start()
