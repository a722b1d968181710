"""Results of module calls, kept for a while.

Owns the key of a call, the back-ends, time to live and sharing of computations under way. Refuses to decide which calls
are cached (`calls.py`).

Invariant: only values a module returned are kept: never an error, never a substitute for one.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import orjson

from constellation.engine.clock import Clock, Limit
from constellation.engine.plan import Unset
from constellation.image.canonical import canonical_json
from constellation.types.model import Type
from constellation.types.tagged import TaggedError, from_tagged, to_tagged

log = logging.getLogger("constellation.cache")

DEFAULT_TTL: Final = 300.0

PATIENCE: Final = 2.5
"""Seconds a call waits for a back-end; then it goes on without."""


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A kept value. Times are seconds of the back-end's clock; `expires_at` None is never."""

    value: Any
    created_at: float
    expires_at: float | None


@dataclass(slots=True)
class CacheStats:
    """Counts of a back-end."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0
    size: int = 0
    max_size: int | None = None

    @property
    def hit_rate(self) -> float:
        """Hits among lookups, 0 when there were none."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else 0.0

    hit_ratio = hit_rate

    def to_json(self) -> dict[str, float | None]:
        """The counts under their wire names."""
        return {
            "hits": self.hits,
            "misses": self.misses,
            "hitRate": self.hit_rate,
            "evictions": self.evictions,
            "size": self.size,
            "maxSize": self.max_size,
        }

    @property
    def entries(self) -> int:
        """The same as `size`."""
        return self.size


class CacheBackend(Protocol):
    """Where results are kept: bytes under a text key. `ttl` is seconds."""

    async def get(self, key: str) -> bytes | None: ...

    async def set(self, key: str, value: bytes, ttl: float) -> None: ...

    async def delete(self, key: str) -> bool: ...

    async def clear(self) -> None: ...

    def stats(self) -> CacheStats: ...


