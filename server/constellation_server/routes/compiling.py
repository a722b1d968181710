"""`POST /compile`: check a program, keep its image, give it a name."""

from __future__ import annotations

import time
from dataclasses import dataclass

from aiohttp import web

from constellation_server.answers import json_answer
from constellation_server.bodies import compile_errors, compiled_body, warnings_of
from constellation_server.compilation import compile_source, remember
from constellation_server.deploying import storing
from constellation_server.problems import BadRequest, CompilationProblem
from constellation_server.reading import (
    flag_of,
    is_plain_text,
    optional_flag,
    read_bytes,
    read_object,
    require_same_origin,
    require_text,
)
from constellation_server.resolution import require_name
from constellation_server.routing import Route
from constellation_server.state import STATE, ServerState


@dataclass(frozen=True, slots=True)
class _Wish:
    source: str
    name: str | None
    dry_run: bool


async def compile_(request: web.Request) -> web.Response:
    """`POST /compile`."""
    state = request.app[STATE]
    state.require_accepting()
    wish = await _read(request, state)
    started = time.perf_counter()
    compilation = await compile_source(state, wish.source)
    seconds = time.perf_counter() - started
    if compilation.image is None:
        summary, members = compile_errors(compilation.diagnostics, wish.source)
        raise CompilationProblem(summary, extra=members)
    version: int | None = None
    if not wish.dry_run:
        async with storing(state):
            if wish.name is None:
                await state.engine.pipelines.store(compilation.image)
            else:
                done = await state.deployments.deploy(wish.name, compilation.image, source="compile")
                version = done.version
            await remember(state, compilation)
    return json_answer(
        compiled_body(
            compilation.image,
            name=wish.name,
            version=version,
            cached=compilation.cached is not None,
            seconds=seconds,
            warnings=warnings_of(compilation.diagnostics, wish.source),
        )
    )


async def _read(request: web.Request, state: ServerState) -> _Wish:
    config = state.config
    if is_plain_text(request):
        require_same_origin(request)
        data = await read_bytes(request, config.max_body_bytes, config.body_timeout)
        try:
            source = data.decode("utf-8")
        except UnicodeDecodeError as problem:
            sentence = f"The source is not valid UTF-8 (byte {problem.start})"
            raise BadRequest(sentence, extra={"errors": [sentence]}) from None
        name = request.query.get("name")
        return _Wish(source, None if name is None else require_name(name), flag_of(request, "dryRun"))
    body = await read_object(request, config.max_body_bytes, config.body_timeout)
    source = require_text(body, "source")
    named = next((key for key in ("name", "alias", "dagName") if body.get(key) is not None), None)
    name = None if named is None else require_name(require_text(body, named))
    return _Wish(source, name, optional_flag(body, "dryRun"))


ROUTES = (
    Route("POST", "/compile", compile_, "compilePipeline", "Compile a program and keep its image",
          {200: "CompileResponse", 400: "CompileFailure", 503: "ErrorEnvelope"}, body="CompileRequest"),
)  # fmt: skip
