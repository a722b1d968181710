"""Keeping a local store in step with a server: central management, local execution.

Owns polling, conditional fetching and retrying. Refuses to run anything, and to touch names the server never had.
Invariant: a name is moved locally only after its image is stored locally, and a failing server leaves every local name
where it was.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Protocol, Self

import aiohttp

from constellation.errors import ConstellationError
from constellation.image.codec import CodecError
from constellation.image.image import PipelineImage
from constellation_server.codec import JsonError, loads

LOG: Final = logging.getLogger("constellation.registry")
PAGE: Final = 1000


class LocalStore(Protocol):
    """What is needed of the store that is kept in step."""

    def store(self, image: PipelineImage, /) -> Awaitable[str]:
        """Keep an image."""
        ...

    def alias(self, name: str, structural_hash: str, /) -> Awaitable[Any]:
        """Point a name at an image."""
        ...

    def unalias(self, name: str, /) -> Awaitable[bool]:
        """Drop a name."""
        ...

    def get(self, structural_hash: str, /) -> Awaitable[PipelineImage | None]:
        """An image, or None."""
        ...

    def list_aliases(self) -> Awaitable[Mapping[str, str]]:
        """Every name and its image."""
        ...


class RegistryError(Exception):
    """The server cannot be reached or does not answer as a registry."""


class UnusableImage(RegistryError):
    """One image the server has is gone, damaged, or of a later version."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one pass did: images fetched, names moved, names dropped because the server dropped them, and the names that
    stayed where they were because their image cannot be used."""

    fetched: int
    aliases: int
    dropped: int = 0
    skipped: tuple[str, ...] = ()


class RegistryClient:
    """A client of one server's pipeline registry. Use as an async context manager, or through `mirror_into`."""

    def __init__(self, url: str, *, api_key: str | None = None, timeout: float = 30.0) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key is not None else {}
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._client: aiohttp.ClientSession | None = None
        self._followed: dict[str, str] = {}
        """The names this client has pointed somewhere, and where."""

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession(headers=self._headers, timeout=self._timeout)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def pipelines(self) -> list[dict[str, Any]]:
        """The summaries of everything the server has."""
        found: list[dict[str, Any]] = []
        while True:
            page = await self._get(f"/pipelines?limit={PAGE}&offset={len(found)}")
            try:
                rows: list[dict[str, Any]] = list(page["pipelines"])
                total = int(page["total"])
            except (KeyError, TypeError, ValueError):
                raise RegistryError(f"{self._url} does not answer as a registry of pipelines") from None
            found += rows
            if not rows or len(found) >= total:
                return found

    async def image(self, structural_hash: str) -> PipelineImage:
        """One image; its hash is verified. Raises `UnusableImage` when there is none that can be used."""
        document = await self._get(f"/pipelines/{structural_hash}?include=image")
        try:
            image = PipelineImage.from_json(document)
        except (CodecError, AttributeError) as problem:
            raise UnusableImage(f"image {structural_hash} cannot be used: {problem}") from None
        if image.structural_hash != structural_hash:
            raise UnusableImage(f"the server sent another image than {structural_hash}")
        return image

    async def _names(self) -> dict[str, str]:
        try:
            return {
                str(alias): str(row["structuralHash"]) for row in await self.pipelines() for alias in row["aliases"]
            }
        except (KeyError, TypeError):
            raise RegistryError(f"{self._url} does not answer as a registry of pipelines") from None

    async def sync(self, store: LocalStore) -> SyncReport:
        """Bring a local store up to date once: fetch unknown named images, then move names, then drop those that the
        server has dropped since an earlier pass of this client."""
        wanted = await self._names()
        fetched, unusable = 0, set[str]()
        for structural_hash in dict.fromkeys(wanted.values()):
            if await store.get(structural_hash) is not None:
                continue
            try:
                await store.store(await self.image(structural_hash))
                fetched += 1
            except UnusableImage as problem:
                LOG.warning("%s; its names stay as they are", problem)
                unusable.add(structural_hash)
        present = await store.list_aliases()
        usable = {name: digest for name, digest in wanted.items() if digest not in unusable}
        moved = {name: digest for name, digest in usable.items() if present.get(name) != digest}
        for name, structural_hash in moved.items():
            await store.alias(name, structural_hash)
        gone = [name for name, digest in self._followed.items() if name not in wanted and present.get(name) == digest]
        for name in gone:
            await store.unalias(name)
        self._followed = {name: self._followed.get(name, "") for name in wanted} | usable
        return SyncReport(fetched, len(moved), len(gone), tuple(sorted(wanted.keys() - usable.keys())))

    @asynccontextmanager
    async def mirror_into(self, store: LocalStore, *, every: float = 60.0) -> AsyncGenerator[RegistryClient]:
        """Sync once now (a failure raises), then every so many seconds in the background (a failure is logged)."""
        async with self:
            await self.sync(store)
            keeper = asyncio.create_task(self._keep(store, every))
            try:
                yield self
            finally:
                keeper.cancel()
                await asyncio.gather(keeper, return_exceptions=True)

    async def _keep(self, store: LocalStore, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            try:
                await self.sync(store)
            except (RegistryError, ConstellationError, OSError) as problem:
                LOG.warning("the registry at %s was not synchronised: %s", self._url, problem)

    async def _get(self, path: str) -> Any:
        if self._client is None:
            raise RuntimeError("use the client inside `async with`")
        try:
            async with self._client.get(self._url + path) as response:
                body = await response.read()
                if response.status != 200:
                    kind = UnusableImage if response.status == 404 and "include=image" in path else RegistryError
                    raise kind(f"{path.partition('?')[0]} answered {response.status}")
                return loads(body)
        except TimeoutError:
            raise RegistryError(f"{self._url} cannot be read: no answer in time") from None
        except (aiohttp.ClientError, JsonError) as problem:
            raise RegistryError(f"{self._url} cannot be read: {problem}") from None
