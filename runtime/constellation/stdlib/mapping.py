"""`stdlib.map`: maps.

Invariant: a map given is never changed; entries keep the order in which their keys first appeared.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from constellation.stdlib import higher_order
from constellation.stdlib.collection import as_keys, is_key
from constellation.stdlib.declare import Namespace, StandardError, extended
from constellation.stdlib.limits import check_items
from constellation.types.values import NONE, Absent, Some

namespace = Namespace("stdlib.map")
standard = namespace.standard
added = extended(namespace)
each = partial(higher_order.for_each, namespace)

Entries = dict[Any, Any]


@standard("map-get", "(map: Map<K, V>, key: K) -> Optional<V>")
def map_get(entries: Entries, key: Any) -> Some | Absent:
    """The value under a key, if there is one."""
    return Some(entries[key]) if is_key(key) and key in entries else NONE


@standard("map-put", "(map: Map<K, V>, key: K, value: V) -> Map<K, V>")
def map_put(entries: Entries, key: Any, value: Any) -> Entries:
    """The map with one entry added or replaced; a key that exists keeps its position."""
    check_items(len(entries) + 1)
    as_keys([key])
    return {**entries, key: value}


@standard("map-keys", "(map: Map<K, V>) -> List<K>")
def map_keys(entries: Entries) -> list[Any]:
    """The keys, in order."""
    return list(entries)


@standard("map-values", "(map: Map<K, V>) -> List<V>")
def map_values(entries: Entries) -> list[Any]:
    """The values, in order of their keys."""
    return list(entries.values())


@standard("build-map", "(keys: List<K>, values: List<V>) -> Map<K, V>")
def build_map(keys: Sequence[Any], values: Sequence[Any]) -> Entries:
    """The map of keys to the values at the same positions; of equal keys the last wins. Fails with `keys and values
    have different lengths`."""
    if len(keys) != len(values):
        raise StandardError("keys and values have different lengths")
    return dict(zip(as_keys(keys), values, strict=True))


@added("map-get-or", "(map: Map<K, V>, key: K, default: V) -> V")
def map_get_or(entries: Entries, key: Any, default: Any) -> Any:
    """The value under a key, or a default."""
    return entries.get(key, default) if is_key(key) else default


@added("map-contains-key", "(map: Map<K, V>, key: K) -> Boolean")
def map_contains_key(entries: Entries, key: Any) -> bool:
    """Whether there is an entry under a key."""
    return is_key(key) and key in entries


@added("map-size", "(map: Map<K, V>) -> Int")
def map_size(entries: Entries) -> int:
    """Number of entries."""
    return len(entries)


@added("map-remove", "(map: Map<K, V>, key: K) -> Map<K, V>")
def map_remove(entries: Entries, key: Any) -> Entries:
    """The map without the entry under a key."""
    return {k: v for k, v in entries.items() if k != key}


@added("map-merge", "(a: Map<K, V>, b: Map<K, V>) -> Map<K, V>")
def map_merge(a: Entries, b: Entries) -> Entries:
    """The entries of both maps; where both have a key, the second wins."""
    check_items(len(a) + len(b))
    return {**a, **b}


@added("map-entries", "(map: Map<K, V>) -> List<{ key: K, value: V }>")
def map_entries(entries: Entries) -> list[dict[str, Any]]:
    """The entries as records, in order."""
    return [{"key": key, "value": value} for key, value in entries.items()]


@added("map-from-entries", "(entries: List<{ key: K, value: V }>) -> Map<K, V>")
def map_from_entries(entries: Sequence[dict[str, Any]]) -> Entries:
    """The map of a list of entries; of equal keys the last wins."""
    as_keys([entry["key"] for entry in entries])
    return {entry["key"]: entry["value"] for entry in entries}


def _values(entries: Entries) -> list[tuple[Any]]:
    return [(value,) for value in entries.values()]


@each("transform-values", "(map: Map<K, V>, transform: (V) => W) -> Map<K, W>", elements=_values)
def transform_values(entries: Entries, results: Sequence[Any]) -> Entries:
    """The map with what a lambda makes of every value."""
    return dict(zip(entries, results, strict=True))


def _items(entries: Entries) -> list[tuple[Any, Any]]:
    return list(entries.items())


@each("map-filter", "(map: Map<K, V>, predicate: (K, V) => Boolean) -> Map<K, V>", elements=_items)
def map_filter(entries: Entries, keep: Sequence[bool]) -> Entries:
    """The entries for whose key and value a predicate holds."""
    return {k: v for (k, v), wanted in zip(entries.items(), keep, strict=True) if wanted}
