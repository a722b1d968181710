"""The history of a name: listing, reloading, rolling back."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from constellation_server.answers import json_answer
from constellation_server.bodies import JsonObject, compile_errors, timestamp
from constellation_server.canary_bodies import canary_body, read_canary_config
from constellation_server.compilation import compile_source, remember
from constellation_server.deploying import storing
from constellation_server.problems import BadRequest, CompilationProblem, NotFound
from constellation_server.reading import optional_mapping, optional_text, read_object
from constellation_server.resolution import require_name
from constellation_server.routing import Route
from constellation_server.state import STATE, ServerState

MOST_DIGITS: Final = 18


async def list_versions(request: web.Request) -> web.Response:
    """`GET /pipelines/{name}/versions`."""
    name = request.match_info["name"]
    versions = request.app[STATE].deployments.versions
    entries = versions.list_versions(name)
    if not entries:
        raise NotFound(f"Pipeline '{name}' not found")
    active = versions.active(name)
    number = active.version if active is not None else 0
    rows = [
        {
            "version": v.version,
            "structuralHash": v.structural_hash,
            "createdAt": timestamp(v.created_at),
            "active": v.version == number,
            "source": v.source,
        }
        for v in entries
    ]
    return json_answer({"name": name, "activeVersion": number, "versions": rows})


async def roll_back(request: web.Request) -> web.Response:
    """`POST /pipelines/{name}/rollback` and `…/rollback/{version}`."""
    name = request.match_info["name"]
    given = request.match_info.get("version")
    number = None if given is None else _version_number(name, given)
    state = request.app[STATE]
    async with storing(state):
        done = await state.deployments.roll_back(name, number)
    body = {
        "success": True,
        "name": name,
        "previousVersion": done.previous_version,
        "activeVersion": done.version.version,
        "structuralHash": done.version.structural_hash,
    }
    if done.aborted_canary:
        body["abortedCanary"] = True
    return json_answer(body)


def _version_number(name: str, text: str) -> int:
    digits = text.lstrip("0")
    if not (text.isascii() and digits.isdigit()):
        raise BadRequest(f"Version must be a positive integer, got '{text[:40]}'", code="InvalidVersion")
    if len(digits) > MOST_DIGITS:
        raise NotFound(f"Version {digits[:40]} not found for pipeline '{name}'")
    return int(digits)


async def reload(request: web.Request) -> web.Response:
    """`POST /pipelines/{name}/reload`: validate, compile, check the canary's conditions, only then change anything."""
    state = request.app[STATE]
    state.require_accepting()
    config = state.config
    name = require_name(request.match_info["name"])
    body = await read_object(request, config.max_body_bytes, config.body_timeout, optional=True)
    wanted = optional_mapping(body, "canary")
    canary = None if wanted is None else read_canary_config(wanted)
    source = optional_text(body, "source")
    if source is None:
        source = _file_of(state, name)
    compilation = await compile_source(state, source)
    if compilation.image is None:
        _, members = compile_errors(compilation.diagnostics, source)
        raise BadRequest("; ".join(members["errors"]), code=CompilationProblem.code, extra=members)
    async with storing(state):
        if canary is None:
            done = await state.deployments.deploy(name, compilation.image, source="reload")
        else:
            done = await state.deployments.try_out(name, compilation.image, canary, source="reload")
        await remember(state, compilation)
    answer: JsonObject = {
        "success": True,
        "name": name,
        "changed": done.changed,
        "previousHash": done.previous_hash,
        "newHash": done.structural_hash,
        "version": done.version,
    }
    if done.canary is not None:
        answer["canary"] = canary_body(done.canary)
    return json_answer(answer)


def _file_of(state: ServerState, name: str) -> str:
    path = state.sources.get(name)
    if path is None:
        raise BadRequest(f"No source given and no file is known for pipeline '{name}'", code="NoSource")
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise BadRequest(f"The file of pipeline '{name}' ({path.name}) cannot be read", code="NoSource") from None


_ROLLBACK = {200: "RollbackResponse", 404: "ErrorEnvelope", 503: "ErrorEnvelope"}

ROUTES = (
    Route("GET", "/pipelines/{name}/versions", list_versions, "listVersions", "The history of a name, newest first",
          {200: "VersionList", 404: "ErrorEnvelope"}, role="ReadOnly"),
    Route("POST", "/pipelines/{name}/rollback", roll_back, "rollBack", "Return to the previous version", _ROLLBACK),
    Route("POST", "/pipelines/{name}/rollback/{version}", roll_back, "rollBackTo", "Return to a version",
          {**_ROLLBACK, 400: "ErrorEnvelope"}),
    Route("POST", "/pipelines/{name}/reload", reload, "reloadPipeline", "Compile and cut over, or try out",
          {200: "ReloadResponse", 409: "ErrorEnvelope", 503: "ErrorEnvelope"}, body="ReloadRequest",
          body_optional=True),
)  # fmt: skip
