"""Runs the HTTP scenarios.

`run_case` returns None when the scenario holds, otherwise what was expected and what came. Beside requests a scenario
may act on the server's own surroundings:

* `files` (of a scenario: the folder it starts on; of a step: what is written, null deletes) and `env`, in which
  `${folder}` and `${store}` stand for folders of this scenario alone;
* a step `restart: true`, or `restart: kill` for a crash, starts the server again on the same folder and store;
* a step with `within: SECONDS` is asked again until it holds: for what a server does in its own time;
* `refuses_to_start: [TEXT…]`: the server ends instead of listening and prints these texts; `prints: [TEXT…]` and
  `never_prints: [TEXT…]`: what a server that ran has printed by the end.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp
from yarl import URL

from tests.conformance.cases import Case
from tests.conformance.http_servers import NotStarted, Server, serving

_SECONDS = 30.0
_AGAIN = 0.05
_VARIABLE = re.compile(r"\$\{(\w+)\}")


class Unmet(Exception):
    """An expectation that does not hold; the text says what was expected and what came."""


async def run_case(case: Case) -> str | None:
    """None when the scenario holds, otherwise a message."""
    try:
        async with asyncio.timeout(_SECONDS):
            await _run(case)
    except Unmet as unmet:
        return str(unmet)
    except TimeoutError:
        return f"took longer than {_SECONDS:.0f} seconds"
    return None


async def _run(case: Case) -> None:
    refusal = case.get("refuses_to_start")
    try:
        async with serving(case) as server:
            if refusal is not None:
                raise Unmet("expected the server not to start, it listens")
            saved: dict[str, str] = {}
            async with aiohttp.ClientSession() as client:
                for number, step in enumerate(case["steps"], 1):
                    await _act(client, server, step, saved, number)
    except NotStarted as reason:
        if refusal is None:
            raise Unmet(f"expected a server to start, got: {reason}") from None
        _expect_printed(str(reason), refusal)
        return
    _expect_printed(server.printed, case.get("prints") or ())
    for part in case.get("never_prints") or ():
        if part in server.printed:
            raise Unmet(f"expected the server not to print {part!r}, it printed: {server.printed.strip()}")


def _expect_printed(printed: str, parts: Iterable[str]) -> None:
    for part in parts:
        if part not in printed:
            raise Unmet(f"expected the server to print {part!r}, it printed: {printed.strip()}")


# ---------------------------------------------------------------------------------------------------- steps


async def _act(
    client: aiohttp.ClientSession, server: Server, step: Mapping[str, Any], saved: dict[str, str], number: int
) -> None:
    if "files" in step:
        server.write(step["files"])
    if "restart" in step:
        try:
            await server.restart(kill=step["restart"] == "kill")
        except NotStarted as reason:
            raise Unmet(f"step {number}: expected the server to start again, got: {reason}") from None
    if "request" not in step:
        return
    loop = asyncio.get_running_loop()
    deadline = loop.time() + step.get("within", 0.0)
    while True:
        try:
            await _step(client, server.url, step, saved)
            return
        except Unmet as unmet:
            if loop.time() >= deadline:
                request = step["request"]
                raise Unmet(f"step {number} ({request['method']} {request['path']}): {unmet}") from None
        await asyncio.sleep(_AGAIN)


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
