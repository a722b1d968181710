"""Call options: what each does, and in which order they act."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from constellation.engine.breaker import CircuitBreakerConfig
from constellation.engine.observing import ConstellationBackends
from constellation.engine.result import Status
from constellation.engine.result_cache import CacheStats, InMemoryCache
from constellation.modules.errors import NonRetryable
from tests.runtime.engine.workshop import Workshop, echo


def call(options: str, module: str = "Work", uses: int = 1) -> str:
    lines = ["in x: Int", *[f"r{i} = {module}(x) with {options}" for i in range(uses)]]
    return "\n".join([*lines, *[f"out r{i}" for i in range(uses)]]) + "\n"


async def test_retry_counts_attempts_and_tells_their_history() -> None:
    shop = Workshop().failing("Work(v: Int) -> Int", "down")
    async with shop.engine() as engine:
        result = await engine.run_source(call("retry: 2"), {"x": 1})
    assert shop.calls["Work"] == 3
    error = result.errors[0]
    assert error.attempts == 3
    assert error.errors_per_attempt == ("down", "down", "down")
    assert error.message == (
        "Module 'Work' execution failed: Work failed after 3 attempts:\n"
        "  Attempt 1: down\n  Attempt 2: down\n  Attempt 3: down"
    )


async def test_some_failures_are_not_retried() -> None:
    shop = Workshop()

    def body(value: int) -> int:
        raise NonRetryable("no such customer")

    shop.module("Work(v: Int) -> Int", body)
    async with shop.engine() as engine:
        result = await engine.run_source(call("retry: 5"), {"x": 1})
    assert shop.calls["Work"] == 1
    assert "no such customer" in str(result.error)


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ("retry: 3, delay: 100ms", 0.3),
        ("retry: 3, delay: 100ms, backoff: linear", 0.6),
        ("retry: 3, delay: 100ms, backoff: exponential", 0.7),
        ("retry: 3, delay: 20s, backoff: exponential", 20 + 30 + 30),
        ("retry: 1, delay: 40s", 40),
        ("retry: 3", 0),
    ],
)
async def test_delays_between_attempts(options: str, seconds: float) -> None:
    shop = Workshop().failing("Work(v: Int) -> Int", times=3, then=7)
    async with shop.engine() as engine:
        await engine.run_source(call(options), {"x": 1})
        assert shop.clock.now() == pytest.approx(seconds)


async def test_the_time_limit_is_for_each_attempt_and_excludes_waiting() -> None:
    shop = Workshop().sleeping("Work(v: Int) -> Int", 1.0, echo)
    async with shop.engine() as engine:
        result = await engine.run_source(call("concurrency: 1, timeout: 1500ms", uses=4), {"x": 1})
        assert result.status is Status.COMPLETED
        assert shop.clock.now() == pytest.approx(4.0)
        result = await engine.run_source(call("timeout: 100ms, retry: 1"), {"x": 1})
    assert "Attempt 2: Module Work timed out after 100ms" in str(result.error)
    assert shop.clock.now() == pytest.approx(4.2)


async def test_a_timed_out_call_gives_its_permit_back() -> None:
    shop = Workshop().sleeping("Work(v: Int) -> Int", 10.0, echo)
    async with shop.engine() as engine:
        await engine.run_source(call("concurrency: 1, timeout: 1s", uses=3), {"x": 1})
        limiter = engine.stats()["limits"]["Work/1"]
    assert shop.clock.now() == pytest.approx(3.0)
    assert (limiter["active"], limiter["peak"], limiter["waiting"], limiter["totalAcquired"]) == (0, 1, 0, 3)


async def test_fallback_is_absorbed_and_reported() -> None:
    shop = Workshop().failing("Work(v: Int) -> Int")
    async with shop.engine() as engine:
        result = await engine.run_source(call("fallback: x + 1, on_error: log"), {"x": 1})
    assert result.outputs == {"r0": 2}
    assert result.metadata.absorbed_errors == (
        {"node": "r0", "moduleName": "Work", "message": "kaboom", "strategy": "fallback"},
    )


async def test_a_failing_fallback_names_both_causes() -> None:
    shop = Workshop().failing("Work(v: Int) -> Int", "first").failing("Spare(v: Int) -> Int", "second")
    async with shop.engine() as engine:
        result = await engine.run_source(call("fallback: Spare(x)"), {"x": 1})
    assert result.error == "Module 'Work' execution failed: first; fallback failed: second"


async def test_on_error_log_writes_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    shop = Workshop().failing("Work(v: Int) -> Int")
    with caplog.at_level(logging.WARNING, "constellation.module"):
        async with shop.engine() as engine:
            assert (await engine.run_source(call("on_error: log"), {"x": 1})).outputs == {"r0": 0}
    assert caplog.messages == ["[Work] failed: kaboom. Skipping."]


async def test_wrap_tells_the_caller_on_which_side_it_was() -> None:
    shop = Workshop().failing("Work(v: Int) -> Int").module("Fine(v: Int) -> Int", echo)
    async with shop.engine() as engine:
        source = "in x: Int\na = Work(x) with on_error: wrap\nb = Fine(x) with on_error: wrap\nout a\nout b\n"
        result = await engine.run_source(source, {"x": 4})
    assert result.outputs == {"a": 0, "b": 4}
    wrapped: Any = result.metadata.wrapped
    assert wrapped["b"] == {"isRight": True, "right": 4, "left": None}
    assert wrapped["a"]["isRight"] is False
    assert wrapped["a"]["left"]["message"] == "kaboom"


async def test_a_hit_uses_no_token_and_is_no_attempt() -> None:
    shop = Workshop().module("Work(v: Int) -> Int", echo)
    async with shop.engine(circuit_breaker=CircuitBreakerConfig()) as engine:
        for _ in range(5):
            result = await engine.run_source(call("cache: 10min, throttle: 1/1h"), {"x": 3})
            assert result["r0"] == 3
        assert engine.stats()["circuitBreakers"]["Work"]["totalSuccesses"] == 1
    assert shop.clock.now() == 0
    assert shop.calls["Work"] == 1


async def test_errors_and_substitutes_are_not_cached() -> None:
    shop = Workshop().failing("Work(v: Int) -> Int", times=2, then=9)
    async with shop.engine() as engine:
        assert (await engine.run_source(call("cache: 1h, fallback: 0"), {"x": 1}))["r0"] == 0
        assert (await engine.run_source(call("cache: 1h"), {"x": 1})).status is Status.FAILED
        assert (await engine.run_source(call("cache: 1h"), {"x": 1}))["r0"] == 9
        assert (await engine.run_source(call("cache: 1h"), {"x": 1})).metadata.cache_hits == 1
    assert shop.calls["Work"] == 3


async def test_concurrent_equal_calls_share_one_execution_and_its_failure() -> None:
    shop = Workshop().sleeping("Work(v: Int) -> Int", 1.0, lambda v: 1 // v)
    async with shop.engine() as engine:
        good, bad = await asyncio.gather(
            engine.run_source(call("cache: 1h", uses=5), {"x": 1}),
            engine.run_source(call("cache: 1h", uses=5), {"x": 0}),
        )
    assert good.metadata.cache_hits == 4
    assert len(bad.errors) == 5
    assert shop.calls["Work"] == 2


async def test_cached_results_expire_and_are_forgotten_on_demand() -> None:
    shop = Workshop().module("Work(v: Int) -> Int", echo)
    async with shop.engine() as engine:
        await engine.run_source(call("cache: 1s"), {"x": 1})
        await shop.clock.advance(0.9)
        await engine.run_source(call("cache: 1s"), {"x": 1})
        assert shop.calls["Work"] == 1
        await shop.clock.advance(0.2)
        await engine.run_source(call("cache: 1s"), {"x": 1})
        assert shop.calls["Work"] == 2
        await engine.invalidate_cache("Work")
        await engine.run_source(call("cache: 1s"), {"x": 1})
        await engine.run_source(call("cache: 1s"), {"x": 1}, use_cache=False)
        assert shop.calls["Work"] == 4


class ByteCache:
    """A back-end that keeps bytes, like Redis would."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.broken = False

    async def get(self, key: str) -> bytes | None:
        if self.broken:
            raise ConnectionError("cache is down")
        return self.kept.get(key)

    async def set(self, key: str, value: bytes, ttl: float) -> None:
        if self.broken:
            raise ConnectionError("cache is down")
        assert isinstance(value, bytes)
        self.kept[key] = value

    async def delete(self, key: str) -> bool:
        return self.kept.pop(key, None) is not None

    async def clear(self) -> None:
        self.kept.clear()

    def stats(self) -> CacheStats:
        return CacheStats(size=len(self.kept))


