"""Kept executions: listing, showing, resuming, abandoning."""

from __future__ import annotations

import time
from typing import Any

from aiohttp import web

from constellation.engine.errors import (
    InputAlreadyProvidedError,
    InputTypeMismatchError,
    InputValidationError,
    NodeAlreadyResolvedError,
    NodeTypeMismatchError,
    ResumedPipelineNotFoundError,
    ResumeError,
    ResumeInProgressError,
    ShutdownRejectedError,
    SuspensionNotFoundError,
    UnknownNodeError,
)
from constellation.engine.options import ExecutionOptions
from constellation.image.codec import CodecError
from constellation.stores.suspension import SuspendedExecution
from constellation_server.answers import json_answer
from constellation_server.bodies import JsonObject, execution_body, plain_values, requested_extras
from constellation_server.execution import RunOptions, read_options
from constellation_server.executions import row_body
from constellation_server.problems import (
    BadRequest,
    Conflict,
    InputProblem,
    NodeProblem,
    NotFound,
    Problem,
    ShuttingDown,
)
from constellation_server.reading import optional_mapping, page_of, read_object
from constellation_server.references import parse_hash
from constellation_server.routing import Route
from constellation_server.scope import scope_of
from constellation_server.state import STATE, ServerState
from constellation_server.unbound import UNBINDABLE, unbound_run


async def list_executions(request: web.Request) -> web.Response:
    """`GET /executions`."""
    keeper = request.app[STATE].executions
    limit, offset = page_of(request, default=100)
    given = request.query.get("structuralHash")
    wanted = None if given is None else parse_hash(given)
    status = request.query.get("status")
    if status not in {None, "suspended", "failed"}:
        raise BadRequest("Query parameter 'status' must be suspended or failed")
    rows = await keeper.rows(structural_hash=wanted, pipeline_name=request.query.get("pipeline"), status=status)
    if given is not None and wanted is None:
        rows = []
    shown: list[JsonObject] = []
    for row in rows[offset : offset + limit]:
        state = await keeper.load(row.execution_id)
        if state is not None:
            shown.append(row_body(keeper, state))
    return json_answer({"executions": shown, "total": len(rows), "limit": limit, "offset": offset})


async def show_execution(request: web.Request) -> web.Response:
    """`GET /executions/{id}`."""
    keeper = request.app[STATE].executions
    stored = await _load(request.app[STATE], request.match_info["id"])
    computed = {name: stored.computed[key] for name, key in stored.named_nodes.items() if key in stored.computed}
    body = {
        **row_body(keeper, stored),
        "providedInputs": list(stored.provided_inputs),
        "computedNodes": plain_values({**computed, **stored.resolved_nodes}),
    }
    return json_answer(body)


async def _load(state: ServerState, execution_id: str) -> SuspendedExecution:
    try:
        stored = await state.executions.load(execution_id)
    except CodecError:
        raise _corrupt(execution_id) from None
    if stored is None:
        raise NotFound(f"Execution '{execution_id[:128]}' not found")
    return stored


def _corrupt(execution_id: str) -> Problem:
    message = f"The stored state of execution '{execution_id[:128]}' cannot be read; it is kept for inspection"
    return Problem(message, code="CorruptSuspension", status=500)


async def resume(request: web.Request) -> web.Response:
    """`POST /executions/{id}/resume`."""
    state = request.app[STATE]
    state.require_accepting()
    config = state.config
    scope = scope_of(request)
    execution_id = request.match_info["id"]
    body = await read_object(request, config.max_body_bytes, config.body_timeout, optional=True)
    inputs = _merged(optional_mapping(body, "inputs") or {}, optional_mapping(body, "additionalInputs") or {})
    nodes = optional_mapping(body, "resolvedNodes") or {}
    options = read_options(body, config.execution_timeout)
    stored = await _load(state, execution_id)
    image = await state.engine.pipelines.get(stored.structural_hash)
    if image is None:
        raise NotFound(f"Pipeline not found: {stored.structural_hash}")
    started = time.perf_counter()
    try:
        result = await _resume(state, execution_id, inputs, nodes, options)
    except UNBINDABLE as problem:
        result = unbound_run(image, problem, execution_id, stored.resumption_count)
    seconds = time.perf_counter() - started
    scope.execution_id = result.execution_id
    state.counters.count_execution(result.status.value)
    state.counters.executions["resumed"] += 1
    if result.status.value == "completed":
        state.executions.forget(execution_id)
    answer = execution_body(
        result,
        seconds=seconds,
        request_id=scope.request_id,
        with_hash=True,
        extra=requested_extras(result, options.include_timings, options.include_provenance),
    )
    return json_answer(answer)


