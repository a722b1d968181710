"""A pipeline store that can only be read, with a layer in memory for what is new.

Owns the order of the layers: memory first, then the folder. Refuses to write to the folder. Invariant: what the folder
holds is served as it is; what is stored, named or dropped here lasts as long as the process.
"""

from __future__ import annotations

from constellation.image.image import PipelineImage
from constellation.stores.files import FileSystemPipelineStore
from constellation.stores.memory import InMemoryPipelineStore
from constellation.stores.protocols import ImageSummary, PipelineInUse, ReadOnlyStore, StoreError, UnknownImageError


class ReadOnlyOverlay:
    """A `PipelineStore` over a read-only one."""

    def __init__(self, below: FileSystemPipelineStore, *, max_images: int | None = None) -> None:
        self.below = below
        self.version_log = below.version_log
        self.canary_log = below.canary_log
        self.above = InMemoryPipelineStore(max_images=max_images)
        self._moved: dict[str, str | None] = {}
        """Names that no longer stand where the folder says; None: dropped."""
        self.above.spared.append(lambda: [digest for digest in self._moved.values() if digest is not None])
        self.roots, self.spared = self.above.roots, self.above.spared

    async def store(self, image: PipelineImage) -> str:
        """Keep an image in memory, unless the folder has it."""
        if await self.below.get(image.structural_hash) is not None:
            return image.structural_hash
        return await self.above.store(image)

    async def get(self, structural_hash: str) -> PipelineImage | None:
        """The image of a hash, from either layer."""
        return await self.above.get(structural_hash) or await self.below.get(structural_hash)

    async def alias(self, name: str, structural_hash: str, *, expect: str | None = "") -> None:
        """Point a name at an image of either layer, in memory."""
        if await self.get(structural_hash) is None:
            raise UnknownImageError(f"Pipeline '{structural_hash}' not found")
        present = await self.resolve(name)
        if expect != "" and present != expect:
            raise StoreError(f"Alias '{name}' points to {present}, expected {expect}")
        self._moved[name] = structural_hash

    async def unalias(self, name: str) -> bool:
        """Forget a name, in memory."""
        known = await self.resolve(name) is not None
        self._moved[name] = None
        return known

    async def resolve(self, name: str) -> str | None:
        """The hash a name points at."""
        return self._moved[name] if name in self._moved else await self.below.resolve(name)

    async def resolve_ref(self, ref: str) -> str | None:
        """The hash of a reference."""
        if ref in self._moved:
            return self._moved[ref]
        return await self.above.resolve_ref(ref) or await self.below.resolve_ref(ref)

    async def list_aliases(self) -> dict[str, str]:
        """Every name with its hash."""
        merged = {**await self.below.list_aliases(), **self._moved}
        return {name: digest for name, digest in merged.items() if digest is not None}

    async def get_by_name(self, name: str) -> PipelineImage | None:
        """The image a name points at."""
        digest = await self.resolve(name)
        return None if digest is None else await self.get(digest)

    async def list_images(self) -> list[ImageSummary]:
        """Every image of both layers, newest first."""
        found = [*await self.above.list_images(), *await self.below.list_images()]
        return sorted(found, key=lambda image: image.compiled_at, reverse=True)

    async def list_hashes(self) -> list[str]:
        """The hash of every image of both layers."""
        return [*await self.above.list_hashes(), *await self.below.list_hashes()]

    async def remove(self, structural_hash: str, *, force: bool = False) -> bool:
        """Remove an image from memory; one of the folder cannot be removed."""
        if await self.below.get(structural_hash) is not None:
            raise ReadOnlyStore("The pipeline store is read-only")
        names = [name for name, digest in self._moved.items() if digest == structural_hash]
        if names and not force:
            raise PipelineInUse(structural_hash, [f"alias '{name}'" for name in names])
        removed = await self.above.remove(structural_hash, force=force)
        self._moved.update(dict.fromkeys(names))
        return removed

    async def index_syntactic(self, syntactic_hash: str, registry_hash: str, structural_hash: str) -> None:
        """Remember which image a source text compiles to, in memory."""
        await self.above.index_syntactic(syntactic_hash, registry_hash, structural_hash)

    async def lookup_syntactic(self, syntactic_hash: str, registry_hash: str) -> str | None:
        """The image a source text compiles to."""
        found = await self.above.lookup_syntactic(syntactic_hash, registry_hash)
        return found or await self.below.lookup_syntactic(syntactic_hash, registry_hash)

    async def stats(self) -> dict[str, int]:
        """Counts over both layers."""
        above, below = await self.above.stats(), await self.below.stats()
        merged = {name: above.get(name, 0) + below.get(name, 0) for name in {*above, *below}}
        return {**merged, "aliases": len(await self.list_aliases())}

    async def flush(self) -> None:
        """Nothing waits to be written."""
