"""Requests nobody would write: generated from the API's own description, mutated from good ones, and plain noise.

Whatever comes, the server answers without a 5xx of its own making, in the shape its description promises, and goes on
serving. Quick by default; `--slow` sends many more. The seed is printed with a failure and fixed with `--seed`.
"""

from __future__ import annotations

import asyncio
import copy
import json
import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as hypothesis_seed
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from constellation.modules.decorator import module
from tests.server.serving import Client, serving
from tests.server.test_openapi import misfits

UPPER = "in text: String\nresult = Uppercase(text)\nout result"
SUSPENDING = "in a: Int\nin b: Map<String, List<Float | String>>\ns = a + 1\nout s\nout b"


@module(http=True)
def echo_record(text: str, numbers: list[int], note: float | None) -> dict[str, int]:
    """A published module with a list, an optional and a map."""
    return {text: len(numbers)}


# ------------------------------------------------------------------------------------- from the description


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server on a thread of its own, so that a blocking client can talk to it."""
    started: list[str] = []
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        async with serving(echo_record) as client:
            await client.compile(UPPER, "p")
            started.append(client.server.url)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(30)
    yield started[0]
    done.set()
    thread.join(30)


def test_requests_made_from_the_description(address: str, slow: bool, seed: int) -> None:
    schema: Any = schemathesis.openapi.from_url(f"{address}/openapi.json")
    checks = [not_a_server_error, status_code_conformance, response_schema_conformance]
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) > 30
    for operation in operations:

        @hypothesis_seed(seed)
        @settings(
            max_examples=200 if slow else 6,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
        )
        @given(case=operation.as_strategy())
        def attempt(case: Any) -> None:
            case.call_and_validate(checks=checks)

        attempt()


# ------------------------------------------------------------------------------------ mutated good requests

Request = tuple[str, str, str, Any]


def good_requests(execution: str, digest: str) -> list[Request]:
    """Method, template, path and body of requests that succeed, for every route with a body."""
    return [
        ("post", "/compile", "/compile", {"source": UPPER, "name": "q", "dryRun": False}),
        ("post", "/validate", "/validate", {"source": UPPER}),
        ("post", "/run", "/run", {"source": UPPER, "inputs": {"text": "a"}, "options": {
            "priority": 50, "timeoutMs": 1000, "includeTimings": True, "includeProvenance": True}}),
        ("post", "/run", "/run", {"source": SUSPENDING, "inputs": {"a": 1, "b": {"k": [1.5, "x"]}}}),
        ("post", "/execute", "/execute", {"ref": "p", "inputs": {"text": "a"}, "canaryKey": "k", "options": {}}),
        ("post", "/execute", "/execute", {"ref": digest, "inputs": {"text": "a"}}),
        ("post", "/execute/{ref}", "/execute/p", {"text": "a"}),
        ("put", "/pipelines/{name}/alias", "/pipelines/q/alias", {"structuralHash": digest}),
        ("post", "/pipelines/{name}/reload", "/pipelines/r/reload", {"source": UPPER, "canary": {
            "initialWeight": 0.5, "promotionSteps": [0.6, 1.0], "observationWindow": "5m", "errorThreshold": 0.1,
            "minRequests": 3, "autoPromote": True, "autoRollback": False, "latencyThresholdMs": 100}}),
        ("put", "/pipelines/{name}/canary", "/pipelines/p/canary", {"canary": "p@v1", "stable": 1, "percent": 10}),
        ("post", "/executions/{id}/resume", f"/executions/{execution}/resume", {
            "inputs": {"b": {"k": [1]}}, "additionalInputs": {"a": 1}, "resolvedNodes": {"s": 2}}),
        ("post", "/modules/{name}/invoke", "/modules/EchoRecord/invoke", {
            "text": "a", "numbers": [1, 2], "note": 1.5}),
    ]  # fmt: skip


ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, 2**63, -(2**63), 2**64, 1e308, "", " ", "a", "\x00", "é\ud83d\ude00", "NaN", "../..",
    "sha256:", "0" * 64, "p@v99999999999999999999", [], {}, [[]], {"": None}, {"tag": "Int", "value": 1}, "x" * 300,
    "in x: Int\nout x", "out y", "((((", '"${', "5m", [None], {"inputs": {}}, {"canary": {}},
]  # fmt: skip


def mutated(rng: random.Random, value: Any) -> Any:
    """The value with one thing somewhere in it replaced, removed, added or renamed."""
    value = copy.deepcopy(value)
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = rng.choice(list(value))
        kind = rng.random()
        if kind < 0.6:
            value[key] = mutated(rng, value[key])
        elif kind < 0.75:
            del value[key]
        elif kind < 0.9:
            value[rng.choice(["source", "ref", "inputs", "extra", "tag", "", "\x00", "canary"])] = rng.choice(ODD)
        else:
            value[key + rng.choice(["s", " ", "é"])] = value.pop(key)
        return value
    if isinstance(value, list) and value and rng.random() < 0.7:
        at = rng.randrange(len(value))
        value[at] = mutated(rng, value[at])
        return value
    if isinstance(value, str) and value and rng.random() < 0.6:
        at = rng.randrange(len(value) + 1)
        return value[:at] + rng.choice(["", "\x00", "'", '"', "{", "\n", "é", "0", "@v1", "->", " "]) + value[at + 1 :]
    return rng.choice(ODD)


async def test_good_requests_with_something_wrong(slow: bool, seed: int) -> None:
    rng = random.Random(seed)
    async with serving(echo_record) as client:
        paths = (await client.get("/openapi.json")).json["paths"]
        digest = (await client.compile(UPPER, "p"))["structuralHash"]
        await client.compile(UPPER.replace("Upper", "Lower"), "p")
        execution = (await client.run(SUSPENDING, a=1))["executionId"]
        for _ in range(20_000 if slow else 400):
            method, template, path, body = rng.choice(good_requests(execution, digest))
            for _ in range(rng.choice([1, 1, 2, 3])):
                body = mutated(rng, body)
            answer = await client.request(method.upper(), path, json_body=body)
            shown = f"{method} {path} {json.dumps(body)[:600]} → {answer.status} {answer.body[:600]!r}"
            assert answer.status < 500 or answer.json.get("module"), shown
            described = paths[template][method]["responses"].get(str(answer.status))
            assert described, f"undocumented: {shown}"
            schema = described["content"]["application/json"]["schema"]
            assert misfits(answer.json, schema) == [], shown
            if answer.status >= 400:
                assert answer.json["requestId"] == answer.headers["X-Request-ID"], shown
        assert (await client.run(UPPER, text="still"))["outputs"] == {"result": "STILL"}


# ---------------------------------------------------------------------------------------------------- paths

ODD_PATHS = (
    "..", "%2e%2e", "%2F", "%00", "%zz", "%", "%FF", "a%20b", "@v1", "p@v1", "p@v0", "p@v-1", "sha256:", "sha256%3Ap",
    "'", "\\", "0" * 64, "g" * 64, "x" * 300, "%F0%9F%98%80", ";", "?", "*", "~", "null", "p%0d%0aX-Injected: 1",
)  # fmt: skip
ODD_QUERIES = ("", "?limit=0", "?limit=9e9", "?offset=-1", "?format=", "?graph=%00", "?include=image", "?last=true",
               "?status=x", "?tag=%FF", "?limit=1&limit=2", "?&&=&", "?format=json", "?force=true")  # fmt: skip


async def test_every_route_under_odd_paths(client: Client) -> None:
    await client.compile(UPPER, "p")
    paths = (await client.get("/openapi.json")).json["paths"]
    for template, methods in paths.items():
        if "{" not in template:
            continue
        for odd in ODD_PATHS:
            path = template.replace("{ref}", odd).replace("{name}", odd).replace("{id}", odd).replace("{ns}", odd)
            path = path.replace("{version}", odd)
            for method in methods:
                body: Any = {} if method in {"post", "put"} else None
                answer = await client.request(method.upper(), path, json_body=body)
                assert answer.status < 500, (method, path, answer.status, answer.body)
                assert "X-Injected" not in answer.headers


async def test_every_list_under_odd_queries(client: Client) -> None:
    await client.compile(UPPER, "p")
    for path in ("/pipelines", "/pipelines/p", "/executions", "/modules", "/metrics", "/pipelines/p/canary"):
        for query in ODD_QUERIES:
            answer = await client.get(path + query)
            assert answer.status < 500, (path, query, answer.body)


# ------------------------------------------------------------------------------------------------ the socket


def noise(rng: random.Random) -> bytes:
    """Something like a request, or nothing like one."""
    good = (
        b"POST /run HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
        b"Connection: close\r\n\r\n{}"
    )
    if rng.random() < 0.3:
        return rng.randbytes(rng.randrange(1, 400))
    data = bytearray(good)
    for _ in range(rng.randrange(1, 8)):
        at = rng.randrange(len(data))
        kind = rng.random()
        if kind < 0.5:
            data[at] = rng.randrange(256)
        elif kind < 0.75:
            del data[at : at + rng.randrange(1, 9)]
        else:
            data[at:at] = rng.choice([b"\r\n", b"\x00", b": ", b"Transfer-Encoding: chunked\r\n", rng.randbytes(5)])
        if not data:
            break
    return bytes(data)


async def test_noise_on_the_socket(client: Client, slow: bool, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(3_000 if slow else 150):
        data = noise(rng)
        reader, writer = await asyncio.open_connection("127.0.0.1", client.server.port)
        writer.write(data)
        writer.write_eof()
        try:
            answer = await asyncio.wait_for(reader.read(65536), 5)
        except ConnectionError:
            answer = b""
        finally:
            writer.close()
        assert not answer.startswith(b"HTTP/1.1 5") or b" 505 " in answer[:20], (data, answer)
        assert b"Traceback" not in answer, (data, answer)
    assert (await client.run(UPPER, text="still"))["outputs"] == {"result": "STILL"}
