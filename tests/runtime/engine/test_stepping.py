"""Stepping through a run, wave by wave; the builder."""

from __future__ import annotations

import asyncio
from random import Random

import pytest

from constellation.engine.constellation import Constellation
from constellation.engine.errors import ShutdownRejectedError
from constellation.engine.observing import ConstellationBackends
from constellation.engine.scheduler import GlobalScheduler
from constellation.types.json import encode_python
from tests.runtime.engine.random_trees import RandomTrees
from tests.runtime.engine.reference import Reference
from tests.runtime.engine.test_against_reference import Bench, variables_of
from tests.runtime.engine.workshop import Workshop, echo

SOURCE = "in x: Int\na = Slow(x)\nb = a + 1\nc = Bad(x)\nd = c + b\ne = if (x > 0) Slow(b) else c\nout d\nout e\n"


async def test_waves_follow_dependencies_and_failures_do_not_stop_them() -> None:
    shop = Workshop().sleeping("Slow(v: Int) -> Int", 1.0, echo).failing("Bad(v: Int) -> Int")
    async with shop.engine() as engine, engine.step(engine.compile(SOURCE), {"x": 3}) as stepper:
        waves = [wave async for wave in stepper]
        assert await stepper.step() is None
        assert [(w.batch, w.completed, w.failed) for w in waves] == [
            (0, ("x",), ()),
            (1, ("a",), ("c",)),
            (2, ("b",), ("c",)),
            (3, ("e",), ("c",)),
        ]
        assert waves[0].pending == ("a", "c", "b", "d", "e")
        assert waves[-1].values == {"a": 3, "b": 4, "e": 4}
        assert [error.message for error in stepper.errors] == ["Module 'Bad' execution failed: kaboom"]


async def test_a_stepper_can_be_hurried_and_left() -> None:
    shop = Workshop().sleeping("Slow(v: Int) -> Int", 1.0, echo).failing("Bad(v: Int) -> Int", times=0, then=1)
    async with shop.engine() as engine:
        async with engine.step(engine.compile(SOURCE), {"x": 3}) as stepper:
            last = await stepper.step_to_completion()
            assert last.values == {"a": 3, "b": 4, "c": 1, "d": 5, "e": 4}
        async with engine.step(engine.compile(SOURCE), {"x": 3}) as stepper:
            await stepper.step()
        assert engine.lifecycle.inflight_count == 0


def test_explaining_says_what_would_run() -> None:
    shop = Workshop().module("Keep(v: Int) -> Int", echo).module("Pair(a: Int, b: Int) -> Int", echo)
    source = (
        "in x: Int\nin y: Int\nin xs: List<Int>\na = Keep(x)\nb = Pair(Keep(a), y)\nc = if (x > 0) Keep(1) else 2\n"
        "d = Keep(x) with lazy\ne = map(xs, (i) => Keep(i))\nout a\nout b\nout c\nout e\n"
    )
    engine = shop.engine()
    planned = engine.explain(engine.compile(source), {"x": 1, "xs": [1]})
    assert [(call.node_key, call.module, call.outcome, call.missing) for call in planned] == [
        ("a#1", "Keep", "run", ()),
        ("b#1/a", "Keep", "run", ()),
        ("b#1", "Pair", "blocked", ("y",)),
        ("c#1/a", "Keep", "conditional", ()),
        ("d#1", "Keep", "lazy", ()),
        ("e#1", "map", "run", ()),
        ("e#1/transform/λ", "Keep", "elements", ()),
    ]
    assert not shop.calls


def test_the_builder_makes_the_same_engine() -> None:
    base = Constellation.builder().with_modules(*Workshop().module("Keep(v: Int) -> Int", echo).modules)
    engine = base.with_scheduler(GlobalScheduler.bounded(2)).with_default_timeout(60).build()
    assert engine.scheduler.bounded
    assert engine.default_timeout == 60
    assert "Keep" in engine.modules
    assert not base.build().scheduler.bounded


async def test_lazy_and_renamed_values_have_no_wave_of_their_own() -> None:
    shop = Workshop().sleeping("Slow(v: Int) -> Int", 1.0, echo)
    source = (
        "in x: Int\nsame = x\na = Slow(x)\nb = a\nheavy = Slow(b) with lazy\nidle = Slow(1) with lazy\n"
        "c = if (x > 0) heavy else idle\nout c\nout same\n"
    )
    async with shop.engine() as engine, engine.step(engine.compile(source), {"x": 3}) as stepper:
        waves = [wave async for wave in stepper]
        states = {node.name: stepper.state(node).value for wave in stepper.waves for node in wave}
    assert [wave.completed for wave in waves] == [("x", "same"), ("a", "b"), ("heavy", "c")]
    assert states == dict.fromkeys(("same", "a", "b", "heavy", "c"), "completed") | {"idle": "skipped"}
    assert shop.calls == {"Slow": 2}


async def test_a_walk_is_in_flight_only_while_a_wave_runs() -> None:
    shop = Workshop().sleeping("Slow(v: Int) -> Int", 1.0, echo)
    kinds: list[str] = []
    engine = shop.engine(backends=ConstellationBackends(listener=lambda event: kinds.append(event.kind)))
    stepper = engine.stepper(engine.compile("in x: Int\na = Slow(x)\nb = Slow(a)\nout b\n"), {"x": 3})
    await stepper.step()
    assert engine.lifecycle.inflight_count == 0
    running = asyncio.ensure_future(stepper.step())
    await asyncio.sleep(0)
    assert engine.lifecycle.inflight == (stepper.execution_id,)
    await running
    await engine.shutdown()
    with pytest.raises(ShutdownRejectedError):
        await stepper.step()
    stepper.stop()
    assert await stepper.step() is None
    await asyncio.sleep(0)
    assert kinds == ["execution_started", "module_started", "module_completed", "execution_cancelled"]


async def test_two_steps_asked_for_at_once_come_one_after_the_other() -> None:
    shop = Workshop().sleeping("Slow(v: Int) -> Int", 1.0, lambda v: v + 1)
    async with shop.engine() as engine:
        stepper = engine.stepper(engine.compile("in x: Int\na = Slow(x)\nb = Slow(a)\nout b\n"), {"x": 3})
        await asyncio.gather(stepper.step(), stepper.step(), stepper.step())
        assert stepper.outputs["b"][1] == 5


@pytest.mark.parametrize("count", [300, pytest.param(20_000, marks=pytest.mark.slow)])
async def test_stepping_to_the_end_is_a_run(seed: int, count: int) -> None:
    bench = Bench()
    for number in range(count):
        program = RandomTrees(Random(seed * 1_000_003 + number))
        whole = {"maybe": None, **program.given, **program.rest}
        bench.begin(program.broken)
        async with bench.engine.step(bench.engine.compile(program.tree.text), whole) as stepper:
            await stepper.step_to_completion()
        reference = Reference(program.tree, whole, program.broken)
        shown = f"{program.tree.text}\n{whole}\n{program.broken}"
        outputs = {name: encode_python(type_)(value) for name, (type_, value) in stepper.outputs.items()}
        assert outputs == reference.outputs, shown
        assert dict(bench.calls) == dict(reference.calls), shown
        assert variables_of(error.node_name for error in stepper.errors) == reference.failed, shown
