"""`POST /execute` of ten nodes against a bare echo on the same library, one client process, 32 connections."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable

import aiohttp
import orjson
from aiohttp import web

from constellation.engine.constellation import Constellation
from constellation_server.app import create_app
from constellation_server.config import ServerConfig

CONNECTIONS = 32
REQUESTS = 3_000
ROUNDS = 5
SOURCE = "in n: Int\n" + "".join(f"n{i} = Add({f'n{i - 1}' if i else 'n'}, 1)\n" for i in range(10)) + "out n9\n"


async def _echo(request: web.Request) -> web.Response:
    return web.Response(body=orjson.dumps(orjson.loads(await request.read())), content_type="application/json")


async def _listen(app: web.Application) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


async def _rate(client: aiohttp.ClientSession, url: str, body: bytes) -> float:
    left = REQUESTS

    async def worker() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            async with client.post(url, data=body, headers={"Content-Type": "application/json"}) as response:
                await response.read()

    started = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))
    return REQUESTS / (time.perf_counter() - started)


async def _measure() -> None:
    bare = web.Application()
    bare.router.add_post("/echo", _echo)
    engine = Constellation()
    ours = create_app(engine, ServerConfig(access_log=False))
    echo_runner, echo_url = await _listen(bare)
    our_runner, our_url = await _listen(ours)
    body = orjson.dumps({"ref": "chain", "inputs": {"n": 1}})
    try:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        async with aiohttp.ClientSession(connector=connector) as client:
            async with client.post(our_url + "/compile", json={"source": SOURCE, "name": "chain"}) as response:
                assert response.status == 200
            jobs: list[Callable[[], Awaitable[float]]] = [
                lambda: _rate(client, echo_url + "/echo", body),
                lambda: _rate(client, our_url + "/execute", body),
            ]
            rates: list[list[float]] = [[], []]
            for _ in range(ROUNDS):
                for samples, job in zip(rates, jobs, strict=True):
                    samples.append(await job())
    finally:
        await our_runner.cleanup()
        await echo_runner.cleanup()
    echo, execute = (statistics.median(r) for r in rates)
    # client and server share one thread here, so the client's cost weighs on both sides
    print(f"bare echo            {echo:8.0f} requests/s")
    print(f"POST /execute        {execute:8.0f} requests/s, 10 nodes")
    print(f"ratio                {execute / echo:8.0%}   (goal 50 %, stretch 65 %)")


def main() -> None:
    """Measure and print."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(_measure())
    else:
        uvloop.run(_measure())


if __name__ == "__main__":
    main()
