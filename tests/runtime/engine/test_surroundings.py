"""What the library's functions find around them in a run: the engine's clock, its listeners, its randomness."""

from __future__ import annotations

from typing import Any

from constellation import Constellation, ConstellationBackends, Event, ExecutionListener, module
from constellation.testing.clock import FakeClock

START = 1_767_225_600_000


async def test_now_is_one_instant_of_the_engines_clock() -> None:
    source = "a = now()\nt = SlowTwice(a)\nb = now()\nout a out b\nout map([1, 2], x => now()) as c"
    clock = FakeClock("2026-01-01T00:00:00Z")

    async def slow_twice(n: int) -> int:
        """Takes a minute of the engine's time."""
        await clock.sleep(60.0)
        return n

    async with Constellation(modules=[module(slow_twice)], clock=clock) as engine:
        result = await engine.run_source(source, {})
        assert result.outputs == {"a": START, "b": START, "c": [START, START]}
        again = await engine.run_source(source, {})
        assert again["a"] == START + 60_000


async def test_log_is_an_event_of_the_run() -> None:
    events: list[Event] = []
    heard: list[tuple[str, str]] = []

    class Listening(ExecutionListener):
        def on_log(self, execution_id: str, text: str) -> Any:
            heard.append((execution_id, text))

    backends = ConstellationBackends(listener=[events.append, Listening()])
    async with Constellation(backends=backends) as engine:
        result = await engine.run_source("in n: Int\nout log([n, 2]) as r", {"n": 1})
    assert result["r"] == [1, 2]
    assert heard == [(result.execution_id, "[1, 2]")]
    assert [(e.execution_id, dict(e.metadata)) for e in events if e.kind == "log"] == [
        (result.execution_id, {"text": "[1, 2]"})
    ]


async def test_a_seeded_engine_draws_the_same_again() -> None:
    async def drawn(seed: int | None) -> list[Any]:
        async with Constellation(stdlib=["random"], random_seed=seed) as engine:
            source = "out random-int(1, 1000000) as a\nout uuid4() as b\nout map([1, 2], x => random-float()) as c"
            results = [await engine.run_source(source, {}) for _ in range(2)]
            return [dict(result.outputs) for result in results]

    first = await drawn(7)
    assert first == await drawn(7)
    assert first[0] != first[1]
    assert first != await drawn(8)
    assert await drawn(None) != await drawn(None)


async def test_a_stepped_run_has_one_instant_too() -> None:
    clock = FakeClock("2026-01-01T00:00:00Z", auto=False)
    async with Constellation(clock=clock) as engine:
        seen: list[object] = []
        async with engine.step(engine.compile("a = now()\nb = map([a], x => now())\nout b"), {}) as stepper:
            while (wave := await stepper.step()) is not None:
                seen.append(dict(wave.values))
                await clock.advance(60.0)
    first = START + 60_000  # the wave that shows the inputs reads no clock
    assert seen == [{}, {"a": first}, {"a": first, "b": [first]}]
