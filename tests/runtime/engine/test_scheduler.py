"""The bounded scheduler: slots, priorities, ageing, a full queue, nested runs."""

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constellation.engine.constellation import Constellation
from constellation.engine.errors import QueueFullError, SchedulerShutdownError
from constellation.engine.result import Status
from constellation.engine.scheduler import BoundedScheduler, GlobalScheduler
from constellation.testing.clock import FakeClock, settle
from tests.runtime.engine.workshop import Workshop, echo

SOURCE = "in x: Int\nr = Work(x)\nout r\n"


async def test_never_more_bodies_than_slots_over_all_runs() -> None:
    active = peak = 0
    shop = Workshop()

    async def body(value: int) -> int:
        nonlocal active, peak
        active += 1
        peak = max(peak, active)
        await shop.clock.sleep(1)
        active -= 1
        return value

    shop.module("Work(v: Int) -> Int", body, waits=True)
    async with shop.engine(scheduler=GlobalScheduler.bounded(3)) as engine:
        results = await asyncio.gather(*[engine.run_source(SOURCE, {"x": i}) for i in range(10)])
        stats = engine.stats()["scheduler"]
    assert [r["r"] for r in results] == list(range(10))
    assert peak == 3
    assert shop.clock.now() == pytest.approx(4.0)
    assert (stats["activeCount"], stats["queuedCount"], stats["totalCompleted"]) == (0, 0, 10)


async def order_of(scheduler: BoundedScheduler, clock: FakeClock, waiters: list[tuple[float, int]]) -> list[int]:
    """The order in which waiters (arrival, priority) get the only slot, each holding it for a second."""
    served: list[int] = []
    first = await scheduler.acquire(50)

    async def wait(index: int, arrival: float, priority: int) -> None:
        await clock.sleep(arrival)
        slot = await scheduler.acquire(priority)
        served.append(index)
        await clock.sleep(1)
        scheduler.release(slot)

    tasks = [asyncio.ensure_future(wait(i, at, p)) for i, (at, p) in enumerate(waiters)]
    await clock.advance(max(at for at, _ in waiters) + 0.001)
    scheduler.release(first)
    await clock.advance(len(waiters) + 1)
    await asyncio.gather(*tasks)
    return served


async def test_high_priority_goes_first_and_equals_in_order_of_arrival() -> None:
    clock = FakeClock(auto=False)
    scheduler = BoundedScheduler(1, clock=clock)
    waiters = [(0.0, 50), (0.1, 80), (0.2, 50), (0.3, 80), (0.4, 100)]
    assert await order_of(scheduler, clock, waiters) == [4, 1, 3, 0, 2]


async def test_waiting_raises_priority() -> None:
    clock = FakeClock(auto=False)
    scheduler = BoundedScheduler(1, starvation_timeout=6, clock=clock)
    assert await order_of(scheduler, clock, [(0.0, 20), (2.5, 50)]) == [1, 0]
    clock = FakeClock(auto=False)
    scheduler = BoundedScheduler(1, starvation_timeout=6, clock=clock)
    assert await order_of(scheduler, clock, [(0.0, 20), (4.0, 50)]) == [0, 1]
    assert scheduler.stats().starvation_promotions == 1


async def test_a_full_queue_fails_the_call_which_may_be_absorbed() -> None:
    shop = Workshop().sleeping("Work(v: Int) -> Int", 1.0, echo)
    async with shop.engine(scheduler=GlobalScheduler.bounded(1, max_queue_size=1)) as engine:
        source = "in x: Int\n" + "".join(f"r{i} = Work(x)\n" for i in range(3)) + "out r0\n"
        result = await engine.run_source(source, {"x": 1})
        assert [e.message for e in result.errors] == ["Module 'Work' execution failed: Scheduler queue is full (1/1)"]
        assert isinstance(result.errors[0].cause, QueueFullError)
        source = "in x: Int\n" + "".join(f"r{i} = Work(x) with fallback: 9\n" for i in range(3)) + "out r2\n"
        assert (await engine.run_source(source, {"x": 1})).status is Status.COMPLETED


async def test_a_run_inside_a_body_does_not_wait_for_its_own_slot() -> None:
    shop = Workshop().sleeping("Inner(v: Int) -> Int", 1.0, lambda v: v + 1)
    engines: list[Constellation] = []

    async def outer(value: int) -> int:
        result = await engines[0].run_source("in x: Int\nr = Inner(x)\nout r\n", {"x": value})
        found: int = result["r"]
        return found

    shop.module("Outer(v: Int) -> Int", outer, waits=True)
    async with shop.engine(scheduler=GlobalScheduler.bounded(1)) as engine:
        engines.append(engine)
        result = await engine.run_source("in x: Int\nr = Outer(x)\nout r\n", {"x": 1})
        assert result["r"] == 2
        assert engine.stats()["scheduler"]["activeCount"] == 0


async def test_a_cancelled_waiter_leaves_the_queue() -> None:
    scheduler = BoundedScheduler(1)
    slot = await scheduler.acquire(50)
    waiter = asyncio.ensure_future(scheduler.acquire(50))
    await settle()
    assert scheduler.stats().queued_count == 1
    waiter.cancel()
    await settle()
    assert scheduler.stats().queued_count == 0
    scheduler.release(slot)
    assert scheduler.stats().active_count == 0


async def test_a_waiter_cancelled_as_it_is_served_passes_the_slot_on() -> None:
    scheduler = BoundedScheduler(1)
    slot = await scheduler.acquire(50)
    first, second = (asyncio.ensure_future(scheduler.acquire(50)) for _ in range(2))
    await settle()
    scheduler.release(slot)
    first.cancel()
    await settle()
    assert first.cancelled()
    scheduler.release(await second)
    assert scheduler.stats().active_count == 0


async def test_shutting_down() -> None:
    scheduler = BoundedScheduler(1)
    await scheduler.acquire(50)
    waiter = asyncio.ensure_future(scheduler.acquire(50))
    await settle()
    scheduler.shutdown(drain=False)
    with pytest.raises(SchedulerShutdownError):
        await waiter
    with pytest.raises(SchedulerShutdownError):
        await scheduler.acquire(50)


def test_at_least_one_slot() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        GlobalScheduler.bounded(0)


@settings(max_examples=60)
@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.sampled_from(["acquire", "release", "cancel"]), st.integers(0, 100)), max_size=40),
)
def test_slots_are_never_lost_or_invented(size: int, steps: list[tuple[str, int]]) -> None:
    async def scenario() -> None:
        scheduler = BoundedScheduler(size)
        tasks: list[asyncio.Task[object]] = []
        for step, number in steps:
            if step == "acquire":
                tasks.append(asyncio.ensure_future(scheduler.acquire(number)))
            elif tasks:
                task = tasks.pop(number % len(tasks))
                if step == "cancel" or not task.done():
                    task.cancel()
                    if task.done() and not task.cancelled():
                        scheduler.release(task.result())
                else:
                    scheduler.release(task.result())
            if number % 3:
                await settle(3)
            held = sum(t.done() and not t.cancelled() for t in tasks)
            assert held <= size
        await settle()
        while tasks:
            done = [t for t in tasks if t.done()]
            assert done, "nobody holds a slot, yet somebody waits"
            for task in done:
                tasks.remove(task)
                scheduler.release(task.result())
            await settle()
        assert scheduler.stats().active_count == 0
        assert scheduler.stats().queued_count == 0

    asyncio.run(scenario())
