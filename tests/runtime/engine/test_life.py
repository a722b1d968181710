"""Handles, cancellation, time limits, shutting down, listeners, many runs, the blocking facade."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from constellation import ExecutionOptions, current_execution, library, module
from constellation.engine.errors import (
    ExecutionTimeoutError,
    PipelineNotFoundError,
    RunCancelled,
    ShutdownRejectedError,
)
from constellation.engine.lifecycle import DuplicateExecutionError
from constellation.engine.observing import ConstellationBackends, Event, ExecutionListener
from constellation.engine.result import Status
from constellation.sync import Constellation as SyncConstellation
from constellation.testing.clock import settle
from tests.runtime.engine.workshop import Workshop, echo

TWO = "in x: Int\na = Quick(x)\nb = Slow(a)\nout a\nout b\n"


def shop() -> Workshop:
    return Workshop().module("Quick(v: Int) -> Int", echo).sleeping("Slow(v: Int) -> Int", 10.0, echo)


async def test_a_handle_cancels_and_keeps_what_was_done() -> None:
    work = shop()
    async with work.engine() as engine:
        handle = engine.start(engine.compile(TWO), {"x": 3})
        assert handle.status == "running"
        await settle(2)
        handle.cancel()
        handle.cancel()
        result = await handle.result()
        assert handle.status == "cancelled"
        assert result.status is Status.CANCELLED
        assert result.outputs == {"a": 3}
        with pytest.raises(RunCancelled):
            result.raise_for_status()
        done = await engine.resume(handle.execution_id)
        assert done.outputs == {"a": 3, "b": 3}
        assert work.calls == {"Quick": 1, "Slow": 2}


async def test_the_events_of_a_handle() -> None:
    async with shop().engine() as engine:
        handle = engine.start(engine.compile(TWO), {"x": 3})
        events = [(event.kind, event.node_key) async for event in handle.events()]
        assert handle.progress == 1.0
    assert events == [
        ("execution_started", None),
        ("module_started", "a#1"),
        ("module_completed", "a#1"),
        ("module_started", "b#1"),
        ("module_completed", "b#1"),
        ("execution_completed", None),
    ]


async def test_leaving_a_scope_cancels_the_run() -> None:
    async with shop().engine() as engine:
        pipeline = engine.compile(TWO)
        task = asyncio.ensure_future(engine.run(pipeline, {"x": 1}))
        await settle(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert engine.lifecycle.inflight_count == 0
        assert engine.stats()["executions"]["cancelled"] == 1


async def test_a_time_limit_for_the_whole_run() -> None:
    async with shop().engine(default_timeout=60) as engine:
        result = await engine.run_source(TWO, {"x": 1}, timeout=5)
        assert result.status is Status.FAILED
        assert [(e.code, e.message) for e in result.errors] == [
            ("EXECUTION_TIMEOUT", "Execution timed out after 5 seconds")
        ]
        assert result.outputs == {"a": 1}
        with pytest.raises(ExecutionTimeoutError):
            result.raise_for_status()
        assert (await engine.resume(result.execution_id)).outputs == {"a": 1, "b": 1}


async def test_shutting_down_waits_then_cancels_and_keeps_the_state() -> None:
    work = shop()
    engine = work.engine()
    finishing = engine.start(engine.compile(TWO), {"x": 1})
    await engine.shutdown(drain_timeout=30)
    assert (await finishing.result()).status is Status.COMPLETED
    assert engine.lifecycle.state == "stopped"
    with pytest.raises(ShutdownRejectedError, match="rejecting new execution"):
        await engine.run_source(TWO, {"x": 1})

    engine = work.engine()
    late = engine.start(engine.compile(TWO), {"x": 1})
    await settle(2)
    await asyncio.gather(engine.shutdown(drain_timeout=2), engine.shutdown())
    assert (await late.result()).status is Status.CANCELLED
    assert await engine.suspensions.load(late.execution_id) is not None


async def test_lifespans_are_left_last() -> None:
    log: list[str] = []

    class Crm:
        @asynccontextmanager
        async def lifespan(self) -> AsyncIterator[None]:
            log.append("enter")
            yield
            log.append("leave")

        @module
        async def fetch(self, x: int) -> int:
            """Fetch it."""
            log.append("fetch")
            return x

    work = Workshop()
    work.modules.append(library(Crm()))  # type: ignore[arg-type]
    async with work.engine() as engine:
        await engine.run_source("in x: Int\nr = Fetch(x)\nout r\n", {"x": 1})
    assert log == ["enter", "fetch", "leave"]


async def test_an_execution_id_in_use_is_refused() -> None:
    async with shop().engine() as engine:
        handle = engine.start(engine.compile(TWO), {"x": 1}, execution_id="mine")
        with pytest.raises(DuplicateExecutionError):
            await engine.run_source(TWO, {"x": 1}, execution_id="mine")
        assert (await handle.result()).execution_id == "mine"


class Recorder(ExecutionListener):
    """Writes down every hook, slowly; fails on one of them."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, ...]] = []

    async def on_execution_start(self, execution_id: str, name: str) -> None:
        await asyncio.sleep(0)
        self.heard.append(("start", execution_id, name))

    def on_module_start(self, execution_id: str, node_key: str, module_name: str) -> None:
        self.heard.append(("module", node_key, module_name))
        raise RuntimeError("listeners may fail")

    async def on_module_complete(self, execution_id: str, node_key: str, module_name: str, duration_ms: float) -> None:
        await asyncio.sleep(0)
        self.heard.append(("done", node_key, f"{duration_ms:.0f}"))

    def on_module_failed(self, execution_id: str, node_key: str, module_name: str, error: Exception) -> None:
        self.heard.append(("failed", node_key, str(error)))

    def on_module_replayed(self, execution_id: str, node_key: str, module_name: str) -> None:
        self.heard.append(("replayed", node_key))

    def on_execution_suspended(self, execution_id: str, name: str, missing: Any) -> None:
        self.heard.append(("suspended", *missing))

    def on_execution_complete(self, execution_id: str, name: str, succeeded: bool, duration_ms: float) -> None:
        self.heard.append(("end", str(succeeded)))


