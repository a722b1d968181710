"""Resuming: what is refused, and what refusing leaves behind."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from constellation.engine.constellation import Constellation
from constellation.engine.errors import (
    InputAlreadyProvidedError,
    InputTypeMismatchError,
    NodeAlreadyResolvedError,
    NodeTypeMismatchError,
    PipelineChangedError,
    ResumedPipelineNotFoundError,
    ResumeError,
    ResumeInProgressError,
    StaleStateError,
    SuspensionNotFoundError,
    UnknownNodeError,
)
from constellation.engine.result import ExecutionResult, Status
from constellation.stores.memory import InMemoryPipelineStore, InMemorySuspensionStore
from constellation.stores.protocols import PipelineInUse
from constellation.stores.suspension import SuspendedExecution
from tests.runtime.engine.workshop import Workshop, echo

SOURCE = "in a: Int\nin b: Int\nx = Keep(a)\ny = Keep(b)\nr = x + y\nout r\n"


def shop() -> Workshop:
    return Workshop().sleeping("Keep(v: Int) -> Int", 1.0, echo)


async def waiting(engine: Constellation) -> ExecutionResult:
    return await engine.run_source(SOURCE, {"a": 1})


@pytest.mark.parametrize(
    ("inputs", "nodes", "error", "message"),
    [
        ({"zz": 1, "qq": 2}, {}, UnknownNodeError, "Unknown node name: 'zz'; Unknown node name: 'qq'"),
        ({"b": "five"}, {}, InputTypeMismatchError, "Input 'b' type mismatch: expected CInt, got string"),
        ({"a": 2, "b": 3}, {}, InputAlreadyProvidedError, "already provided with a different value"),
        ({}, {"zz": 1}, UnknownNodeError, "Unknown node name: 'zz'"),
        ({}, {"a": 1}, UnknownNodeError, "Unknown node name: 'a'"),
        ({}, {"y": "no"}, NodeTypeMismatchError, "Node 'y' type mismatch: expected CInt, got string"),
        ({}, {"x": 9}, NodeAlreadyResolvedError, "Node 'x' has already been computed"),
    ],
)
async def test_a_refused_resume_changes_nothing(
    inputs: dict[str, object], nodes: dict[str, object], error: type[ResumeError], message: str
) -> None:
    work = shop()
    async with work.engine() as engine:
        result = await waiting(engine)
        before = await engine.suspensions.load(result.execution_id)
        with pytest.raises(error, match=message):
            await engine.resume(result.execution_id, inputs, resolved_nodes=nodes)
        assert await engine.suspensions.load(result.execution_id) == before
        done = await engine.resume(result.execution_id, {"a": 1, "b": 4}, resolved_nodes={"x": 1})
        assert (done["r"], done.resumption_count) == (5, 1)
        assert work.calls["Keep"] == 2


async def test_of_two_resumers_exactly_one_wins() -> None:
    work = shop()
    pipelines, suspensions = InMemoryPipelineStore(), InMemorySuspensionStore(monotonic=work.clock.now)
    one = work.engine(pipeline_store=pipelines, suspension_store=suspensions)
    two = work.engine(pipeline_store=pipelines, suspension_store=suspensions)
    result = await waiting(one)
    outcomes = await asyncio.gather(
        one.resume(result.execution_id, {"b": 1}),
        one.resume(result.execution_id, {"b": 2}),
        two.resume(result.execution_id, {"b": 3}),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [ExecutionResult, ResumeInProgressError, ResumeInProgressError]
    with pytest.raises(SuspensionNotFoundError):
        await two.resume(result.execution_id, {"b": 1})


async def test_an_execution_goes_on_in_another_engine() -> None:
    work = shop()
    pipelines, suspensions = InMemoryPipelineStore(), InMemorySuspensionStore()
    async with work.engine(pipeline_store=pipelines, suspension_store=suspensions) as engine:
        result = await waiting(engine)
    async with work.engine(pipeline_store=pipelines, suspension_store=suspensions) as engine:
        assert [s.missing_inputs for s in await engine.suspensions.list()] == [{"b": "CInt"}]
        done = await engine.resume(result.execution_id, {"b": 2})
        assert done["r"] == 3
        assert done.execution_id == result.execution_id
        assert list(await engine.suspensions.list()) == []
    assert work.calls["Keep"] == 2


async def test_the_program_of_an_execution_must_be_there() -> None:
    work = shop()
    async with work.engine() as engine:
        state = (await waiting(engine)).suspended_state
    assert state is not None
    async with work.engine() as stranger:
        with pytest.raises(ResumedPipelineNotFoundError, match=f"Pipeline not found: {state.structural_hash}"):
            await stranger.resume(state, {"b": 1})


async def test_an_old_state_does_not_overwrite_newer_work() -> None:
    async with shop().engine() as engine:
        first = await engine.run_source("in a: Int\nin b: Int\nin c: Int\nout a\nout b\nout c\n", {"a": 1})
        second = await engine.resume(first.execution_id, {"b": 2})
        assert first.suspended_state is not None
        with pytest.raises(StaleStateError, match="was resumed since"):
            await engine.resume(first.suspended_state, {"b": 3})
        assert second.suspended_state is not None
        done = await engine.resume(second.suspended_state, {"c": 3})
        assert done.outputs == {"a": 1, "b": 2, "c": 3}


async def test_the_image_of_a_stored_execution_is_not_removed() -> None:
    async with shop().engine() as engine:
        result = await waiting(engine)
        with pytest.raises(PipelineInUse, match=f"execution {result.execution_id}"):
            await engine.pipelines.remove(result.structural_hash)
        await engine.resume(result.execution_id, {"b": 1})
        assert await engine.pipelines.remove(result.structural_hash)


async def test_a_moved_name_matters_only_to_those_who_ask() -> None:
    async with shop().engine() as engine:
        await engine.deploy(SOURCE, name="sum")
        result = await engine.run("sum", {"a": 1})
        await engine.deploy(SOURCE.replace("x + y", "x - y"), name="sum")
        with pytest.raises(PipelineChangedError):
            await engine.resume(result.execution_id, {"b": 1}, strict_pipeline_version=True)
        assert (await engine.resume(result.execution_id, {"b": 1}))["r"] == 2


async def test_supplied_nodes_survive_further_suspensions() -> None:
    source = "in a: Int\nin b: Int\nx = Keep(Keep(b))\nr = x + a\nout r\n"
    work = shop()
    async with work.engine() as engine:
        result = await engine.run_source(source, {})
        result = await engine.resume(result.execution_id, resolved_nodes={"x": 40})
        assert result.missing_inputs == {"a": "Int"}
        result = await engine.resume(result.execution_id, {"a": 2}, include_provenance=True)
    assert result.status is Status.COMPLETED
    assert result["r"] == 42
    assert result.metadata.provenance["x"] == "<resolved>"
    assert not work.calls


async def test_a_failing_resume_loses_nothing() -> None:
    work = Workshop().failing("Bad(v: Int) -> Int", times=2, then=7).module("Keep(v: Int) -> Int", echo)
    async with work.engine() as engine:
        result = await engine.run_source("in a: Int\nin b: Int\nx = Keep(a)\ny = Bad(b)\nout x\nout y\n", {"a": 1})
        for count in (1, 2):
            result = await engine.resume(result.execution_id, {"b": 1} if count == 1 else {})
            assert (result.status, result.resumption_count) == (Status.FAILED, count)
        result = await engine.resume(result.execution_id)
    assert result.outputs == {"x": 1, "y": 7}
    assert result.resumption_count == 3
    assert work.calls == {"Keep": 1, "Bad": 3}


async def test_an_execution_is_taken_to_another_installation() -> None:
    async with shop().engine() as here, shop().engine() as there:
        begun = await waiting(here)
        data = (await here.export(begun.execution_id)).to_bytes()
        result = await there.resume(SuspendedExecution.from_bytes(data), {"b": 2})
        assert result["r"] == 3
        with pytest.raises(SuspensionNotFoundError):
            await there.export("nobody")


async def test_what_earlier_systems_kept_is_enough_to_begin_again() -> None:
    async with shop().engine() as engine:
        digest = await engine.store(engine.compile(SOURCE))
        kept = {
            "executionId": "old-1", "structuralHash": digest, "resumptionCount": 3, "dagSpec": {"modules": {}},
            "providedInputs": {"a": {"tag": "CInt", "value": 4}},
            "computedValues": {"1234": {"tag": "CInt", "value": 9}},
        }  # fmt: skip
        result = await engine.resume(SuspendedExecution.from_json(kept), {"b": 2})
    assert (result.execution_id, result.resumption_count, result["r"]) == ("old-1", 4, 6)


async def test_another_version_of_a_module_is_told() -> None:
    older = Workshop().module("Keep(v: Int) -> Int", echo)
    newer = replace(older.modules[0], spec=replace(older.modules[0].spec, version=(2, 1)))
    async with older.engine() as engine:
        begun = await waiting(engine)
        engine.register(newer)
        result = await engine.resume(begun.execution_id, {"b": 2})
    assert result.is_complete
    assert result.metadata.warnings == ("Module 'Keep' is version 2.1; the execution began with 1.0",)
