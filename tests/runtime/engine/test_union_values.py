"""Values of unions: which member they are does not depend on how its type is written."""

from __future__ import annotations

import pytest

from constellation.engine.constellation import Constellation
from constellation.engine.errors import InputValidationError
from constellation.stores.suspension import SuspendedExecution

SPELLINGS = ('{ a: 1, b: "x" }', '{ b: "x", a: 1 }')


@pytest.mark.parametrize("record", SPELLINGS)
async def test_the_order_of_fields_says_nothing_about_a_unions_member(record: str) -> None:
    """Both orders in one process, in one program, and in states of programs that are the same but for the order."""
    async with Constellation() as engine:
        for other in SPELLINGS:
            source = (
                f"in f: Boolean\nin late: Int\nu = if (f) {record} else 5\nv = if (f) {other} else 6\n"
                "w = if (f) v else u\nx = if (f) u else v\nr = match w { { a } -> a, is Int -> 0 }\n"
                "s = match x { is Int -> 0, { b } -> late }\nout w\nout x\nout r\nout s\n"
            )
            waiting = await engine.run_source(source, {"f": True})
            assert waiting.suspended_state is not None
            state = SuspendedExecution.from_bytes(waiting.suspended_state.to_bytes())
            result = await engine.resume(state, {"late": 7})
            assert result.error is None
            assert (result["r"], result["s"]) == (1, 7)
            assert result["w"]["value"] == result["x"]["value"] == {"a": 1, "b": "x"}


async def test_a_tag_may_list_fields_in_any_order() -> None:
    source = "in u: { b: String, a: Int } | Int\nr = match u { { a } -> a, is Int -> 0 }\nout r\nout u\n"
    async with Constellation() as engine:
        for tag in ("{ a: Int, b: String }", "{ b: String, a: Int }"):
            result = await engine.run_source(source, {"u": {"tag": tag, "value": {"a": 1, "b": "x"}}})
            assert result["r"] == 1
            assert result["u"]["tag"] == "{ b: String, a: Int }"
        with pytest.raises(InputValidationError, match="invalid union tag"):
            await engine.run_source(source, {"u": {"tag": "{ a: Int", "value": 1}})
