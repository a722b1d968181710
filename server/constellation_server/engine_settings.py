"""What a server's configuration means for the engine it serves: stores and caches.

Owns the translation. Refuses to make the engine (the command line adds modules). Invariant: everything the
configuration says about durability is here; an engine made with these arguments needs nothing else from it.
"""

from __future__ import annotations

import os
from typing import Any

from constellation.compiler.cache import CompileCache
from constellation.engine.scheduler import GlobalScheduler
from constellation.stores.files import FileSystemPipelineStore
from constellation.stores.memory import InMemoryPipelineStore, InMemorySuspensionStore
from constellation_server.config import ServerConfig
from constellation_server.overlay import ReadOnlyOverlay


def engine_arguments(config: ServerConfig) -> dict[str, Any]:
    """Keyword arguments of `Constellation`. Raises StoreError when a store cannot be opened."""
    cache = CompileCache[Any](config.cache_max_entries, config.cache_ttl) if config.cache_max_entries else None
    arguments: dict[str, Any] = {"compile_cache": cache}
    limit = config.max_pipelines or None
    if config.pipeline_store is None:
        arguments["pipeline_store"] = InMemoryPipelineStore(max_images=limit)
    else:
        folder = config.pipeline_store
        if folder.exists() and not os.access(folder, os.W_OK):
            below = FileSystemPipelineStore(folder, read_only=True)
            arguments["pipeline_store"] = ReadOnlyOverlay(below, max_images=limit)
        else:
            arguments["pipeline_store"] = FileSystemPipelineStore(folder, max_images=limit)
    arguments["suspension_store"] = InMemorySuspensionStore()
    bound = config.scheduler_bound
    if bound is not None:
        arguments["scheduler"] = GlobalScheduler.bounded(
            max_concurrency=bound,
            max_queue_size=config.scheduler_max_queue_size,
            starvation_timeout=config.scheduler_starvation_timeout,
        )
    return arguments
