"""A local store that follows a server: what happens when the server changes, fails, or sends something else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from constellation.stores.memory import InMemoryPipelineStore
from constellation_server.registry_client import RegistryClient, RegistryError
from tests.server.serving import Client

UPPER = "in text: String\nresult = Uppercase(text)\nout result"
LOWER = UPPER.replace("Uppercase", "Lowercase")

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def fake(answer: Answering) -> AsyncIterator[str]:
    """A server that answers everything in one way."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.01)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def behind(client: Client, request: web.Request) -> tuple[int, Any]:
    """What the real server says."""
    answer = await client.get(request.raw_path)
    return answer.status, answer.json


async def test_a_name_dropped_on_the_server_is_dropped_here_and_others_are_left_alone(client: Client) -> None:
    store = InMemoryPipelineStore()
    digest = (await client.compile(UPPER, "p"))["structuralHash"]
    await client.compile(UPPER, "q")
    async with RegistryClient(client.server.url) as registry:
        await registry.sync(store)
        await store.alias("own", digest)
        await store.alias("q", await store.store(client.server.state.engine.compile(LOWER).image))
        await client.request("DELETE", "/pipelines/p/alias")
        await client.request("DELETE", "/pipelines/q/alias")
        report = await registry.sync(store)
    assert (report.fetched, report.aliases, report.dropped) == (0, 0, 1)
    assert set(await store.list_aliases()) == {"own", "q"}, "q was moved here in the meantime"


@pytest.mark.parametrize(
    "body",
    [b"{}", b"[]", b"5", b'{"pipelines":5,"total":1}', b'{"pipelines":[{}],"total":1}', b"<html>", b'{"pipelines":['],
)
async def test_something_else_than_a_registry(body: bytes) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    async with fake(answer) as url, RegistryClient(url) as registry:
        with pytest.raises(RegistryError):
            await registry.sync(InMemoryPipelineStore())


@pytest.mark.parametrize("damage", ["tampered", "later", "other", "gone", "nothing"])
async def test_one_image_that_cannot_be_used_leaves_its_names_and_the_others_go_on(client: Client, damage: str) -> None:
    bad = (await client.compile(UPPER, "bad"))["structuralHash"]
    good = (await client.compile(LOWER, "good"))["structuralHash"]

    async def answer(request: web.Request) -> web.Response:
        status, document = await behind(client, request)
        if bad in request.path:
            status = 404 if damage == "gone" else 200
            changed: dict[str, Callable[[], Any]] = {
                "tampered": lambda: {**document, "ir": json.loads(json.dumps(document["ir"]).replace("text", "tent"))},
                "later": lambda: {**document, "formatVersion": 2},
                "other": lambda: client.server.state.engine.compile(LOWER).image.to_json(),
                "nothing": list,
            }
            document = changed.get(damage, dict)()
        return web.json_response(document, status=status)

    store = InMemoryPipelineStore()
    async with fake(answer) as url, RegistryClient(url) as registry:
        report = await registry.sync(store)
    assert (report.fetched, report.aliases, report.skipped) == (1, 1, ("bad",))
    assert await store.list_aliases() == {"good": good}


async def test_a_transfer_that_breaks_off_moves_no_name(client: Client) -> None:
    store = InMemoryPipelineStore()
    await client.compile(UPPER, "p")
    async with RegistryClient(client.server.url) as registry:
        await registry.sync(store)
    before = await store.list_aliases()
    await client.compile(LOWER, "p")

    async def answer(request: web.Request) -> web.StreamResponse:
        status, document = await behind(client, request)
        if "include" not in request.query:
            return web.json_response(document, status=status)
        half = web.StreamResponse(headers={"Content-Length": "100000"})
        await half.prepare(request)
        await half.write(json.dumps(document).encode()[:50])
        assert request.transport is not None
        request.transport.close()
        return half

    async with fake(answer) as url, RegistryClient(url) as registry:
        with pytest.raises(RegistryError, match="cannot be read"):
            await registry.sync(store)
    assert await store.list_aliases() == before


async def test_a_server_that_does_not_answer() -> None:
    async def answer(request: web.Request) -> web.Response:
        await asyncio.Event().wait()
        return web.Response()

    async with fake(answer) as url, RegistryClient(url, timeout=0.05) as registry:
        with pytest.raises(RegistryError, match="no answer in time"):
            await registry.sync(InMemoryPipelineStore())


async def test_mirroring_survives_whatever_the_server_sends(client: Client) -> None:
    await client.compile(UPPER, "p")
    answers: list[bytes | None] = [b"{}", b'{"pipelines":[5],"total":1}', b"oops", None]
    done = asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        body = answers.pop(0) if answers and started else None
        if body is None:
            status, document = await behind(client, request)
            if not answers:
                done.set()
            return web.json_response(document, status=status)
        return web.Response(body=body, content_type="application/json")

    started = False
    store = InMemoryPipelineStore()
    async with fake(answer) as url, RegistryClient(url).mirror_into(store, every=0.001):
        started = True
        moved = (await client.compile(LOWER, "p"))["structuralHash"]
        await asyncio.wait_for(done.wait(), 10)
        for _ in range(1000):
            if await store.resolve("p") == moved:
                break
            await asyncio.sleep(0.002)
        assert await store.resolve("p") == moved
