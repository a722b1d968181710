"""The engine's side of versions: numbered histories of names, and shares of a name's traffic.

Owns how the engine deploys, routes a name and counts what came of it. Refuses to decide canaries
(`constellation.versions`).

Invariant: only bare names are routed; hashes mean what they say.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from constellation.engine.result import Status
from constellation.stores.roots import protect_versions
from constellation.versions import Deployments, NoSuchVersion, PipelineVersion, Router, Versions
from constellation.versions.canary_log import CanaryLog
from constellation.versions.history import VersionLog

if TYPE_CHECKING:
    from constellation.engine.constellation import Constellation
    from constellation.engine.result import ExecutionResult


class NamedVersions:
    """The numbered history of every name."""

    def __init__(self, deployments: Deployments) -> None:
        self._deployments = deployments

    async def list_versions(self, name: str) -> Sequence[PipelineVersion]:
        """Every recorded version, newest first."""
        return tuple(self._deployments.versions.list_versions(name))

    async def active_version(self, name: str) -> PipelineVersion | None:
        """The version the name stands for."""
        return self._deployments.versions.active(name)

    async def get_version(self, name: str, version: int) -> PipelineVersion | None:
        """One version by its number."""
        return self._deployments.versions.get(name, version)

    async def previous_version(self, name: str) -> PipelineVersion | None:
        """The next older version than the active one: where a rollback leads."""
        active = self._deployments.versions.active(name)
        older = [] if active is None else self._deployments.versions.older_than(name, active.version)
        return older[0] if older else None

    async def record_version(self, name: str, structural_hash: str, source: str = "alias") -> PipelineVersion:
        """Make a stored image the name's active version, a new one unless it is that already; the name moves with it.

        Raises `UnknownImageError`.
        """
        done = await self._deployments.point(name, structural_hash, source=source)
        found = self._deployments.versions.get(name, done.version)
        if found is None:
            raise NoSuchVersion(f"Version {done.version} not found for pipeline '{name}'")
        return found

    async def set_active_version(self, name: str, version: int) -> bool:
        """Return to a version; the name moves with it. False when there is no such version, or its image is gone."""
        try:
            await self._deployments.roll_back(name, version)
        except NoSuchVersion:
            return False
        return True


def deployments_of(engine: Constellation) -> Deployments:
    """Versions and traffic shares over the engine's store; histories and canaries live where the store keeps them."""
    log: VersionLog | None = getattr(engine.pipelines, "version_log", None)
    made = Deployments(engine.pipelines, Versions(log=log), Router(), monotonic=engine.clock.now)
    canaries: CanaryLog | None = getattr(engine.pipelines, "canary_log", None)
    if canaries is not None:
        made.keep_canaries_in(canaries)
    protect_versions(engine.pipelines, made)
    return made


async def run_routed(deployments: Deployments, name: str, chosen: str, result: ExecutionResult) -> None:
    """Count a routed run, and let a canary judge by it."""
    result.metadata.routed_to = result.structural_hash
    failed = result.status is Status.FAILED
    await deployments.record(name, chosen, failed=failed, latency_ms=result.metadata.total_duration_ms)
