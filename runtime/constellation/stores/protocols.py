"""What the engine asks of a store.

Owns the two protocols and the errors every implementation raises. Refuses to say where data lies.

Invariant: what a store has acknowledged is what it answers afterwards; a refused call changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from constellation.errors import ConstellationError
from constellation.image.image import PipelineImage
from constellation.stores.suspension import SuspendedExecution, SuspensionSummary


class StoreError(ConstellationError):
    """A store could not do what it was asked."""

    default_code = "STORE"
    default_category = "storage"


class ReadOnlyStore(StoreError):
    """A change was asked of a store that was opened to be read only."""

    default_code = "STORE_READ_ONLY"


class UnknownImageError(StoreError):
    """An alias was to point at an image that is not stored."""

    default_code = "PIPELINE_NOT_FOUND"


class PipelineInUse(StoreError):
    """An image cannot be removed because something refers to it; `users` names what."""

    default_code = "PIPELINE_IN_USE"

    def __init__(self, structural_hash: str, users: Sequence[str]) -> None:
        super().__init__(f"Pipeline {structural_hash} is in use by {', '.join(users)}")
        self.users = tuple(users)


class RevisionConflict(StoreError):
    """Somebody saved the same execution in between."""

    default_code = "REVISION_CONFLICT"


@dataclass(frozen=True, slots=True)
class ImageSummary:
    """One stored image without its program."""

    structural_hash: str
    syntactic_hash: str
    name: str | None
    compiled_at: str
    inputs: dict[str, str]
    outputs: dict[str, str]

    @classmethod
    def of(cls, image: PipelineImage) -> ImageSummary:
        """The summary of an image."""
        return cls(
            image.structural_hash, image.syntactic_hash, image.name, image.compiled_at, image.inputs, image.outputs
        )


class PipelineStore(Protocol):
    """Images by structural hash, names for them, and an index from source texts to them."""

    async def store(self, image: PipelineImage) -> str:
        """Keep an image and return its hash; keeping it again fills in an absent source or name."""
        ...

    async def alias(self, name: str, structural_hash: str, *, expect: str | None = "") -> None:
        """Point a name at a stored image. With `expect` other than "", only if it points there now (None: nowhere)."""
        ...

    async def unalias(self, name: str) -> bool:
        """Forget a name; False when there was none."""
        ...

    async def resolve(self, name: str) -> str | None:
        """The hash a name points at."""
        ...

    async def resolve_ref(self, ref: str) -> str | None:
        """The hash of a reference: `sha256:…`, 64 hex digits, or a name."""
        ...

    async def list_aliases(self) -> dict[str, str]:
        """Every name with its hash."""
        ...

    async def get(self, structural_hash: str) -> PipelineImage | None:
        """The image of a hash."""
        ...

    async def get_by_name(self, name: str) -> PipelineImage | None:
        """The image a name points at."""
        ...

    async def list_images(self) -> list[ImageSummary]:
        """Every image, newest first."""
        ...

    async def list_hashes(self) -> list[str]:
        """The hash of every image, without reading any."""
        ...

    async def remove(self, structural_hash: str, *, force: bool = False) -> bool:
        """Remove an image; False when absent. Raises `PipelineInUse` unless `force`, which also drops its names."""
        ...

    async def index_syntactic(self, syntactic_hash: str, registry_hash: str, structural_hash: str) -> None:
        """Remember which image a source text compiles to."""
        ...

    async def lookup_syntactic(self, syntactic_hash: str, registry_hash: str) -> str | None:
        """The stored image a source text compiles to."""
        ...

    async def stats(self) -> dict[str, int]:
        """Counts: `images`, `aliases`, `syntacticEntries`, `bytes`."""
        ...

    async def flush(self) -> None:
        """Wait until everything acknowledged is as durable as the store can make it."""
        ...


@dataclass(frozen=True, slots=True)
class SuspensionFilter:
    """Conditions of a list, all of which must hold."""

    structural_hash: str | None = None
    execution_id: str | None = None
    min_resumption_count: int | None = None
    max_resumption_count: int | None = None
    created_before: str | None = None
    created_after: str | None = None
    pipeline_name: str | None = None
    status: str | None = None

    def matches(self, state: SuspendedExecution) -> bool:
        """Whether a state fulfils every condition."""
        return (
            self.structural_hash in (None, state.structural_hash)
            and self.execution_id in (None, state.execution_id)
            and self.pipeline_name in (None, state.pipeline_name)
            and self.status in (None, state.status)
            and (self.min_resumption_count is None or state.resumption_count >= self.min_resumption_count)
            and (self.max_resumption_count is None or state.resumption_count <= self.max_resumption_count)
            and (self.created_before is None or state.created_at < self.created_before)
            and (self.created_after is None or state.created_at > self.created_after)
        )


class SuspensionStore(Protocol):
    """Suspended executions by id, with one writer at a time per id."""

    async def save(self, state: SuspendedExecution, *, expected_revision: int | None = None) -> int:
        """Keep a state and return its new revision.

        With `expected_revision` (0: not stored yet), raises `RevisionConflict` when another revision is stored.
        """
        ...

    async def load(self, execution_id: str) -> SuspendedExecution | None:
        """The state of an id, None when there is none or it has expired."""
        ...

    async def delete(self, execution_id: str, *, expected_revision: int | None = None) -> bool:
        """Forget an execution; False when there was none. Raises `RevisionConflict` like `save`."""
        ...

    async def list(
        self, filter: SuspensionFilter | None = None, *, limit: int = 100, cursor: str | None = None
    ) -> Sequence[SuspensionSummary]:
        """Summaries, newest first, after the one whose id is `cursor`."""
        ...

    async def acquire(self, execution_id: str, owner: str, ttl: float = 60.0) -> bool:
        """Take the right to resume an execution for `ttl` seconds; False while somebody else has it."""
        ...

    async def renew(self, execution_id: str, owner: str, ttl: float = 60.0) -> bool:
        """Keep the right longer; False when it was lost."""
        ...

    async def release(self, execution_id: str, owner: str) -> None:
        """Give the right back."""
        ...
