"""A program that checks never fails at run time with a type error, and its outputs have their static types."""

from __future__ import annotations

from random import Random

import pytest

from constellation import Constellation
from tests.runtime.compiler.typed_programs import TypedPrograms, conforms

NORMAL, MANY = 2_000, 200_000


@pytest.mark.parametrize("share", range(4))
async def test_what_checks_runs_and_gives_values_of_its_types(seed: int, slow: bool, share: int) -> None:
    engine = Constellation()
    random = Random(seed * 4 + share)
    count = (MANY if slow else NORMAL) // 4
    ran = 0
    for _ in range(count):
        made = TypedPrograms(random)
        compilation = engine.compile_result(made.text)
        if compilation.image is None:
            assert all(e.code in ("E010", "E013", "E020") for e in compilation.errors), (made.text, compilation.errors)
            continue
        ran += 1
        result = await engine.run(engine.pipeline_of(compilation.image), made.inputs)
        plain = result.to_json()["outputs"]
        assert result.status.value == "completed", (made.text, made.inputs, result)
        for output in compilation.image.graph.outputs:
            value = plain[output.name]
            assert conforms(value, output.type), (made.text, made.inputs, output.name, str(output.type), value)
    assert ran > count * 0.7
