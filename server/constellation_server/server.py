"""Listening, serving and stopping: an application with a socket and signals.

Owns the life cycle: bind, announce, drain, stop. Refuses to know routes. Invariant: a stop first refuses new work, then
waits for running executions, then cancels what is left; a second signal ends the process at once.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from aiohttp import web
from aiohttp.http_exceptions import ContentEncodingError
from aiohttp.web import RequestPayloadError

from constellation_server.answers import failure
from constellation_server.app import create_app
from constellation_server.config import ServerConfig, near_misses
from constellation_server.logs import configure_logging
from constellation_server.problems import BadRequest, Problem, UnsupportedMediaType
from constellation_server.routes.health import engine_version
from constellation_server.scope import REQUEST_ID_HEADER, Scope
from constellation_server.state import STATE, Phase, ServerState

if TYPE_CHECKING:
    from constellation.engine.constellation import Constellation

LOG: Final = logging.getLogger("constellation.server")
KEEP_ALIVE_SECONDS: Final = 75.0
HEAD_SECONDS = 30.0
"""How long the head of a request may take to arrive."""
CANCEL_SECONDS: Final = 5.0


class _Connection(web.RequestHandler):
    """A connection whose protocol errors get the documented body, and whose headers must arrive in time."""

    _patience: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self._in_a_head():
            self._be_patient()
        elif self._patience is None:
            answered = self._next_keepalive_close_time
            self._patience = asyncio.get_running_loop().call_later(HEAD_SECONDS, self._lose_patience, answered)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._be_patient()
        super().connection_lost(exc)

    def _in_a_head(self) -> bool:
        """Whether no request is being answered or waits to be: what arrived last is part of the next one's head."""
        return self._current_request is None and not self._messages

    def _be_patient(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _lose_patience(self, answered: float) -> None:
        """Close, unless a request was answered since: then what had arrived was no head but a body."""
        self._patience = None
        if self._in_a_head() and answered == self._next_keepalive_close_time:
            self.force_close()

    def handle_error(
        self, request: Any, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already")
        if status >= 500:
            LOG.error("a connection failed", exc_info=exc)
        scope = Scope(None, None)
        problem: Problem = BadRequest("Malformed HTTP request", close=True)
        if isinstance(exc, ContentEncodingError):
            problem = UnsupportedMediaType("Unsupported Content-Encoding: send identity, gzip or deflate", close=True)
        elif status >= 500:
            problem = Problem("Internal server error", close=True)
        response = failure(problem, scope.request_id)
        response.headers[REQUEST_ID_HEADER] = scope.request_id
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        if isinstance(kw.get("exc_info"), RequestPayloadError):
            # the rest of a body nobody reads any more is the client's business
            self.log_debug(*args, **kw)
        else:
            super().log_exception(*args, **kw)


class _Listener(web.Server):
    """Makes a `_Connection` for every socket."""

    def __call__(self) -> web.RequestHandler:
        options: dict[str, Any] = {"keepalive_timeout": KEEP_ALIVE_SECONDS, "lingering_time": 2.0, "access_log": None,
                                   "logger": LOG}  # fmt: skip
        return _Connection(self, loop=asyncio.get_running_loop(), **options)


class _Runner(web.AppRunner):
    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Listener(made.request_handler, request_factory=made.request_factory)


class Server:
    """One listening server. `async with Server(engine, config) as server:` serves inside the block."""

    def __init__(self, engine: Constellation, config: ServerConfig | None = None) -> None:
        self.config = config or ServerConfig()
        self.app = create_app(engine, self.config)
        self._runner: _Runner | None = None
        self._stop = asyncio.Event()

    @property
    def state(self) -> ServerState:
        """What the routes share."""
        return self.app[STATE]

    @property
    def port(self) -> int:
        """The port that is listened on."""
        if self._runner is None or not self._runner.addresses:
            raise RuntimeError("the server is not listening")
        return int(self._runner.addresses[0][1])

    @property
    def url(self) -> str:
        """The base URL."""
        host = self.config.host
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self.port}"

    async def start(self) -> None:
        """Enter the engine, load what is configured, bind. Raises OSError when the address cannot be bound."""
        runner = _Runner(self.app, access_log=None, shutdown_timeout=CANCEL_SECONDS)
        await runner.setup()
        self._runner = runner
        try:
            await web.TCPSite(runner, self.config.host, self.config.port, backlog=1024).start()
        except BaseException:
            await self.stop()
            raise

    async def check(self) -> int:
        """Load what is configured without listening; how many programs of the folder were deployed."""
        runner = _Runner(self.app, access_log=None)
        try:
            await runner.setup()
            return len(self.state.sources)
        finally:
            await runner.cleanup()

    async def drain(self) -> None:
        """Refuse new work and wait until running executions have ended, at most the drain timeout."""
        state = self.state
        state.phase = Phase.DRAINING
        if self.config.drain_delay:
            await asyncio.sleep(self.config.drain_delay)
        state.accepting = False
        sockets = list(state.websockets)
        await asyncio.gather(*(s.close(code=1001, message=b"draining") for s in sockets), return_exceptions=True)
        try:
            async with asyncio.timeout(self.config.drain_timeout):
                await state.idle.wait()
        except TimeoutError:
            LOG.warning("%d executions are cancelled after the drain timeout", state.counters.executions_in_flight)
            await self._cancel_executions()

    async def _cancel_executions(self) -> None:
        """Cancel what runs and let its answers go out; what does not heed that is cut off when the server stops."""
        self.state.engine.lifecycle.cancel_all()
        try:
            async with asyncio.timeout(CANCEL_SECONDS):
                await self.state.idle.wait()
        except TimeoutError:
            LOG.warning("%d executions do not end", self.state.counters.executions_in_flight)

    async def stop(self) -> None:
        """Close the listener and leave the engine; executions still running are cancelled."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def request_stop(self) -> None:
        """Make `serve` drain and return."""
        self._stop.set()

    async def serve(self) -> None:
        """Serve until SIGTERM, SIGINT or `request_stop`, then drain and stop."""
        configure_logging(self.config.log_level, self.config.log_format)
        await self.start()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._signalled, number)
        try:
            print(self.announcement(), flush=True)
            self._warn()
            if self.config.pipeline_store is None:
                LOG.info("pipelines are kept in memory; --pipeline-store DIR makes them durable")
            await self._stop.wait()
            await self.drain()
        finally:
            await self.stop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    def _warn(self) -> None:
        for warning in near_misses(os.environ):
            LOG.warning("%s", warning)
        if self.config.host not in {"127.0.0.1", "::1", "localhost"}:
            LOG.warning("listening on %s: whoever can reach this address can run programs here", self.config.host)

    def _signalled(self, number: signal.Signals) -> None:
        if self._stop.is_set():
            os._exit(128 + number)
        LOG.info("%s: draining", number.name)
        self._stop.set()

    def announcement(self) -> str:
        """The line printed once the server listens."""
        store = self.config.pipeline_store or "memory"
        loaded = len(self.state.sources)
        return f"constellation {engine_version()} listening on {self.url} (pipelines: {loaded} loaded, store: {store})"
