"""Request ids, counting and the access log: around every request.

Invariant: every response carries `X-Request-ID`, is counted once and logged once; nothing a client sent in headers or
body is logged but its request id and agent name.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from constellation_server.middleware.failures import answer_to
from constellation_server.scope import EXECUTION_ID_HEADER, REQUEST_ID_HEADER, Scope, open_scope
from constellation_server.state import Counters

ACCESS_LOG: Final = logging.getLogger("constellation.access")
SLOW_SECONDS: Final = 5.0
FLUSH_SECONDS: Final = 0.05


def access_middleware(counters: Counters, log: AccessLog | None) -> Middleware:
    """The layer that opens the scope, answers failures, counts, and notes the line for the log."""

    @web.middleware
    async def access(request: web.Request, handler: Handler) -> web.StreamResponse:
        scope = open_scope(request)
        counters.requests_total += 1
        counters.in_flight += 1
        try:
            response = await handler(request)
        except Exception as problem:
            response = answer_to(problem, request, scope)
        finally:
            counters.in_flight -= 1
        counters.count(response.status)
        if not response.prepared:
            response.headers[REQUEST_ID_HEADER] = scope.request_id
            if scope.execution_id is not None:
                response.headers[EXECUTION_ID_HEADER] = scope.execution_id
        if log is not None:
            log.note(request, response, scope)
        return response

    return access


class AccessLog:
    """One line per answered request, written in batches shortly afterwards, so that answering does not wait for it."""

    def __init__(self) -> None:
        self._notes: list[tuple[Any, ...]] = []
        self._scheduled = False

    def note(self, request: web.Request, response: web.StreamResponse, scope: Scope) -> None:
        """Remember a request."""
        seconds = time.perf_counter() - scope.started
        size = response.body_length if response.prepared else response.content_length
        route, remote = request.match_info.route, request.remote
        self._notes.append(
            (time.time(), request.method, request.raw_path, response.status, seconds, size, route, remote, scope)
        )
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Write what was noted."""
        self._scheduled = False
        notes, self._notes = self._notes, []
        for note in notes:
            _write(*note)


def _write(
    moment: float,
    method: str,
    raw_path: str,
    status: int,
    seconds: float,
    size: int | None,
    route: web.AbstractRoute,
    remote: str | None,
    scope: Scope,
) -> None:
    level = logging.WARNING if seconds > SLOW_SECONDS and status != 101 else logging.INFO
    if not ACCESS_LOG.isEnabledFor(level):
        return
    path = raw_path.partition("?")[0][:512]
    facts = {
        "requestId": scope.request_id,
        "method": method,
        "route": "-" if route.resource is None else route.resource.canonical,
        "path": path,
        "status": status,
        "durationMs": round(seconds * 1000, 3),
        "bytesOut": size,
        "clientIp": remote,
        "executionId": scope.execution_id,
        "agent": scope.agent,
    }
    # made by hand: finding the caller's line would cost more than all the rest
    record = logging.LogRecord(ACCESS_LOG.name, level, __file__, 0, f"{method} {path} {status}", None, None)
    record.created = moment
    record.facts = facts
    ACCESS_LOG.handle(record)
