"""Engines and editors for the language server's tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from constellation.engine.constellation import Constellation
from tests.conformance.lsp_transports import case_engine
from tests.lsp.editor import Editor


@pytest.fixture
async def engine() -> AsyncIterator[Constellation]:
    """An engine with the standard library, the demo modules and three host functions."""
    async with case_engine() as made:
        yield made


@pytest.fixture
async def editor(engine: Constellation) -> Editor:
    """An editor after the handshake."""
    return Editor(engine).start()
