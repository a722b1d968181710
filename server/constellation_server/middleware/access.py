"""Request ids, counting and the access log: the outermost layer.

Invariant: every response carries `X-Request-ID`, is counted once and logged once; nothing a client sent in headers or
body is logged but its request id and agent name.
"""

from __future__ import annotations

import logging
import time
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from constellation_server.scope import EXECUTION_ID_HEADER, REQUEST_ID_HEADER, Scope, open_scope
from constellation_server.state import Counters

ACCESS_LOG: Final = logging.getLogger("constellation.access")
SLOW_SECONDS: Final = 5.0


def access_middleware(counters: Counters, *, enabled: bool) -> Middleware:
    """The layer that opens the scope, counts the answer and writes the log line."""

    @web.middleware
    async def access(request: web.Request, handler: Handler) -> web.StreamResponse:
        scope = open_scope(request)
        counters.requests_total += 1
        counters.in_flight += 1
        try:
            response = await handler(request)
        finally:
            counters.in_flight -= 1
        counters.count(response.status)
        if not response.prepared:
            response.headers[REQUEST_ID_HEADER] = scope.request_id
            if scope.execution_id is not None:
                response.headers[EXECUTION_ID_HEADER] = scope.execution_id
        if enabled:
            log_line(request, response, scope)
        return response

    return access


def log_line(request: web.Request, response: web.StreamResponse, scope: Scope) -> None:
    """One line for one answered request."""
    seconds = time.perf_counter() - scope.started
    level = logging.WARNING if seconds > SLOW_SECONDS and response.status != 101 else logging.INFO
    if not ACCESS_LOG.isEnabledFor(level):
        return
    path = request.raw_path.partition("?")[0][:512]
    facts = {
        "requestId": scope.request_id,
        "method": request.method,
        "route": route_of(request),
        "path": path,
        "status": response.status,
        "durationMs": round(seconds * 1000, 3),
        "bytesOut": response.body_length if response.prepared else response.content_length,
        "clientIp": request.remote,
    }
    if scope.execution_id is not None:
        facts["executionId"] = scope.execution_id
    if scope.agent is not None:
        facts["agent"] = scope.agent
    # made by hand: finding the caller's line would cost more than all the rest
    message = f"{request.method} {path} {response.status}"
    record = logging.LogRecord(ACCESS_LOG.name, level, __file__, 0, message, None, None)
    record.facts = facts
    ACCESS_LOG.handle(record)


def route_of(request: web.Request) -> str:
    """The template of the route that answered, such as `/pipelines/{ref}`; `-` when there is none."""
    resource = request.match_info.route.resource
    return "-" if resource is None else resource.canonical
