"""`POST /execute`: run a stored pipeline by reference. Never compiles."""

from __future__ import annotations

import time
from typing import Any

from aiohttp import web

from constellation_server.answers import json_answer
from constellation_server.bodies import execution_body, requested_extras
from constellation_server.execution import check_inputs, execute, read_options
from constellation_server.problems import BadRequest
from constellation_server.reading import optional_text, read_object, require_mapping, require_text
from constellation_server.resolution import Resolved, resolve_in_body, resolve_in_path
from constellation_server.routing import Route
from constellation_server.scope import scope_of
from constellation_server.state import STATE, ServerState

_MEMBERS = frozenset({"inputs", "options", "canaryKey"})
_CANARY_HEADER = "X-Canary-Key"


async def execute_ref(request: web.Request) -> web.Response:
    """`POST /execute`."""
    state = request.app[STATE]
    state.require_accepting()
    body = await read_object(request, state.config.max_body_bytes, state.config.body_timeout)
    if "source" in body:
        raise BadRequest("POST /execute runs stored pipelines and never compiles; to run source text use POST /run")
    ref = require_text(body, "ref", "dagName")
    given = require_mapping(body, "inputs", "input")
    found = await resolve_in_body(state, ref, key=_canary_key(request, body))
    return await _run(request, state, found, given, body)


async def execute_path(request: web.Request) -> web.Response:
    """`POST /execute/{ref}`: the inputs in the envelope of `/execute`, or as the body itself."""
    state = request.app[STATE]
    state.require_accepting()
    body = await read_object(request, state.config.max_body_bytes, state.config.body_timeout, optional=True)
    inner: Any = body.get("inputs")
    envelope: dict[str, Any] = body if isinstance(inner, dict) and body.keys() <= _MEMBERS else {}
    given: dict[str, Any] = envelope["inputs"] if envelope else body
    found = await resolve_in_path(state, request.match_info["ref"], key=_canary_key(request, envelope), route=True)
    return await _run(request, state, found, given, envelope)


def _canary_key(request: web.Request, body: dict[str, Any]) -> str | None:
    return optional_text(body, "canaryKey") or request.headers.get(_CANARY_HEADER)


async def _run(
    request: web.Request, state: ServerState, found: Resolved, given: dict[str, Any], body: dict[str, Any]
) -> web.Response:
    scope = scope_of(request)
    options = read_options(body, state.config.execution_timeout)
    inputs, warnings = check_inputs(found.image, given)
    started = time.perf_counter()
    result = await execute(state, found.image, inputs, options, name=found.name)
    seconds = time.perf_counter() - started
    scope.execution_id = result.execution_id
    if found.routed is not None and found.name is not None:
        failed = result.status.value == "failed"
        await state.deployments.record(found.name, found.routed, failed=failed, latency_ms=seconds * 1000)
    answer = execution_body(
        result,
        seconds=seconds,
        warnings=warnings,
        request_id=scope.request_id,
        with_hash=False,
        extra=requested_extras(result, options.include_timings, options.include_provenance),
    )
    headers = {"X-Pipeline-Hash": found.structural_hash}
    if found.version is not None:
        headers["X-Pipeline-Version"] = str(found.version)
    return json_answer(answer, headers=headers)


_HEADERS = ("X-Execution-Id", "X-Pipeline-Hash", "X-Pipeline-Version")
_ANSWERS = {
    200: "ExecuteResponse",
    404: "ErrorEnvelope",
    429: "ErrorEnvelope",
    503: "ErrorEnvelope",
}

ROUTES = (
    Route("POST", "/execute", execute_ref, "executePipeline", "Run a stored pipeline", _ANSWERS,
          body="ExecuteRequest", headers=_HEADERS),
    Route("POST", "/execute/{ref}", execute_path, "executePipelineAt", "Run a stored pipeline named by the path",
          _ANSWERS, body="Inputs", body_optional=True, headers=_HEADERS),
)  # fmt: skip
