"""Making responses: JSON documents and failures, with the headers every answer has.

Owns the common headers. Invariant: every answer is `nosniff`, and nothing is cacheable unless the caller says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from constellation_server.codec import dumps
from constellation_server.problems import Problem

JSON_TYPE: Final = "application/json; charset=utf-8"
SERVER_NAME: Final = "Constellation"
_COMMON: Final = {
    "Content-Type": JSON_TYPE,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Server": SERVER_NAME,
}


def json_answer(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A JSON document."""
    merged = _COMMON if not headers else {**_COMMON, **headers}
    return web.Response(body=dumps(document), status=status, headers=merged)


def failure(problem: Problem, request_id: str) -> web.Response:
    """The answer to a request that failed."""
    response = json_answer(problem.body(request_id), problem.http_status, problem.headers)
    if problem.close:
        response.force_close()
    return response


def empty_answer(status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """No body."""
    return web.Response(
        status=status, headers={"X-Content-Type-Options": "nosniff", "Server": SERVER_NAME, **(headers or {})}
    )
