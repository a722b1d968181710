"""What deployment operations fail with, as answers.

Owns the translation of the versions package's exceptions and of failing stores. Invariant: a store that cannot write is
503 and never a success.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from constellation.stores.protocols import StoreError
from constellation.versions import CanaryConflict, NoSuchVersion
from constellation_server.compilation import remember
from constellation_server.problems import Conflict, NotFound, Unavailable

if TYPE_CHECKING:
    from constellation.compiler.compiler import Compilation
    from constellation.image.image import PipelineImage
    from constellation_server.state import ServerState

LOG: Final = logging.getLogger("constellation.server")


@contextmanager
def conflicts() -> Generator[None]:
    """Translate what versions and canaries refuse."""
    try:
        yield
    except CanaryConflict as problem:
        raise Conflict(str(problem), code="CanaryConflict") from None
    except NoSuchVersion as problem:
        raise NotFound(str(problem)) from None


@contextmanager
def storing(state: ServerState) -> Generator[None]:
    """Translate a store that cannot write; until it can again, the server is not ready."""
    try:
        yield
        state.store_writable = True
    except (OSError, StoreError):
        state.store_writable = False
        LOG.exception("the store cannot be written")
        raise Unavailable("The store cannot be written at present; nothing was changed") from None


async def keep_image(state: ServerState, compilation: Compilation, image: PipelineImage) -> PipelineImage:
    """Store an image. Returns the stored one, so that differently laid out sources share one plan."""
    with storing(state):
        digest = await state.engine.pipelines.store(image)
        await remember(state, compilation)
    return await state.engine.pipelines.get(digest) or image
