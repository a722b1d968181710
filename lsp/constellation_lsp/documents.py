"""The open documents of one session.

Owns text under edits, versions, and the analysis of each document. Refuses to read files: only what the client opened
exists. pygls' own documents split lines at characters that end no line in LSP, so they are not used.

Invariant: a document over the size limit is kept as text and never parsed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import cast
from urllib.parse import unquote

from lsprotocol import types

from constellation.engine.constellation import Constellation
from constellation_grammar.document import Document
from constellation_grammar.lines import Encoding, LineIndex
from constellation_lsp.analysis import Analysis
from constellation_lsp.last_run import LastRun
from constellation_lsp.protocol import NotReady

MAX_DOCUMENT_BYTES = 2 * 1024 * 1024
LONG_CHARACTERS = 64 * 1024
"""From here on a pass takes long enough for other sessions to notice."""


class OversizeText:
    """A document too large to understand: its text follows the edits, and that is all."""

    def __init__(self, text: str, encoding: Encoding) -> None:
        self.text = text
        self._encoding: Encoding = encoding

    def replace(self, text: str) -> None:
        """Takes a new text."""
        self.text = text

    def apply(self, start: tuple[int, int], end: tuple[int, int], new_text: str) -> None:
        """Replaces a range."""
        lines = LineIndex(self.text)
        first = lines.offset(self.text, start[0], start[1], self._encoding)
        last = max(first, lines.offset(self.text, end[0], end[1], self._encoding))
        self.text = self.text[:first] + new_text + self.text[last:]


class OpenDocument:
    """A document. While a thread works on a long one, edits wait and its analysis is not ready."""

    def __init__(self, uri: str, version: int, text: str, encoding: str, engine: Constellation) -> None:
        self.uri = uri
        self.version = version
        self._engine = engine
        self._encoding: Encoding = cast("Encoding", encoding)
        self._content: Document | OversizeText
        self._analysis: Analysis | None
        self._busy: asyncio.Future[None] | None = None
        self._waiting: list[tuple[int, list[types.TextDocumentContentChangeEvent]]] = []
        self.tokens: tuple[str, list[int]] | None = None
        self.last_run: LastRun | None = None
        self._take(text)

    @property
    def text(self) -> str:
        """The current text."""
        return self._content.text

    @property
    def analysis(self) -> Analysis | None:
        """What is known of it, None while it is too large. Raises `NotReady` while a thread works on it."""
        if self._busy is not None:
            raise NotReady(self._busy)
        return self._analysis

    @property
    def current_run(self) -> LastRun | None:
        """The last run, if it was one of the current version."""
        return self.last_run if self.last_run is not None and self.last_run.version == self.version else None

    @property
    def newest_version(self) -> int:
        """The version of the last edit received, applied or not."""
        return self._waiting[-1][0] if self._waiting else self.version

    @property
    def is_busy(self) -> bool:
        """Whether a thread works on it."""
        return self._busy is not None

    @property
    def is_long(self) -> bool:
        """Whether its analysis is a thread's work."""
        return self._analysis is not None and len(self._content.text) > LONG_CHARACTERS

    def lend(self) -> None:
        """Gives the analysis to a thread: until `take_back`, edits only queue up."""
        self._busy = asyncio.get_running_loop().create_future()

    def take_back(self) -> bool:
        """The thread is done; applies the edits that came meanwhile and says whether there were any."""
        waiting, busy = self._waiting, self._busy
        self._waiting, self._busy = [], None
        for version, changes in waiting:
            self.change(version, changes)
        if busy is not None and not busy.done():
            busy.set_result(None)
        return bool(waiting)

    def change(self, version: int, changes: Sequence[types.TextDocumentContentChangeEvent]) -> None:
        """Applies the changes in order, now or as soon as nobody works on the text."""
        if self._busy is not None:
            self._waiting.append((version, list(changes)))
            return
        self.version = version
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                start, end = change.range.start, change.range.end
                self._content.apply((start.line, start.character), (end.line, end.character), change.text)
            elif isinstance(self._content, Document) and not _too_large(change.text):
                self._content.replace(change.text)
            else:
                self._take(change.text)
        if _too_large(self._content.text) != (self._analysis is None):
            self._take(self._content.text)

    def _take(self, text: str) -> None:
        if _too_large(text):
            self._content = OversizeText(text, self._encoding)
            self._analysis = None
        else:
            self._content = Document(text, self._encoding)
            self._analysis = Analysis(self._content, self._engine.modules, _configured(self._engine))


def _configured(engine: Constellation) -> tuple[str, ...]:
    """The cache backends of an engine; none when nobody configured any, so that those of another one may be meant."""
    names = engine.caches.names
    return names if names != ("memory",) else ()


def _too_large(text: str) -> bool:
    if len(text) * 4 <= MAX_DOCUMENT_BYTES:
        return False
    return len(text) > MAX_DOCUMENT_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_DOCUMENT_BYTES


class DocumentStore:
    """The documents by URI. URIs are equal after percent-decoding and folding the case of a drive letter."""

    def __init__(self, engine: Constellation) -> None:
        self._engine = engine
        self._open: dict[str, OpenDocument] = {}

    def open(self, uri: str, version: int, text: str, encoding: str) -> OpenDocument:
        """Takes a document over from the client, replacing one of the same URI."""
        document = OpenDocument(uri, version, text, encoding, self._engine)
        self._open[_key(uri)] = document
        return document

    def get(self, uri: str) -> OpenDocument | None:
        """The document, if it is open."""
        return self._open.get(_key(uri))

    def forget(self, uri: str) -> OpenDocument | None:
        """Drops a document and returns it."""
        return self._open.pop(_key(uri), None)

    def __iter__(self) -> Iterator[OpenDocument]:
        return iter(tuple(self._open.values()))

    def close(self) -> None:
        """Drops everything."""
        self._open.clear()


def _key(uri: str) -> str:
    decoded = unquote(uri)
    head, drive, rest = decoded[:8], decoded[8:9], decoded[9:]
    if head == "file:///" and rest.startswith(":"):
        return head + drive.lower() + rest
    return decoded
