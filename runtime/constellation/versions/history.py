"""The numbered history of each pipeline name.

Owns numbers, the active mark and pruning. Refuses to move aliases (`deployments.py`) and to judge versions.
Invariant: numbers of a name start at 1, strictly increase and are never reused, whatever is pruned or rolled back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class PipelineVersion:
    """One entry: the image a name stood for. `source` says what made it: compile, reload, loader, alias or rollback."""

    version: int
    structural_hash: str
    created_at: datetime
    source: str = "compile"


@dataclass(frozen=True, slots=True)
class _History:
    entries: Mapping[int, PipelineVersion] = field(default_factory=dict[int, PipelineVersion])
    active: int | None = None
    next_version: int = 1

    @property
    def active_entry(self) -> PipelineVersion | None:
        return None if self.active is None else self.entries.get(self.active)


class VersionLog(Protocol):
    """Where histories survive a restart; the store of images implements it when it is durable.

    Several processes may share one.
    """

    def load(self) -> Iterable[Mapping[str, Any]]:
        """Every saved history document."""
        ...

    def newer(self, name: str) -> Mapping[str, Any] | None:
        """The document of a name if somebody else changed it since it was last loaded, saved or asked for here."""
        ...

    def save(self, name: str, document: Mapping[str, Any]) -> None:
        """Keep one history; returns when it is durable, raises OSError when it is not."""
        ...

    def set_aside(self, name: str, why: str) -> None:
        """Take a document out of use that makes no sense."""
        ...

    def locked(self) -> AbstractContextManager[None]:
        """Keeps others from saving between a reading and the saving that follows from it."""
        ...


class Versions:
    """The histories of all names. Not a store of images: entries outlive the images they name."""

    def __init__(
        self,
        *,
        max_versions: int = 100,
        log: VersionLog | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.max_versions = max_versions
        self._now = now
        self._log: VersionLog | None = None
        self._histories: dict[str, _History] = {}
        self._pinned: dict[str, frozenset[int]] = {}
        if log is not None:
            self.keep_in(log)

    def keep_in(self, log: VersionLog) -> None:
        """Take over the histories a log has, and save every change there from now on."""
        self._log = log
        for document in log.load():
            self._take_over(document)

    def _take_over(self, document: Mapping[str, Any]) -> None:
        name = str(document["name"])
        try:
            self._histories[name] = _from_document(document)
        except (KeyError, TypeError, ValueError, AttributeError) as problem:
            if self._log is not None:
                self._log.set_aside(name, f"no history of versions: {type(problem).__name__} {problem}")

    def _history(self, name: str) -> _History | None:
        newer = None if self._log is None else self._log.newer(name)
        if newer is not None:
            self._take_over(newer)
        return self._histories.get(name)

    @property
    def durable(self) -> bool:
        """Whether changes are written somewhere, which takes time."""
        return self._log is not None

    def names(self) -> list[str]:
        """Every name with a history, sorted."""
        return sorted(self._histories)

    def list_versions(self, name: str) -> list[PipelineVersion]:
        """The name's entries, newest first; empty when it has none."""
        history = self._history(name)
        return [] if history is None else sorted(history.entries.values(), key=lambda v: -v.version)

    def get(self, name: str, version: int) -> PipelineVersion | None:
        """One entry."""
        history = self._history(name)
        return None if history is None else history.entries.get(version)

    def active(self, name: str) -> PipelineVersion | None:
        """The entry the name stands for at present."""
        history = self._history(name)
        return None if history is None else history.active_entry

    def older_than(self, name: str, version: int) -> list[PipelineVersion]:
        """Entries older than a version, newest first: the candidates of a rollback."""
        return [v for v in self.list_versions(name) if v.version < version]

    def find(self, name: str, structural_hash: str) -> PipelineVersion | None:
        """The newest entry with that image."""
        return next((v for v in self.list_versions(name) if v.structural_hash == structural_hash), None)

    def record(
        self, name: str, structural_hash: str, source: str, *, activate: bool = True, always: bool = False
    ) -> PipelineVersion:
        """Add an entry, active unless told otherwise.

        When the active entry already has that image, nothing changes, unless `always`. Raises OSError, with nothing
        changed, when the history cannot be saved.
        """
        with self._changing():
            history = self._history(name) or _History()
            present = history.active_entry
            if present is not None and present.structural_hash == structural_hash and not always:
                return present
            entry = PipelineVersion(history.next_version, structural_hash, self._now(), source)
            active = entry.version if activate or history.active is None else history.active
            entries = self._pruned(name, {**history.entries, entry.version: entry}, active)
            self._keep(name, _History(entries, active, entry.version + 1))
            return entry

    def activate(self, name: str, version: int) -> bool:
        """Mark an existing entry active; False when there is no such entry. Raises OSError like `record`."""
        with self._changing():
            history = self._history(name)
            if history is None or version not in history.entries:
                return False
            if history.active != version:
                self._keep(name, replace(history, active=version))
            return True

    def pin(self, name: str, versions: Iterable[int]) -> None:
        """Protect entries (a canary's two sides) from pruning until the next call."""
        self._pinned[name] = frozenset(versions)

    def hashes(self) -> set[str]:
        """Every image any entry names: roots that eviction spares."""
        return {v.structural_hash for h in list(self._histories.values()) for v in h.entries.values()}

    def _pruned(self, name: str, entries: dict[int, PipelineVersion], active: int) -> dict[int, PipelineVersion]:
        surplus = len(entries) - self.max_versions if self.max_versions else 0
        spared = {active, max(entries)} | self._pinned.get(name, frozenset())
        doomed = [version for version in sorted(entries) if version not in spared][: max(surplus, 0)]
        return {version: entry for version, entry in entries.items() if version not in doomed}

    def _changing(self) -> AbstractContextManager[None]:
        return nullcontext() if self._log is None else self._log.locked()

    def _keep(self, name: str, history: _History) -> None:
        if self._log is not None:
            self._log.save(name, _to_document(name, history))
        self._histories[name] = history


def _to_document(name: str, history: _History) -> dict[str, Any]:
    return {
        "name": name,
        "nextVersion": history.next_version,
        "active": history.active,
        "versions": [
            {
                "version": v.version,
                "structuralHash": v.structural_hash,
                "createdAt": v.created_at.isoformat(),
                "source": v.source,
            }
            for v in sorted(history.entries.values(), key=lambda v: v.version)
        ],
    }


def _from_document(document: Mapping[str, Any]) -> _History:
    entries = [
        PipelineVersion(
            int(v["version"]),
            str(v["structuralHash"]),
            datetime.fromisoformat(v["createdAt"]),
            str(v.get("source", "compile")),
        )
        for v in document["versions"]
    ]
    active = document.get("active")
    if active is not None and not isinstance(active, int):
        raise TypeError(f"'active' is no version: {active}")
    # a number that was used once is never used again, whatever the document says
    following = max([int(document["nextVersion"]), *(v.version + 1 for v in entries)])
    return _History({v.version: v for v in entries}, active, following)
