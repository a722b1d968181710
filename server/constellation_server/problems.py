"""What a request can fail with, as exceptions that carry their own answer.

Owns the two families of failure bodies: the *envelope* (protocol and resources: `error` repeats the code) and the
*result* (the content was at fault: `error` repeats the sentence). Invariant: every body has `success: false`, `code`,
`error`, `message` and `requestId`, and nothing a stack trace, a path of this machine or a secret could be in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class Problem(Exception):
    """A failure with an HTTP answer. `extra` members are added to the body."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "InternalError"
    family: ClassVar[str] = "envelope"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        close: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.http_status = status if status is not None else self.status
        self.error_code = code if code is not None else self.code
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        self.close = close

    def body(self, request_id: str) -> dict[str, Any]:
        """The JSON body of this failure."""
        error = self.message if self.family == "result" else self.error_code
        fixed = {"success": False, "code": self.error_code, "error": error, "message": self.message}
        return {**fixed, **self.extra, "requestId": request_id}


class BadRequest(Problem):
    """The request itself is wrong."""

    status = 400
    code = "BadRequest"


class NotFound(Problem):
    """There is no such resource."""

    status = 404
    code = "NotFound"


class Conflict(Problem):
    """The request contradicts the present state; `code` says how."""

    status = 409
    code = "Conflict"


class Forbidden(Problem):
    """Refused whoever asks."""

    status = 403
    code = "Forbidden"


class PayloadTooLarge(Problem):
    """More bytes than the server reads; the connection is closed afterwards."""

    status = 413
    code = "PayloadTooLarge"

    def __init__(self, size: int | None, limit: int, what: str = "Request body") -> None:
        shown = f"more than {limit}" if size is None else str(size)
        super().__init__(f"{what} too large: {shown} bytes (max {limit})", close=what == "Request body")


class UnsupportedMediaType(Problem):
    """A body in a form the route does not read."""

    status = 415
    code = "UnsupportedMediaType"


class RequestTimeout(Problem):
    """The body did not arrive in time."""

    status = 408
    code = "RequestTimeout"


class TooManyRequests(Problem):
    """The scheduler's queue is full."""

    status = 429
    code = "QueueFull"

    def __init__(self) -> None:
        super().__init__("Server is overloaded, try again later", headers={"Retry-After": "1"})


class Unavailable(Problem):
    """The server cannot do this at present."""

    status = 503
    code = "StoreUnavailable"


class ShuttingDown(Problem):
    """New work is refused while the server drains."""

    status = 503
    code = "ShuttingDown"

    def __init__(self) -> None:
        super().__init__("Server is shutting down", headers={"Retry-After": "5"}, close=True)


class ResultProblem(Problem):
    """A failure of the content: source text, inputs or nodes."""

    status = 400
    family = "result"


class InputProblem(ResultProblem):
    """An input has the wrong type, or is unknown on a resume."""

    code = "InputError"


class NodeProblem(ResultProblem):
    """A resolved node is unknown, has the wrong type or was computed already."""

    code = "NodeError"


class CompilationProblem(ResultProblem):
    """The program does not compile. `status` of the execution is part of the body for `/run`."""

    code = "CompilationError"


class CompileTimeout(ResultProblem):
    """Compilation took longer than the server allows."""

    status = 500
    code = "CompileTimeout"