async def test_a_configured_backend_caches_without_options() -> None:
    shop = Workshop().module("Work(v: Int) -> Int", echo).module("Effect(v: Int) -> Int", echo, effectful=True)
    backend = ByteCache()
    source = "in x: Int\na = Work(x)\nb = Effect(x)\nout a\nout b\n"
    async with shop.engine(backends=ConstellationBackends(cache=backend)) as engine:
        for _ in range(3):
            assert (await engine.run_source(source, {"x": 2})).outputs == {"a": 2, "b": 2}
        assert shop.calls == {"Work": 1, "Effect": 3}
        backend.broken = True
        assert (await engine.run_source(source, {"x": 2})).status is Status.COMPLETED
        assert engine.stats()["resultCache"]["errors"] == 2
    async with shop.engine(backends=ConstellationBackends(cache=InMemoryCache()), default_cache_ttl=None) as engine:
        shop.calls.clear()
        for _ in range(2):
            await engine.run_source(source, {"x": 2})
    assert shop.calls["Work"] == 2


async def test_the_cache_drops_what_was_used_longest_ago() -> None:
    cache = InMemoryCache(max_size=2)
    for key in ("a", "b"):
        await cache.set(key, key, 60)
    assert await cache.get("a") == "a"
    await cache.set("c", "c", 60)
    assert [await cache.get(k) for k in "abc"] == ["a", None, "c"]
    stats = cache.stats()
    assert (stats.size, stats.evictions, stats.hits, stats.misses) == (2, 1, 3, 1)


