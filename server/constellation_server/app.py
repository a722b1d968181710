"""The composition root: an aiohttp application around an engine.

Owns which layers and routes there are and in what order. Refuses to listen (`server.py`). Invariant: an application has
no state outside `STATE`, so any number of them live side by side in one process.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from aiohttp import web

from constellation.versions import Deployments, Router, Versions
from constellation_server.config import ServerConfig
from constellation_server.middleware.access import access_middleware
from constellation_server.middleware.expectations import expect
from constellation_server.middleware.failures import failures
from constellation_server.routing import all_routes
from constellation_server.state import STATE, Phase, ServerState

if TYPE_CHECKING:
    from constellation.engine.constellation import Constellation


def create_app(engine: Constellation, config: ServerConfig | None = None) -> web.Application:
    """The application that serves an engine. The engine is entered at start-up and shut down with the application."""
    config = config or ServerConfig()
    versions = Versions(max_versions=config.max_versions)
    state = ServerState(engine, config, Deployments(engine.pipelines, versions, Router()))
    app = web.Application(
        middlewares=[access_middleware(state.counters, enabled=config.access_log), failures],
        client_max_size=config.max_body_bytes + 1,
    )
    app[STATE] = state
    for route in all_routes():
        if route.method == "GET" and not route.websocket:
            app.router.add_get(route.path, route.handler, expect_handler=expect)
        else:
            app.router.add_route(route.method, route.path, route.handler, expect_handler=expect)
    app.cleanup_ctx.append(_life_of_engine)
    app.cleanup_ctx.append(_background_work)
    app.on_shutdown.append(_close_websockets)
    return app


async def _life_of_engine(app: web.Application) -> AsyncIterator[None]:
    state = app[STATE]
    async with state.engine:
        yield
        state.phase = Phase.STOPPED


async def _background_work(app: web.Application) -> AsyncIterator[None]:
    state = app[STATE]
    ticker = asyncio.create_task(_tick(state))
    state.phase = Phase.RUNNING
    yield
    ticker.cancel()
    await asyncio.gather(ticker, return_exceptions=True)


async def _tick(state: ServerState) -> None:
    while True:
        await asyncio.sleep(1.0)
        await state.deployments.tick()


async def _close_websockets(app: web.Application) -> None:
    sockets = list(app[STATE].websockets)
    await asyncio.gather(*(s.close(code=1001, message=b"draining") for s in sockets), return_exceptions=True)
