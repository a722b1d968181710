"""Turning whatever goes wrong into the documented body.

Invariant: an unexpected exception is logged once with its traceback under the request id, and the client gets a fixed
sentence; `CancelledError` always passes.
"""

from __future__ import annotations

import logging
from typing import Final

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from constellation_server.answers import empty_answer, failure
from constellation_server.problems import BadRequest, NotFound, Problem
from constellation_server.scope import scope_of

LOG: Final = logging.getLogger("constellation.server")
_CODES: Final = {
    400: "BadRequest",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    413: "PayloadTooLarge",
    415: "UnsupportedMediaType",
    417: "ExpectationFailed",
    426: "UpgradeRequired",
}


@web.middleware
async def failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer with the problem a handler raised."""
    try:
        return await handler(request)
    except Problem as problem:
        return failure(problem, scope_of(request).request_id)
    except web.HTTPMethodNotAllowed as refused:
        return _wrong_method(request, refused)
    except web.HTTPException as outcome:
        if outcome.status < 400:
            raise
        return failure(_of_framework(request, outcome), scope_of(request).request_id)
    except ConnectionResetError:
        raise
    except Exception:
        request_id = scope_of(request).request_id
        LOG.exception("unexpected failure", extra={"facts": {"requestId": request_id, "path": request.path[:512]}})
        return failure(Problem("Internal server error"), request_id)


def _wrong_method(request: web.Request, refused: web.HTTPMethodNotAllowed) -> web.Response:
    allowed = ", ".join(sorted({*refused.allowed_methods, hdrs.METH_OPTIONS}))
    if request.method == hdrs.METH_OPTIONS:
        return empty_answer(204, {"Allow": allowed, "Cache-Control": "no-store"})
    problem = Problem(
        f"Method {request.method[:32]} is not allowed for {_shown(request)}; allowed: {allowed}",
        code="MethodNotAllowed",
        status=405,
        headers={"Allow": allowed},
    )
    return failure(problem, scope_of(request).request_id)


def _of_framework(request: web.Request, outcome: web.HTTPException) -> Problem:
    if outcome.status == 404:
        return NotFound(f"No route for {request.method[:32]} {_shown(request)}")
    code = _CODES.get(outcome.status, "BadRequest" if outcome.status < 500 else "InternalError")
    if outcome.status < 500:
        return BadRequest(outcome.reason, code=code, status=outcome.status)
    return Problem("Internal server error", status=outcome.status)


def _shown(request: web.Request) -> str:
    return request.raw_path.partition("?")[0][:200]
