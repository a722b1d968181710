"""When diagnostics are computed and sent.

Owns the debounce: no delay while the last pass was quick, a quiet time after it was not, with syntax errors ahead of
the rest. Refuses to compute diagnostics itself.

Invariant: what is published belongs to the document's current version, so versions never go backwards.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Protocol

from lsprotocol import types

from constellation_lsp import convert
from constellation_lsp.analysis import Analysis
from constellation_lsp.documents import OpenDocument
from constellation_lsp.features import diagnostics

if TYPE_CHECKING:
    from constellation_lsp.session import Session, Timer

QUICK_PASS_SECONDS = 0.010
SYNTAX_DELAY_MS = 50


class Handle(Protocol):
    """A scheduled call."""

    def cancel(self) -> None:
        """Prevents the call."""
        ...


class Publisher:
    """Publishes the diagnostics of a session's documents."""

    def __init__(self, session: Session, timer: Timer) -> None:
        self._session = session
        self._timer = timer
        self._pending: dict[int, list[Handle]] = {}
        self._last_pass: dict[int, float] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._shown: set[str] = set()

    def changed(self, document: OpenDocument, *, at_once: bool = False) -> None:
        """The document changed (or was opened or saved: `at_once`)."""
        silent = self._session.pulls or self._session.settings.diagnostics_mode == "off"
        if document.is_busy or (silent and not document.is_long):
            return
        self._cancel(document)
        if document.is_long:
            quiet = self._session.settings.diagnostics_debounce_ms / 1000
            if at_once:
                self._publish_from_thread(document)
            else:
                self._later(document, quiet, self._publish_from_thread)
            return
        if at_once or self._last_pass.get(id(document), 0.0) < QUICK_PASS_SECONDS:
            self._later(document, 0.0, self._publish)
            return
        quiet = self._session.settings.diagnostics_debounce_ms / 1000
        self._later(document, min(SYNTAX_DELAY_MS / 1000, quiet), self._publish_syntax)
        self._later(document, quiet, self._publish)

    def drop(self, document: OpenDocument) -> None:
        """The document was replaced by another of its name: nothing more is published of it."""
        self._cancel(document)
        self._last_pass.pop(id(document), None)

    def forget(self, document: OpenDocument) -> None:
        """The document was closed: its diagnostics go."""
        self.drop(document)
        self._shown.discard(document.uri)
        if not self._session.pulls:
            self._session.protocol.notify(*convert.published(document, []))

    def refresh(self) -> None:
        """Something all documents depend on changed: what clients asked for is asked for again."""
        workspace = self._session.capabilities.workspace
        if workspace is not None:
            self.refresh_lenses()
            for method, asked in (
                (types.WORKSPACE_INLAY_HINT_REFRESH, workspace.inlay_hint),
                (types.WORKSPACE_SEMANTIC_TOKENS_REFRESH, workspace.semantic_tokens),
            ):
                if asked is not None and asked.refresh_support:
                    self._session.protocol.ask(method, None)
        if self._session.pulls or self._session.settings.diagnostics_mode == "off":
            self._withdraw()
        if self._session.pulls:
            support = workspace.diagnostics if workspace is not None else None
            if support is not None and support.refresh_support:
                self._session.protocol.ask(types.WORKSPACE_DIAGNOSTIC_REFRESH, None)
            return
        for document in self._session.documents:
            self.changed(document)

    def _withdraw(self) -> None:
        """What was published is no longer kept up to date, so it goes."""
        for document in self._session.documents:
            if document.uri in self._shown:
                self._cancel(document)
                self._send(document, [])

    def refresh_lenses(self) -> None:
        """Asks the client to ask for code lenses again, where it can."""
        workspace = self._session.capabilities.workspace
        support = workspace.code_lens if workspace is not None else None
        if support is not None and support.refresh_support and not self._session.closed:
            self._session.protocol.ask(types.WORKSPACE_CODE_LENS_REFRESH, None)

    def close(self) -> None:
        """Cancels everything that is scheduled."""
        for handles in self._pending.values():
            for handle in handles:
                handle.cancel()
        for task in tuple(self._tasks):
            task.cancel()
        self._pending.clear()
        self._last_pass.clear()

    def _later(self, document: OpenDocument, delay: float, publish: _Publish) -> None:
        handle = self._timer.call_later(delay, partial(publish, document))
        self._pending.setdefault(id(document), []).append(handle)

    def _cancel(self, document: OpenDocument) -> None:
        for handle in self._pending.pop(id(document), ()):
            handle.cancel()

    def _publish(self, document: OpenDocument) -> None:
        self._pending.pop(id(document), None)
        started = self._timer.time()
        self._send(document, diagnostics.diagnose(document.analysis, self._session.settings.lint))
        self._last_pass[id(document)] = self._timer.time() - started
        if document.analysis is not None:
            document.analysis.prepare()

    def _publish_from_thread(self, document: OpenDocument) -> None:
        """A long document: the pass runs beside the event loop, which goes on serving everybody."""
        self._pending.pop(id(document), None)
        if not document.is_busy:
            analysis = document.analysis
            document.lend()
            task = asyncio.ensure_future(self._in_thread(document, analysis))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _in_thread(self, document: OpenDocument, analysis: Analysis | None) -> None:
        changed = False
        try:
            problems = await asyncio.to_thread(_diagnosed, analysis, self._session.settings.lint)
        finally:
            changed = document.take_back()
        if self._session.documents.get(document.uri) is not document:
            return
        if changed:
            self.changed(document)
        elif not self._session.pulls and self._session.settings.diagnostics_mode != "off":
            self._send(document, problems)

    def _publish_syntax(self, document: OpenDocument) -> None:
        self._send(document, diagnostics.diagnose_quickly(document.analysis, self._session.settings.lint))

    def _send(self, document: OpenDocument, problems: list[diagnostics.Problem]) -> None:
        (self._shown.add if problems else self._shown.discard)(document.uri)
        self._session.protocol.notify(*convert.published(document, problems))


def _diagnosed(analysis: Analysis | None, lint: Mapping[str, str]) -> list[diagnostics.Problem]:
    problems = diagnostics.diagnose(analysis, lint)
    if analysis is not None:
        analysis.prepare()
    return problems


class _Publish(Protocol):
    def __call__(self, document: OpenDocument) -> None: ...
