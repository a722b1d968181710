"""The examples of the standard library's functions: every function has a right and a wrong one, and all are true."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import pytest
from aiohttp import web

from constellation.engine.constellation import Constellation
from constellation.stdlib import SETS, load
from constellation.testing.expectations import error_text, same_json
from tests.docs.book import build

PLACEHOLDER = "api.example.com"


@cache
def tables() -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Namespace → function → examples."""
    functions = build()["functions"]
    return {namespace: functions.examples(namespace) for namespace in functions.library()}


@pytest.fixture
async def host(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Host and port of a server that stands for the one of the examples."""

    async def greet(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    async def echo(request: web.Request) -> web.Response:
        return web.Response(text=await request.text())

    application = web.Application()
    application.add_routes([web.get("/greeting", greet), web.post("/echo", echo)])
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    monkeypatch.setenv("CONSTELLATION_HTTP_HOSTS", "127.0.0.1")
    host, port = runner.addresses[0][:2]
    yield f"{host}:{port}"
    await runner.cleanup()


def test_every_function_has_examples_and_every_example_a_function() -> None:
    declared = {f"{m.spec.namespace}.{m.spec.name}" for m in load(SETS)}
    shown = {f"{namespace}.{name}" for namespace, functions in tables().items() for name in functions}
    assert shown == declared


def test_every_function_has_a_right_and_a_wrong_example() -> None:
    for functions in tables().values():
        for name, examples in functions.items():
            kinds = {next(iter(example)) for example in examples}
            assert "call" in kinds and kinds & {"fails", "rejects"}, name


def test_every_page_links_the_functions_it_lists() -> None:
    index = "\n".join(build()["functions"].index_page())
    for namespace, functions in tables().items():
        for name in functions:
            assert f"(functions/{namespace.removeprefix('stdlib.')}.md#{name})" in index


@pytest.mark.parametrize("namespace", sorted(tables()))
async def test_examples(namespace: str, host: str) -> None:
    async with Constellation(stdlib=["http", "random"]) as engine:
        problems: list[str] = []
        for examples in tables()[namespace].values():
            for example in examples:
                problem = await _problem(engine, example, host)
                if problem:
                    problems.append(f"{example}: {problem}")
        assert problems == []


async def _problem(engine: Constellation, example: dict[str, Any], host: str) -> str:
    kind = next(iter(example))
    source = f"out {example[kind].replace(f'//{PLACEHOLDER}', f'//{host}')} as result\n"
    codes = [d.code for d in engine.check(source) if d.severity == "error"]
    if kind == "rejects":
        return "" if set(codes) == {example["code"]} else f"gets {codes}"
    if codes:
        return f"does not compile: {codes}"
    result = await engine.run_source(source)
    if kind == "fails":
        expected = example["with"].replace(f"//{PLACEHOLDER}", f"//{host}")
        return "" if error_text(result).endswith(f"execution failed: {expected}") else error_text(result) or "succeeds"
    value = result.to_json()["outputs"].get("result")
    same = result.success and same_json(value, example["gives"])
    return "" if same else f"gives {value!r} {error_text(result)}"
