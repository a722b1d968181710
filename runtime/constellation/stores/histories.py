"""Documents by name in a folder: version histories and canaries.

Owns one durable JSON file per name, shared by processes: read again when it changed, changed under a lock. Refuses to
know what the documents say. Invariant: a document that cannot be read is reported, set aside and left out; the others
are still there.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import orjson

from constellation.stores.durable import Stamp, exclusive, remove_durably, remove_leftovers, stamp, write_durably

_LONGEST = 180
"""Characters of an encoded name that still fit every file system, with room for a digest."""
_log = logging.getLogger("constellation.store")


class FolderLog:
    """A folder of documents, each saved whole under its name. `lock` is the file that processes lock for a change."""

    def __init__(self, folder: Path, lock: Path, *, read_only: bool = False) -> None:
        self._folder = folder
        self._lock = lock
        self._read_only = read_only
        self._known: dict[Path, tuple[Stamp, Mapping[str, Any] | None]] = {}
        if not read_only and folder.exists():
            remove_leftovers(folder)

    def _path(self, name: str) -> Path:
        encoded = quote(name, safe="").replace(".", "%2E")
        if len(encoded) > _LONGEST:
            encoded = f"{encoded[:_LONGEST]}~{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
        return self._folder / f"{encoded}.json"

    def load(self) -> Iterable[Mapping[str, Any]]:
        """Every saved document as it is now; damaged files are reported and skipped."""
        found = (self._read(path) for path in sorted(self._folder.glob("*.json")))
        return [document for document in found if document is not None]

    def newer(self, name: str) -> Mapping[str, Any] | None:
        """The document of a name if it was changed since it was last loaded, saved or asked for here."""
        path = self._path(name)
        before, now = self._known.get(path), stamp(path)
        return None if now is None or (before is not None and before[0] == now) else self._read(path)

    def _read(self, path: Path) -> Mapping[str, Any] | None:
        now = stamp(path)
        if now is None:
            return None
        before = self._known.get(path)
        if before is not None and before[0] == now:
            return before[1]
        document: Mapping[str, Any] | None = None
        try:
            document = self._parsed(path)
        except OSError as problem:
            _log.error("%s/%s cannot be read and is left out: %s", self._folder.name, path.name, problem.strerror)
        except ValueError as problem:
            self._put_aside(path, str(problem))
        self._known[path] = now, document
        return document

    def _parsed(self, path: Path) -> Mapping[str, Any]:
        content: object = orjson.loads(path.read_bytes())
        name = cast("dict[str, object]", content).get("name") if isinstance(content, dict) else None
        if not isinstance(name, str):
            raise ValueError("not a document with a name")
        if self._path(name) != path:
            raise ValueError(f"the document of another name, '{name}'")
        return cast("dict[str, Any]", content)

    def set_aside(self, name: str, why: str) -> None:
        """Take a document out of use that turned out to make no sense."""
        self._put_aside(self._path(name), why)

    def _put_aside(self, path: Path, why: str) -> None:
        kept = "" if self._read_only else f"; it is kept as {path.name}.bad"
        _log.error("%s/%s is damaged and left out (%s)%s", self._folder.name, path.name, why, kept)
        if not self._read_only:
            os.replace(path, path.with_name(f"{path.name}.bad"))

    def save(self, name: str, document: Mapping[str, Any]) -> None:
        """Keep one document; on disk when this returns. Raises OSError when it cannot be."""
        if self._read_only:
            return
        path = self._path(name)
        whole = {"name": name, **document}
        write_durably(path, orjson.dumps(whole, option=orjson.OPT_SORT_KEYS))
        now = stamp(path)
        if now is not None:
            self._known[path] = now, whole

    def remove(self, name: str) -> bool:
        """Forget a document; False when there was none."""
        return not self._read_only and remove_durably(self._path(name))

    @contextmanager
    def locked(self) -> Generator[None]:
        """Hold the lock, so that what is read now is what a save replaces; waits for other processes."""
        if self._read_only:
            yield
        else:
            with exclusive(self._lock):
                yield
