"""Putting a version into service, taking it back, and trying one out: the one place where a name moves.

Owns the order of the steps and one lock per name. Refuses to compile. Invariant: of store, alias, history and canary a
refused operation changes none; a completed one leaves the alias and the active version on the same image.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, Protocol, TypeVar
from weakref import WeakValueDictionary

from constellation.errors import ConstellationError
from constellation.versions.canary import Canary, CanaryStatus
from constellation.versions.canary_log import CanaryLog, canary_document, canary_of
from constellation.versions.config import CanaryConfig
from constellation.versions.history import PipelineVersion, Versions
from constellation.versions.router import Router

T = TypeVar("T")
_log: Final = logging.getLogger("constellation.versions")


class Images(Protocol):
    """What is needed of a pipeline store."""

    def store(self, image: Any, /) -> Awaitable[str]:
        """Keep an image; its structural hash."""
        ...

    def alias(self, name: str, structural_hash: str, /) -> Awaitable[Any]:
        """Point a name at a stored image."""
        ...

    def unalias(self, name: str, /) -> Awaitable[bool]:
        """Drop a name."""
        ...

    def resolve(self, name: str, /) -> Awaitable[str | None]:
        """The image a name points at."""
        ...

    def get(self, structural_hash: str, /) -> Awaitable[Any]:
        """An image, or None."""
        ...


class NoSuchVersion(LookupError):
    """The version, or any version, does not exist or has lost its image."""


class CanaryConflict(Exception):
    """A canary cannot start: one is active, or there is nothing to compare with."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What deploying did. `version` is the active one, or the canary's new one."""

    name: str
    structural_hash: str
    previous_hash: str | None
    version: int
    changed: bool
    canary: Canary | None = None


@dataclass(frozen=True, slots=True)
class Rollback:
    """What rolling back did."""

    name: str
    previous_version: int
    version: PipelineVersion
    aborted_canary: bool


