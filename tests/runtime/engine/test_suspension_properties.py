"""Properties of suspending and resuming, over random programs on virtual time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from constellation.engine.constellation import Constellation
from constellation.engine.result import ExecutionResult, Status
from constellation.stores.suspension import SuspendedExecution
from tests.runtime.engine.workshop import INPUTS, Workshop, arithmetic, programs

VALUES = st.fixed_dictionaries({name: st.integers(-3, 3) for name in INPUTS})
WAITING = st.sampled_from([{}, {"Inc": 0.01, "Pos": 0.02}, {"Dbl": 0.03}, {"Inc": 0.02, "Dbl": 0.01, "Pair": 0.03}])


async def whole(source: str, inputs: dict[str, int], delays: dict[str, float]) -> tuple[ExecutionResult, Workshop]:
    shop = arithmetic(delays)
    async with shop.engine() as engine:
        return await engine.run_source(source, inputs), shop


@settings(max_examples=60)
@given(programs(), VALUES, st.permutations(INPUTS), WAITING, st.booleans())
def test_suspending_at_any_input_and_resuming_is_the_whole_run(
    source: str, inputs: dict[str, int], order: list[str], delays: dict[str, float], through_json: bool
) -> None:
    """However the inputs arrive, the result is the same and every call is made once."""

    async def scenario() -> None:
        expected, reference = await whole(source, inputs, delays)
        shop = arithmetic(delays)
        async with shop.engine() as engine:
            result = await engine.run_source(source, {})
            for name in order:
                result = await resumed(engine, result, {name: inputs[name]}, through_json)
        assert result.status is expected.status is Status.COMPLETED
        assert result.outputs == expected.outputs
        assert result.computed_nodes == expected.computed_nodes
        assert Counter(shop.arguments) == Counter(reference.arguments)

    asyncio.run(scenario())


async def resumed(
    engine: Constellation, result: ExecutionResult, inputs: dict[str, int], through_json: bool
) -> ExecutionResult:
    state = result.suspended_state
    assert state is not None
    if not through_json:
        return await engine.resume(result.execution_id, inputs)
    copy = SuspendedExecution.from_bytes(state.to_bytes())
    return await engine.resume(copy, inputs)


@settings(max_examples=40)
@given(programs(), VALUES, WAITING)
def test_the_result_does_not_depend_on_scheduling(
    source: str, inputs: dict[str, int], delays: dict[str, float]
) -> None:
    """Modules that wait, in whatever order they finish, give what modules that do not wait give."""

    async def scenario() -> None:
        expected, reference = await whole(source, inputs, {})
        result, shop = await whole(source, inputs, delays)
        assert result.to_json()["outputs"] == expected.to_json()["outputs"]
        assert result.status is expected.status
        assert Counter(shop.arguments) == Counter(reference.arguments)

    asyncio.run(scenario())


@settings(max_examples=40)
@given(programs(), VALUES, st.lists(st.floats(0, 0.06), max_size=3))
def test_cancelling_anywhere_and_resuming_is_the_whole_run(
    source: str, inputs: dict[str, int], moments: list[float]
) -> None:
    """However often a run is cancelled on the way, the result is the same, no finished call is repeated, and no task
    is left."""
    delays = {"Inc": 0.02, "Dbl": 0.01, "Pair": 0.03, "Pos": 0.01}

    async def scenario() -> None:
        expected, reference = await whole(source, inputs, delays)
        shop = arithmetic(delays)
        engine = shop.engine()
        tasks = asyncio.all_tasks()
        execution = asyncio.ensure_future(engine.run_source(source, inputs, execution_id="one"))
        for moment in moments:
            await asyncio.sleep(0)
            shop.clock.call_later(moment, cancel_now(engine))
            result = await execution
            if result.status is Status.COMPLETED:
                break
            assert result.status is Status.CANCELLED
            assert asyncio.all_tasks() == tasks
            execution = asyncio.ensure_future(engine.resume("one"))
        result = await execution
        assert result.outputs == expected.outputs
        done = Counter(reference.arguments)
        assert set(shop.arguments) == set(done)
        assert sum(shop.calls.values()) <= sum(done.values()) * (1 + len(moments))
        await engine.shutdown()

    asyncio.run(scenario())


def cancel_now(engine: Constellation) -> Callable[[], None]:
    """A callback that cancels the execution `one` if it is running."""

    def cancel() -> None:
        running = engine.lifecycle.get("one")
        if running is not None:
            running.cancel()

    return cancel


@settings(max_examples=40)
@given(programs(), VALUES, WAITING, st.sampled_from(["Inc", "Dbl", "Pair", "Pos"]))
def test_a_failed_run_is_healed_by_resuming_when_the_cause_is_gone(
    source: str, inputs: dict[str, int], delays: dict[str, float], culprit: str
) -> None:
    """A module that fails once: resuming with nothing new ends in the result of a run that never failed."""

    async def scenario() -> None:
        expected, _ = await whole(source, inputs, delays)
        shop = arithmetic(delays)
        broken = {"now": True}
        engine = shop.engine()
        original = next(m for m in shop.modules if m.name == culprit)
        engine.register(failing_while(original, broken))
        result = await engine.run_source(source, inputs)
        calls_before = Counter(shop.arguments)
        broken["now"] = False
        if result.status is Status.FAILED:
            assert all("out of order" in error.message for error in result.errors)
            result = await engine.resume(result.execution_id)
        assert result.outputs == expected.outputs
        assert result.status is Status.COMPLETED
        assert all(count >= calls_before[call] for call, count in Counter(shop.arguments).items())
        await engine.shutdown()

    asyncio.run(scenario())


def failing_while(module: object, broken: dict[str, bool]) -> object:
    """The module, refusing to work while it is broken."""
    from dataclasses import replace

    from constellation.modules.module import Module

    assert isinstance(module, Module)

    def bind(overload: int, types: object, returns: object) -> object:
        inner = module.bind(overload, (), module.spec.overloads[0].returns)

        def body(*values: object) -> object:
            if broken["now"]:
                raise RuntimeError("out of order")
            return inner(*values)

        return body

    return replace(module, bind=bind)  # type: ignore[arg-type]
