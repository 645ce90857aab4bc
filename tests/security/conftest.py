from __future__ import annotations

from pathlib import Path

import pytest

from tests.security.vault import make_vault


@pytest.fixture(scope="session")
def made_vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, generated once: `Vault.copied` makes one of a test's own of it."""
    return make_vault(tmp_path_factory.mktemp("vault") / "project")
