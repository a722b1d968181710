"""Putting a version into service, taking it back, and trying one out: the one place where a name moves.

Owns the order of the steps and one lock per name. Refuses to compile. Invariant: of store, alias, history and canary a
refused operation changes none; a completed one leaves the alias and the active version on the same image.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Protocol
from weakref import WeakValueDictionary

from constellation.versions.canary import Canary, CanaryStatus
from constellation.versions.canary_log import CanaryLog, canary_document, canary_of
from constellation.versions.config import CanaryConfig
from constellation.versions.history import PipelineVersion, Versions
from constellation.versions.router import Router


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

    def keep_canaries_in(self, log: CanaryLog) -> None:
        """Go on with the canaries a log has, and save every change of one there from now on."""
        for document in log.load():
            canary = canary_of(document, self.versions, now=self._monotonic(), wall=self._now())
            if canary is not None:
                self.versions.pin(canary.name, (canary.old.version, canary.new.version))
                self.router.begin(canary)
        self._canary_log = log

    def lock(self, name: str) -> asyncio.Lock:
        """The lock that everything about a name is done under."""
        found = self._locks.get(name)
        if found is None:
            found = self._locks[name] = asyncio.Lock()
        return found

    # ------------------------------------------------------------------------------------------- deploying

    async def deploy(self, name: str, image: Any, *, source: str) -> Deployment:
        """Store an image and cut the name over to it at once; an active canary of the name ends as superseded."""
        async with self.lock(name):
            structural_hash = await self.images.store(image)
            return await self._point(name, structural_hash, source)

    async def point(self, name: str, structural_hash: str, *, source: str) -> Deployment:
        """Cut the name over to an image that is already stored."""
        async with self.lock(name):
            return await self._point(name, structural_hash, source)

    async def _point(self, name: str, structural_hash: str, source: str) -> Deployment:
        previous = await self.images.resolve(name)
        await self.images.alias(name, structural_hash)
        try:
            entry = await self._record(name, structural_hash, source, always=previous is None)
        except OSError:
            await self._restore(name, previous)
            raise
        canary = self.router.canary(name)
        if canary is not None:
            canary.roll_back("superseded")
            self._retire(canary)
        return Deployment(name, structural_hash, previous, entry.version, previous != structural_hash)

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
            target = await self._target(name, number)
            before = self.versions.active(name)
            canary = self.router.canary(name)
            previous = await self.images.resolve(name)
            await self.images.alias(name, target.structural_hash)
            try:
                await self._activate(name, target.version)
            except OSError:
                await self._restore(name, previous)
                raise
            if canary is not None:
                canary.roll_back("rollback")
                self._retire(canary)
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
            stable = self._stable(name)
            if stable.structural_hash == image.structural_hash:
                return Deployment(name, stable.structural_hash, stable.structural_hash, stable.version, False)
            structural_hash = await self.images.store(image)
            fresh = await self._record(name, structural_hash, source, activate=False)
            canary = await self._begin(name, stable, fresh, config)
            return Deployment(name, structural_hash, stable.structural_hash, fresh.version, True, canary)

    async def compare(self, name: str, stable_hash: str | None, canary_hash: str, config: CanaryConfig) -> Canary:
        """Start a canary between two stored images; `stable_hash` None means the active version."""
        async with self.lock(name):
            stable = self._stable(name)
            if stable_hash is not None and stable_hash != stable.structural_hash:
                found = self.versions.find(name, stable_hash)
                stable = found or await self._record(name, stable_hash, "alias", activate=False)
            if stable.structural_hash == canary_hash:
                raise ValueError("both sides of the canary are the same pipeline")
            fresh = self.versions.find(name, canary_hash)
            if fresh is None:
                fresh = await self._record(name, canary_hash, "alias", activate=False)
            return await self._begin(name, stable, fresh, config)

    def _stable(self, name: str) -> PipelineVersion:
        if self.router.canary(name) is not None:
            raise CanaryConflict(f"Canary deployment already active for pipeline '{name}'")
        stable = self.versions.active(name)
        if stable is None:
            raise CanaryConflict(f"Pipeline '{name}' has no previous version to compare a canary with")
        return stable

    async def _begin(self, name: str, old: PipelineVersion, new: PipelineVersion, config: CanaryConfig) -> Canary:
        self.versions.pin(name, (old.version, new.version))
        canary = Canary(name, old, new, config, now=self._monotonic(), started_at=self._now(), dice=self._dice)
        await self._save(canary)
        self.router.begin(canary)
        return canary

    async def _save(self, canary: Canary) -> None:
        if self._canary_log is not None:
            await asyncio.to_thread(self._canary_log.save, canary.name, canary_document(canary))

    async def promote(self, name: str) -> tuple[Canary, float] | None:
        """One step on, by hand; the canary and the weight it had. None when none is active."""
        async with self.lock(name):
            canary = self.router.canary(name)
            if canary is None:
                return None
            before = canary.weight
            canary.promote(now=self._monotonic(), wall=self._now())
            await self._settle(canary)
            return canary, before

    async def abort(self, name: str, reason: str) -> Canary | None:
        """End the canary in favour of the old version. None when none is active."""
        async with self.lock(name):
            canary = self.router.canary(name)
            if canary is None:
                return None
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
        async with self.lock(canary.name):
            if canary.evaluate(now=self._monotonic(), wall=self._now()):
                await self._settle(canary)

    async def _settle(self, canary: Canary) -> None:
        if canary.active:
            await self._save(canary)
            return
        winner = canary.new if canary.status is CanaryStatus.COMPLETE else canary.old
        if await self.images.get(winner.structural_hash) is not None:
            await self.images.alias(canary.name, winner.structural_hash)
            await self._activate(canary.name, winner.version)
        self._retire(canary)

    def _retire(self, canary: Canary) -> None:
        self.versions.pin(canary.name, ())
        self.router.retire(canary)
        if self._canary_log is not None:
            self._canary_log.remove(canary.name)
