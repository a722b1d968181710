"""Similar words, for "did you mean".

Owns the measure. Refuses to know what the words name. Invariant: what differs in case only comes first; then by
distance, ties in the order given.
"""

from __future__ import annotations

from collections.abc import Iterable


def similar(word: str, candidates: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """Up to `limit` candidates within edit distance 2 of the word (1 for words of up to 4 letters), ignoring case."""
    lowered = word.lower()
    reach = 1 if len(word) <= 4 else 2
    found: list[tuple[int, str]] = []
    for candidate in candidates:
        other = candidate.lower()
        if candidate != word and abs(len(other) - len(lowered)) <= reach:
            distance = edit_distance(lowered, other)
            if distance <= reach:
                found.append((distance, candidate))
    found.sort(key=lambda pair: pair[0])
    return tuple([candidate for _, candidate in found[:limit]])


def edit_distance(left: str, right: str) -> int:
    """How many insertions, deletions and replacements of letters turn one word into the other."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        before, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (a != b))
    return row[-1]
