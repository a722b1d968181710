"""What deployment operations fail with, as answers.

Owns the translation of the versions package's exceptions and of failing stores. Invariant: a store that cannot write is
503 and never a success.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from constellation.stores.protocols import ReadOnlyStore, StoreError, UnknownImageError
from constellation.versions import CanaryConflict, NoSuchVersion
from constellation_server.compilation import remember
from constellation_server.problems import Conflict, NotFound, Unavailable

if TYPE_CHECKING:
    from constellation.compiler.compiler import Compilation
    from constellation.image.image import PipelineImage
    from constellation_server.state import ServerState

LOG: Final = logging.getLogger("constellation.server")


@asynccontextmanager
async def storing(state: ServerState) -> AsyncGenerator[None]:
    """Translate what versions, canaries and stores refuse. Until a store that failed can be written, the server is not
    ready."""
    try:
        yield
    except CanaryConflict as problem:
        raise Conflict(str(problem), code="CanaryConflict") from None
    except NoSuchVersion as problem:
        raise NotFound(str(problem)) from None
    except ReadOnlyStore as problem:
        raise Unavailable(problem.message) from None
    except UnknownImageError as problem:
        raise NotFound(problem.message) from None
    except (OSError, StoreError):
        state.store_writable = False
        LOG.exception("the store cannot be written")
        raise Unavailable("The store cannot be written at present; nothing was changed") from None
    if not state.store_writable:
        await try_store(state)


async def try_store(state: ServerState) -> None:
    """Find out whether a store that could not be written can be written again.

    A server that is not ready gets no requests to find it out with.
    """
    probe: Callable[[], Awaitable[None]] | None = getattr(state.engine.pipelines, "probe", None)
    try:
        if probe is not None:
            await probe()
    except (OSError, StoreError):
        return
    state.store_writable = True
    LOG.info("the store can be written again")


async def keep_image(state: ServerState, compilation: Compilation, image: PipelineImage) -> PipelineImage:
    """Store an image. Returns the stored one, so that differently laid out sources share one plan."""
    async with storing(state):
        digest = await state.engine.pipelines.store(image)
        await remember(state, compilation)
    return await state.engine.pipelines.get(digest) or image
