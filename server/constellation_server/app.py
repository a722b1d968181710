"""The composition root: an aiohttp application around an engine.

Owns which layers and routes there are and in what order. Refuses to listen (`server.py`). Invariant: an application has
no state outside `STATE`, so any number of them live side by side in one process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Final

from aiohttp import web

from constellation.errors import ConstellationError
from constellation_server.compilation import compile_source
from constellation_server.config import ConfigurationError, ServerConfig
from constellation_server.deploying import try_store
from constellation_server.loader import FolderSettings, Loader, LoaderError, start_watching
from constellation_server.middleware.access import AccessLog, access_middleware
from constellation_server.middleware.expectations import expect
from constellation_server.routing import all_routes
from constellation_server.state import STATE, Phase, ServerState

if TYPE_CHECKING:
    from constellation.engine.constellation import Constellation

LOG: Final = logging.getLogger("constellation.server")
EXPIRY_SECONDS: Final = 60
SAVING_SECONDS: Final = 10


def create_app(engine: Constellation, config: ServerConfig | None = None) -> web.Application:
    """The application that serves an engine. The engine is entered at start-up and shut down with the application."""
    config = config or ServerConfig()
    engine.deployments.versions.max_versions = config.max_versions
    state = ServerState(engine, config, engine.deployments)
    log = AccessLog() if config.access_log else None
    app = web.Application(
        middlewares=[access_middleware(state.counters, log)],
        client_max_size=config.max_body_bytes + 1,
    )
    app[STATE] = state
    for route in all_routes():
        if route.method == "GET" and not route.websocket:
            app.router.add_get(route.path, route.handler, expect_handler=expect)
        else:
            app.router.add_route(route.method, route.path, route.handler, expect_handler=expect)
    app.cleanup_ctx.append(_life_of_engine)
    app.cleanup_ctx.append(_programs_of_folder)
    app.cleanup_ctx.append(_background_work)
    app.on_shutdown.append(_close_websockets)
    if log is not None:
        app.on_cleanup.append(partial(_flush, log))
    return app


async def _flush(log: AccessLog, app: web.Application) -> None:
    log.flush()


async def _programs_of_folder(app: web.Application) -> AsyncIterator[None]:
    state = app[STATE]
    config = state.config
    if config.pipeline_dir is None:
        yield
        return
    folder = FolderSettings(
        config.pipeline_dir,
        config.pipeline_pattern,
        config.pipeline_recursive,
        config.pipeline_fail_on_error,
        config.pipeline_alias_strategy,
        config.pipeline_watch_interval,
    )
    loader = Loader(state, folder, partial(compile_source, state))
    try:
        report = await loader.load()
    except LoaderError as problem:
        raise ConfigurationError(str(problem).splitlines()) from None
    LOG.info("pipelines: %d loaded (%d of them known), %d failed", report.loaded, report.skipped, report.failed)
    watcher = start_watching(loader) if config.pipeline_watch else None
    yield
    if watcher is not None:
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)


async def _life_of_engine(app: web.Application) -> AsyncIterator[None]:
    state = app[STATE]
    async with state.engine:
        # the first request should not pay for building the parser
        state.engine.compiler.check("out 1 as one\n")
        await state.executions.recover()
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
    for second in count(1):
        await asyncio.sleep(1.0)
        try:
            if not state.store_writable:
                await try_store(state)
            await state.deployments.tick()
            if second % SAVING_SECONDS == 0:
                await state.deployments.save_measurements()
            if second % EXPIRY_SECONDS == 0:
                await state.executions.expire()
        except (OSError, ConstellationError):
            LOG.exception("background work failed; it goes on")


async def _close_websockets(app: web.Application) -> None:
    sockets = list(app[STATE].websockets)
    await asyncio.gather(*(s.close(code=1001, message=b"draining") for s in sockets), return_exceptions=True)