class Deployments:
    """Names, versions and canaries of one store of images."""

    def __init__(
        self,
        images: Images,
        versions: Versions,
        router: Router,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        dice: random.Random | None = None,
    ) -> None:
        self.images = images
        self.versions = versions
        self.router = router
        self._monotonic = monotonic
        self._now = now
        self._dice = dice
        self._canary_log: CanaryLog | None = None
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._arriving: Counter[str] = Counter()

    def keep_canaries_in(self, log: CanaryLog) -> None:
        """Go on with the canaries a log has, and save every change of one there from now on."""
        for document in log.load():
            try:
                canary = canary_of(document, self.versions, now=self._monotonic(), wall=self._now())
            except (KeyError, TypeError, ValueError, AttributeError) as problem:
                log.set_aside(str(document["name"]), f"no canary: {type(problem).__name__} {problem}")
                continue
            if canary is not None:
                self.versions.pin(canary.name, (canary.old.version, canary.new.version))
                self.router.begin(canary)
        self._canary_log = log

    def hashes(self) -> set[str]:
        """Every image a version, an active canary or a deployment under way needs: eviction spares them."""
        return self.versions.hashes() | self.router.hashes() | set(self._arriving)

    def lock(self, name: str) -> asyncio.Lock:
        """The lock that everything about a name is done under."""
        found = self._locks.get(name)
        if found is None:
            found = self._locks[name] = asyncio.Lock()
        return found

    def image_lock(self, structural_hash: str) -> asyncio.Lock:
        """The lock that an image is named or removed under; taken after that of the name."""
        # no name begins like this
        return self.lock(f"sha256:{structural_hash}")

    # ------------------------------------------------------------------------------------------- deploying

    async def deploy(self, name: str, image: Any, *, source: str) -> Deployment:
        """Store an image and cut the name over to it at once; an active canary of the name ends as superseded."""
        async with self.lock(name), self.image_lock(image.structural_hash):
            with self._arrival(image):
                structural_hash = await self.images.store(image)
                return await self._point(name, structural_hash, source)

    async def point(self, name: str, structural_hash: str, *, source: str) -> Deployment:
        """Cut the name over to an image that is already stored."""
        async with self.lock(name), self.image_lock(structural_hash):
            return await self._point(name, structural_hash, source)

    async def _point(self, name: str, structural_hash: str, source: str) -> Deployment:
        async with self._alone():
            previous = await self.images.resolve(name)
            write = partial(self._record, name, structural_hash, source, always=previous is None)
            entry = await self._move(name, structural_hash, write)
        canary = self.router.canary(name)
        if canary is not None:
            canary.roll_back("superseded")
            await self._retire(canary)
        return Deployment(name, structural_hash, previous, entry.version, previous != structural_hash)

    def _alone(self) -> AbstractAsyncContextManager[None]:
        """Keeps other processes on the same store from moving a name between its alias and its history."""
        exclusively: Callable[[], AbstractAsyncContextManager[None]] | None = getattr(self.images, "exclusively", None)
        return nullcontext() if exclusively is None else exclusively()

    async def _move(self, name: str, structural_hash: str, write: Callable[[], Awaitable[T]]) -> T:
        """Move the alias and write the history: both, or neither."""
        previous = await self.images.resolve(name)
        await self.images.alias(name, structural_hash)
        try:
            return await write()
        except OSError:
            await self._restore(name, previous)
            raise

    @contextmanager
    def _arrival(self, image: Any) -> Generator[None]:
        """Between being stored and being named, an image is not to be evicted."""
        digest = image.structural_hash
        self._arriving[digest] += 1
        try:
            yield
        finally:
            self._arriving[digest] -= 1
            if not self._arriving[digest]:
                del self._arriving[digest]

    async def _record(
        self, name: str, structural_hash: str, source: str, *, activate: bool = True, always: bool = False
    ) -> PipelineVersion:
        write = partial(self.versions.record, name, structural_hash, source, activate=activate, always=always)
        return await asyncio.to_thread(write) if self.versions.durable else write()

    async def _activate(self, name: str, version: int) -> None:
        write = partial(self.versions.activate, name, version)
        if self.versions.durable:
            await asyncio.to_thread(write)
        else:
            write()

    async def _restore(self, name: str, previous: str | None) -> None:
        if previous is None:
            await self.images.unalias(name)
        else:
            await self.images.alias(name, previous)

    async def drop(self, name: str) -> bool:
        """Drop the alias; the image and the history stay."""
        async with self.lock(name):
            return await self.images.unalias(name)

    # ----------------------------------------------------------------------------------------- rolling back

    async def roll_back(self, name: str, number: int | None = None) -> Rollback:
        """Return to a version, or to the newest one older than the active that still has its image."""
        async with self.lock(name):
            async with self._alone():
                target = await self._target(name, number)
                before = self.versions.active(name)
                await self._move(name, target.structural_hash, partial(self._activate, name, target.version))
            canary = self.router.canary(name)
            if canary is not None:
                canary.roll_back("rollback")
                await self._retire(canary)
            return Rollback(name, before.version if before else target.version, target, canary is not None)

    async def _target(self, name: str, number: int | None) -> PipelineVersion:
        if not self.versions.list_versions(name):
            raise NoSuchVersion(f"Pipeline '{name}' not found")
        if number is not None:
            found = self.versions.get(name, number)
            if found is None:
                raise NoSuchVersion(f"Version {number} not found for pipeline '{name}'")
            if await self.images.get(found.structural_hash) is None:
                raise NoSuchVersion(f"Pipeline image for version {number} no longer exists")
            return found
        active = self.versions.active(name)
        for candidate in self.versions.older_than(name, active.version) if active else ():
            if await self.images.get(candidate.structural_hash) is not None:
                return candidate
        raise NoSuchVersion(f"No previous version exists for pipeline '{name}'")

    # --------------------------------------------------------------------------------------------- canaries

    async def try_out(self, name: str, image: Any, config: CanaryConfig, *, source: str) -> Deployment:
        """Store an image and give it a share of the name's traffic; the alias stays.

        Raises CanaryConflict, with nothing stored, when a canary is active or the name has no version yet. An image
        that already serves the name starts nothing.
        """
        async with self.lock(name):
            stable = await self._stable(name)
            if stable.structural_hash == image.structural_hash:
                return Deployment(name, stable.structural_hash, stable.structural_hash, stable.version, False)
            with self._arrival(image):
                async with self.image_lock(image.structural_hash):
                    structural_hash = await self.images.store(image)
                    fresh = await self._record(name, structural_hash, source, activate=False)
                    canary = await self._begin(name, stable, fresh, config)
            return Deployment(name, structural_hash, stable.structural_hash, fresh.version, True, canary)

    async def compare(self, name: str, stable: str | int | None, canary: str | int, config: CanaryConfig) -> Canary:
        """Start a canary between two stored images, each a hash or the number of a version; `stable` None means the
        active version. Raises ValueError, with nothing recorded, when both are the same image."""
        async with self.lock(name):
            active = await self._stable(name)
            old = active if stable is None else await self._side(name, stable)
            new = await self._side(name, canary)
            if _hash_of(old) == _hash_of(new):
                raise ValueError("both sides of the canary are the same pipeline")
            # what is recorded now must not push out a side
            self.versions.pin(name, [side.version for side in (old, new) if not isinstance(side, str)])
            if isinstance(old, str):
                old = await self._record(name, old, "alias", activate=False)
            if isinstance(new, str):
                new = await self._record(name, new, "alias", activate=False)
            return await self._begin(name, old, new, config)

    async def _side(self, name: str, given: str | int) -> PipelineVersion | str:
        """The version a side names; the hash of an image the name never stood for."""
        if isinstance(given, int):
            return await self._target(name, given)
        active = self.versions.active(name)
        if active is not None and active.structural_hash == given:
            return active
        return self.versions.find(name, given) or given

    async def _stable(self, name: str) -> PipelineVersion:
        if self.router.canary(name) is not None:
            raise CanaryConflict(f"Canary deployment already active for pipeline '{name}'")
        stable = self.versions.active(name)
        if stable is None or await self.images.resolve(name) is None:
            raise CanaryConflict(f"Pipeline '{name}' has no previous version to compare a canary with")
        return stable

    async def _begin(self, name: str, old: PipelineVersion, new: PipelineVersion, config: CanaryConfig) -> Canary:
        canary = Canary(name, old, new, config, now=self._monotonic(), started_at=self._now(), dice=self._dice)
        await self._save(canary)
        self.versions.pin(name, (old.version, new.version))
        self.router.begin(canary)
        return canary

    async def _save(self, canary: Canary) -> None:
        if self._canary_log is not None:
            active = self.versions.active(canary.name)
            document = canary_document(canary, active.version if active else None)
            await asyncio.to_thread(self._canary_log.save, canary.name, document)
        canary.unsaved = False

    async def save_measurements(self) -> None:
        """Save what was measured of active canaries since the last time, so that a restart goes on from there.

        What cannot be saved is logged and tried again the next time.
        """
        for canary in self.router.active().values():
            async with self.lock(canary.name):
                if canary.unsaved and self.router.canary(canary.name) is canary:
                    try:
                        await self._save(canary)
                    except OSError:
                        _log.exception("what was measured of the canary of '%s' cannot be saved", canary.name)

    async def promote(self, name: str) -> tuple[Canary, float] | None:
        """One step on, by hand; the canary and the weight it had. None when none is active."""
        async with self.lock(name):
            canary = self.router.canary(name)
            if canary is None:
                return None
            before = canary.weight
            with canary.attempt():
                canary.promote(now=self._monotonic(), wall=self._now())
                await self._settle(canary)
            return canary, before

    async def abort(self, name: str, reason: str) -> Canary | None:
        """End the canary in favour of the old version. None when none is active."""
        async with self.lock(name):
            canary = self.router.canary(name)
            if canary is None:
                return None
            with canary.attempt():
                canary.roll_back(reason)
                await self._settle(canary)
            return canary

    async def record(self, name: str, chosen: str, *, failed: bool, latency_ms: float) -> None:
        """Count a routed request and act on what it shows."""
        canary = self.router.record(name, chosen, failed=failed, latency_ms=latency_ms)
        if canary is not None:
            await self._judge(canary)

    async def tick(self) -> None:
        """Judge every active canary: what a timer calls."""
        for canary in self.router.active().values():
            await self._judge(canary)

    async def _judge(self, canary: Canary) -> None:
        """Go on or back when it is time. A store that cannot be written is logged, and the next judgement tries again:
        the requests that are counted here have been answered and must not fail."""
        async with self.lock(canary.name):
            try:
                with canary.attempt():
                    if canary.evaluate(now=self._monotonic(), wall=self._now()):
                        await self._settle(canary)
            except (OSError, ConstellationError):
                _log.exception("the canary of '%s' cannot be moved on", canary.name)

    async def _settle(self, canary: Canary) -> None:
        if canary.active:
            await self._save(canary)
            return
        if canary.status is CanaryStatus.ROLLED_BACK and self._canary_log is not None:
            await asyncio.to_thread(self._canary_log.remove, canary.name)
        winner = canary.new if canary.status is CanaryStatus.COMPLETE else canary.old
        if await self.images.get(winner.structural_hash) is not None:
            write = partial(self._activate, canary.name, winner.version)
            async with self._alone():
                await self._move(canary.name, winner.structural_hash, write)
        await self._retire(canary)

    async def _retire(self, canary: Canary) -> None:
        """Take an ended canary out of routing.

        One that stays in the log because that cannot be written is seen to have ended by its name having moved.
        """
        self.versions.pin(canary.name, ())
        self.router.retire(canary)
        if self._canary_log is not None:
            try:
                await asyncio.to_thread(self._canary_log.remove, canary.name)
            except OSError:
                _log.exception("the ended canary of '%s' cannot be removed from the store", canary.name)


def _hash_of(side: PipelineVersion | str) -> str:
    return side if isinstance(side, str) else side.structural_hash
