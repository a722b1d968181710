"""The embedded API as its guide shows it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict

import pytest

from constellation import (
    CircuitBreakerConfig,
    CompileCache,
    CompileFailed,
    Constellation,
    ConstellationBackends,
    ExecutionOptions,
    GlobalScheduler,
    InMemoryCache,
    InMemoryPipelineStore,
    ModuleContext,
    ModuleDefinitionError,
    Priority,
    ShapeMismatch,
    Status,
    module,
    typed,
)
from constellation.testing import FakeClock, engine_for_tests, record_calls

APPROVAL = """
in userId: String
in approval: Boolean
user = GetUser(userId)
out user when approval
"""
STATS = "in numbers: List<Int>\nsum = Sum(numbers)\navg = Average(numbers)\nout sum\nout avg\n"


@module
def shout(text: str, marks: int) -> str:
    """Upper-case text followed by exclamation marks."""
    return text.upper() + "!" * marks


class User(TypedDict):
    id: str
    name: str


@module(name="GetUser")
async def get_user(userId: str, ctx: ModuleContext) -> User:
    """A user."""
    ctx.note(asked_for=userId)
    await asyncio.sleep(0)
    return {"id": userId, "name": "Alice"}


@dataclass
class Stats:
    sum: int
    avg: float


class StatsIn(TypedDict):
    numbers: list[int]


async def test_the_tour() -> None:
    async with Constellation(modules=[shout]) as engine:
        pipeline = engine.compile("in name: String\nin marks: Int\nloud = Shout(Trim(name), marks)\nout loud\n")
        result = await engine.run(pipeline, {"name": " ada ", "marks": 2})
        assert result.outputs == {"loud": "ADA!!"}
        assert (await pipeline.run(name="bob", marks=0))["loud"] == "BOB"
        assert pipeline.inputs == {"name": "String", "marks": "Int"}
        assert pipeline.outputs == {"loud": "String"}
        assert pipeline.pipeline is pipeline
        assert "Shout" in pipeline.to_mermaid()
        assert "digraph" in pipeline.to_dot()
        assert {node["label"] for node in pipeline.to_dict()["nodes"]} >= {"Shout", "Trim"}
        assert pipeline.input_schema()["required"] == ["name", "marks"]


async def test_every_setting_at_once() -> None:
    async with Constellation(
        modules=[shout],
        scheduler=GlobalScheduler.bounded(max_concurrency=16, starvation_timeout=timedelta(seconds=30)),
        backends=ConstellationBackends(cache=InMemoryCache(max_size=10)),
        compile_cache=CompileCache(max_entries=256, max_age=3600),
        circuit_breaker=CircuitBreakerConfig(failure_threshold=5, reset_duration=timedelta(seconds=30)),
        default_timeout=timedelta(seconds=60),
        default_cache_ttl=None,
        name="billing",
    ) as engine:
        options = ExecutionOptions(priority=Priority.HIGH, timeout=timedelta(seconds=5), include_timings=True)
        result = await engine.run_source(
            'r = Shout("a", 1)\nout r\n', {}, options, metadata={"tenant": "a"}, priority=80
        )
        assert result["r"] == "A!"
        assert engine.stats()["scheduler"]["highPriorityCompleted"] == 1
        other = engine.replace(name="other")
        assert other.name == "other"
        assert "Shout" in other.modules
        await other.shutdown()


async def test_three_ways_to_run_are_one() -> None:
    source = "in text: String\nu = Uppercase(text)\nout u\n"
    async with Constellation() as engine:
        r1 = await engine.run_source(source, {"text": "hello"})
        pipeline = engine.compile(source)
        r2 = await engine.run(pipeline, {"text": "hello"})
        digest = await engine.pipelines.store(pipeline.image)
        await engine.pipelines.alias("uppercase", digest)
        others = [await engine.run(ref, {"text": "hello"}) for ref in ("uppercase", digest, f"sha256:{digest}")]
        assert r1.outputs == r2.outputs == others[0].outputs == others[1].outputs == others[2].outputs


async def test_errors_say_where_and_what() -> None:
    engine = Constellation()
    with pytest.raises(CompileFailed) as caught:
        engine.compile("in text: String\nresult = Uppercas(text)\nout result\n")
    failure = caught.value
    assert str(failure) == "Compilation failed: Unknown function 'Uppercas'"
    assert (failure.errors[0].line, failure.errors[0].code) == (2, "E002")
    assert "^" in failure.render(color=False)
    assert [d.code for d in engine.check("out nothing\n")] == ["E001"]


async def test_results_as_classes() -> None:
    async with Constellation() as engine:
        stats = typed(engine.compile(STATS), StatsIn, Stats)
        assert await stats({"numbers": [1, 2, 3]}) == Stats(6, 2.0)
        result = await engine.run_source(STATS, {"numbers": [10, 20, 30]})
        assert result.status is Status.COMPLETED
        assert result.as_(Stats) == Stats(60, 20.0)
        assert result.output("avg", float) == 20.0

        @dataclass
        class Wrong:
            sum: str
            other: int

        with pytest.raises(ShapeMismatch, match=r"no output 'other'.*output 'sum' is Int, the class has String"):
            typed(engine.compile(STATS), StatsIn, Wrong)


async def test_suspending_as_the_guide_shows() -> None:
    async with Constellation(modules=[get_user]) as engine:
        waiting = await engine.run_source(APPROVAL, {"userId": "user-123"})
        assert waiting.status is Status.SUSPENDED
        assert dict(waiting.missing_inputs) == {"approval": "Boolean"}
        assert waiting.computed_nodes["user"]["name"] == "Alice"
        assert waiting.metadata.context == {"user#1": {"asked_for": "user-123"}}
        done = await engine.resume(waiting.execution_id, {"approval": True})
        assert done.is_complete
        assert done.resumption_count == 1
        assert done["user"]["id"] == "user-123"


async def test_stand_ins_for_modules() -> None:
    async with engine_for_tests(clock=FakeClock("2024-02-29T12:00:00Z"), modules=[get_user]) as engine:
        with (
            engine.override(GetUser=lambda userId: {"id": userId, "name": "T"}) as fakes,
            record_calls(engine) as calls,
        ):
            result = await engine.run_source(APPROVAL, {"userId": "u", "approval": True})
        assert result["user"]["name"] == "T"
        assert [call.module for call in calls] == ["GetUser"]
        assert fakes["GetUser"].calls == [("u",)]
        assert result.metadata.started_at == "2024-02-29T12:00:00.000Z"
        real = await engine.run_source(APPROVAL, {"userId": "u", "approval": True})
        assert real["user"]["name"] == "Alice"
        with (
            pytest.raises(ModuleDefinitionError, match="takes \\(other\\), not \\(userId\\)"),
            engine.override(GetUser=lambda other: other),
        ):
            pass


async def test_versions_and_shares_of_a_name() -> None:
    async with Constellation() as engine:
        first = await engine.deploy("in x: Int\nr = x + 1\nout r\n", name="sum")
        second = await engine.deploy("in x: Int\nr = x + 2\nout r\n", name="sum")
        assert (first.changed, second.changed, second.previous_hash) == (True, True, first.structural_hash)
        assert [v.version for v in await engine.versions.list_versions("sum")] == [2, 1]
        assert (await engine.run("sum", {"x": 1}))["r"] == 3
        assert not await engine.versions.set_active_version("sum", 3)
        assert not await engine.versions.set_active_version("nobody", 1)
        previous = await engine.versions.previous_version("sum")
        assert previous is not None and previous.version == 1 and await engine.versions.get_version("sum", 3) is None
        assert await engine.versions.set_active_version("sum", 1)
        assert await engine.versions.previous_version("sum") is None
        assert (await engine.run("sum", {"x": 1}))["r"] == 2
        engine.router.set_weights("sum", {first.structural_hash: 0.0, second.structural_hash: 1.0})
        result = await engine.run("sum", {"x": 1})
        assert result["r"] == 3
        assert result.metadata.routed_to == second.structural_hash
        engine.router.set_weights("sum", {})
        recorded = await engine.versions.record_version("sum", second.structural_hash)
        assert (recorded.version, (await engine.run("sum", {"x": 1}))["r"]) == (3, 3)
        assert (await engine.versions.record_version("sum", second.structural_hash)).version == 3


async def test_two_engines_with_modules_of_one_name_do_not_meet() -> None:
    @module(name="Shout")
    def whisper(text: str, marks: int) -> str:
        """The opposite."""
        return text.lower()

    source = 'r = Shout("Ab", 1)\nout r\n'
    async with Constellation(modules=[shout]) as one, Constellation(modules=[whisper]) as two:
        found = await asyncio.gather(one.run_source(source), two.run_source(source))
    assert [r["r"] for r in found] == ["AB!", "ab"]


async def test_blocking_modules_run_in_threads() -> None:
    import threading

    @module(blocking=True)
    def where(x: int) -> str:
        """The thread's name."""
        return threading.current_thread().name

    async with Constellation(modules=[where]) as engine:
        result = await engine.run_source("r = Where(1)\nout r\n")
    assert result["r"].startswith("constellation")


