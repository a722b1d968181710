"""The `.cst` files of a client's workspace folders: which there are, and what they declare.

Owns the folders and an index of the declarations of closed files; nothing else in the language server reads files.
Refuses to check programs: the index knows names, kinds and positions.

Invariant: at most `MOST_FILES` files of at most `MOST_BYTES` each are read, each again only when it changed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from constellation_grammar.document import Document
from constellation_grammar.lines import Encoding
from constellation_lsp.features.symbols import Symbol, declared

MOST_FILES = 5000
MOST_BYTES = 1 << 20
_SKIPPED = frozenset((".git", "node_modules", ".venv", "target", "dist"))


@dataclass(frozen=True, slots=True)
class FileSymbol:
    """A declaration of a closed file, its name's place on the wire."""

    uri: str
    name: str
    kind: str
    start: tuple[int, int]
    end: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Indexed:
    stamp: tuple[int, int]
    symbols: tuple[FileSymbol, ...]


_Index = Mapping[Path, _Indexed]


class WorkspaceFiles:
    """The files of one session's folders; none when the client is not `allowed` to read this machine's files."""

    def __init__(self, *, allowed: bool) -> None:
        self.allowed = allowed
        self._folders: dict[str, Path] = {}
        self._index: _Index = {}
        self._is_current = False
        self.watched = False

    def add(self, uri: str) -> None:
        """A folder of the workspace; what is no directory of this machine is left out."""
        path = path_of(uri) if self.allowed else None
        if path is not None and path.is_dir():
            self._folders[uri] = path
            self._is_current = False

    def remove(self, uri: str) -> None:
        """A folder left the workspace."""
        if self._folders.pop(uri, None) is not None:
            self._is_current = False

    def changed(self) -> None:
        """The client saw files come, go or change."""
        self._is_current = False

    async def symbols(self, encoding: str) -> list[FileSymbol]:
        """The declarations of all files, read beside the event loop."""
        if not self._is_current or not self.watched:
            self._is_current = True
            folders, known = tuple(self._folders.values()), self._index
            self._index = await asyncio.to_thread(_indexed, folders, known, cast("Encoding", encoding))
        return [symbol for entry in self._index.values() for symbol in entry.symbols]

    async def files(self, most: int) -> list[Path]:
        """The files, at most so many."""
        folders = tuple(self._folders.values())
        return await asyncio.to_thread(lambda: list(_files(folders, most)))


def path_of(uri: str) -> Path | None:
    """The path of a `file:` URI."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return None
    path = unquote(parts.path)
    return Path(path[1:] if os.name == "nt" and path[2:3] == ":" else path)


def read_text(path: Path) -> str | None:
    """The text of a file; None when it cannot be read, is no text, or is too large."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _files(folders: Iterable[Path], most: int) -> Iterator[Path]:
    found = 0
    for folder in folders:
        for root, directories, names in os.walk(folder):
            directories[:] = sorted(d for d in directories if d not in _SKIPPED)
            for name in sorted(names):
                if not name.endswith(".cst"):
                    continue
                if found >= most:
                    return
                found += 1
                yield Path(root, name)


def _indexed(folders: Iterable[Path], known: _Index, encoding: Encoding) -> _Index:
    made: dict[Path, _Indexed] = {}
    for path in _files(folders, MOST_FILES):
        try:
            status = path.stat()
        except OSError:
            continue
        stamp = (status.st_mtime_ns, status.st_size)
        old = known.get(path)
        made[path] = old if old is not None and old.stamp == stamp else _Indexed(stamp, _declared(path, encoding))
    return made


def _declared(path: Path, encoding: Encoding) -> tuple[FileSymbol, ...]:
    text = read_text(path)
    if text is None:
        return ()
    document, uri = Document(text, encoding), path.as_uri()
    found: list[FileSymbol] = []
    pending: list[Symbol] = declared(document.program)
    for symbol in pending:
        start, end = document.position_at(symbol.name_start), document.position_at(symbol.name_end)
        found.append(FileSymbol(uri, symbol.name, symbol.kind, (start[0], start[1]), (end[0], end[1])))
        pending.extend(symbol.children)
    return tuple(found)
