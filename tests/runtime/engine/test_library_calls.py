"""Standard functions whose calls have a shape of their own, run through the engine."""

from __future__ import annotations

from typing import Any

import pytest

from constellation import Constellation


@pytest.mark.parametrize(
    ("source", "inputs", "outputs"),
    [
        (
            'in r: { a: Int, b: Int, c: Int }\nout omit(r, "a", "b") as x\n',
            {"r": {"a": 1, "b": 2, "c": 3}},
            {"x": {"c": 3}},
        ),
        ("in xs: Seq<Int>\nys = collect(xs)\nout ys\n", {"xs": [1, 2]}, {"ys": [1, 2]}),
    ],
)
async def test_calls_of_an_unusual_shape(source: str, inputs: dict[str, Any], outputs: dict[str, Any]) -> None:
    async with Constellation() as engine:
        result = await engine.run_source(source, inputs)
        assert result.outputs == outputs
