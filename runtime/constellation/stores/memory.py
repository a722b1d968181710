"""Stores that live and die with the process.

Owns images and suspended executions in dictionaries, with eviction and leases. Refuses to write anything anywhere.

Invariant: what something refers to (a name, a version, a stored execution) is never evicted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from constellation.image.image import PipelineImage
from constellation.stores.protocols import (
    ImageSummary,
    PipelineInUse,
    RevisionConflict,
    StoreError,
    SuspensionFilter,
    UnknownImageError,
)
from constellation.stores.references import check_alias, split_reference
from constellation.stores.suspension import SuspendedExecution, SuspensionSummary

Roots = Callable[[], Iterable[tuple[str, str]]]
"""Says which images are in use besides by aliases: pairs of (hash, what uses it)."""
Spared = Callable[[], Iterable[str]]
"""Says which images are not to be evicted although they may be removed on request: those of versions, say."""


class InMemoryPipelineStore:
    """Images in memory. With `max_images`, the least recently used one nobody refers to makes room.

    `roots` are callables naming further users of images, such as suspended executions; `spared` name images that
    eviction leaves alone: those of versions and canaries.
    """

    def __init__(self, max_images: int | None = None) -> None:
        self._max_images = max_images
        self._images: dict[str, PipelineImage] = {}
        self._aliases: dict[str, str] = {}
        self._syntactic: dict[tuple[str, str], str] = {}
        self.roots: list[Roots] = []
        self.spared: list[Spared] = []

    async def store(self, image: PipelineImage) -> str:
        """Keep an image and return its hash."""
        digest = image.structural_hash
        known = self._images.pop(digest, None)
        if known is not None and known.source is not None and known.name is not None:
            image = known
        elif known is not None:
            image = _filled(known, image)
        self._images[digest] = image
        self._evict(digest)
        return digest

    def _evict(self, newest: str) -> None:
        if self._max_images is None or len(self._images) <= self._max_images:
            return
        used = {digest for digest, _ in self._users()}.union(*(spared() for spared in self.spared))
        for digest in list(self._images):
            if len(self._images) <= self._max_images:
                break
            if digest != newest and digest not in used:
                self._forget(digest)

    def _users(self) -> Iterable[tuple[str, str]]:
        for name, digest in self._aliases.items():
            yield digest, f"alias '{name}'"
        for roots in self.roots:
            yield from roots()

    def _forget(self, digest: str) -> None:
        del self._images[digest]
        for key in [k for k, found in self._syntactic.items() if found == digest]:
            del self._syntactic[key]

    async def alias(self, name: str, structural_hash: str, *, expect: str | None = "") -> None:
        """Point a name at a stored image."""
        check_alias(name)
        target = structural_hash.lower()
        if target not in self._images:
            raise UnknownImageError(f"Pipeline '{structural_hash}' not found")
        if expect != "" and self._aliases.get(name) != expect:
            raise StoreError(f"Alias '{name}' points to {self._aliases.get(name)}, expected {expect}")
        self._aliases[name] = target

    async def unalias(self, name: str) -> bool:
        """Forget a name; False when there was none."""
        return self._aliases.pop(name, None) is not None

    async def resolve(self, name: str) -> str | None:
        """The hash a name points at."""
        return self._aliases.get(name)

    async def resolve_ref(self, ref: str) -> str | None:
        """The hash of a reference: `sha256:…`, 64 hex digits, or a name."""
        digest, name = split_reference(ref)
        if digest is not None:
            return digest if digest in self._images else None
        return self._aliases.get(name)

    async def list_aliases(self) -> dict[str, str]:
        """Every name with its hash."""
        return dict(self._aliases)

    async def get(self, structural_hash: str) -> PipelineImage | None:
        """The image of a hash."""
        digest = structural_hash.lower()
        image = self._images.get(digest)
        if image is not None and self._max_images is not None:
            self._images[digest] = self._images.pop(digest)
        return image

    def peek(self, ref: str) -> PipelineImage | None:
        """The image of a reference without waiting, for the engine's fast path."""
        digest, name = split_reference(ref)
        return self._images.get(digest if digest is not None else self._aliases.get(name, ""))

    async def get_by_name(self, name: str) -> PipelineImage | None:
        """The image a name points at."""
        digest = self._aliases.get(name)
        return None if digest is None else await self.get(digest)

    async def list_images(self) -> list[ImageSummary]:
        """Every image, newest first."""
        images = sorted(self._images.values(), key=lambda i: i.compiled_at, reverse=True)
        return [ImageSummary.of(image) for image in images]

    async def list_hashes(self) -> list[str]:
        """The hash of every image."""
        return list(self._images)

    async def remove(self, structural_hash: str, *, force: bool = False) -> bool:
        """Remove an image; False when absent. Raises `PipelineInUse` unless `force`."""
        target = structural_hash.lower()
        if target not in self._images:
            return False
        users = [user for digest, user in self._users() if digest == target]
        if users and not force:
            raise PipelineInUse(target, users)
        self._aliases = {name: digest for name, digest in self._aliases.items() if digest != target}
        self._forget(target)
        return True

    async def index_syntactic(self, syntactic_hash: str, registry_hash: str, structural_hash: str) -> None:
        """Remember which image a source text compiles to."""
        self._syntactic[syntactic_hash, registry_hash] = structural_hash

    async def lookup_syntactic(self, syntactic_hash: str, registry_hash: str) -> str | None:
        """The stored image a source text compiles to."""
        found = self._syntactic.get((syntactic_hash, registry_hash))
        return found if found in self._images else None

    async def stats(self) -> dict[str, int]:
        """Counts of what is stored."""
        return {
            "images": len(self._images),
            "aliases": len(self._aliases),
            "syntacticEntries": len(self._syntactic),
            "bytes": 0,
        }

    async def flush(self) -> None:
        """Nothing is ever pending."""


