"""The engine against the reference: random programs, random missing inputs, random broken modules, on virtual time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from random import Random
from typing import Any

import pytest

from constellation.engine.breaker import CircuitBreakerConfig
from constellation.engine.constellation import Constellation
from constellation.engine.observing import ConstellationBackends
from constellation.engine.result import ExecutionResult
from constellation.engine.scheduler import GlobalScheduler
from constellation.types.values import NONE, Some
from tests.runtime.engine.random_trees import RandomTrees
from tests.runtime.engine.reference import MODULES, Body, Reference, duration, refuse
from tests.runtime.engine.workshop import Workshop


class Bench:
    """One engine for many programs: what is broken, and what was called, change from run to run."""

    def __init__(self, **settings: Any) -> None:
        self.broken: dict[str, str] = {}
        self.calls: Counter[tuple[str, str]] = Counter()
        self.moments: Counter[tuple[str, str, float]] = Counter()
        self._start = 0.0
        self.shop = Workshop()
        for name, (parameters, returns, body) in MODULES.items():
            written = ", ".join(f"p{i}: {t}" for i, t in enumerate(parameters))
            self._add(name, f"{name}({written}) -> {returns}", body)
        self.engine: Constellation = self.shop.engine(**settings)

    def _add(self, name: str, signature: str, body: Body) -> None:
        def made(*values: Any) -> Any:
            refuse(self.broken, name, values)
            return as_option(body(*values)) if "Maybe" in name else body(*values)

        def at_once(*values: Any) -> Any:
            self._note(name, values)
            return made(*values)

        async def later(*values: Any) -> Any:
            self._note(name, values)
            await self.shop.clock.sleep(duration(name, values))
            return made(*values)

        waits = name.startswith("Slow")
        self.shop.module(signature, later if waits else at_once, waits=waits)

    def _note(self, name: str, values: tuple[Any, ...]) -> None:
        self.calls[name, repr(values)] += 1
        self.moments[name, repr(values), self.shop.clock.now() - self._start] += 1

    def begin(self, broken: dict[str, str]) -> None:
        """Turn to the next program."""
        self.broken = broken
        self.calls.clear()
        self.moments.clear()
        self._start = self.shop.clock.now()


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
    bench.begin(program.broken)
    result = await bench.engine.run_source(text, program.given)
    reference = Reference(program.tree, program.given, program.broken)
    shown = f"seed {seed}\n{text}\ngiven {program.given}\nrest {program.rest}\nbroken {program.broken}\n{result.error}"
    assert judged(result, bench.calls) == expected(reference), shown
    if not any(statement.lazy for statement in program.tree.statements):
        assert dict(bench.moments) == dict(reference.moments), shown
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


@pytest.mark.parametrize("count", [300, pytest.param(50_000, marks=pytest.mark.slow)])
async def test_watching_and_queueing_change_nothing(seed: int, count: int) -> None:
    """Every call goes another way when there are listeners, a scheduler and breakers, to the same end."""
    bench = Bench(
        backends=ConstellationBackends(listener=lambda event: None),
        scheduler=GlobalScheduler.bounded(100_000),
        circuit_breaker=CircuitBreakerConfig(failure_threshold=1_000_000),
    )
    for number in range(count):
        await compare(bench, seed * 1_000_003 + number)
    await bench.engine.shutdown()
