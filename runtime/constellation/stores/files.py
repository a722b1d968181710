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
import contextlib
import errno
import logging
import os
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast

import orjson

from constellation.image.image import PipelineImage
from constellation.stores.durable import exclusive, exclusive_async, remove_leftovers, write_durably
from constellation.stores.histories import FolderLog
from constellation.stores.image_files import ImageFiles
from constellation.stores.memory import Roots, Spared
from constellation.stores.protocols import ImageSummary, PipelineInUse, ReadOnlyStore, StoreError, UnknownImageError
from constellation.stores.references import check_alias, is_hash, split_reference
from constellation.stores.shared_json import SharedJson

FORMAT = {"format": "constellation-store", "formatVersion": 1}
LARGE = 1000
"""Images from which on a store counts as large."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_log = logging.getLogger("constellation.store")
T = TypeVar("T")


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
        self.roots: list[Roots] = []
        self.spared: list[Spared] = []
        self.problems: list[str] = []
        self._max_images = max_images
        self._images = ImageFiles(
            self.directory / "images", read_only=read_only, cache_size=cache_size, report=self._report
        )
        self._lock = self.directory / ".lock"
        self._writing = asyncio.Lock()
        self._naming = asyncio.Lock()
        aliases, index, older = (
            self.directory / name for name in ("aliases.json", "syntactic_index.json", "syntactic-index.json")
        )
        self._aliases = SharedJson(aliases, self._lock, sync=True, read_only=read_only)
        self._index = SharedJson(index, self._lock, sync=False, alternative=older, read_only=read_only)
        self.version_log = FolderLog(self.directory / "versions", self._lock, read_only=read_only)
        self.canary_log = FolderLog(self.directory / "canaries", self._lock, read_only=read_only)
        self._open()

    def _open(self) -> None:
        """Make the folder what it has to be. Raises StoreError when that is impossible."""
        if self.read_only:
            return
        try:
            self._images.make()
            remove_leftovers(self.directory)
            if not (self.directory / "store.json").exists():
                self._mark()
            self._drop_dangling()
        except OSError as problem:
            message = f"The pipeline store {self.directory} cannot be opened: {problem.strerror}"
            raise StoreError(message) from problem

    def _drop_dangling(self) -> None:
        """Drop the names of images that are gone."""

        def edit(aliases: dict[str, str]) -> bool:
            gone = {name: digest for name, digest in aliases.items() if not self._images.has(digest)}
            for name, digest in gone.items():
                self._report(f"alias '{name}' pointed to image {digest}, which is not in the store, and was dropped")
                del aliases[name]
            return bool(gone)

        if not all(map(self._images.has, self._aliases.read().values())):
            self._aliases.change(edit)

    def _report(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)
            _log.error("%s", problem)

    def _mark(self) -> None:
        write_durably(self.directory / "store.json", orjson.dumps(FORMAT))

    async def probe(self) -> None:
        """Write something that changes nothing. Raises StoreError when the store cannot be written."""
        await self._write(self._mark)

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
        known = self._images.read(digest)
        if known is not None:
            filled = replace(known, source=known.source or image.source, name=known.name or image.name)
            if filled == known:
                self._touch(digest)
                return digest
            image = filled
        await self._write(lambda: self._images.write(image))
        self._images.remember(image)
        if self._max_images is not None:
            await self._write(lambda: self._evict(digest))
        return digest

    def _touch(self, digest: str) -> None:
        if self._max_images is not None:
            self._images.touch(digest)

    def _evict(self, newest: str) -> None:
        """Remove the least recently used images nobody refers to until the bound is kept."""
        with exclusive(self._lock):
            limit = self._max_images or 0
            surplus = len(digests := self._images.digests()) - limit
            if not limit or surplus <= 0:
                return
            # finding out what may go takes time in a large store, so a little more goes at once
            surplus += limit // 100 if limit >= LARGE else 0
            used = {digest for digest, _ in self._users()}.union({newest}, *(spared() for spared in self.spared))
            used.update(digest for digest in self._of_versions())
            doomed = [digest for digest in sorted(digests, key=self._images.last_used) if digest not in used][:surplus]
            for digest in doomed:
                self._images.drop(digest)
        self._unindex(set(doomed))

    def _users(self) -> Iterable[tuple[str, str]]:
        for name, digest in self._names().items():
            yield digest, f"alias '{name}'"
        for roots in self.roots:
            yield from roots()

    def _of_versions(self) -> Iterable[str]:
        """The images of every version, also of those that other processes made."""
        for document in self.version_log.load():
            entries: object = document.get("versions")
            for entry in cast("list[object]", entries) if isinstance(entries, list) else []:
                if isinstance(entry, dict):
                    yield str(cast("dict[str, object]", entry).get("structuralHash"))

    def _unindex(self, digests: set[str]) -> None:
        def edit(index: dict[str, str]) -> bool:
            stale = [key for key, found in index.items() if found in digests]
            for key in stale:
                del index[key]
            return bool(stale)

        try:
            self._index.change(edit)
        except OSError as problem:
            # what it says of images that are gone is not believed anyway
            _log.warning("the index of source texts cannot be written: %s", problem.strerror)

    def _names(self) -> dict[str, str]:
        try:
            return self._aliases.read()
        except OSError as problem:
            raise StoreError(f"the names of the pipeline store cannot be read: {problem.strerror}") from problem

    def _texts(self) -> dict[str, str]:
        """The index of source texts: a cache, so one that cannot be read at present knows nothing."""
        try:
            return self._index.read()
        except OSError as problem:
            _log.warning("the index of source texts cannot be read: %s", problem.strerror)
            return {}

    async def get(self, structural_hash: str) -> PipelineImage | None:
        """The image of a hash; its content was verified when it was read from disk."""
        image = self._images.read(structural_hash.lower()) if is_hash(structural_hash) else None
        if image is not None:
            self._touch(image.structural_hash)
        return image

    def peek(self, ref: str) -> PipelineImage | None:
        """The image of a reference without waiting, for the engine's fast path."""
        digest, name = split_reference(ref)
        found = digest if digest is not None else self._names().get(name)
        return self._images.read(found) if found is not None and is_hash(found) else None

    async def list_images(self) -> list[ImageSummary]:
        """Every image that can be read, newest first."""
        images: list[PipelineImage] = []
        for digest in self._images.digests():
            try:
                image = self._images.read(digest)
            except StoreError as problem:
                self._report(problem.message)
            else:
                images += [] if image is None else [image]
        images.sort(key=lambda i: i.compiled_at, reverse=True)
        return [ImageSummary.of(image) for image in images]

    async def list_hashes(self) -> list[str]:
        """The hash of every image file, without reading any."""
        return self._images.digests()

    async def remove(self, structural_hash: str, *, force: bool = False) -> bool:
        """Remove an image; False when absent. Raises `PipelineInUse` unless `force`, which also drops its names."""
        target = structural_hash.lower()
        if not self._images.has(target):
            return False
        users = [user for digest, user in self._users() if digest == target]
        if users and not force:
            raise PipelineInUse(target, users)

        def drop_names(aliases: dict[str, str]) -> bool:
            stale = [name for name, digest in aliases.items() if digest == target]
            for name in stale:
                del aliases[name]
            return bool(stale)

        def action() -> None:
            try:
                self._aliases.change(drop_names)
            except OSError as problem:
                if problem.errno not in _FULL:
                    raise
                # the image itself makes the room
                self._images.drop(target)
                self._aliases.change(drop_names)
            self._images.drop(target)
            self._unindex({target})

        await self._write(action)
        return True

    # ------------------------------------------------------------------------------------------------- names

    @contextlib.asynccontextmanager
    async def exclusively(self) -> AsyncGenerator[None]:
        """Inside the block no other process, and no other task of this one, is inside such a block."""
        if self.read_only:
            yield
            return
        async with self._naming, exclusive_async(self.directory / ".naming"):
            yield

    async def alias(self, name: str, structural_hash: str, *, expect: str | None = "") -> None:
        """Point a name at a stored image; on return the change is on disk."""
        check_alias(name)
        target = structural_hash.lower()

        def edit(aliases: dict[str, str]) -> bool:
            if not self._images.has(target):
                raise UnknownImageError(f"Pipeline '{structural_hash}' not found")
            if expect != "" and aliases.get(name) != expect:
                raise StoreError(f"Alias '{name}' points to {aliases.get(name)}, expected {expect}")
            if aliases.get(name) == target:
                return False
            aliases[name] = target
            return True

        await self._write(lambda: self._aliases.change(edit))

    async def unalias(self, name: str) -> bool:
        """Forget a name; False when there was none."""
        if name not in self._names():
            return False
        await self._write(lambda: self._aliases.change(lambda aliases: aliases.pop(name, None) is not None))
        return True

    async def resolve(self, name: str) -> str | None:
        """The hash a name points at; None, with a report, when its image is gone."""
        digest = self._names().get(name)
        if digest is not None and not self._images.has(digest):
            self._report(f"alias '{name}' points to image {digest}, which is not in the store")
            return None
        return digest

    async def resolve_ref(self, ref: str) -> str | None:
        """The hash of a reference: `sha256:…`, 64 hex digits, or a name."""
        digest, name = split_reference(ref)
        if digest is not None:
            return digest if self._images.has(digest) else None
        return await self.resolve(name)

    async def list_aliases(self) -> dict[str, str]:
        """Every name with its hash."""
        return dict(self._names())

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

        if self._texts().get(key) != structural_hash and not self.read_only:
            await self._write(lambda: self._index.change(edit))

    async def lookup_syntactic(self, syntactic_hash: str, registry_hash: str) -> str | None:
        """The stored image a source text compiles to."""
        found = self._texts().get(f"{syntactic_hash}:{registry_hash}")
        return found if found is not None and self._images.has(found) else None

    async def stats(self) -> dict[str, int]:
        """Counts of what is stored, and the bytes of all images."""
        digests = self._images.digests()
        return {
            "images": len(digests),
            "aliases": len(self._names()),
            "syntacticEntries": len(self._texts()),
            "bytes": sum(map(self._images.size, digests)),
        }

    async def flush(self) -> None:
        """Wait for changes under way; nothing acknowledged is ever pending."""
        if not self.read_only:
            async with self._writing:
                with exclusive(self._lock):
                    pass
