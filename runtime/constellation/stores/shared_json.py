"""One JSON object in one file, shared by processes: read when it changed, changed under a lock.

Owns the file of names and the file of the text index. Refuses to know what is in them. Invariant: a change is made on
what the file holds at that moment, so two processes never undo each other's.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import cast

import orjson

from constellation.stores.durable import Stamp, exclusive, stamp, write_durably

_log = logging.getLogger("constellation.store")


class SharedJson:
    """A file of text → text. `alternative` is an older name, read while the file itself does not exist."""

    def __init__(
        self, path: Path, lock: Path, *, sync: bool, alternative: Path | None = None, read_only: bool = False
    ) -> None:
        self._path = path
        self._lock = lock
        self._sync = sync
        self._read_only = read_only
        self._alternative = alternative
        self._content: dict[str, str] = {}
        self._stamp: Stamp | None = None
        self.problem: str | None = None

    def read(self) -> dict[str, str]:
        """The content, read again when another process replaced the file. Not to be changed by the caller.

        Raises OSError for a file that cannot be read; one that makes no sense is set aside and counts as empty.
        """
        current = stamp(self._path)
        if current != self._stamp or current is None:
            self._content = self._load(self._path if current is not None else self._alternative)
            self._stamp = current
        return self._content

    def _load(self, path: Path | None) -> dict[str, str]:
        if path is None or not path.exists():
            return {}
        try:
            content: object = orjson.loads(path.read_bytes())
            if not isinstance(content, dict):
                raise ValueError("not an object")
        except ValueError as problem:
            self._set_aside(path, str(problem))
            return {}
        pairs = cast("dict[str, object]", content).items()
        return {key: value for key, value in pairs if isinstance(value, str)}

    def _set_aside(self, path: Path, why: str) -> None:
        kept = path == self._path and not self._read_only
        self.problem = f"{path.name} is damaged ({why})" + (f"; it is kept as {path.name}.bad" if kept else "")
        _log.error("%s", self.problem)
        if kept:
            os.replace(path, path.with_name(f"{path.name}.bad"))

    def change(self, edit: Callable[[dict[str, str]], bool]) -> None:
        """Apply an edit to the newest content and write it, unless the edit returns False (nothing changed).

        Raises OSError, with memory and file as before, when it cannot be written.
        """
        with exclusive(self._lock):
            content = dict(self.read())
            if not edit(content):
                return
            write_durably(self._path, orjson.dumps(content, option=orjson.OPT_SORT_KEYS), sync=self._sync)
            self._content = content
            self._stamp = stamp(self._path)
