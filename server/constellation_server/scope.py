"""What the server knows of one request while it is being answered.

Owns the request id and the facts the access log and failure bodies need. Invariant: every request has exactly one
scope, made before anything else looks at the request.
"""

from __future__ import annotations

import re
import time
from typing import Final

from aiohttp import web

from constellation.engine.execution import new_execution_id as new_id

REQUEST_ID_HEADER: Final = "X-Request-ID"
EXECUTION_ID_HEADER: Final = "X-Execution-Id"
AGENT_HEADER: Final = "X-Constellation-Agent"
_ID: Final = re.compile(r"[A-Za-z0-9._:@/+=-]{1,128}")


class Scope:
    """The request id (the client's, or a new UUID), the caller's agent name, start time and execution id if any."""

    __slots__ = ("agent", "execution_id", "request_id", "started")

    def __init__(self, given_id: str | None, agent: str | None) -> None:
        accepted = given_id is not None and _ID.fullmatch(given_id) is not None
        self.request_id: str = given_id if accepted and given_id is not None else new_id()
        self.agent = agent if agent is not None and _ID.fullmatch(agent) else None
        self.execution_id: str | None = None
        self.started = time.perf_counter()


_KEY: Final = web.RequestKey("constellation.scope", Scope)


def open_scope(request: web.BaseRequest) -> Scope:
    """Make the scope of a request."""
    headers = request.headers
    scope = request[_KEY] = Scope(headers.get(REQUEST_ID_HEADER), headers.get(AGENT_HEADER))
    return scope


def scope_of(request: web.BaseRequest) -> Scope:
    """The scope of a request."""
    return request[_KEY]
