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
from constellation_server.problems import Conflict, NotFound, Unavailable

if TYPE_CHECKING:
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
def storing() -> Generator[None]:
    """Translate a store that cannot write."""
    try:
        yield
    except (OSError, StoreError):
        LOG.exception("the store cannot be written")
        raise Unavailable("The store cannot be written at present; nothing was changed") from None


async def keep_image(state: ServerState, image: PipelineImage) -> PipelineImage:
    """Store an image. Returns the stored one, so that differently laid out sources share one plan."""
    with storing():
        digest = await state.engine.pipelines.store(image)
    return await state.engine.pipelines.get(digest) or image