async def test_listeners_hear_everything_in_order_and_change_nothing() -> None:
    recorder, events = Recorder(), list[Event]()
    backends = ConstellationBackends(listener=[recorder, events.append])
    source = "in x: Int\nin y: Int\na = Slow(x)\nb = Quick(y)\nout a\nout b\n"
    async with shop().engine(backends=backends) as engine:
        first = await engine.run(engine.compile(source, name="demo"), {"x": 1})
        assert recorder.heard == [
            ("start", first.execution_id, "demo"),
            ("module", "a#1", "Slow"),
            ("done", "a#1", "10000"),
            ("suspended", "y"),
        ]
        recorder.heard.clear()
        second = await engine.resume(first.execution_id, {"y": 2})
        assert recorder.heard == [
            ("start", first.execution_id, "demo"),
            ("replayed", "a#1"),
            ("module", "b#1", "Quick"),
            ("done", "b#1", "0"),
            ("end", "True"),
        ]
    assert second.is_complete
    assert {event.execution_id for event in events} == {first.execution_id}
    assert [event.kind for event in events][-1] == "execution_completed"


async def test_references_and_deploying() -> None:
    async with shop().engine() as engine:
        pipeline = await engine.deploy(TWO, name="two")
        digest = pipeline.structural_hash
        for ref in ("two", digest, f"sha256:{digest}", digest.upper()):
            assert (await engine.run(ref, {"x": 2})).outputs == {"a": 2, "b": 2}
        with pytest.raises(PipelineNotFoundError, match="Pipeline 'tow' not found") as caught:
            await engine.run("tow", {"x": 2})
        assert caught.value.suggestions == ("two",)


async def test_many_runs_keep_their_order_and_their_limit() -> None:
    work = Workshop()

    async def body(value: int) -> int:
        await work.clock.sleep((value * 7) % 5)
        return value

    work.module("Work(v: Int) -> Int", body, waits=True)
    async with work.engine() as engine:
        pipeline = engine.compile("in x: Int\nr = Work(x)\nout r\n")
        peak = 0
        found: list[int] = []
        async for result in engine.map(pipeline, ({"x": i} for i in range(30)), concurrency=4):
            peak = max(peak, engine.lifecycle.inflight_count)
            found.append(result["r"])
        assert found == list(range(30))
        assert peak <= 4
        keys = [key async for key, _ in engine.map_unordered(pipeline, {"a": {"x": 2}, "b": {"x": 0}}, concurrency=2)]
        assert keys == ["b", "a"]
        async for _ in engine.map(pipeline, [{"x": 1}] * 10, concurrency=3):
            break
        await settle()
        assert engine.lifecycle.inflight_count == 0
        for many in (
            engine.map(pipeline, [{"x": 1}] * 10),
            engine.map_unordered(pipeline, {"a": {"x": 1}, "b": {"x": 4}}),
        ):
            await anext(many)
            await many.aclose()
            assert engine.lifecycle.inflight_count == 0


