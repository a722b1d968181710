"""Turning whatever goes wrong into the documented body.

Invariant: an unexpected exception is logged once with its traceback under the request id, and the client gets a fixed
sentence; `CancelledError` always passes.
"""

from __future__ import annotations

import logging
from typing import Final

from aiohttp import hdrs, web

from constellation.stores.protocols import StoreError
from constellation_server.answers import empty_answer, failure
from constellation_server.problems import BadRequest, NotFound, Problem, Unavailable
from constellation_server.scope import Scope

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


def answer_to(problem: Exception, request: web.Request, scope: Scope) -> web.StreamResponse:
    """The answer to a request whose handler raised. Raises what is no failure, or has nobody to answer to."""
    if isinstance(problem, Problem):
        return failure(problem, scope.request_id)
    if isinstance(problem, web.HTTPMethodNotAllowed):
        return _wrong_method(request, problem, scope)
    if isinstance(problem, web.HTTPException):
        if problem.status < 400:
            raise problem
        return failure(_of_framework(request, problem), scope.request_id)
    if isinstance(problem, ConnectionResetError):
        raise problem
    if isinstance(problem, StoreError):
        LOG.error("the store failed", exc_info=problem, extra={"facts": {"requestId": scope.request_id}})
        return failure(Unavailable("The store cannot be read at present"), scope.request_id)
    facts = {"requestId": scope.request_id, "path": request.path[:512]}
    LOG.error("unexpected failure", exc_info=problem, extra={"facts": facts})
    return failure(Problem("Internal server error"), scope.request_id)


def _wrong_method(request: web.Request, refused: web.HTTPMethodNotAllowed, scope: Scope) -> web.Response:
    allowed = ", ".join(sorted({*refused.allowed_methods, hdrs.METH_OPTIONS}))
    if request.method == hdrs.METH_OPTIONS:
        return empty_answer(204, {"Allow": allowed, "Cache-Control": "no-store"})
    problem = Problem(
        f"Method {request.method[:32]} is not allowed for {_shown(request)}; allowed: {allowed}",
        code="MethodNotAllowed",
        status=405,
        headers={"Allow": allowed},
    )
    return failure(problem, scope.request_id)


def _of_framework(request: web.Request, outcome: web.HTTPException) -> Problem:
    if outcome.status == 404:
        return NotFound(f"No route for {request.method[:32]} {_shown(request)}")
    code = _CODES.get(outcome.status, "BadRequest" if outcome.status < 500 else "InternalError")
    if outcome.status < 500:
        return BadRequest(outcome.reason, code=code, status=outcome.status)
    return Problem("Internal server error", status=outcome.status)


def _shown(request: web.Request) -> str:
    return request.raw_path.partition("?")[0][:200]
