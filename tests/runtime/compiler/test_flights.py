"""One computation for everybody who wants the same thing at the same moment."""

from __future__ import annotations

import asyncio
import threading

import pytest

from constellation.compiler.flights import Flights
from constellation.engine.constellation import Constellation

LARGE = "in x: Int\n" + "\n".join(f"y{n} = x + {n}" for n in range(700)) + "\nout y1\n"


class Work:
    """Counts, and waits until it is let go."""

    def __init__(self) -> None:
        self.begun = 0
        self.go = threading.Event()

    def __call__(self) -> int:
        self.begun += 1
        self.go.wait(10)
        return self.begun


async def begun(work: Work, times: int = 1) -> None:
    while work.begun < times:
        await asyncio.sleep(0)


async def test_callers_share_one_computation_and_the_next_one_begins_anew() -> None:
    flights: Flights[int] = Flights()
    work = Work()
    callers = [asyncio.create_task(flights.share("a", work)) for _ in range(5)]
    await begun(work)
    work.go.set()
    assert sorted(await asyncio.gather(*callers)) == [(1, False)] * 4 + [(1, True)]
    assert await flights.share("a", work) == (2, True)
    both = await asyncio.gather(flights.share("a", work), flights.share("b", work))
    assert [began for _, began in both] == [True, True]


async def test_who_gives_up_takes_nothing_away() -> None:
    flights: Flights[int] = Flights()
    work = Work()
    first, second = (asyncio.create_task(flights.share("a", work)) for _ in range(2))
    await begun(work)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    third = asyncio.create_task(flights.share("a", work))
    await asyncio.sleep(0)
    work.go.set()
    assert [await second, await third] == [(1, False), (1, False)]
    assert work.begun == 1


async def test_an_error_is_every_callers() -> None:
    flights: Flights[int] = Flights()

    def fail() -> int:
        raise ValueError("no")

    found = await asyncio.gather(*(flights.share("a", fail) for _ in range(3)), return_exceptions=True)
    assert [str(e) for e in found] == ["no"] * 3


async def test_one_text_asked_for_by_many_is_compiled_once() -> None:
    engine = Constellation()
    pipelines = await asyncio.gather(*(engine.compile_async(LARGE) for _ in range(6)))
    assert len({p.structural_hash for p in pipelines}) == 1
    counts = engine.compile_cache.statistics()
    assert (counts["loadCount"], counts["hits"], counts["misses"]) == (1, 5, 1)


async def test_without_a_cache_those_who_wait_get_the_same_result() -> None:
    engine = Constellation(compile_cache=None)
    one, other = await asyncio.gather(engine.compile_shared(LARGE), engine.compile_shared(LARGE))
    assert one is other
