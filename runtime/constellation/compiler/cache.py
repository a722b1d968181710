"""The compile cache in memory: by exact text, then by tokens.

Owns what is kept, for how long, and the statistics. Refuses to compile anything. Results of failed compilations are
kept like the others.

Invariant: an entry answers only for the text or tokens, the function table and the compiler version it was made for.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

__all__ = ["CompileCache", "CompileCacheStats"]

V = TypeVar("V")


class _Kept(NamedTuple, Generic[V]):
    value: V
    since: float
    token_key: tuple[str, str]


@dataclass(frozen=True, slots=True)
class CompileCacheStats:
    """Counts of a cache since the start. `loads` are compilations; `token_hits` and `store_hits` are hits, too."""

    hits: int
    misses: int
    size: int
    evictions: int
    loads: int
    token_hits: int
    store_hits: int

    @property
    def hit_rate(self) -> float:
        """Hits per question; 0 before the first."""
        asked = self.hits + self.misses
        return self.hits / asked if asked else 0.0

    @property
    def miss_rate(self) -> float:
        """Misses per question; 0 before the first."""
        asked = self.hits + self.misses
        return self.misses / asked if asked else 0.0


class CompileCache(Generic[V]):
    """At most `max_entries` results, each for at most `max_age` seconds (None: for ever), the least used leaving first.

    `clock` gives seconds; tests give their own. Threads may share a cache.
    """

    def __init__(
        self,
        max_entries: int = 100,
        max_age: float | None = 3600.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if max_entries < 1:
            raise ValueError("max_entries must be at least 1")
        self.max_entries = max_entries
        self.max_age = max_age
        self._clock = clock
        self._lock = threading.Lock()
        self._texts: OrderedDict[tuple[str, str], _Kept[V]] = OrderedDict()
        self._tokens: OrderedDict[tuple[str, str], tuple[str, str]] = OrderedDict()
        self._hits = self._misses = self._evictions = self._loads = self._token_hits = self._store_hits = 0

    def by_text(self, text_hash: str, fingerprint: str) -> V | None:
        """The result for exactly this text."""
        with self._lock:
            kept = self._fresh((text_hash, fingerprint))
            if kept is None:
                return None
            self._hits += 1
            return kept.value

    def by_tokens(self, token_hash: str, fingerprint: str) -> V | None:
        """The result for another text with the same tokens."""
        with self._lock:
            text_key = self._tokens.get((token_hash, fingerprint))
            kept = self._fresh(text_key) if text_key is not None else None
            if kept is None:
                return None
            self._hits += 1
            self._token_hits += 1
            return kept.value

    def missed(self) -> None:
        """Count a text that was in no level of the cache."""
        with self._lock:
            self._misses += 1

    def found_in_store(self) -> None:
        """Count a text that was not here but in the pipeline store."""
        with self._lock:
            self._hits += 1
            self._store_hits += 1

    def put(self, text_hash: str, token_hash: str, fingerprint: str, value: V, *, loaded: bool = True) -> None:
        """Keep a result. `loaded` says that it was compiled and not found at another level."""
        key, token_key = (text_hash, fingerprint), (token_hash, fingerprint)
        with self._lock:
            self._loads += loaded
            self._texts[key] = _Kept(value, self._clock(), token_key)
            self._texts.move_to_end(key)
            if token_hash:
                self._tokens[token_key] = key
            while len(self._texts) > self.max_entries:
                self._evictions += 1
                self._drop(next(iter(self._texts)))

    def invalidate(self, matches: Callable[[V], bool] | None = None) -> int:
        """Forget the results that match, all of them without a condition; how many there were."""
        with self._lock:
            doomed = [key for key, kept in self._texts.items() if matches is None or matches(kept.value)]
            for key in doomed:
                self._drop(key)
            return len(doomed)

    def stats(self) -> CompileCacheStats:
        """Counts since the start."""
        with self._lock:
            return CompileCacheStats(
                hits=self._hits,
                misses=self._misses,
                size=len(self._texts),
                evictions=self._evictions,
                loads=self._loads,
                token_hits=self._token_hits,
                store_hits=self._store_hits,
            )

    def statistics(self) -> dict[str, int | float]:
        """The same under the names the metrics endpoint uses."""
        seen = self.stats()
        return {
            "hits": seen.hits,
            "misses": seen.misses,
            "hitRate": seen.hit_rate,
            "missRate": seen.miss_rate,
            "size": seen.size,
            "entries": seen.size,
            "evictions": seen.evictions,
            "evictionCount": seen.evictions,
            "loadCount": seen.loads,
            "l2Hits": seen.token_hits,
            "storeHits": seen.store_hits,
        }

    def __len__(self) -> int:
        return len(self._texts)

    def _fresh(self, key: tuple[str, str]) -> _Kept[V] | None:
        kept = self._texts.get(key)
        if kept is None:
            return None
        if self.max_age is not None and self._clock() - kept.since > self.max_age:
            self._evictions += 1
            self._drop(key)
            return None
        self._texts.move_to_end(key)
        return kept

    def _drop(self, key: tuple[str, str]) -> None:
        kept = self._texts.pop(key)
        if self._tokens.get(kept.token_key) == key:
            del self._tokens[kept.token_key]
