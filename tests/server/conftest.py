"""A running server for every test that asks for one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.server.serving import Client, serving


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client of a fresh server with the demo library."""
    async with serving() as client:
        yield client
