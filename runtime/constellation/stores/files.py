"""A pipeline store in a folder, safe against crashes and shared by processes.

    images/<structural hash>.json    one image each
    aliases.json                     name → hash
    syntactic_index.json             "<text hash>:<registry hash>" → hash
    versions/, canaries/             histories and canaries by name

Owns the layout and its repair. Refuses to verify or run programs. Invariant: an acknowledged image or alias is on disk;
whatever is damaged is named, set aside, and never keeps the store from opening.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import orjson

from constellation.errors import ConstellationError
from constellation.image.codec import decode_image, encode_image
from constellation.image.image import PipelineImage
from constellation.stores.durable import exclusive, remove_durably, remove_leftovers, stamp, write_durably
from constellation.stores.histories import FolderLog
from constellation.stores.protocols import ImageSummary, PipelineInUse, StoreError, UnknownImageError
from constellation.stores.references import check_alias, is_hash, split_reference
from constellation.stores.shared_json import SharedJson

FORMAT = {"format": "constellation-store", "formatVersion": 1}
_log = logging.getLogger("constellation.store")
T = TypeVar("T")


class ReadOnlyStore(StoreError):
    """A change was asked of a store that was opened to be read only."""

    default_code = "STORE_READ_ONLY"


class FileSystemPipelineStore:
    """Images, names and histories in a folder, made when it does not exist.

    `cache_size` images are kept parsed in memory. `max_images` bounds the folder: the least recently used image that no
    alias and no root refers to makes room. `read_only` refuses every change and creates nothing.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        *,
        read_only: bool = False,
        cache_size: int = 1000,
        max_images: int | None = None,
    ) -> None:
        self.directory = Path(directory)
        self.read_only = read_only
        self.roots: list[Callable[[], Iterable[tuple[str, str]]]] = []
        self.problems: list[str] = []
        self._max_images = max_images
        self._cache: OrderedDict[str, PipelineImage] = OrderedDict()
        self._cache_size = cache_size
        self._images = self.directory / "images"
        self._lock = self.directory / ".lock"
        self._writing = asyncio.Lock()
        self._aliases = SharedJson(self.directory / "aliases.json", self._lock, sync=True)
        older = self.directory / "syntactic-index.json"
        self._index = SharedJson(self.directory / "syntactic_index.json", self._lock, sync=False, alternative=older)
        self.version_log = FolderLog(self.directory / "versions", read_only=read_only)
        self.canary_log = FolderLog(self.directory / "canaries", read_only=read_only)
        self._open()

    def _open(self) -> None:
        if self.read_only:
            return
        self._images.mkdir(parents=True, exist_ok=True)
        for folder in (self.directory, self._images):
            remove_leftovers(folder)
        marker = self.directory / "store.json"
        if not marker.exists():
            write_durably(marker, orjson.dumps(FORMAT))

    async def _write(self, action: Callable[[], T]) -> T:
        """Do a change in a thread, one at a time; an error of the file system is the caller's."""
        if self.read_only:
            raise ReadOnlyStore("The pipeline store is read-only")
        async with self._writing:
            try:
                return await asyncio.to_thread(action)
            except OSError as problem:
                raise StoreError(f"The pipeline store cannot be written: {problem.strerror}") from problem

    # ------------------------------------------------------------------------------------------------ images

    async def store(self, image: PipelineImage) -> str:
        """Keep an image and return its hash, once it is on disk."""
        digest = image.structural_hash
        known = self._read(digest)
        if known is not None:
            filled = replace(known, source=known.source or image.source, name=known.name or image.name)
            if filled == known:
                self._touch(digest)
                return digest
            image = filled
        await self._write(lambda: write_durably(self._path(digest), encode_image(image)))
        self._remember(digest, image)
        if self._max_images is not None:
            await self._write(lambda: self._evict(digest))
        return digest

    def _path(self, digest: str) -> Path:
        if not is_hash(digest) or digest != digest.lower():
            raise StoreError(f"'{digest}' is not a structural hash")
        return self._images / f"{digest}.json"

    def _remember(self, digest: str, image: PipelineImage) -> None:
        self._cache[digest] = image
        self._cache.move_to_end(digest)
        while len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)

    def _read(self, digest: str) -> PipelineImage | None:
        """The image of a hash from memory or disk; a damaged file is set aside and named."""
        found = self._cache.get(digest)
        path = self._path(digest)
        if found is not None:
            if path.exists():
                self._cache.move_to_end(digest)
                return found
            del self._cache[digest]
            return None
        try:
            data = path.read_bytes()
        except OSError:
            return None
        try:
            image = decode_image(data)
            if image.structural_hash != digest:
                raise StoreError(f"the file holds image {image.structural_hash}")
        except (ConstellationError, ValueError, KeyError, TypeError) as problem:
            self._set_aside(path, getattr(problem, "message", None) or str(problem))
            return None
        self._remember(digest, image)
        return image

    def _set_aside(self, path: Path, why: str) -> None:
        report = f"image {path.stem} is damaged and was set aside: {why}"
        self.problems.append(report)
        _log.error("%s", report)
        if not self.read_only:
            target = self._images / "corrupt"
            target.mkdir(exist_ok=True)
            os.replace(path, target / path.name)

    def _touch(self, digest: str) -> None:
        """Note that an image was used, for eviction."""
        if self._max_images is not None and not self.read_only:
            path = self._path(digest)
            if path.exists():
                os.utime(path)

    def _evict(self, newest: str) -> None:
        paths = sorted(self._images.glob("*.json"), key=lambda p: p.stat().st_mtime_ns)
        surplus = len(paths) - (self._max_images or len(paths))
        used = {digest for digest, _ in self._users()} | {newest}
        for path in paths:
            if surplus <= 0:
                break
            if path.stem not in used:
                self._forget(path.stem)
                surplus -= 1

    def _users(self) -> Iterable[tuple[str, str]]:
        for name, digest in self._aliases.read().items():
            yield digest, f"alias '{name}'"
        for roots in self.roots:
            yield from roots()

    def _forget(self, digest: str) -> None:
        remove_durably(self._path(digest))
        self._cache.pop(digest, None)

        def edit(index: dict[str, str]) -> bool:
            stale = [key for key, found in index.items() if found == digest]
            for key in stale:
                del index[key]
            return bool(stale)

        self._index.change(edit)

    async def get(self, structural_hash: str) -> PipelineImage | None:
        """The image of a hash; its content was verified when it was read from disk."""
        image = self._read(structural_hash.lower()) if is_hash(structural_hash) else None
        if image is not None:
            self._touch(image.structural_hash)
        return image

    def peek(self, ref: str) -> PipelineImage | None:
        """The image of a reference without waiting, for the engine's fast path."""
        digest, name = split_reference(ref)
        found = digest if digest is not None else self._aliases.read().get(name)
        return None if found is None else self._read(found)

    async def list_images(self) -> list[ImageSummary]:
        """Every image, newest first."""
        digests = [p.stem for p in self._images.glob("*.json") if is_hash(p.stem)]
        images = [image for digest in digests if (image := self._read(digest)) is not None]
        images.sort(key=lambda i: i.compiled_at, reverse=True)
        return [ImageSummary.of(image) for image in images]

    async def remove(self, structural_hash: str, *, force: bool = False) -> bool:
        """Remove an image; False when absent. Raises `PipelineInUse` unless `force`, which also drops its names."""
        if not is_hash(structural_hash) or not self._path(structural_hash).exists():
            return False
        users = [user for digest, user in self._users() if digest == structural_hash]
        if users and not force:
            raise PipelineInUse(structural_hash, users)

        def drop_names(aliases: dict[str, str]) -> bool:
            stale = [name for name, digest in aliases.items() if digest == structural_hash]
            for name in stale:
                del aliases[name]
            return bool(stale)

        def action() -> None:
            self._aliases.change(drop_names)
            self._forget(structural_hash)

        await self._write(action)
        return True

    # ------------------------------------------------------------------------------------------------- names

    async def alias(self, name: str, structural_hash: str, *, expect: str | None = "") -> None:
        """Point a name at a stored image; on return the change is on disk."""
        check_alias(name)
        if not is_hash(structural_hash) or not self._path(structural_hash).exists():
            raise UnknownImageError(f"Pipeline '{structural_hash}' not found")

        def edit(aliases: dict[str, str]) -> bool:
            if expect != "" and aliases.get(name) != expect:
                raise StoreError(f"Alias '{name}' points to {aliases.get(name)}, expected {expect}")
            if aliases.get(name) == structural_hash:
                return False
            aliases[name] = structural_hash
            return True

        await self._write(lambda: self._aliases.change(edit))

    async def unalias(self, name: str) -> bool:
        """Forget a name; False when there was none."""
        if name not in self._aliases.read():
            return False
        await self._write(lambda: self._aliases.change(lambda aliases: aliases.pop(name, None) is not None))
        return True

    async def resolve(self, name: str) -> str | None:
        """The hash a name points at; None, with a report, when its image is gone."""
        digest = self._aliases.read().get(name)
        if digest is not None and not self._path(digest).exists():
            _log.warning("alias '%s' points to image %s, which is not in the store", name, digest)
            return None
        return digest

    async def resolve_ref(self, ref: str) -> str | None:
        """The hash of a reference: `sha256:…`, 64 hex digits, or a name."""
        digest, name = split_reference(ref)
        if digest is not None:
            return digest if self._path(digest).exists() else None
        return await self.resolve(name)

    async def list_aliases(self) -> dict[str, str]:
        """Every name with its hash."""
        return dict(self._aliases.read())

    async def get_by_name(self, name: str) -> PipelineImage | None:
        """The image a name points at."""
        digest = await self.resolve(name)
        return None if digest is None else await self.get(digest)

    # ------------------------------------------------------------------------------------------------- index

    async def index_syntactic(self, syntactic_hash: str, registry_hash: str, structural_hash: str) -> None:
        """Remember which image a source text compiles to. A cache: survives restarts, may lose its last entries."""
        key = f"{syntactic_hash}:{registry_hash}"

        def edit(index: dict[str, str]) -> bool:
            changed = index.get(key) != structural_hash
            index[key] = structural_hash
            return changed

        if self._index.read().get(key) != structural_hash and not self.read_only:
            await self._write(lambda: self._index.change(edit))

    async def lookup_syntactic(self, syntactic_hash: str, registry_hash: str) -> str | None:
        """The stored image a source text compiles to."""
        found = self._index.read().get(f"{syntactic_hash}:{registry_hash}")
        return found if found is not None and self._path(found).exists() else None

    async def stats(self) -> dict[str, int]:
        """Counts of what is stored, and the bytes of all images."""
        paths = list(self._images.glob("*.json"))
        return {
            "images": len(paths),
            "aliases": len(self._aliases.read()),
            "syntacticEntries": len(self._index.read()),
            "bytes": sum(s[2] for p in paths if (s := stamp(p)) is not None),
        }

    async def flush(self) -> None:
        """Wait for changes under way; nothing acknowledged is ever pending."""
        if not self.read_only:
            async with self._writing:
                with exclusive(self._lock):
                    pass
