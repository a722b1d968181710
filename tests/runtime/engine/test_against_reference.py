"""The engine against the reference: random programs, random missing inputs, random broken modules."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest

from constellation.engine.constellation import Constellation
from constellation.engine.result import ExecutionResult
from constellation.types.values import NONE, Some
from tests.runtime.engine.random_trees import RandomTrees
from tests.runtime.engine.reference import MODULES, Body, Reference, refuse
from tests.runtime.engine.workshop import Workshop


class Bench:
    """One engine for many programs: what is broken, and what was called, change from run to run."""

    def __init__(self) -> None:
        self.broken: dict[str, str] = {}
        self.calls: Counter[tuple[str, str]] = Counter()
        self.random = Random(0)
        self.shop = Workshop()
        for name, (parameters, returns, body) in MODULES.items():
            written = ", ".join(f"p{i}: {t}" for i, t in enumerate(parameters))
            self._add(name, f"{name}({written}) -> {returns}", body)
        self.engine: Constellation = self.shop.engine()

    def _add(self, name: str, signature: str, body: Body) -> None:
        def made(*values: Any) -> Any:
            self.calls[name, repr(values)] += 1
            refuse(self.broken, name, values)
            return as_option(body(*values)) if "Maybe" in name else body(*values)

        async def later(*values: Any) -> Any:
            for _ in range(self.random.randrange(3)):
                await asyncio.sleep(0)
            return made(*values)

        waits = name.startswith("Slow")
        self.shop.module(signature, later if waits else made, waits=waits)


def as_option(value: Any) -> Any:
    """The language value of an optional."""
    return NONE if value is None else Some(value)


def variables_of(names: Iterable[str]) -> set[str]:
    """The variables nodes belong to, by the names of the nodes."""
    return {name.partition("#")[0].partition("/")[0].removeprefix("out:") for name in names}


def judged(result: ExecutionResult, calls: Counter[tuple[str, str]]) -> dict[str, object]:
    """What the engine did, as the reference says it."""
    return {
        "status": result.status.value,
        "outputs": dict(result.outputs),
        "missing": set(result.missing_inputs),
        "failed": variables_of(result.failed_nodes),
        "calls": dict(calls),
    }


def expected(reference: Reference) -> dict[str, object]:
    """What the reference did."""
    return {
        "status": reference.status,
        "outputs": reference.outputs,
        "missing": reference.missing,
        "failed": reference.failed,
        "calls": dict(reference.calls),
    }


async def compare(bench: Bench, seed: int) -> None:
    """Run one program; if it was suspended, go on with the rest of the inputs."""
    program = RandomTrees(Random(seed))
    text = program.tree.text
    bench.random, bench.broken = Random(seed), program.broken
    bench.calls.clear()
    result = await bench.engine.run_source(text, program.given)
    reference = Reference(program.tree, program.given, program.broken)
    shown = f"seed {seed}\n{text}\ngiven {program.given}\nrest {program.rest}\nbroken {program.broken}\n{result.error}"
    assert judged(result, bench.calls) == expected(reference), shown
    if result.status == "suspended":
        result = await bench.engine.resume(result.execution_id, program.rest)
        whole = Reference(program.tree, {**program.given, **program.rest}, program.broken)
        assert judged(result, bench.calls) == expected(whole), f"resumed, {shown}"


@pytest.mark.parametrize("count", [2_000, pytest.param(200_000, marks=pytest.mark.slow)])
async def test_programs_do_what_the_rules_say(seed: int, count: int) -> None:
    bench = Bench()
    for number in range(count):
        await compare(bench, seed * 1_000_003 + number)
    await bench.engine.shutdown()
