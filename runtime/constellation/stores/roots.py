"""What keeps an image from being forgotten.

Invariant: a store that can forget images asks its roots first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, cast

from constellation.stores.protocols import PipelineStore, SuspensionStore

if TYPE_CHECKING:
    from constellation.versions.router import Router


def protect_images(pipelines: PipelineStore, suspensions: SuspensionStore) -> None:
    """Let a pipeline store that has `roots` know which images the stored executions need."""
    roots, in_use = getattr(pipelines, "roots", None), getattr(suspensions, "in_use", None)
    if isinstance(roots, list) and in_use is not None and in_use not in roots:
        cast("list[object]", roots).append(in_use)


class NeedsImages(Protocol):
    """Versions and canaries, as far as they need images."""

    @property
    def router(self) -> Router:
        """What routes at present."""
        ...

    def hashes(self) -> Iterable[str]:
        """Every image a version, an active canary or a deployment under way needs."""
        ...


def protect_versions(pipelines: PipelineStore, deployments: NeedsImages) -> None:
    """Let a pipeline store know which images versions and canaries need.

    All of them are spared by eviction; only those of active canaries cannot be removed on request.
    """
    roots, spared = getattr(pipelines, "roots", None), getattr(pipelines, "spared", None)
    if isinstance(spared, list):
        cast("list[object]", spared).append(deployments.hashes)
    if isinstance(roots, list):
        cast("list[object]", roots).append(lambda: [(h, "an active canary") for h in deployments.router.hashes()])
