"""Probes and counters."""

from __future__ import annotations

import asyncio

import pytest

from constellation_server.routes.health import uptime_text
from tests.server.serving import Client, serving


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (59.9, "59s"), (60, "1m"), (3600, "1h 0m"), (310_920, "3d 14h 22m"), (86_400, "1d 0h 0m")],
)
def test_uptimes(seconds: float, text: str) -> None:
    assert uptime_text(seconds) == text


async def test_health_counts_pipelines(client: Client) -> None:
    await client.compile("in x: Int\nout x")
    body = (await client.get("/health")).json
    assert (body["status"], body["pipelineCount"]) == ("ok", 1)
    assert body["version"] and isinstance(body["uptimeSeconds"], int)


async def test_the_version_can_be_hidden() -> None:
    async with serving(hide_version=True) as client:
        assert "version" not in (await client.get("/health")).json
        assert "version" not in (await client.get("/metrics")).json["server"]


async def test_readiness_checks(client: Client) -> None:
    async def good() -> bool:
        return True

    async def bad() -> bool:
        raise RuntimeError("no connection to 10.0.0.1")

    client.server.state.readiness.update(good=good, bad=bad)
    answer = await client.get("/health/ready")
    assert (answer.status, answer.json["reason"]) == (503, "check failed: bad")
    assert answer.json["checks"] == {"good": True, "bad": False}
    assert b"10.0.0.1" not in answer.body
    assert (await client.get("/health/live")).json == {"status": "alive"}


async def test_details_are_opt_in(client: Client) -> None:
    assert (await client.get("/health/detail")).status == 404
    async with serving(health_detail=True) as other:
        body = (await other.get("/health/detail")).json
        assert body["lifecycle"] == {"state": "Running", "inflight": 0}
        assert body["stores"] == {"pipelines": "memory", "suspensions": "memory", "lastWriteOk": True}


async def test_metrics_count_everything(client: Client) -> None:
    for x in (1, 2):
        await client.run("in x: Int\nin y: Int\nq = Divide(x, y)\nout q", x=x, y=1)
    await client.run("in x: Int\nin y: Int\nq = Divide(x, y)\nout q", x=1, y=0)
    waiting = await client.run("in x: Int\nin y: Int\nq = Divide(x, y)\nout q", x=1)
    await client.post(f"/executions/{waiting['executionId']}/resume", {"inputs": {"y": 1}})
    await asyncio.gather(*(client.get("/nowhere") for _ in range(3)))
    body = (await client.get("/metrics")).json
    assert body["executions"] == {"total": 5, "completed": 3, "failed": 1, "suspended": 1, "resumed": 1, "inFlight": 0}
    assert body["server"]["requests_total"] == 9 and body["server"]["requests_in_flight"] == 1
    assert body["server"]["responses"] == {"2xx": 5, "3xx": 0, "4xx": 3, "5xx": 0}
    assert body["compilation"]["count"] == 1 and body["compilation"]["p99Ms"] >= body["compilation"]["avgMs"] > 0
    assert (body["pipelines"], body["suspensions"]) == ({"stored": 1, "aliases": 0}, {"stored": 0})
    assert body["scheduler"] == {"enabled": False} and body["canaries"] == {"active": 0}
    assert (await client.get("/metrics?format=xml")).status == 400
