"""What keeps an image from being forgotten.

Invariant: a store that can forget images asks its roots first.
"""

from __future__ import annotations

from typing import cast

from constellation.stores.protocols import PipelineStore, SuspensionStore


def protect_images(pipelines: PipelineStore, suspensions: SuspensionStore) -> None:
    """Let a pipeline store that has `roots` know which images the stored executions need."""
    roots, in_use = getattr(pipelines, "roots", None), getattr(suspensions, "in_use", None)
    if isinstance(roots, list) and in_use is not None and in_use not in roots:
        cast("list[object]", roots).append(in_use)
