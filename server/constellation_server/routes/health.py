"""Probes: is the process alive, may it get traffic, and what is it doing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from aiohttp import web

from constellation_server.answers import json_answer
from constellation_server.bodies import timestamp
from constellation_server.problems import NotFound
from constellation_server.routing import Route
from constellation_server.state import STATE, Phase, ServerState

_CHECK_SECONDS = 5.0


def engine_version() -> str:
    """The version of the installed distribution."""
    try:
        return version("constellation-engine")
    except PackageNotFoundError:
        return "0"


def uptime_text(seconds: float) -> str:
    """`3d 14h 22m`, or `42s` below one minute."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    days, rest = divmod(whole, 86400)
    hours, rest = divmod(rest, 3600)
    parts = [f"{days}d"] if days else []
    if days or hours:
        parts.append(f"{hours}h")
    return " ".join([*parts, f"{rest // 60}m"])


async def health(request: web.Request) -> web.Response:
    """`GET /health`."""
    state = request.app[STATE]
    body: dict[str, Any] = {
        "status": "ok" if state.phase in {Phase.RUNNING, Phase.STARTING} else state.phase.value,
        "uptime": uptime_text(state.uptime),
        "uptimeSeconds": int(state.uptime),
        "pipelineCount": (await state.engine.pipelines.stats())["images"],
    }
    if not state.config.hide_version:
        body["version"] = engine_version()
    return json_answer(body, 200 if body["status"] == "ok" else 503)


async def live(request: web.Request) -> web.Response:
    """`GET /health/live`."""
    return json_answer({"status": "alive"})


async def ready(request: web.Request) -> web.Response:
    """`GET /health/ready`."""
    state = request.app[STATE]
    checks = await _run_checks(state)
    failed = sorted(name for name, passed in checks.items() if not passed)
    if state.phase is Phase.RUNNING and not failed and state.store_writable:
        return json_answer({"status": "ready", "ready": True})
    reason = state.phase.value
    if state.phase is Phase.RUNNING:
        reason = f"check failed: {', '.join(failed)}" if failed else "store unavailable"
    body: dict[str, Any] = {"status": "not_ready", "ready": False, "reason": reason}
    if failed:
        body["checks"] = checks
    return json_answer(body, 503)


async def _run_checks(state: ServerState) -> dict[str, bool]:
    async def one(name: str) -> bool:
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                return bool(await state.readiness[name]())
        except Exception:
            return False

    names = list(state.readiness)
    return dict(zip(names, await asyncio.gather(*map(one, names)), strict=True))


async def detail(request: web.Request) -> web.Response:
    """`GET /health/detail`, when it is switched on."""
    state = request.app[STATE]
    if not state.config.health_detail:
        raise NotFound("Health details are switched off; set CONSTELLATION_HEALTH_DETAIL=true to serve them")
    from constellation_server.routes.metrics import cache_block, scheduler_block

    body: dict[str, Any] = {
        "status": "ok" if state.phase is Phase.RUNNING else state.phase.value,
        "timestamp": timestamp(datetime.now(UTC)),
        "lifecycle": {"state": state.phase.value.capitalize(), "inflight": state.counters.executions_in_flight},
        "stores": {
            "pipelines": _kind_of_store(state.engine.pipelines),
            "suspensions": _kind_of_store(state.engine.suspensions),
            "lastWriteOk": state.store_writable,
        },
    }
    cache = cache_block(state)
    if cache is not None:
        body["cache"] = cache
    if state.engine.scheduler.bounded:
        body["scheduler"] = scheduler_block(state)
    if state.readiness:
        body["readinessChecks"] = await _run_checks(state)
    return json_answer(body)


def _kind_of_store(store: object) -> str:
    name = type(store).__name__.lower()
    if "readonly" in name:
        return "filesystem (read-only)"
    return "memory" if "memory" in name else "sqlite" if "sqlite" in name else "filesystem"


ROUTES = (
    Route("GET", "/health", health, "getHealth", "Status, uptime and version", {200: "Health", 503: "Health"},
          role="public"),
    Route("GET", "/health/live", live, "getLiveness", "Whether the process answers", {200: "Status"}, role="public"),
    Route("GET", "/health/ready", ready, "getReadiness", "Whether to send traffic here", {200: "Ready", 503: "Ready"},
          role="public"),
    Route("GET", "/health/detail", detail, "getHealthDetail", "What the server is doing",
          {200: "HealthDetail", 404: "ErrorEnvelope"}, role="ReadOnly"),
)  # fmt: skip
