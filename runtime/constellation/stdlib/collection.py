"""`stdlib.collection`: functions that call a lambda for the elements of a list.

Invariant: results keep list order; a predicate that decides early is not called again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from constellation.stdlib import higher_order
from constellation.stdlib.declare import Namespace, Site, StandardError, twin
from constellation.stdlib.equality import key
from constellation.stdlib.limits import lists_joined
from constellation.stdlib.listing import sum_floats, sum_ints
from constellation.types.model import FLOAT
from constellation.types.values import NONE, Absent, Some, Variant

namespace = Namespace("stdlib.collection")
standard = namespace.standard
each = partial(higher_order.for_each, namespace)
until = partial(higher_order.until, namespace)

Items = Sequence[Any]
Results = Sequence[Any]


@each("filter", "(items: List<T>, predicate: (T) => Boolean) -> List<T>", tier="core")
def filter_items(items: Items, keep: Results) -> list[Any]:
    """The elements for which a predicate holds, in order."""
    return [item for item, wanted in zip(items, keep, strict=True) if wanted]


@each("map", "(items: List<T>, transform: (T) => U) -> List<U>", tier="core")
def map_items(_: Items, results: Results) -> Results:
    """What a lambda makes of every element, in order."""
    return results


@until("all", "(items: List<T>, predicate: (T) => Boolean) -> Boolean", False, tier="core")
def all_items(_: Items, failing: int | None) -> bool:
    """Whether a predicate holds for every element; true for an empty list. Stops at the first false."""
    return failing is None


@until("any", "(items: List<T>, predicate: (T) => Boolean) -> Boolean", True, tier="core")
def any_item(_: Items, matching: int | None) -> bool:
    """Whether a predicate holds for at least one element; false for an empty list. Stops at the first true."""
    return matching is not None


@standard("collect", "(items: Seq<T>) -> List<T>")
def collect(items: Items) -> Items:
    """A sequence as a list, for modules that take lists only."""
    return items


@standard("reduce", "(items: List<T>, initial: A, combine: (A, T) => A) -> A", aliases=("fold",))
@twin(higher_order.await_fold)
def reduce(items: Items, initial: Any, combine: Callable[[Any, Any], Any]) -> Any:
    """Combines all elements from left to right, starting with `initial`, which is the result for an empty list."""
    return higher_order.fold(items, initial, combine)


@until("none", "(items: List<T>, predicate: (T) => Boolean) -> Boolean", True)
def no_item(_: Items, matching: int | None) -> bool:
    """Whether a predicate holds for no element; true for an empty list."""
    return matching is None


@each("count", "(items: List<T>, predicate: (T) => Boolean) -> Int")
def count(_: Items, matching: Results) -> int:
    """Number of elements for which a predicate holds."""
    return sum(matching)


@until("find", "(items: List<T>, predicate: (T) => Boolean) -> Optional<T>", True)
def find(items: Items, matching: int | None) -> Some | Absent:
    """First element for which a predicate holds, if there is one."""
    return NONE if matching is None else Some(items[matching])


@each("flat-map", "(items: List<T>, transform: (T) => List<U>) -> List<U>")
def flat_map(_: Items, lists: Results) -> list[Any]:
    """The lists a lambda makes of the elements, joined into one."""
    return lists_joined(*lists)


def _order(items: Items, keys: Results, descending: bool) -> list[Any]:
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=descending)
    return [items[position] for position in order]


@each("sort-by", "(items: List<T>, key: (T) => O) -> List<T>")
def sort_by(items: Items, keys: Results) -> list[Any]:
    """The elements ordered by what a lambda makes of them; equal ones keep their order."""
    return _order(items, keys, descending=False)


@each("sort-by-descending", "(items: List<T>, key: (T) => O) -> List<T>")
def sort_by_descending(items: Items, keys: Results) -> list[Any]:
    """The elements ordered by what a lambda makes of them, largest first; equal ones keep their order."""
    return _order(items, keys, descending=True)


@each("min-by", "(items: List<T>, key: (T) => O) -> Optional<T>")
def min_by(items: Items, keys: Results) -> Some | Absent:
    """The first element with the smallest key, if there is one."""
    return Some(items[min(range(len(items)), key=keys.__getitem__)]) if items else NONE


@each("max-by", "(items: List<T>, key: (T) => O) -> Optional<T>")
def max_by(items: Items, keys: Results) -> Some | Absent:
    """The first element with the largest key, if there is one."""
    return Some(items[max(range(len(items)), key=keys.__getitem__)]) if items else NONE


@each("sum-by", "(items: List<T>, value: (T) => N) -> N", site=True)
def sum_by(site: Site) -> Callable[[Items, Results], Any]:
    """Sum of what a lambda makes of the elements; 0 for an empty list. Fails with `integer overflow`."""
    total = sum_floats if site.returns == FLOAT else sum_ints
    return lambda _, results: total(results)


def is_key(value: Any) -> bool:
    """Whether a value can be a key of a map: a text, a number, a Boolean, or an optional or union of these."""
    while isinstance(value, Some | Variant):
        value = value.value
    return not isinstance(value, list | tuple | dict)


def as_keys(keys: Results) -> Results:
    """The values, if every one can be a key of a map."""
    if not all(map(is_key, keys)):
        raise StandardError("a key must be a text, a number or a Boolean")
    return keys


@each("group-by", "(items: List<T>, key: (T) => K) -> Map<K, List<T>>")
def group_by(items: Items, keys: Results) -> dict[Any, list[Any]]:
    """The elements by key, keys in order of first appearance."""
    groups: dict[Any, list[Any]] = {}
    for item, found in zip(items, as_keys(keys), strict=True):
        groups.setdefault(found, []).append(item)
    return groups


@each("count-by", "(items: List<T>, key: (T) => K) -> Map<K, Int>")
def count_by(_: Items, keys: Results) -> dict[Any, int]:
    """Number of elements by key, keys in order of first appearance."""
    counts: dict[Any, int] = {}
    for found in as_keys(keys):
        counts[found] = counts.get(found, 0) + 1
    return counts


@each("index-by", "(items: List<T>, key: (T) => K) -> Map<K, T>")
def index_by(items: Items, keys: Results) -> dict[Any, Any]:
    """Every element under its key; of several with one key, the last."""
    return dict(zip(as_keys(keys), items, strict=True))


@each("partition", "(items: List<T>, predicate: (T) => Boolean) -> { matching: List<T>, rest: List<T> }")
def partition(items: Items, keep: Results) -> dict[str, list[Any]]:
    """The elements for which a predicate holds, and the others."""
    pairs = list(zip(items, keep, strict=True))
    return {"matching": [i for i, wanted in pairs if wanted], "rest": [i for i, wanted in pairs if not wanted]}


@each("distinct-by", "(items: List<T>, key: (T) => K) -> List<T>")
def distinct_by(items: Items, keys: Results) -> list[Any]:
    """The first of all elements with the same key."""
    found: dict[Any, Any] = {}
    for item, value in zip(items, keys, strict=True):
        found.setdefault(key(value), item)
    return list(found.values())


@until("take-while", "(items: List<T>, predicate: (T) => Boolean) -> List<T>", False)
def take_while(items: Items, failing: int | None) -> list[Any]:
    """The elements before the first for which a predicate does not hold."""
    return list(items[:failing])


@until("drop-while", "(items: List<T>, predicate: (T) => Boolean) -> List<T>", False)
def drop_while(items: Items, failing: int | None) -> list[Any]:
    """The elements from the first on for which a predicate does not hold."""
    return [] if failing is None else list(items[failing:])


def _pairs(a: Items, b: Items) -> list[tuple[Any, Any]]:
    return list(zip(a, b, strict=False))


@each("zip-with", "(a: List<T>, b: List<U>, combine: (T, U) => V) -> List<V>", elements=_pairs)
def zip_with(_: Items, __: Items, results: Results) -> Results:
    """What a lambda makes of the elements of two lists, pair by pair; the shorter list decides."""
    return results
