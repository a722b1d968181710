"""One editor connection: its documents, settings, protocol and running work.

Owns everything that belongs to one client and nothing that is shared; the engine is shared by all sessions of the
process and is only referred to. Refuses to interpret messages itself (the handlers do).

Invariant: all of a session's state is touched on the event loop's thread only, and after `close` it sends nothing.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Callable
from functools import partial
from typing import Protocol

from lsprotocol import types

from constellation.engine.constellation import Constellation
from constellation_lsp.documents import DocumentStore
from constellation_lsp.protocol import EditorProtocol
from constellation_lsp.publishing import Publisher
from constellation_lsp.running import RunningWork
from constellation_lsp.settings import Settings
from constellation_lsp.transports.framing import FrameReader, FramingError, MessageTooLarge, with_headers
from constellation_lsp.workspace import WorkspaceFiles

NORMAL_CLOSURE = 1000
TOO_LARGE = 1009
_OF_ONE_VERSION = frozenset((
    types.TEXT_DOCUMENT_COMPLETION, types.TEXT_DOCUMENT_HOVER, types.TEXT_DOCUMENT_INLAY_HINT,
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA,
    types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE,
))  # fmt: skip
SLOW_REQUEST = 0.050
SLOW_NOTIFICATION = 0.010


class Timer(Protocol):
    """What the debounce needs of an event loop; a test passes its own."""

    def time(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def call_later(self, delay: float, callback: Callable[[], None]) -> asyncio.TimerHandle:
        """Calls back after so many seconds; the handle's `cancel` prevents it."""
        ...


