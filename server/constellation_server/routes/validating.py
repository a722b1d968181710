"""Checking a program without keeping it."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from constellation_server.answers import json_answer
from constellation_server.bodies import compile_errors, input_schema, output_schema, warnings_of
from constellation_server.compilation import compile_source
from constellation_server.reading import read_object, require_text
from constellation_server.routing import Route
from constellation_server.state import STATE


async def validate(request: web.Request) -> web.Response:
    """`POST /validate`."""
    state = request.app[STATE]
    body = await read_object(request, state.config.max_body_bytes, state.config.body_timeout)
    source = require_text(body, "source")
    compilation = await compile_source(state, source)
    warnings = warnings_of(compilation.diagnostics, source)
    answer: dict[str, Any]
    if compilation.image is None:
        _, members = compile_errors(compilation.diagnostics, source)
        answer = {"valid": False, **members, "warnings": warnings}
    else:
        answer = {
            "valid": True,
            "errors": [],
            "warnings": warnings,
            "inputSchema": input_schema(compilation.image),
            "outputSchema": output_schema(compilation.image),
        }
    return json_answer(answer)


ROUTES = (
    Route("POST", "/validate", validate, "validateSource", "Whether a program compiles", {200: "ValidateResponse"},
          body="ValidateRequest"),
)  # fmt: skip