async def test_results_are_data() -> None:
    async with shop().failing("Bad(v: Int) -> Int").engine() as engine:
        source = "in x: Int\nin y: Int\na = Quick(x)\nb = Bad(a)\nc = Quick(y)\nout a\nout b\nout c\n"
        options = ExecutionOptions(
            include_timings=True,
            include_provenance=True,
            include_blocked_graph=True,
            include_resolution_sources=True,
        )
        result = await engine.run_source(source, {"x": 5}, options)
    assert result.missing_inputs == {"y": "Int"}
    assert result.to_json()["missingInputs"] == {"y": "CInt"}
    assert result.pending_outputs == ("b", "c")
    assert result.progress == pytest.approx(1 / 3)
    assert result.metadata.blocked_graph == {"y": ["c"]}
    assert result.metadata.provenance == {"x": "<input>", "a": "Quick"}
    assert result.metadata.resolution_sources == {"x": "FromInput", "a": "FromModuleExecution"}
    assert set(result.metadata.node_timings) == {"a", "b"}
    assert result["a"] == result.output("a", int) == result.node("a") == result.get("a")
    with pytest.raises(KeyError, match="has no value"):
        result["b"]
    with pytest.raises(KeyError, match="declared outputs: a, b, c"):
        result["zzz"]
    with pytest.raises(TypeError):
        result.output("a", str)
    again = pickle.loads(pickle.dumps(result))
    assert again.to_json() == result.to_json()
    assert again.suspended_state == result.suspended_state


@pytest.mark.parametrize(
    "options",
    [{"on_missing": "maybe"}, {"timeout": 0}, {"timeout": -1}, {"execution_id": ""}, {"execution_id": "x" * 129}],
)
async def test_options_that_mean_nothing_are_refused(options: dict[str, Any]) -> None:
    async with shop().engine() as engine:
        with pytest.raises(ValueError, match=next(iter(options))):
            await engine.run(engine.compile(TWO), {"x": 1}, **options)
        with pytest.raises(TypeError, match="priority"):
            await engine.run(engine.compile(TWO), {"x": 1}, priority="high")


async def test_the_blocking_call_refuses_to_block_a_loop() -> None:
    engine = shop().engine()
    with pytest.raises(RuntimeError, match=r"await engine\.run"):
        engine.run_sync(engine.compile(TWO), {"x": 1})


def test_the_blocking_facade() -> None:
    work = Workshop().module("Quick(v: Int) -> Int", echo)
    with SyncConstellation(modules=work.modules) as engine:
        pipeline = engine.compile("in x: Int\nr = Quick(x)\nout r\n")
        assert engine.run(pipeline, {"x": 1})["r"] == 1
        digest = engine.pipelines.store(pipeline.image)
        assert [r["r"] for r in engine.map(digest, [{"x": 1}, {"x": 2}], concurrency=4)] == [1, 2]
        waiting = engine.run(pipeline, {})
        assert engine.resume(waiting.execution_id, {"x": 9})["r"] == 9

        async def inside_a_loop() -> int:
            found: int = engine.run(pipeline, {"x": 4})["r"]
            return found

        assert asyncio.run(inside_a_loop()) == 4


async def test_bodies_know_which_execution_they_are_part_of() -> None:
    seen: list[tuple[str, str | None]] = []

    def note(place: str) -> None:
        found = current_execution()
        seen.append((place, None if found is None else found.execution_id))

    @module
    def inline(x: int) -> int:
        """Runs on the loop."""
        note("inline")
        return x

    @module(blocking=True)
    def threaded(x: int) -> int:
        """Runs in a thread."""
        note("thread")
        return x

    work = Workshop()
    work.modules += [inline, threaded]  # type: ignore[list-item]
    async with work.engine() as engine:
        await engine.run_source("in x: Int\na = Inline(x)\nb = Threaded(a)\nout b\n", {"x": 1}, execution_id="me")
    note("outside")
    assert seen == [("inline", "me"), ("thread", "me"), ("outside", None)]
