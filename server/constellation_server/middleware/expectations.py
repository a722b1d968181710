"""`Expect: 100-continue`: said only when the announced body would be read; any other expectation is refused."""

from __future__ import annotations

from aiohttp import web

from constellation_server.answers import failure
from constellation_server.problems import PayloadTooLarge, Problem
from constellation_server.scope import REQUEST_ID_HEADER, open_scope
from constellation_server.state import STATE


async def expect(request: web.Request) -> web.StreamResponse | None:
    """The answer to an expectation, or None to go on with the request."""
    limit = request.app[STATE].config.max_body_bytes
    wish = request.headers.get("Expect", "")
    if wish.lower() == "100-continue":
        if request.content_length is None or request.content_length <= limit:
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            # the interim answer is no part of the response that follows
            request.writer.output_size = 0
            return None
        problem: Problem = PayloadTooLarge(request.content_length, limit)
    else:
        message = f"Unsupported expectation '{wish[:80]}': only 100-continue is"
        problem = Problem(message, code="ExpectationFailed", status=417)
    scope = open_scope(request)
    response = failure(problem, scope.request_id)
    response.headers[REQUEST_ID_HEADER] = scope.request_id
    return response