def test_importing_costs_nothing() -> None:
    code = (
        "import sys, time; t = time.perf_counter(); import constellation; "
        "assert time.perf_counter() - t < 0.1; assert 'lark' not in sys.modules and 'aiohttp' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_a_stored_text_is_not_compiled_again() -> None:
    source = "in x: Int\nr = x + 1\nout r\n"
    store = InMemoryPipelineStore()
    async with Constellation(pipeline_store=store) as first:
        deployed = await first.deploy(source, name="inc")
    async with Constellation(pipeline_store=store) as second:
        assert (await second.run_source(source, {"x": 1}))["r"] == 2
        counts = second.compile_cache.statistics()
        assert (counts["storeHits"], counts["loadCount"]) == (1, 0)
        assert second.compile(source, fresh=True).structural_hash == deployed.structural_hash


def test_the_compile_cache_can_be_turned_off() -> None:
    source = "in x: Int\nr = x + 1\nout r\n"
    for engine, hits in ((Constellation(), 1), (Constellation(compile_cache=None), 0)):
        engine.compile(source)
        engine.compile(source)
        assert engine.compile_cache.statistics()["hits"] == hits
        seen = engine.compile_cache.stats()
        assert (seen.hits, seen.misses, seen.hit_rate, seen.miss_rate) == (hits, 2 - hits, hits / 2, 1 - hits / 2)


async def test_many_runs_by_name_leave_nothing_behind() -> None:
    async with Constellation(modules=[shout]) as engine:
        await engine.deploy('in n: Int\na = n + 1\nb = Shout("x", a)\nout b\n', name="three")
        before = asyncio.all_tasks()
        lengths = [
            len(result["b"])
            async for result in engine.map("three", ({"n": i % 7} for i in range(2000)), concurrency=100)
        ]
        assert lengths == [i % 7 + 2 for i in range(2000)]
        assert asyncio.all_tasks() == before
        assert engine.lifecycle.inflight_count == 0
        assert engine.stats()["executions"]["completed"] == 2000
