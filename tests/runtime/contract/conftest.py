from __future__ import annotations

import json

import pytest
from streamworker.contract import Contracts
from streamworker.contract.model import Unchecked

from tests.runtime.contract.parcels import BUNDLE, Judge, Subjects


@pytest.fixture(scope="session")
def subjects(tmp_path_factory: pytest.TempPathFactory) -> Subjects:
    folder = tmp_path_factory.mktemp("generated")
    (folder / "contract.json").write_text(json.dumps(BUNDLE))
    return Subjects(Contracts.beside(str(folder / "_contract.py")))


@pytest.fixture(scope="session")
def judge() -> Judge:
    return Judge()


@pytest.fixture(autouse=True)
def _all_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts as a process in which nothing was made past its validator."""
    monkeypatch.setattr(Unchecked, "made", False)