class Session:
    """A connection's state. Make one with `create_session`."""

    def __init__(
        self,
        engine: Constellation,
        send: Callable[[str], None],
        *,
        may_execute: bool,
        framing: str | None,
        on_close: Callable[[int], None] | None,
        timer: Timer,
        origin: str,
        reads_files: bool,
    ) -> None:
        from constellation_lsp.server import methods_of

        self.engine = engine
        self.may_execute = may_execute
        self.origin = origin
        self.settings = Settings()
        self.capabilities = types.ClientCapabilities()
        self.encoding = "utf-16"
        self.pulls = False
        self.notifications: frozenset[str] = frozenset()
        self.knows_protocol = False
        self.closed = False
        self._table = engine.modules.table
        self._send = send
        self._framing = framing
        self._on_close = on_close
        self._reader = FrameReader()
        self.documents = DocumentStore(engine)
        self.files = WorkspaceFiles(allowed=reads_files)
        methods = methods_of(self)
        self.method_names = tuple(methods)
        self.protocol = EditorProtocol(self, methods, self._write)
        self.publisher = Publisher(self, timer)
        self.work = RunningWork(engine)
        loop = asyncio.get_running_loop()
        self._unwatch = engine.modules.watch(partial(_call_soon, loop, weakref.WeakMethod(self._notice_registry)))

    @property
    def versioned_edits(self) -> bool:
        """Whether the client takes edits bound to a document's version."""
        edit = self._edit_support
        return edit is not None and bool(edit.document_changes)

    @property
    def snippet_edits(self) -> bool:
        """Whether the client fills in placeholders of edits."""
        edit = self._edit_support
        return edit is not None and bool(edit.document_changes) and bool(edit.snippet_edit_support)

    @property
    def annotated_edits(self) -> bool:
        """Whether the client can ask the user about an edit."""
        edit = self._edit_support
        return edit is not None and bool(edit.document_changes) and edit.change_annotation_support is not None

    @property
    def shows_pages(self) -> bool:
        """Whether the client can open documents that only the server has."""
        workspace = self.capabilities.workspace
        return workspace is not None and workspace.text_document_content is not None

    @property
    def _edit_support(self) -> types.WorkspaceEditClientCapabilities | None:
        workspace = self.capabilities.workspace
        return workspace.workspace_edit if workspace is not None else None

    def receive(self, frame: str | bytes) -> None:
        """Handles what the client sent: a frame, or any piece of a stream with `Content-Length` headers."""
        if self.closed:
            return
        chunk = frame.encode("utf-8", "surrogatepass") if isinstance(frame, str) else frame
        try:
            for message in self._reader.feed(chunk):
                if isinstance(message, FramingError):
                    self.protocol.refuse(str(message))
                else:
                    self._notice_registry()
                    self.protocol.receive(message)
                if self.closed:
                    return
        except MessageTooLarge as problem:
            self.protocol.refuse(str(problem))
            self._end(TOO_LARGE)

    def notify(self, method: str, params: object) -> None:
        """Sends a notification of our own, unless the session is over."""
        if not self.closed:
            self.protocol.notify(method, params)

    def version_for(self, method: str, params: object) -> int | None:
        """The version of the document a request is about, if the client drops answers about older ones."""
        general = self.capabilities.general
        stale = general.stale_request_support if general is not None else None
        identifier = getattr(params, "text_document", None)
        if stale is None or not stale.cancel or method not in _OF_ONE_VERSION or identifier is None:
            return None
        document = self.documents.get(identifier.uri)
        return document.newest_version if document is not None else None

    def took(self, method: str, seconds: float, *, is_request: bool) -> None:
        """A message was handled in so much time: slow ones are named where the settings ask for it."""
        limit = SLOW_REQUEST if is_request else SLOW_NOTIFICATION
        if self.settings.trace_timings and seconds > limit:
            text = f"{method} took {1000 * seconds:.0f} ms"
            self.notify(types.WINDOW_LOG_MESSAGE, types.LogMessageParams(types.MessageType.Log, text))

    def exit(self) -> None:
        """The client said `exit`: this session ends, the process does not."""
        self._end(NORMAL_CLOSURE)

    def close(self) -> None:
        """Ends the session: cancels its requests, drops its documents. Safe to call twice."""
        if self.closed:
            return
        self.closed = True
        self._unwatch()
        self.protocol.close()
        self.publisher.close()
        self.work.close()
        self.documents.close()
        self._on_close = None
        self._send = _nowhere

    def _notice_registry(self) -> None:
        """Functions came or went: open documents are looked at again, and clients that asked for it are told."""
        table = self.engine.modules.table
        if table is self._table or self.closed:
            return
        old, new = self._table.functions.keys(), table.functions.keys()
        self._table = table
        self.publisher.refresh()
        name = "constellation/registryChanged"
        if name in self.notifications:
            generation = self.engine.modules.generation
            self.protocol.notify(
                name, {"generation": generation, "added": sorted(new - old), "removed": sorted(old - new)}
            )

    def _end(self, code: int) -> None:
        on_close = self._on_close
        self.close()
        if on_close is not None:
            on_close(code)

    def _write(self, body: bytes) -> None:
        headers = self._reader.headers if self._framing is None else self._framing == "headers"
        self._send((with_headers(body) if headers else body).decode())


def _call_soon(loop: asyncio.AbstractEventLoop, method: weakref.WeakMethod[Callable[[], None]]) -> None:
    """Calls a session's method on its event loop, from whatever thread, unless either is gone."""

    def call() -> None:
        found = method()
        if found is not None:
            found()

    if not loop.is_closed():
        loop.call_soon_threadsafe(call)


def _nowhere(text: str) -> None:
    """Where a closed session's messages go."""


def create_session(
    engine: Constellation,
    send: Callable[[str], None],
    *,
    may_execute: bool = True,
    framing: str | None = None,
    on_close: Callable[[int], None] | None = None,
    timer: Timer | None = None,
    origin: str = "lsp",
    reads_files: bool = False,
) -> Session:
    """A session on the running event loop.

    `send` gets each outgoing frame, in order, and must not block. `may_execute` False refuses methods that run
    pipelines (a read-only role). `framing` forces `"headers"` or `"bare"`; by default replies mirror the client's
    first message. `on_close` is told when the session ends by itself, with a WebSocket close code. `origin` names
    the client in the history of executions. `reads_files` says the client works on this machine's files: the
    workspace folders it names are read, and sources of modules are shown.
    """
    return Session(
        engine,
        send,
        may_execute=may_execute,
        framing=framing,
        on_close=on_close,
        timer=timer if timer is not None else asyncio.get_running_loop(),
        origin=origin,
        reads_files=reads_files,
    )
