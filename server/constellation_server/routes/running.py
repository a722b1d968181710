"""`POST /run`: source and inputs in, result out."""

from __future__ import annotations

import time

from aiohttp import web

from constellation_server.answers import json_answer
from constellation_server.bodies import compile_errors, execution_body, milliseconds, requested_extras
from constellation_server.compilation import compile_source
from constellation_server.deploying import keep_image
from constellation_server.execution import check_inputs, execute, read_options
from constellation_server.problems import BadRequest, CompilationProblem, CompileTimeout
from constellation_server.reading import read_object, require_mapping, require_text
from constellation_server.routing import Route
from constellation_server.scope import scope_of
from constellation_server.state import STATE


async def run(request: web.Request) -> web.Response:
    """`POST /run`."""
    state = request.app[STATE]
    state.require_accepting()
    config = state.config
    scope = scope_of(request)
    body = await read_object(request, config.max_body_bytes, config.body_timeout)
    if "ref" in body or "dagName" in body:
        raise BadRequest("POST /run takes 'source'; to run a stored pipeline by reference use POST /execute")
    source = require_text(body, "source")
    given = require_mapping(body, "inputs", "input")
    options = read_options(body, config.execution_timeout)
    started = time.perf_counter()
    try:
        compilation = await compile_source(state, source)
    except CompileTimeout as problem:
        # a caller of /run deals with results only: this one failed
        problem.http_status = 200
        problem.extra["status"] = "failed"
        raise
    compiled = time.perf_counter() - started
    if compilation.image is None:
        summary, members = compile_errors(compilation.diagnostics, source)
        extra = {"status": "failed", **members, "compilationErrors": members["errors"]}
        raise CompilationProblem(summary, extra=extra)
    image = await keep_image(state, compilation, compilation.image)
    inputs, warnings = check_inputs(image, given)
    started = time.perf_counter()
    result = await execute(state, image, inputs, options)
    scope.execution_id = result.execution_id
    answer = execution_body(
        result,
        seconds=time.perf_counter() - started,
        warnings=warnings,
        request_id=scope.request_id,
        with_hash=True,
        extra={
            "compileTimeMs": milliseconds(compiled),
            "cached": compilation.cached is not None,
            **requested_extras(result, options.include_timings, options.include_provenance),
        },
    )
    return json_answer(answer)


ROUTES = (
    Route("POST", "/run", run, "runPipeline", "Compile a program and run it",
          {200: "RunResponse", 400: "CompileFailure", 429: "ErrorEnvelope", 503: "ErrorEnvelope"}, body="RunRequest",
          headers=("X-Execution-Id",)),
)  # fmt: skip
