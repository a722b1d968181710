"""Running: the fixed cost of a run, each further node, sync and async, and memory over many runs."""

from __future__ import annotations

import asyncio
import resource
import statistics
import time

from benchmarks.timing import Row, anchor_us, table
from constellation import Constellation, module
from constellation.engine.pipeline import Pipeline


@module
def plain(text: str) -> str:
    """A module that does almost nothing."""
    return text


@module
async def awaiting(text: str) -> str:
    """A module that really gives up control once."""
    await asyncio.sleep(0)
    return text


def chain(function: str, count: int) -> str:
    """A chain of calls."""
    steps = "".join(f"n{i + 1} = {function}(n{i})\n" for i in range(count))
    return f"in n0: String\n{steps}out n{count}\n"


async def _run_us(engine: Constellation, pipeline: Pipeline, repeat: int = 300) -> float:
    inputs = {"n0": "hello"}
    samples: list[float] = []
    for _ in range(repeat):
        started = time.perf_counter()
        await engine.run(pipeline, inputs)
        samples.append((time.perf_counter() - started) * 1e6)
    return statistics.median(samples[10:])


def _rss_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def _measure() -> list[Row]:
    async with Constellation(modules=[plain, awaiting]) as engine:
        one = await _run_us(engine, engine.compile(chain("Plain", 1)))
        hundred = await _run_us(engine, engine.compile(chain("Plain", 101)))
        async_one = await _run_us(engine, engine.compile(chain("Awaiting", 1)))
        async_hundred = await _run_us(engine, engine.compile(chain("Awaiting", 101)), 100)
        pipeline = engine.compile(chain("Plain", 10))
        before = _rss_mib()
        for _ in range(10_000):
            await engine.run(pipeline, {"n0": "hello"})
        growth = (_rss_mib() - before) / before * 100
    print(f"memory over 10,000 runs: {growth:+.2f} % of {before:.0f} MiB (goal: within 2 %)")
    return [
        Row("engine.run, one sync module, everything included", one, 30.0),
        Row("each further sync node", (hundred - one) / 100, 0.5),
        Row("engine.run, one async module", async_one),
        Row("each further async node that really awaits", (async_hundred - async_one) / 100, 8.0),
    ]


def main() -> None:
    """Measure and print."""
    anchor = anchor_us()
    table(asyncio.run(_measure()), anchor)


if __name__ == "__main__":
    main()
