"""JSON-RPC for one connection: every message is answered, refused or ignored, and never with silence.

Owns decoding, the life cycle's refusals, the map of running requests and error replies. Builds on pygls for typed
messages and for requests to the client; whatever pygls does that a long-lived host cannot bear is replaced here:
its `exit` ends the process, its caches keep closed sessions alive, undecodable parameters get no reply, cancelled
requests run on, message bodies are logged, and nested objects with a `jsonrpc` key are taken for messages.

Invariant: each request gets exactly one response, whatever its handler does.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
import time
import uuid
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, Protocol, cast

import msgspec
import orjson
from cattrs import transform_error
from cattrs.errors import BaseValidationError
from lsprotocol import converters, types
from pygls.protocol.json_rpc import JsonRPCProtocol

logger = logging.getLogger(__name__)
logging.getLogger("pygls").setLevel(logging.ERROR)

MessageId = str | int
Handler = Callable[[Any], Any]
"""Takes the decoded parameters; returns the result, or a coroutine of it for what takes long."""

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002
FORBIDDEN = -32003
CANCELLED = -32800
CONTENT_MODIFIED = -32801
REQUEST_FAILED = -32803


class RequestError(Exception):
    """A refusal the user may read: answered with `code`, a sentence and optional `data`."""

    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class NotReady(Exception):
    """What the handler needs is being worked out: it is called again once `ready` is done."""

    def __init__(self, ready: asyncio.Future[None]) -> None:
        super().__init__("not ready")
        self.ready = ready


class Method(msgspec.Struct, frozen=True):
    """A method of the protocol. `params` overrides lsprotocol's type for it: a msgspec struct, or None for any."""

    handler: Handler
    params: type[msgspec.Struct] | None = None


class Owner(Protocol):
    """What the protocol needs of its session."""

    def exit(self) -> None:
        """The client asked to end the session, or sent nothing usable any more."""

    def version_for(self, method: str, params: object) -> int | None:
        """The version of the document a request is about, if an answer about another one is of no use."""

    def took(self, method: str, seconds: float, *, is_request: bool) -> None:
        """A message was handled in so much time."""


class _Host:
    """Stands where pygls expects its server: it has no thread pool and never pops a message up."""

    def _report_server_error(self, error: Exception, source: object) -> None:
        logger.error("language server: %s", error)


_converter = converters.get_converter()
_UNDERSCORE = re.compile(r"_([a-z])")
_TYPES: dict[str, tuple[Any, ...]] = cast(Any, types).METHOD_TO_TYPES
"""lsprotocol's request, response and parameter classes by method."""


