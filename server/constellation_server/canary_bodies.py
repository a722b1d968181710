"""Canary deployments as JSON, and the requests that start them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from constellation.versions import Canary, CanaryConfig, CanaryConfigError
from constellation.versions.canary import SideMetrics
from constellation_server import settings
from constellation_server.bodies import JsonObject, timestamp
from constellation_server.problems import BadRequest
from constellation_server.reading import kind_of, optional_flag, optional_number

_NUMBERS: Final = {
    "initialWeight": "initial_weight",
    "percent": "canary_percent",
    "errorThreshold": "error_threshold",
    "latencyThresholdMs": "latency_threshold_ms",
}


def read_canary_config(given: Mapping[str, Any]) -> CanaryConfig:
    """The configuration a request asks for; 400 when any rule is violated."""
    values: dict[str, Any] = {}
    for member, name in _NUMBERS.items():
        number = optional_number(given, member)
        if number is not None:
            values[name] = number
    requests = optional_number(given, "minRequests")
    if requests is not None:
        if not requests.is_integer():
            raise BadRequest("Field 'minRequests' must be a whole number")
        values["min_requests"] = int(requests)
    if given.get("promotionSteps") is not None:
        values["promotion_steps"] = _steps(given["promotionSteps"])
    if given.get("observationWindow") is not None:
        values["observation_window"] = _window(given["observationWindow"])
    values["auto_promote"] = optional_flag(given, "autoPromote", True)
    values["auto_rollback"] = optional_flag(given, "autoRollback", True)
    try:
        return CanaryConfig(**values)
    except CanaryConfigError as problem:
        raise BadRequest(f"Invalid canary configuration: {problem}") from None


def _steps(value: Any) -> tuple[float, ...]:
    steps = cast("list[object]", value) if isinstance(value, list) else [None]
    if any(isinstance(step, bool) or not isinstance(step, int | float) for step in steps):
        raise BadRequest("Field 'promotionSteps' must be an array of numbers")
    return tuple(float(step) for step in steps if isinstance(step, int | float))


def _window(value: Any) -> float:
    if isinstance(value, str):
        try:
            return settings.duration(value)
        except ValueError as problem:
            raise BadRequest(f"Field 'observationWindow': {problem}") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequest(f"Field 'observationWindow' must be a duration or a number of seconds, got {kind_of(value)}")
    if value > settings.LONGEST:
        raise BadRequest(f"Field 'observationWindow' must be at most {settings.show_duration(settings.LONGEST)}")
    return float(value)


def canary_body(canary: Canary) -> JsonObject:
    """The state of a canary."""
    config = canary.config
    shown: JsonObject = {
        "initialWeight": config.initial_weight,
        "promotionSteps": list(config.promotion_steps),
        "observationWindow": settings.show_duration(config.observation_window),
        "errorThreshold": config.error_threshold,
        "minRequests": config.min_requests,
        "autoPromote": config.auto_promote,
        "autoRollback": config.auto_rollback,
    }
    if config.latency_threshold_ms is not None:
        limit = config.latency_threshold_ms
        shown["latencyThresholdMs"] = int(limit) if limit.is_integer() else limit
    body: JsonObject = {
        "pipelineName": canary.name,
        "oldVersion": {"version": canary.old.version, "structuralHash": canary.old.structural_hash},
        "newVersion": {"version": canary.new.version, "structuralHash": canary.new.structural_hash},
        "currentWeight": canary.weight,
        "currentStep": canary.step,
        "status": canary.status.value,
        "startedAt": timestamp(canary.started_at),
        "stepStartedAt": timestamp(canary.step_started_at),
        "config": shown,
        "metrics": metrics_body(canary),
    }
    if canary.reason:
        body["reason"] = canary.reason
    return body


def metrics_body(canary: Canary) -> JsonObject:
    """What was measured of both sides since the step began."""
    return {"oldVersion": _side(canary.old_metrics), "newVersion": _side(canary.new_metrics)}


def _side(seen: SideMetrics) -> JsonObject:
    return {
        "requests": seen.requests,
        "successes": seen.successes,
        "failures": seen.failures,
        "avgLatencyMs": round(seen.average_ms, 3),
        "p99LatencyMs": round(seen.p99_ms, 3),
    }
