"""Documents by name in a folder: version histories and canaries.

Owns one durable JSON file per name. Refuses to know what the documents say. Invariant: a document that cannot be read
is reported and left out; the others are still there.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import orjson

from constellation.stores.durable import remove_durably, remove_leftovers, write_durably

_LONGEST = 180
"""Characters of an encoded name that still fit every file system, with room for a digest."""
_log = logging.getLogger("constellation.store")


class FolderLog:
    """A folder of documents, each saved whole under its name."""

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        self._folder = folder
        self._read_only = read_only
        if not read_only and folder.exists():
            remove_leftovers(folder)

    def _path(self, name: str) -> Path:
        encoded = quote(name, safe="").replace(".", "%2E")
        if len(encoded) > _LONGEST:
            encoded = f"{encoded[:_LONGEST]}~{hashlib.sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
        return self._folder / f"{encoded}.json"

    def load(self) -> Iterable[Mapping[str, Any]]:
        """Every saved document; damaged files are reported and skipped."""
        documents: list[Mapping[str, Any]] = []
        for path in sorted(self._folder.glob("*.json")):
            try:
                content: object = orjson.loads(path.read_bytes())
                if not isinstance(content, dict) or "name" not in content:
                    raise ValueError("not a document with a name")
            except (OSError, ValueError) as problem:
                _log.error("%s/%s cannot be read and is left out: %s", self._folder.name, path.name, problem)
                continue
            documents.append(cast("dict[str, Any]", content))
        return documents

    def save(self, name: str, document: Mapping[str, Any]) -> None:
        """Keep one document; on disk when this returns. Raises OSError when it cannot be."""
        if not self._read_only:
            write_durably(self._path(name), orjson.dumps({"name": name, **document}, option=orjson.OPT_SORT_KEYS))

    def remove(self, name: str) -> bool:
        """Forget a document; False when there was none."""
        return not self._read_only and remove_durably(self._path(name))
