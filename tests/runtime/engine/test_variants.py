"""One program, many ways to run it, one result.

Random well-typed programs over every construct are run as straight-line code, node by node, with timings, through
the call machinery of a bounded scheduler, with modules that wait, and from a stored image.
"""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from constellation.engine.constellation import Constellation
from constellation.engine.errors import OperatorFailure
from constellation.engine.result import ExecutionResult
from constellation.engine.scheduler import GlobalScheduler
from constellation.image.codec import decode_image, encode_image
from constellation.image.image import PipelineImage
from constellation.modules.errors import ElementError
from constellation.stdlib.declare import StandardError
from tests.runtime.compiler.programs import expression
from tests.runtime.engine.workshop import Workshop, echo

HEADER = """in n: Int
in f: Float
in s: String
in b: Boolean
in xs: List<Int>
in o: Optional<Int>
in r: { a: Int, b: String }
in u: Int | String
in rs: List<{ a: Int, b: String }>
in ru: { a: Int } | { b: String }
in m: Map<String, Int>
"""
NAMES: tuple[str, ...] = ("n", "f", "s", "b", "xs", "o", "r", "u", "rs", "ru", "m")
INPUTS: dict[str, Any] = {
    "n": 3, "f": 2.5, "s": "text", "b": True, "xs": [4, 0, -2], "o": None, "r": {"a": 1, "b": "x"}, "u": "either",
    "rs": [{"a": 1, "b": "p"}, {"a": 2, "b": "q"}], "ru": {"b": "right"}, "m": {"k": 1},
}  # fmt: skip


def workshop(delay: float | None) -> Workshop:
    shop = Workshop()
    if delay is None:
        return shop.module("Load(v: Int) -> Int", echo)
    return shop.sleeping("Load(v: Int) -> Int", delay, echo)


def program(engine: Constellation, random: Random, statements: int) -> PipelineImage:
    """A program that compiles: statements that do not are thrown away."""
    source, names = HEADER, list(NAMES)
    image = engine.compile(source + "out n\n").image
    tries = 0
    while len(names) < len(NAMES) + statements and tries < 400:
        tries += 1
        name = f"v{len(names)}"
        longer = f"{source}{name} = {expression(random, names, 2)}\n"
        compiled = engine.compile_result(f"{longer}out {name}\n").image
        if compiled is not None:
            source, image = longer, compiled
            names.append(name)
    return image


def summary(result: ExecutionResult) -> tuple[Any, ...]:
    shown = result.to_json()
    return result.status, shown["outputs"], shown["computedNodes"], [e.message for e in result.errors]


async def outcomes(image: PipelineImage) -> list[tuple[str, ExecutionResult]]:
    """The program's results by way of running it."""
    found: list[tuple[str, ExecutionResult]] = []
    ways: list[tuple[str, float | None, dict[str, Any]]] = [
        ("plain", None, {}),
        ("waiting", 0.01, {}),
        ("scheduled", None, {"scheduler": GlobalScheduler.bounded(2)}),
    ]
    for way, delay, options in ways:
        async with workshop(delay).engine(**options) as engine:
            found.append((way, await engine.run(image, INPUTS)))
            found.append((f"{way}, timed", await engine.run(image, INPUTS, include_timings=True)))
            result = await engine.run(image, {})
            for name in ("n", "r", "ru"):
                result = await engine.resume(result.execution_id, {name: INPUTS[name]})
            rest = {k: v for k, v in INPUTS.items() if k not in ("n", "r", "ru", "o")}
            found.append((f"{way}, in parts", await engine.resume(result.execution_id, rest)))
    async with workshop(None).engine() as engine:
        found.append(("loaded", await engine.run(decode_image(encode_image(image)), INPUTS)))
    return found


def root_of(error: BaseException | None) -> BaseException | None:
    while error is not None and error.__cause__ is not None and not isinstance(error, StandardError | OperatorFailure):
        error = error.__cause__
    return error


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_every_way_of_running_gives_the_same(seed: int) -> None:
    shop = workshop(None)
    image = program(shop.engine(), Random(seed), 8)
    results = asyncio.run(outcomes(image))
    expected = summary(results[0][1])
    for way, result in results:
        assert summary(result) == expected, f"{way}:\n{image.source}"
    if "group-by" in str(image.source):
        return  # a function of the element may give a key that no map can have
    for error in results[0][1].errors:
        cause = root_of(error.cause)
        assert isinstance(cause, StandardError | OperatorFailure | ElementError), f"{cause!r}\n{image.source}"