async def test_throttled_calls_come_at_the_rate() -> None:
    moments: list[float] = []
    shop = Workshop()

    def body(value: int) -> int:
        moments.append(shop.clock.now())
        return value

    shop.module("Work(v: Int) -> Int", body)
    async with shop.engine() as engine:
        await engine.run_source(call("throttle: 2/1s", uses=6), {"x": 1})
    assert moments == pytest.approx([0, 0, 0.5, 1.0, 1.5, 2.0])


async def test_an_open_breaker_refuses_then_probes_then_closes() -> None:
    shop = Workshop().failing("Work(v: Int) -> Int", times=3, then=1)
    config = CircuitBreakerConfig(failure_threshold=2, reset_duration=30)
    source = "in x: Int\nr = Work(x)\nout r\n"
    async with shop.engine(circuit_breaker=config) as engine:

        async def outcome() -> str:
            result = await engine.run_source(source, {"x": 1})
            return result.error or "fine"

        assert [await outcome() for _ in range(3)] == [
            "Module 'Work' execution failed: kaboom",
            "Module 'Work' execution failed: kaboom",
            "Module 'Work' execution failed: Circuit breaker open for module 'Work'",
        ]
        await shop.clock.advance(31)
        assert await outcome() == "Module 'Work' execution failed: kaboom"
        assert "Circuit breaker open" in await outcome()
        await shop.clock.advance(31)
        assert await outcome() == "fine"
        stats = engine.stats()["circuitBreakers"]["Work"]
    assert (stats["state"], stats["totalFailures"], stats["totalRejected"]) == ("closed", 3, 2)
    assert shop.calls["Work"] == 4


async def test_only_as_many_probes_as_configured_go_through() -> None:
    shop = Workshop()
    broken = True

    async def body(value: int) -> int:
        await shop.clock.sleep(1)
        if broken:
            raise RuntimeError("down")
        return value

    shop.module("Work(v: Int) -> Int", body, waits=True)
    async with shop.engine(circuit_breaker=CircuitBreakerConfig(failure_threshold=1, reset_duration=10)) as engine:
        await engine.run_source("in x: Int\nr = Work(x)\nout r\n", {"x": 1})
        broken = False
        await shop.clock.advance(11)
        results = await asyncio.gather(
            *[engine.run_source("in x: Int\nr = Work(x)\nout r\n", {"x": 1}) for _ in range(3)]
        )
    assert sorted(r.status.value for r in results) == ["completed", "failed", "failed"]
    assert all("Circuit breaker open" in str(r.error) for r in results if not r.success)


async def test_a_call_that_waits_too_long_for_its_other_operands_fails() -> None:
    shop = Workshop().sleeping("Quick(v: Int) -> Int", 1.0, echo).sleeping("Slow(v: Int) -> Int", 10.0, echo)
    shop.module("Both(a: Int, b: Int) -> Int", lambda a, b: a + b, inputs_timeout=5.0)
    source = "in x: Int\na = Quick(x)\nb = Slow(x)\nc = Both(a, b)\nd = Both(a, a)\nout b\nout c\nout d\n"
    async with shop.engine() as engine:
        result = await engine.run_source(source, {"x": 1})
    assert result.outputs == {"b": 1, "d": 2}
    assert result.error == "Module 'Both' execution failed: Module Both timed out waiting for inputs after 5s"
    assert shop.calls["Both"] == 1
