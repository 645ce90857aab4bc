"""The public names of streamworker."""

from __future__ import annotations

import subprocess
import sys

import streamworker


def test_every_public_name_is_there() -> None:
    assert [name for name in streamworker.__all__ if not hasattr(streamworker, name)] == []


def test_all_names_that_can_be_had_are_declared() -> None:
    assert sorted(streamworker._MODULES) == streamworker.__all__ == sorted(streamworker.__all__)


def test_importing_the_package_imports_neither_nats_nor_pydantic() -> None:
    code = "import sys, streamworker; print(sorted({'nats', 'pydantic', 'httpx'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