def _filled(known: PipelineImage, image: PipelineImage) -> PipelineImage:
    from dataclasses import replace

    return replace(known, source=known.source or image.source, name=known.name or image.name)


class InMemorySuspensionStore:
    """Suspended executions in memory, compared and set by revision.

    `default_ttl` seconds after its last save a state expires; None keeps it. Beyond `max_entries`, the one saved
    longest ago is forgotten. `now` and `monotonic` are the clock.
    """

    durable = False

    def __init__(
        self,
        default_ttl: float | None = None,
        *,
        max_entries: int = 10_000,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ttl = default_ttl
        self._max_entries = max_entries
        self._now = now
        self._monotonic = monotonic
        self._states: dict[str, tuple[SuspendedExecution, float | None]] = {}
        self._leases: dict[str, tuple[str, float]] = {}

    async def save(self, state: SuspendedExecution, *, expected_revision: int | None = None) -> int:
        """Keep a state and return its new revision."""
        known = self._current(state.execution_id)
        revision = 0 if known is None else known.revision
        if expected_revision is not None and revision != expected_revision:
            raise RevisionConflict(f"Execution {state.execution_id} was changed by somebody else")
        expires = None if self._ttl is None else self._now() + self._ttl
        kept = state.with_revision(revision + 1)
        if expires is not None:
            kept = _expiring(kept, expires)
        self._states.pop(state.execution_id, None)
        self._states[state.execution_id] = kept, expires
        if len(self._states) > self._max_entries:
            del self._states[next(iter(self._states))]
        return revision + 1

    def _current(self, execution_id: str) -> SuspendedExecution | None:
        found = self._states.get(execution_id)
        if found is None:
            return None
        state, expires = found
        if expires is not None and expires <= self._now():
            del self._states[execution_id]
            return None
        return state

    async def load(self, execution_id: str) -> SuspendedExecution | None:
        """The state of an id, None when there is none or it has expired."""
        return self._current(execution_id)

    async def delete(self, execution_id: str, *, expected_revision: int | None = None) -> bool:
        """Forget an execution; False when there was none."""
        known = self._current(execution_id)
        if known is None:
            return False
        if expected_revision is not None and known.revision != expected_revision:
            raise RevisionConflict(f"Execution {execution_id} was changed by somebody else")
        del self._states[execution_id]
        return True

    def in_use(self) -> list[tuple[str, str]]:
        """The images stored executions need, for a pipeline store's `roots`."""
        return [(state.structural_hash, f"execution {key}") for key, (state, _) in list(self._states.items())]

    async def list(
        self, filter: SuspensionFilter | None = None, *, limit: int = 100, cursor: str | None = None
    ) -> Sequence[SuspensionSummary]:
        """Summaries, newest first, after the one whose id is `cursor`."""
        wanted = filter or SuspensionFilter()
        states = [s for key in tuple(self._states) if (s := self._current(key)) is not None and wanted.matches(s)]
        states.sort(key=lambda s: (s.created_at, s.execution_id), reverse=True)
        if cursor is not None:
            position = next((i + 1 for i, s in enumerate(states) if s.execution_id == cursor), len(states))
            states = states[position:]
        return [state.summary() for state in states[:limit]]

    async def acquire(self, execution_id: str, owner: str, ttl: float = 60.0) -> bool:
        """Take the right to resume an execution for `ttl` seconds; False while somebody else has it."""
        held = self._leases.get(execution_id)
        now = self._monotonic()
        if held is not None and held[0] != owner and held[1] > now:
            return False
        self._leases[execution_id] = owner, now + ttl
        return True

    async def renew(self, execution_id: str, owner: str, ttl: float = 60.0) -> bool:
        """Keep the right longer; False when it was lost."""
        held = self._leases.get(execution_id)
        if held is None or held[0] != owner:
            return False
        self._leases[execution_id] = owner, self._monotonic() + ttl
        return True

    async def release(self, execution_id: str, owner: str) -> None:
        """Give the right back."""
        held = self._leases.get(execution_id)
        if held is not None and held[0] == owner:
            del self._leases[execution_id]


def _expiring(state: SuspendedExecution, moment: float) -> SuspendedExecution:
    from dataclasses import replace

    at = datetime.fromtimestamp(0, UTC) + timedelta(seconds=moment)
    return replace(state, expires_at=at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z")
