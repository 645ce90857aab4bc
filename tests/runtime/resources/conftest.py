"""Resources in memory and on a real server: what is promised holds for both."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from streamworker.resources import Resources
from streamworker.testing import FakeResources


@pytest.fixture
async def resources() -> AsyncIterator[Resources]:
    opened = FakeResources()
    yield opened
    await opened.close()