class InMemoryCache:
    """Least recently used results in this process. Keeps values as they are: nothing is encoded."""

    def __init__(self, max_size: int = 1000, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: OrderedDict[str, CacheEntry] = OrderedDict()
        self._stats = CacheStats(max_size=max_size)
        self._max_size = max_size

    def use_clock(self, clock: Callable[[], float]) -> None:
        """Measure ages on another clock: the engine's."""
        self._clock = clock

    def look_up(self, key: str) -> CacheEntry | None:
        """The entry of a key if it is still good."""
        entry = self._entries.get(key)
        if entry is not None and entry.expires_at is not None and entry.expires_at <= self._clock():
            del self._entries[key]
            self._stats.evictions += 1
            entry = None
        if entry is None:
            self._stats.misses += 1
            return None
        self._entries.move_to_end(key)
        self._stats.hits += 1
        return entry

    def keep(self, key: str, value: Any, ttl: float) -> None:
        """Keep a value for `ttl` seconds."""
        now = self._clock()
        known = self._entries.pop(key, None)
        if known is None and len(self._entries) >= self._max_size:
            self._entries.popitem(last=False)
            self._stats.evictions += 1
        self._entries[key] = CacheEntry(value, now, now + ttl)

    async def get(self, key: str) -> Any:
        """The value of a key, None when there is none."""
        entry = self.look_up(key)
        return None if entry is None else entry.value

    async def set(self, key: str, value: Any, ttl: float) -> None:
        """Keep a value for `ttl` seconds."""
        self.keep(key, value, ttl)

    async def delete(self, key: str) -> bool:
        """Forget a key; False when there was none."""
        return self._entries.pop(key, None) is not None

    async def clear(self, prefix: str = "") -> None:
        """Forget every key with a prefix."""
        for key in [k for k in self._entries if k.startswith(prefix)]:
            del self._entries[key]

    async def contains(self, key: str) -> bool:
        """Whether a key has a good value; counts nothing."""
        entry = self._entries.get(key)
        return entry is not None and (entry.expires_at is None or entry.expires_at > self._clock())

    def stats(self) -> CacheStats:
        """Counts since the start."""
        self._stats.size = len(self._entries)
        return self._stats


def call_key(
    module: str,
    version: tuple[int, int],
    names: Sequence[str],
    types: Sequence[Type],
    values: Sequence[Any],
    own: Callable[[Mapping[str, object]], str] | None,
) -> str | None:
    """The key of a call: module, version and arguments. None for arguments that have no canonical form."""
    if own is not None:
        inputs: object = own(dict(zip(names, values, strict=True)))
    else:
        try:
            inputs = {
                name: _canonical(to_tagged(value, type_))
                for name, type_, value in zip(names, types, values, strict=True)
            }
        except (TaggedError, TypeError, KeyError, AttributeError):
            return None
    text = canonical_json(["m", module, "v", version[0], version[1], "i", inputs])
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return f"module:{module}:{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _canonical(tagged: Any) -> Any:
    """Tagged JSON whose maps have their entries in a fixed order."""
    if isinstance(tagged, list):
        return [_canonical(item) for item in tagged]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(tagged, dict):
        inner: dict[str, Any] = {k: _canonical(v) for k, v in tagged.items()}  # pyright: ignore[reportUnknownVariableType]
        if inner.get("tag") == "CMap":
            inner["value"] = sorted(inner["value"], key=canonical_json)
        return inner
    return tagged


class ResultCache:
    """The caches of an engine by name, and the computations under way."""

    def __init__(self, default: CacheBackend | None, clock: Clock) -> None:
        if isinstance(default, InMemoryCache):
            default.use_clock(clock.now)
        self._clock = clock
        self.configured = default is not None
        self.default: Any = default if default is not None else InMemoryCache(clock=clock.now)
        self._backends: dict[str, Any] = {}
        self._running: dict[str, asyncio.Future[Any]] = {}
        self._warned: set[str] = set()
        self.errors = 0
        self.coalesced = 0

    def register(self, name: str, backend: CacheBackend) -> None:
        """Make a back-end available to `cache_backend:`."""
        self._backends[name] = backend

    @property
    def names(self) -> tuple[str, ...]:
        """The names `cache_backend:` may use, sorted. `memory` is always there: the default one, unless registered."""
        return tuple(sorted({"memory", *self._backends}))

    def backend(self, name: str | None) -> Any:
        """The back-end of a name; an unknown one is the default, with one line in the log."""
        if name is None:
            return self.default
        found = self._backends.get(name)
        if found is None:
            if name not in self._warned and name != "memory":
                self._warned.add(name)
                log.warning("Unknown cache backend '%s', using the default one", name)
            return self.default
        return found

    async def get_or_compute(
        self, backend: Any, key: str, ttl: float, type_: Type, compute: Callable[[], Awaitable[Any]]
    ) -> tuple[Any, bool]:
        """The value of a key, and whether it was found. Concurrent callers of one key share one computation."""
        while True:
            found, value = await self._get(backend, key)
            if found:
                return value, True
            running = self._running.get(key)
            if running is None:
                break
            self.coalesced += 1
            try:
                return await asyncio.shield(running), True
            except asyncio.CancelledError:
                task = asyncio.current_task()
                if not running.cancelled() or (task is not None and task.cancelling()):
                    raise
        return await self._lead(backend, key, ttl, type_, compute), False

    async def _lead(
        self, backend: Any, key: str, ttl: float, type_: Type, compute: Callable[[], Awaitable[Any]]
    ) -> Any:
        running: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._running[key] = running
        try:
            value = await compute()
            await self._set(backend, key, value, ttl, type_)
        except asyncio.CancelledError:
            running.cancel()
            raise
        except BaseException as error:
            running.set_exception(error)
            running.exception()  # followers may be none
            raise
        finally:
            del self._running[key]
        running.set_result(value)
        return value

    async def _get(self, backend: Any, key: str) -> tuple[bool, Any]:
        if isinstance(backend, InMemoryCache):
            entry = backend.look_up(key)
            return (False, None) if entry is None else (True, entry.value)
        try:
            async with Limit(self._clock, PATIENCE):
                data = await backend.get(key)
            return (False, None) if data is None else (True, from_tagged(orjson.loads(data))[0])
        except Exception:
            self.errors += 1
            log.warning("Cache lookup failed", exc_info=True)
            return False, None

    async def _set(self, backend: Any, key: str, value: Any, ttl: float, type_: Type) -> None:
        if isinstance(backend, InMemoryCache):
            backend.keep(key, value, ttl)
            return
        try:
            data = orjson.dumps(to_tagged(value, type_))
            async with Limit(self._clock, PATIENCE):
                await backend.set(key, data, ttl)
        except Exception:
            self.errors += 1
            log.warning("Cache write failed", exc_info=True)

    async def invalidate(self, module: str | None = None) -> None:
        """Forget the results of one module, or all, in every in-memory back-end; others are cleared."""
        for backend in [self.default, *self._backends.values()]:
            if isinstance(backend, InMemoryCache):
                await backend.clear(f"module:{module}:" if module else "")
            elif module is None:
                await backend.clear()


def automatic_ttl(given: float | Unset | None, configured: bool) -> float | None:
    """Seconds results are kept without a `cache` option: none at all unless a back-end or a time is given."""
    if isinstance(given, Unset):
        return DEFAULT_TTL if configured else None
    return given
