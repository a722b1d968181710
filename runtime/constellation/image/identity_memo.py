"""Results remembered by the identity of an immutable object.

Owns the table and its bound. Refuses equality: two equal expressions are computed twice, which is cheaper than
comparing them.

Invariant: an object whose result is remembered is kept alive, so its id means it and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

LIMIT: Final = 50_000


class IdentityMemo(Generic[K, V]):
    """`memo(x)` is `compute(x)`, computed once while `x` is remembered. Threads may share one."""

    def __init__(self, compute: Callable[[K], V]) -> None:
        self._compute = compute
        self._known: dict[int, tuple[K, V]] = {}

    def __call__(self, item: K) -> V:
        found = self._known.get(id(item))
        if found is not None:
            return found[1]
        value = self._compute(item)
        if len(self._known) >= LIMIT:
            for key in list(self._known)[: LIMIT // 2]:
                self._known.pop(key, None)
        self._known[id(item)] = item, value
        return value
