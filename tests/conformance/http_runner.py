"""Runs the HTTP scenarios.

A scenario without `env` gets a fresh application around a fresh engine in this process, over a real loopback socket;
one with `env` gets a server process of its own. `run_case` returns None when the scenario holds, otherwise what was
expected and what came.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from constellation.engine.constellation import Constellation
from constellation.stdlib.demo import demo_modules
from constellation_server.app import create_app
from constellation_server.config import ServerConfig
from tests.conformance.cases import Case

ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 30.0
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_LISTENING = re.compile(r"listening on (http://\S+)")


class Unmet(Exception):
    """An expectation that does not hold; the text says what was expected and what came."""


async def run_case(case: Case) -> str | None:
    """None when the scenario holds, otherwise a message."""
    try:
        async with asyncio.timeout(_SECONDS), serving(case.get("env") or {}) as url, aiohttp.ClientSession() as client:
            saved: dict[str, str] = {}
            for number, step in enumerate(case["steps"], 1):
                try:
                    await _step(client, url, step, saved)
                except Unmet as unmet:
                    request = step["request"]
                    return f"step {number} ({request['method']} {request['path']}): {unmet}"
    except Unmet as unmet:
        return str(unmet)
    except TimeoutError:
        return f"took longer than {_SECONDS:.0f} seconds"
    return None


# -------------------------------------------------------------------------------------------------- servers


@asynccontextmanager
async def serving(environment: Mapping[str, str]) -> AsyncIterator[str]:
    """A fresh server; yields its base URL."""
    if environment:
        async with _in_a_process(environment) as url:
            yield url
    else:
        async with _in_this_process() as url:
            yield url


@asynccontextmanager
async def _in_this_process() -> AsyncIterator[str]:
    engine = Constellation(modules=demo_modules(0.0))
    runner = web.AppRunner(create_app(engine, ServerConfig(access_log=False)), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _in_a_process(environment: Mapping[str, str]) -> AsyncIterator[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("CONSTELLATION_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "constellation_server", "server", "--demo", "--port", "0",
        env={**clean, **environment}, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    drain: asyncio.Task[bytes] | None = None
    try:
        assert process.stdout is not None
        seen: list[str] = []
        while line := (await process.stdout.readline()).decode(errors="replace"):
            seen.append(line)
            if found := _LISTENING.search(line):
                break
        else:
            raise Unmet(f"expected a server to start with {dict(environment)}, got: {''.join(seen).strip()}")
        drain = asyncio.create_task(process.stdout.read())
        yield found[1]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        if drain is not None:
            await drain


# ---------------------------------------------------------------------------------------------------- steps


async def _step(client: aiohttp.ClientSession, url: str, step: Mapping[str, Any], saved: dict[str, str]) -> None:
    request = _filled(step["request"], saved)
    expected = _filled(step.get("expect", {}), saved)
    headers = dict(request.get("headers") or {})
    data: bytes | None = None
    if "json" in request:
        data = json.dumps(request["json"]).encode()
        headers.setdefault("Content-Type", "application/json")
    elif "raw_body" in request:
        data = request["raw_body"].encode()
    target = URL(url + request["path"], encoded=True)
    skipped = () if "Content-Type" in headers else ("Content-Type",)
    async with client.request(request["method"], target, data=data, headers=headers, allow_redirects=False,
                              skip_auto_headers=skipped) as response:  # fmt: skip
        body = await response.read()
        _expect_status(expected, response.status, body)
        for name, part in (expected.get("headers_contains") or {}).items():
            value = response.headers.get(name)
            if value is None or part not in value:
                raise Unmet(f"expected header {name} to contain {part!r}, got {value!r}")
        _expect_json(expected, body, saved)


def _filled(value: Any, saved: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _VARIABLE.sub(lambda m: saved[m[1]], value)
    if isinstance(value, dict):
        return {_filled(k, saved): _filled(v, saved) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled(v, saved) for v in value]
    return value


def _expect_status(expected: Mapping[str, Any], status: int, body: bytes) -> None:
    if "status" in expected and status != expected["status"]:
        raise Unmet(f"expected status {expected['status']}, got {status}: {body[:600].decode(errors='replace')}")


def _expect_json(expected: Mapping[str, Any], body: bytes, saved: dict[str, str]) -> None:
    if not any(key in expected for key in ("json_contains", "json_equals", "json_has", "json_lacks", "save")):
        return
    try:
        document = json.loads(body)
    except ValueError:
        raise Unmet(f"expected a JSON body, got {body[:200]!r}") from None
    if "json_contains" in expected:
        contains(document, expected["json_contains"], "")
    if "json_equals" in expected and document != expected["json_equals"]:
        raise Unmet(f"expected {json.dumps(expected['json_equals'])}, got {json.dumps(document)}")
    for path in expected.get("json_has") or ():
        if not _at(document, path)[0]:
            raise Unmet(f"expected {path} in {_short(document)}")
    for path in expected.get("json_lacks") or ():
        if _at(document, path)[0]:
            raise Unmet(f"expected no {path} in {_short(document)}")
    for name, path in (expected.get("save") or {}).items():
        found, value = _at(document, path)
        if not found:
            raise Unmet(f"expected {path} to save, in {_short(document)}")
        saved[name] = str(value)


def contains(actual: Any, expected: Any, path: str) -> None:
    """Deep subset: members of objects, all elements of lists in order (`[]` means empty), numbers by value."""
    where = path or "the body"
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            raise Unmet(f"expected an object at {where}, got {_short(actual)}")
        for key, value in expected.items():
            if key not in actual:
                raise Unmet(f"expected member {key} at {where}, got {_short(actual)}")
            contains(actual[key], value, f"{path}.{key}".lstrip("."))
    elif isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) < len(expected) or (not expected and actual):
            raise Unmet(f"expected {_short(expected)} at {where}, got {_short(actual)}")
        for number, value in enumerate(expected):
            contains(actual[number], value, f"{path}.{number}".lstrip("."))
    elif isinstance(expected, bool) or isinstance(actual, bool) or expected is None:
        if actual is not expected:
            raise Unmet(f"expected {expected!r} at {where}, got {_short(actual)}")
    elif actual != expected:
        raise Unmet(f"expected {expected!r} at {where}, got {_short(actual)}")


def _at(document: Any, path: str) -> tuple[bool, Any]:
    for part in path.split("."):
        if isinstance(document, list) and part.isdigit() and int(part) < len(document):
            document = document[int(part)]
        elif isinstance(document, dict) and part in document:
            document = document[part]
        else:
            return False, None
    return True, document


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 600 else f"{text[:600]}…"
