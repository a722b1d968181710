"""Metrics and spans; back-ends that fail or hang."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from itertools import count
from typing import Any

import pytest

from constellation.engine.breaker import CircuitBreakerConfig
from constellation.engine.observing import ConstellationBackends
from constellation.engine.result_cache import CacheStats
from constellation.engine.scheduler import GlobalScheduler
from tests.runtime.engine.workshop import Workshop, echo


class Meter:
    """Keeps counts and the last value of each gauge, and fails at every histogram."""

    def __init__(self) -> None:
        self.counted: dict[str, int] = {}
        self.gauges: dict[str, float] = {}

    def counter(self, name: str, tags: Any = None, value: int = 1) -> None:
        self.counted[name] = self.counted.get(name, 0) + value

    def histogram(self, name: str, value: float, tags: Any = None) -> None:
        self.counter(name)
        raise RuntimeError("metrics may fail")

    def gauge(self, name: str, value: float, tags: Any = None) -> None:
        self.gauges[name] = value


def work() -> Workshop:
    shop = Workshop().module("Quick(v: Int) -> Int", echo).failing("Flaky(v: Int) -> Int", times=1, then=4)
    return shop.failing("Broken(v: Int) -> Int")


async def test_metrics_have_the_documented_names() -> None:
    meter = Meter()
    limits = "with retry: 1, throttle: 9/1s, concurrency: 1"
    source = f"in x: Int\na = Flaky(x) {limits}\nb = Quick(a) with cache: 1h\nout b\n"
    async with work().engine(
        backends=ConstellationBackends(metrics=meter),
        scheduler=GlobalScheduler.bounded(1),
        circuit_breaker=CircuitBreakerConfig(failure_threshold=2),
    ) as engine:
        for _ in range(2):
            assert (await engine.run_source(source, {"x": 1}))["b"] == 4
        broken = "in x: Int\nb = Broken(x) with retry: 1\nout b\n"
        await engine.run_source(broken, {"x": 1}, save_suspension=False)
        waiting = await engine.run_source("in x: Int\nin y: Int\nout y\n", {"x": 1})
        await engine.resume(waiting.execution_id, {"y": 1})
    assert meter.counted == {
        "constellation.execution.started": 5,
        "constellation.execution.completed": 3,
        "constellation.execution.failed": 1,
        "constellation.execution.suspended": 1,
        "constellation.execution.total": 5,
        "constellation.execution.duration_ms": 5,
        "constellation.module.duration_ms": 5,
        "constellation.module.retries": 2,
        "constellation.cache.misses": 1,
        "constellation.cache.hits": 1,
        "constellation.compilation.total": 4,
        "constellation.compilation.duration_ms": 4,
        "constellation.compilation.cache_hits": 1,
        "constellation.scheduler.wait_ms": 6,
        "constellation.limiter.wait_ms": 6,
        "constellation.suspension.saved": 1,
        "constellation.suspension.resumed": 1,
    }
    assert meter.gauges == {
        "constellation.scheduler.active": 0.0,
        "constellation.scheduler.queued": 0.0,
        "constellation.circuit_breaker.state": 2.0,
    }


class HangingCache:
    """A back-end that never ends writing."""

    async def get(self, key: str) -> bytes | None:
        return None

    async def set(self, key: str, value: bytes, ttl: float) -> None:
        await asyncio.Event().wait()

    async def delete(self, key: str) -> bool:
        return False

    async def clear(self) -> None: ...

    def stats(self) -> CacheStats:
        return CacheStats()


async def test_a_cache_that_hangs_delays_a_call_but_does_not_stop_it() -> None:
    shop, meter = work(), Meter()
    async with shop.engine(backends=ConstellationBackends(cache=HangingCache(), metrics=meter)) as engine:
        result = await engine.run_source("in x: Int\na = Quick(x)\nout a\n", {"x": 1})
        assert result["a"] == 1
        assert shop.clock.now() == pytest.approx(2.5)
        assert engine.stats()["resultCache"]["errors"] == 1
    assert meter.counted["constellation.cache.errors"] == 1


async def test_spans_of_a_run() -> None:
    names: list[str] = []

    class Tracer:
        def span(self, name: str, attributes: object) -> Any:
            names.append(name)
            return nullcontext()

    async with work().engine(backends=ConstellationBackends(tracer=Tracer())) as engine:
        pipeline = await engine.compile_async("in x: Int\nin y: Int\na = Quick(x)\nout a\n")
        await engine.run(pipeline, {"x": 1})
        await engine.run_source("in x: Int\nout x\n", {"x": 1})
    first = ["pipeline.compile", "execution.run", "module.execute", "suspension.save"]
    assert names == [*first, "pipeline.compile", "execution.run"]


async def test_a_cache_nobody_registered_is_a_warning_of_the_compiler() -> None:
    source = 'in x: Int\na = Quick(x) with cache: 1h, cache_backend: "redis"\nout a\n'
    async with work().engine() as engine:
        assert [w.code for w in engine.compile(source).warnings] == ["OPTS005"]
        assert [w.code for w in engine.compile(source, fresh=True).warnings] == ["OPTS005"]
        assert engine.compile(source.replace("redis", "memory")).warnings == ()
        engine.caches.register("redis", HangingCache())
        assert engine.compile(source).warnings == ()


async def test_modules_are_not_blamed_for_what_compiling_takes(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Functions of single nodes are compiled in the middle of a run, the first time something is missing."""
    moments = count(0.0, 0.04)
    shop = work()
    async with shop.engine() as engine:
        pipeline = engine.compile("in x: Int\nin y: Int\na = Quick(x)\nb = Quick(y)\nout a\nout b\n")
        pipeline.plan(guarded=False, timed=False)
        monkeypatch.setattr("constellation.engine.plan.time.perf_counter", lambda: next(moments))
        await engine.run(pipeline, {"x": 1}, save_suspension=False)
    assert not caplog.records
