"""Everything wrong with a run's inputs is reported together, before anything runs."""

from __future__ import annotations

import pytest

from constellation import Constellation
from constellation.engine.errors import InputValidationError, UnexpectedInputError

SOURCE = "in count: Int\nin name: String\nout count\nout name\n"


async def test_unknown_and_wrong_inputs_in_one_error() -> None:
    async with Constellation() as engine:
        with pytest.raises(UnexpectedInputError) as caught:
            await engine.run_source(SOURCE, {"cuont": 1, "count": "x", "name": 2})
    assert [p.path for p in caught.value.problems] == ["cuont", "count", "name"]
    assert "Did you mean 'count'?" in caught.value.message
    assert "Input 'name'" in caught.value.message


async def test_wrong_inputs_come_in_declaration_order() -> None:
    async with Constellation() as engine:
        with pytest.raises(InputValidationError) as caught:
            await engine.run_source(SOURCE, {"name": 2, "count": "x"})
    assert [p.path for p in caught.value.problems] == ["count", "name"]
