"""Did you mean: names that look like the one that was not found.

Owns similarity. Refuses to know where candidates come from.

Invariant: the answer depends on the name and the candidates alone; ties keep the candidates' order.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

__all__ = ["MOST", "edit_distance", "similar_names"]

MOST = 3
"""How many names are suggested at most."""


def similar_names(name: str, candidates: Iterable[str], most: int = MOST) -> list[str]:
    """At most three candidates close to a name, closest first; names that differ only in case come before all.

    Close means an edit distance of at most 2 ignoring case, at most 1 for names of up to 4 characters; a name of one
    character is close only to its other case.
    """
    return list(_similar(name, tuple(candidates), most))


@lru_cache(maxsize=256)  # an editor asks the same again at every keystroke
def _similar(name: str, candidates: tuple[str, ...], most: int) -> tuple[str, ...]:
    if not name or len(name) > 200:
        return ()
    limit = 2 if len(name) > 4 else min(len(name) - 1, 1)
    lowered = name.lower()
    letters = set(lowered)
    found: list[tuple[int, int, int, str]] = []
    least, largest = len(name) - limit, len(name) + limit
    for position, candidate in enumerate(candidates):
        if candidate == name or not least <= len(candidate) <= largest:
            continue
        other = candidate.lower()
        if len(letters.difference(other)) > limit:
            continue
        distance = edit_distance(lowered, other, limit)
        if distance <= limit:
            found.append((distance, edit_distance(name, candidate, largest), position, candidate))
    found.sort(key=lambda entry: entry[:3])
    return tuple(candidate for _, _, _, candidate in found[:most])


def edit_distance(left: str, right: str, limit: int) -> int:
    """How many letters to change, add, drop or swap with the next; `limit + 1` when it is more than `limit`."""
    if left == right:
        return 0
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    start, shorter = 0, min(len(left), len(right))
    while start < shorter and left[start] == right[start]:
        start += 1
    end = 0
    while end < shorter - start and left[-1 - end] == right[-1 - end]:
        end += 1
    left, right = left[start : len(left) - end], right[start : len(right) - end]
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for row, mine in enumerate(left, 1):
        current = [row]
        for column, theirs in enumerate(right, 1):
            cost = min(previous[column - 1] + (mine != theirs), previous[column] + 1, current[column - 1] + 1)
            if row > 1 and column > 1 and mine == right[column - 2] and left[row - 2] == theirs:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) > limit and min(previous) > limit:
            return limit + 1
        before, previous = previous, current
    return previous[-1] if previous[-1] <= limit else limit + 1