def _merged(first: JsonObject, second: JsonObject) -> JsonObject:
    for name, value in second.items():
        if name in first and first[name] != value:
            raise BadRequest(f"'inputs' and 'additionalInputs' give different values for '{name}'")
    return {**first, **second}


async def _resume(
    state: ServerState, execution_id: str, inputs: JsonObject, nodes: JsonObject, options: RunOptions
) -> Any:
    wanted = ExecutionOptions(
        include_timings=options.include_timings,
        include_provenance=options.include_provenance,
        priority=options.priority,
        timeout=options.timeout,
    )
    state.execution_started()
    try:
        return await state.engine.resume(execution_id, inputs, resolved_nodes=nodes, options=wanted)
    except (InputTypeMismatchError, InputAlreadyProvidedError, InputValidationError) as problem:
        raise InputProblem(f"Input error: {problem.message}", extra={"executionId": execution_id}) from None
    except (NodeTypeMismatchError, NodeAlreadyResolvedError) as problem:
        raise NodeProblem(f"Node error: {problem.message}", extra={"executionId": execution_id}) from None
    except UnknownNodeError as problem:
        kind = InputProblem if any(f"'{name}'" in problem.message for name in inputs) else NodeProblem
        prefix = "Input error" if kind is InputProblem else "Node error"
        raise kind(f"{prefix}: {problem.message}", extra={"executionId": execution_id}) from None
    except SuspensionNotFoundError:
        raise NotFound(f"Execution '{execution_id[:128]}' not found") from None
    except ResumedPipelineNotFoundError as problem:
        raise NotFound(problem.message) from None
    except ResumeInProgressError as problem:
        raise Conflict(problem.message, code="ResumeInProgress") from None
    except CodecError:
        raise _corrupt(execution_id) from None
    except ShutdownRejectedError:
        raise ShuttingDown from None
    except ResumeError as problem:
        raise BadRequest(problem.message) from None
    finally:
        state.execution_ended()


async def delete_execution(request: web.Request) -> web.Response:
    """`DELETE /executions/{id}`."""
    state = request.app[STATE]
    execution_id = request.match_info["id"]
    owner = f"delete:{scope_of(request).request_id}"
    if await state.executions.store.load(execution_id) is None:
        raise NotFound(f"Execution '{execution_id[:128]}' not found")
    if not await state.executions.store.acquire(execution_id, owner):
        message = f"Resume operation already in progress for execution {execution_id}"
        raise Conflict(message, code="ResumeInProgress")
    try:
        if not await state.executions.delete(execution_id):
            raise NotFound(f"Execution '{execution_id[:128]}' not found")
    finally:
        await state.executions.store.release(execution_id, owner)
    return json_answer({"deleted": True})


ROUTES = (
    Route("GET", "/executions", list_executions, "listExecutions", "Executions that can be resumed",
          {200: "ExecutionList", 400: "ErrorEnvelope"},
          query=("ExecutionsLimit", "Offset", "HashFilter", "PipelineFilter", "StatusFilter"), role="ReadOnly"),
    Route("GET", "/executions/{id}", show_execution, "getExecution", "One execution",
          {200: "ExecutionDetail", 404: "ErrorEnvelope"}, role="ReadOnly"),
    Route("POST", "/executions/{id}/resume", resume, "resumeExecution", "Go on with more inputs",
          {200: "ResumeResponse", 404: "ErrorEnvelope", 409: "ErrorEnvelope", 503: "ErrorEnvelope"},
          body="ResumeRequest", body_optional=True, headers=("X-Execution-Id",)),
    Route("DELETE", "/executions/{id}", delete_execution, "deleteExecution", "Abandon an execution",
          {200: "Deleted", 404: "ErrorEnvelope", 409: "ErrorEnvelope"}, role="Admin"),
)  # fmt: skip
