"""Stepping through a run, wave by wave; the builder."""

from __future__ import annotations

from constellation.engine.constellation import Constellation
from constellation.engine.scheduler import GlobalScheduler
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