class EditorProtocol(JsonRPCProtocol):
    """The protocol of one session. `write` sends an encoded message; it must keep order and must not block."""

    def __init__(self, owner: Owner, methods: Mapping[str, Method], write: Callable[[bytes], None]) -> None:
        super().__init__(cast(Any, _Host()), _converter)
        self._owner = owner
        self._methods = methods
        self._write = write
        self._running: dict[MessageId, asyncio.Task[Any]] = {}
        self._state = "created"

    @property
    def was_shut_down(self) -> bool:
        """Whether the client asked for `shutdown`."""
        return self._state == "shutdown"

    # pygls caches these two per (protocol, method) for ever, which keeps closed sessions alive
    def get_message_type(self, method: str) -> type[Any] | None:
        """lsprotocol's message class of a method."""
        found: type[Any] | None = _TYPES.get(method, (None,))[0]
        return found

    def get_result_type(self, method: str) -> type[Any] | None:
        """lsprotocol's response class of a method."""
        found: type[Any] | None = _TYPES.get(method, (None, None))[1]
        return found

    # ------------------------------------------------------------------------------------------- incoming

    def receive(self, body: bytes) -> None:
        """Handles one message. Never raises."""
        try:
            message: Any = orjson.loads(body)
        except ValueError:
            self.send_error(None, PARSE_ERROR, "The message is not valid JSON")
            return
        if not isinstance(message, dict):
            self.send_error(None, INVALID_REQUEST, "A message must be one JSON object; batches are not supported")
            return
        try:
            self._dispatch(cast("dict[str, Any]", message))
        except Exception:
            logger.exception("a message could not be handled")

    def refuse(self, reason: str) -> None:
        """Answers bytes that are no message."""
        self.send_error(None, PARSE_ERROR, reason)

    def _dispatch(self, message: dict[str, Any]) -> None:
        given = message.get("id")
        identifier = given if isinstance(given, str | int) and not isinstance(given, bool) else None
        method = message.get("method")
        if message.get("jsonrpc") != "2.0":
            self.send_error(identifier, INVALID_REQUEST, 'A message must say "jsonrpc": "2.0"')
        elif isinstance(method, str) and "id" in message:
            if identifier is None:
                self.send_error(None, INVALID_REQUEST, "A request's id must be a string or an integer")
            else:
                self._request(identifier, method, message.get("params"))
        elif isinstance(method, str):
            self._notification(method, message.get("params"))
        elif identifier is not None and ("result" in message or "error" in message):
            self._response(identifier, message)
        else:
            self.send_error(identifier, INVALID_REQUEST, "A message must have a method, or answer a request")

    def _request(self, identifier: MessageId, method: str, params: Any) -> None:
        refusal = self._refusal(identifier, method)
        if refusal is not None:
            self.send_error(identifier, *refusal)
            return
        handler = self._methods[method].handler
        try:
            decoded = self._decode(method, params)
        except RequestError as problem:
            self._fail(identifier, method, problem)
            return
        begun = time.perf_counter()
        try:
            if inspect.iscoroutinefunction(handler):
                self._start(identifier, method, handler, decoded)
            else:
                self.send_result(identifier, handler(decoded))
                self._owner.took(method, time.perf_counter() - begun, is_request=True)
        except NotReady:
            self._start(identifier, method, handler, decoded)
        except Exception as problem:
            self._fail(identifier, method, problem)
            return
        if method == types.INITIALIZE:
            self._state = "initialized"
        elif method == types.SHUTDOWN:
            self._state = "shutdown"

    def _start(self, identifier: MessageId, method: str, handler: Handler, params: Any) -> None:
        version = partial(self._owner.version_for, method, params)
        work = _completed(handler, params, version, version())
        task: asyncio.Task[Any] = asyncio.ensure_future(work)
        self._running[identifier] = task
        task.add_done_callback(partial(self._finished, identifier, method, time.perf_counter()))

    def _refusal(self, identifier: MessageId, method: str) -> tuple[int, str] | None:
        if self._state == "shutdown":
            return INVALID_REQUEST, "The session has been shut down"
        if self._state == "created" and method != types.INITIALIZE:
            return NOT_INITIALIZED, "The session is not initialized yet: send 'initialize' first"
        if self._state == "initialized" and method == types.INITIALIZE:
            return INVALID_REQUEST, "The session is already initialized"
        if method not in self._methods:
            return METHOD_NOT_FOUND, f"Method not found: {method}"
        if identifier in self._running:
            return INVALID_REQUEST, f"A request with the id {identifier!r} is still running"
        return None

    def _notification(self, method: str, params: Any) -> None:
        if method == types.EXIT:
            self._owner.exit()
        elif method == types.CANCEL_REQUEST:
            self._cancel(params)
        elif self._state == "initialized" and method in self._methods:
            begun = time.perf_counter()
            try:
                self._methods[method].handler(self._decode(method, params))
                self._owner.took(method, time.perf_counter() - begun, is_request=False)
            except RequestError as problem:
                logger.warning("notification %s: %s", method, problem.message)
            except Exception:
                logger.exception("notification %s failed", method)

    def _cancel(self, params: Any) -> None:
        identifier = cast("dict[str, Any]", params).get("id") if isinstance(params, dict) else None
        task = self._running.get(identifier) if isinstance(identifier, str | int) else None
        if task is not None:
            task.cancel()

    def _response(self, identifier: MessageId, message: dict[str, Any]) -> None:
        future = self._request_futures.pop(identifier, None)
        if future is None or future.done():
            return
        error = message.get("error")
        if error is not None:
            self._result_types.pop(identifier, None)
            logger.info("the client refused a request: %s", error)
            future.set_result(None)
            return
        try:
            future.set_result(getattr(self.structure_message(message), "result", None))
        except Exception:
            logger.warning("the client's answer to a request cannot be read")
            future.set_result(None)

    def _decode(self, method: str, params: Any) -> Any:
        declared = self._methods[method].params
        known = _TYPES.get(method)
        try:
            if declared is not None:
                return msgspec.convert(params if params is not None else {}, declared)
            if known is None or known[2] is None:
                return params
            if not isinstance(params, dict):
                raise RequestError(INVALID_PARAMS, f"{method} needs parameters: an object")
            return _converter.structure(params, known[2])
        except msgspec.ValidationError as problem:
            raise RequestError(INVALID_PARAMS, f"Invalid parameters of {method}: {problem}") from problem
        except BaseValidationError as problem:
            reason = _UNDERSCORE.sub(lambda found: found[1].upper(), transform_error(problem)[0])
            raise RequestError(INVALID_PARAMS, f"Invalid parameters of {method}: {reason}") from problem
        except (TypeError, ValueError, KeyError, AttributeError) as problem:
            raise RequestError(INVALID_PARAMS, f"Invalid parameters of {method}: {problem}") from problem

    # ------------------------------------------------------------------------------------------- outgoing

    def send_result(self, identifier: MessageId, result: Any) -> None:
        """Answers a request."""
        self._send_data({"jsonrpc": "2.0", "id": identifier, "result": result})

    def send_error(self, identifier: MessageId | None, code: int, message: str, data: object = None) -> None:
        """Refuses a request, or answers something that was none (`identifier` None)."""
        error: dict[str, object] = {"code": code, "message": message}
        if data is not None:
            error["data"] = data
        self._send_data({"jsonrpc": "2.0", "id": identifier, "error": error})

    def ask(self, method: str, params: Any, then: Callable[[Any], None] | None = None) -> None:
        """Sends a request to the client; `then` gets its result, None when it was refused or makes no sense."""
        future = self.send_request(method, params)
        if then is not None:
            future.add_done_callback(lambda done: None if done.cancelled() else then(done.result()))

    def _send_data(self, data: Any) -> None:
        self._write(orjson.dumps(data, default=_converter.unstructure, option=orjson.OPT_NON_STR_KEYS))

    def _finished(self, identifier: MessageId, method: str, begun: float, task: asyncio.Task[Any]) -> None:
        self._running.pop(identifier, None)
        self._owner.took(method, time.perf_counter() - begun, is_request=True)
        if task.cancelled():
            self.send_error(identifier, CANCELLED, "The request was cancelled")
            return
        problem = task.exception()
        if problem is None:
            self.send_result(identifier, task.result())
        elif isinstance(problem, Exception):
            self._fail(identifier, method, problem)

    def _fail(self, identifier: MessageId, method: str, problem: Exception) -> None:
        if isinstance(problem, RequestError):
            self.send_error(identifier, problem.code, problem.message, problem.data)
            return
        reference = uuid.uuid4().hex[:8]
        logger.error("request %s failed (reference %s)", method, reference, exc_info=problem)
        self.send_error(
            identifier, INTERNAL_ERROR, f"Internal error (reference {reference}); details are in the server's log"
        )

    # ------------------------------------------------------------------------------------------------ end

    def close(self) -> None:
        """Cancels what runs and forgets what was asked. Nothing is sent afterwards."""
        self._write = _discard
        for task in tuple(self._running.values()):
            task.cancel()
        for future in tuple(self._request_futures.values()):
            future.cancel()
        self._request_futures.clear()
        self._result_types.clear()


def _discard(data: bytes) -> None:
    """Where messages of a closed session go."""


async def _completed(handler: Handler, params: Any, version: Callable[[], int | None], asked_for: int | None) -> Any:
    """The handler's result, waiting as often as it is not ready; a document that changes meanwhile ends the waiting."""
    while True:
        try:
            result = handler(params)
            return await cast("Coroutine[Any, Any, Any]", result) if inspect.iscoroutine(result) else result
        except NotReady as wait:
            await asyncio.shield(wait.ready)
        if version() != asked_for:
            raise RequestError(CONTENT_MODIFIED, "The document changed while the request was waiting")
