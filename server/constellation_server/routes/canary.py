"""Trying a version on a share of the traffic."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from constellation.versions import Canary
from constellation_server.answers import json_answer
from constellation_server.canary_bodies import canary_body, read_canary_config
from constellation_server.deploying import storing
from constellation_server.problems import BadRequest, NotFound
from constellation_server.reading import flag_of, read_object
from constellation_server.resolution import require_name, resolve_in_body
from constellation_server.routing import Route
from constellation_server.state import STATE, ServerState


async def show(request: web.Request) -> web.Response:
    """`GET /pipelines/{name}/canary`."""
    name = request.match_info["name"]
    router = request.app[STATE].deployments.router
    found = router.last(name) if flag_of(request, "last") else router.canary(name)
    return json_answer(canary_body(_active(name, found)))


async def start(request: web.Request) -> web.Response:
    """`PUT /pipelines/{name}/canary`: between versions that are already deployed."""
    state = request.app[STATE]
    config = state.config
    name = require_name(request.match_info["name"])
    body = await read_object(request, config.max_body_bytes, config.body_timeout)
    wanted = read_canary_config(body)
    if body.get("canary") is None:
        raise BadRequest("Missing required field 'canary'")
    fresh = await _side(state, name, body["canary"], "canary")
    stable = None if body.get("stable") is None else await _side(state, name, body["stable"], "stable")
    async with storing(state):
        try:
            canary = await state.deployments.compare(name, stable, fresh, wanted)
        except ValueError as problem:
            raise BadRequest(f"Invalid canary configuration: {problem}") from None
    return json_answer(canary_body(canary), 201)


async def _side(state: ServerState, name: str, given: Any, member: str) -> str | int:
    """A version of the name by its number, or any stored image by its hash."""
    if isinstance(given, int) and not isinstance(given, bool):
        if state.deployments.versions.get(name, given) is None:
            raise NotFound(f"Version {given} not found for pipeline '{name}'")
        return given
    if not isinstance(given, str):
        raise BadRequest(f"Field '{member}' must be a reference or a version number")
    found = await resolve_in_body(state, given, route=False)
    return found.version if found.version is not None and found.name == name else found.structural_hash


async def promote(request: web.Request) -> web.Response:
    """`POST /pipelines/{name}/canary/promote`."""
    name = request.match_info["name"]
    state = request.app[STATE]
    async with storing(state):
        outcome = await state.deployments.promote(name)
    canary, before = outcome if outcome is not None else (_active(name, None), 0.0)
    extra = {"success": True, "previousWeight": before, "newWeight": canary.weight}
    return json_answer({**canary_body(canary), **extra})


async def roll_back(request: web.Request) -> web.Response:
    """`POST /pipelines/{name}/canary/rollback`."""
    return await _end(request, "manual")


async def abort(request: web.Request) -> web.Response:
    """`DELETE /pipelines/{name}/canary`."""
    return await _end(request, "aborted")


async def _end(request: web.Request, reason: str) -> web.Response:
    name = request.match_info["name"]
    state = request.app[STATE]
    async with storing(state):
        ended = await state.deployments.abort(name, reason)
    return json_answer(canary_body(_active(name, ended)))


def _active(name: str, found: Canary | None) -> Canary:
    if found is None:
        raise NotFound(f"No canary deployment active for pipeline '{name}'")
    return found


_ANSWERS = {200: "CanaryState", 404: "ErrorEnvelope"}

ROUTES = (
    Route("GET", "/pipelines/{name}/canary", show, "getCanary", "The canary of a pipeline", _ANSWERS,
          query=("Last",), role="ReadOnly"),
    Route("PUT", "/pipelines/{name}/canary", start, "startCanary", "Start a canary between two versions",
          {201: "CanaryState", 404: "ErrorEnvelope", 409: "ErrorEnvelope"}, body="CanaryStart", role="Admin"),
    Route("POST", "/pipelines/{name}/canary/promote", promote, "promoteCanary", "Go one step on", _ANSWERS),
    Route("POST", "/pipelines/{name}/canary/rollback", roll_back, "rollBackCanary", "Return to the old version",
          _ANSWERS),
    Route("DELETE", "/pipelines/{name}/canary", abort, "abortCanary", "End the canary, keep the old version", _ANSWERS,
          role="Admin"),
)  # fmt: skip
