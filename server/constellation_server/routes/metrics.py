"""Counters of this process as JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from constellation_server.answers import json_answer
from constellation_server.bodies import timestamp
from constellation_server.canary_bodies import metrics_body
from constellation_server.problems import BadRequest
from constellation_server.routes.health import engine_version
from constellation_server.routing import Route
from constellation_server.state import STATE, ServerState

_CLASSES = ("2xx", "3xx", "4xx", "5xx")


async def metrics(request: web.Request) -> web.Response:
    """`GET /metrics`."""
    wanted = request.query.get("format", "json")
    if wanted != "json":
        raise BadRequest(f"Unknown metrics format '{wanted[:40]}': json is available")
    state = request.app[STATE]
    counters = state.counters
    stored = await state.engine.pipelines.stats()
    server: dict[str, Any] = {
        "uptime_seconds": int(state.uptime),
        "requests_total": counters.requests_total,
        "requests_in_flight": counters.in_flight,
        "responses": {name: counters.responses[name] for name in _CLASSES},
    }
    if not state.config.hide_version:
        server["version"] = engine_version()
    canaries = state.deployments.router.active()
    body = {
        "timestamp": timestamp(datetime.now(UTC)),
        "server": server,
        "cache": cache_block(state),
        "compilation": _compilation(state),
        "scheduler": scheduler_block(state),
        "executions": _executions(state),
        "pipelines": {"stored": stored["images"], "aliases": stored["aliases"]},
        "suspensions": {"stored": await state.executions.count()},
        "canaries": {
            "active": len(canaries),
            **({"byPipeline": {name: metrics_body(c) for name, c in canaries.items()}} if canaries else {}),
        },
    }
    return json_answer(body)


def cache_block(state: ServerState) -> dict[str, Any] | None:
    """The compile cache's counters, synonyms included; None when nothing is cached."""
    if not state.engine.compile_caching:
        return None
    stats = state.engine.compile_cache.statistics()
    rates = {name: round(stats[name], 6) for name in ("hitRate", "missRate")}
    return {**stats, **rates}


def scheduler_block(state: ServerState) -> dict[str, Any]:
    """What the bounded scheduler is doing; `{"enabled": false}` without one."""
    scheduler = state.engine.scheduler
    return {"enabled": True, **scheduler.stats().to_json()} if scheduler.bounded else {"enabled": False}


def _compilation(state: ServerState) -> dict[str, Any]:
    times = state.counters.compile_times
    return {"count": times.requests, "avgMs": round(times.average_ms, 3), "p99Ms": round(times.p99_ms, 3)}


def _executions(state: ServerState) -> dict[str, int]:
    seen = state.counters.executions
    return {
        "total": seen["total"],
        "completed": seen["completed"],
        "failed": seen["failed"],
        "suspended": seen["suspended"],
        "resumed": seen["resumed"],
        "inFlight": state.counters.executions_in_flight,
    }


ROUTES = (
    Route("GET", "/metrics", metrics, "getMetrics", "Counters of this process", {200: "Metrics", 400: "ErrorEnvelope"},
          query=("MetricsFormat",), role="public"),
)  # fmt: skip
