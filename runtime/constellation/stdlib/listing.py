"""`stdlib.list`: lists of any element.

Invariant: a list given is never changed; every result is a new list within the element limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from constellation.stdlib.declare import Namespace, Site, StandardError, extended
from constellation.stdlib.equality import Key, equal, key_for
from constellation.stdlib.limits import check_items, finite, int64, lists_joined
from constellation.stdlib.stats import quotient, refuse_empty, total_of
from constellation.stdlib.string import membership, reversed_list
from constellation.types.model import FLOAT, ListType, OptionalType, SeqType
from constellation.types.values import NONE, Absent, Some

namespace = Namespace("stdlib.list")
standard = namespace.standard
added = extended(namespace)

Items = Sequence[Any]


@standard("list-length", "(list: List<T>) -> Int")
def list_length(items: Items) -> int:
    """Number of elements."""
    return len(items)


@standard("length", "(value: String) -> Int", "(list: List<T>) -> Int", "(map: Map<K, V>) -> Int")
def length(value: Any) -> int:
    """Number of characters of a text, elements of a list, or entries of a map."""
    return len(value)


@standard("list-first", "(list: List<T>) -> T", aliases=("first", "head"))
def list_first(items: Items) -> Any:
    """First element. Fails with `list is empty`."""
    refuse_empty(items)
    return items[0]


@standard("list-last", "(list: List<T>) -> T", aliases=("last",))
def list_last(items: Items) -> Any:
    """Last element. Fails with `list is empty`."""
    refuse_empty(items)
    return items[-1]


@standard("list-is-empty", "(list: List<T>) -> Boolean")
def list_is_empty(items: Items) -> bool:
    """Whether a list has no elements."""
    return not items


@standard(
    "is-empty",
    "(value: String) -> Boolean",
    "(list: List<T>) -> Boolean",
    "(map: Map<K, V>) -> Boolean",
    "(value: Optional<T>) -> Boolean",
    binder=True,
)
def is_empty(site: Site) -> Callable[..., Any]:
    """Whether a text has no characters, a list no elements, a map no entries, an optional no content."""
    return is_absent if isinstance(site.parameter_types[0], OptionalType) else list_is_empty


def is_absent(value: Any) -> bool:
    """Whether an optional has no content."""
    return value is NONE


@standard("list-sum", "(list: List<N>) -> N", aliases=("sum", "sum-list"), binder=True)
def list_sum(site: Site) -> Callable[[Items], Any]:
    """Sum of all elements; 0 for an empty list. Fails with `integer overflow`."""
    return sum_floats if site.returns == FLOAT else sum_ints


def sum_floats(items: Items) -> Any:
    """The correctly rounded sum of Floats."""
    return total_of(items) if items else 0.0


def sum_ints(items: Items) -> int:
    """The sum of Ints."""
    return int64(sum(items))


@standard("list-concat", "(a: List<T>, b: List<T>) -> List<T>")
def list_concat(a: Items, b: Items) -> list[Any]:
    """Two lists, one after the other."""
    return lists_joined(a, b)


@standard("list-contains", "(list: List<T>, value: T) -> Boolean", binder=True)
def list_contains(site: Site) -> Callable[..., Any]:
    """Whether a list contains an element (structural equality)."""
    return membership(site)


@standard("list-reverse", "(list: List<T>) -> List<T>")
def list_reverse(items: Items) -> list[Any]:
    """The list backwards."""
    return reversed_list(items)


@standard("range", "(start: Int, end: Int) -> List<Int>")
def integer_range(start: int, end: int) -> list[int]:
    """All integers from `start` to `end`, both included; none when `start` is greater. Fails with `range too
    large` beyond 1,000,000 elements."""
    if end - start + 1 > 1_000_000:
        raise StandardError("range too large")
    return list(range(start, end + 1))


@standard("filter-greater-than", "(numbers: List<N>, threshold: N) -> List<N>")
def filter_greater_than(numbers: Items, threshold: Any) -> list[Any]:
    """The numbers strictly greater than a threshold, in order."""
    return [n for n in numbers if n > threshold]


@standard("multiply-each", "(numbers: List<N>, multiplier: N) -> List<N>")
def multiply_each(numbers: Items, multiplier: Any) -> list[Any]:
    """Every number multiplied. Fails with `integer overflow`."""
    if type(multiplier) is float:
        return [finite(n * multiplier) for n in numbers]
    return [int64(n * multiplier) for n in numbers]


@standard("average", "(numbers: List<N>) -> Float")
def average(numbers: Items) -> float:
    """Arithmetic mean; 0.0 for an empty list (`mean` fails instead)."""
    return quotient(total_of(numbers), len(numbers)) if numbers else 0.0


@standard("flatten", "(list: List<List<T>>) -> List<T>")
def flatten(lists: Sequence[Items]) -> list[Any]:
    """The elements of all lists in one list (one level)."""
    return lists_joined(*lists)


@standard("take", "(list: List<T>, n: Int) -> List<T>", aliases=("take-top",))
def take(items: Items, count: int) -> list[Any]:
    """The first `n` elements; all when there are fewer, none when `n` is not positive."""
    return list(items[: max(0, count)])


@standard("sort-descending", "(list: List<O>) -> List<O>")
def sort_descending(items: Items) -> list[Any]:
    """The elements from large to small; equal ones keep their order."""
    return sorted(items, reverse=True)


@added("sort", "(list: List<O>) -> List<O>")
def sort(items: Items) -> list[Any]:
    """The elements from small to large; equal ones keep their order."""
    return sorted(items)


@added("list-get", "(list: List<T>, index: Int) -> Optional<T>")
def list_get(items: Items, index: int) -> Some | Absent:
    """The element at a position, counted from the end when negative; nothing outside the list."""
    return Some(items[index]) if -len(items) <= index < len(items) else NONE


@added("first-option", "(list: List<T>) -> Optional<T>")
def first_option(items: Items) -> Some | Absent:
    """First element, if there is one."""
    return Some(items[0]) if items else NONE


@added("last-option", "(list: List<T>) -> Optional<T>")
def last_option(items: Items) -> Some | Absent:
    """Last element, if there is one."""
    return Some(items[-1]) if items else NONE


@added("drop", "(list: List<T>, n: Int) -> List<T>")
def drop(items: Items, count: int) -> list[Any]:
    """The list without its first `n` elements; all of it when `n` is not positive."""
    return list(items[max(0, count) :])


@added("slice", "(list: List<T>, start: Int, end: Int) -> List<T>")
def slice_list(items: Items, start: int, end: int) -> list[Any]:
    """The elements from `start` up to but without `end`; negative positions count from the end."""
    return list(items[start:end])


@added("append", "(list: List<T>, value: T) -> List<T>")
def append(items: Items, value: Any) -> list[Any]:
    """The list with one more element at its end."""
    return lists_joined(items, [value])


@added("prepend", "(list: List<T>, value: T) -> List<T>")
def prepend(items: Items, value: Any) -> list[Any]:
    """The list with one more element at its start."""
    return lists_joined([value], items)


def element_key(site: Site) -> Key | None:
    """The key of the elements of a site's first list."""
    first = site.parameter_types[0]
    return key_for(first.element) if isinstance(first, ListType | SeqType) else key_for(first)


def distinct_by(key: Key | None, items: Items) -> list[Any]:
    """The first of all elements with the same key."""
    if key is None:
        return list(dict.fromkeys(items))
    found: dict[Any, Any] = {}
    for item in items:
        found.setdefault(key(item), item)
    return list(found.values())


@added("distinct", "(list: List<T>) -> List<T>", binder=True)
def distinct(site: Site) -> Callable[[Items], list[Any]]:
    """The list without repetitions; the first occurrence is kept."""
    key = element_key(site)
    return lambda items: distinct_by(key, items)


@added("union", "(a: List<T>, b: List<T>) -> List<T>", binder=True)
def union(site: Site) -> Callable[[Items, Items], list[Any]]:
    """The distinct elements of both lists, in order of first appearance."""
    key = element_key(site)
    return lambda a, b: distinct_by(key, lists_joined(a, b))


def _keys(key: Key | None, items: Items) -> set[Any]:
    return set(items) if key is None else set(map(key, items))


@added("intersect", "(a: List<T>, b: List<T>) -> List<T>", binder=True)
def intersect(site: Site) -> Callable[[Items, Items], list[Any]]:
    """The distinct elements of the first list that are in the second too."""
    key = element_key(site)

    def common(a: Items, b: Items) -> list[Any]:
        wanted = _keys(key, b)
        return [item for item in distinct_by(key, a) if (item if key is None else key(item)) in wanted]

    return common


@added("difference", "(a: List<T>, b: List<T>) -> List<T>", binder=True)
def difference(site: Site) -> Callable[[Items, Items], list[Any]]:
    """The distinct elements of the first list that are not in the second."""
    key = element_key(site)

    def rest(a: Items, b: Items) -> list[Any]:
        unwanted = _keys(key, b)
        return [item for item in distinct_by(key, a) if (item if key is None else key(item)) not in unwanted]

    return rest


@added("chunk", "(list: List<T>, size: Int) -> List<List<T>>")
def chunk(items: Items, size: int) -> list[list[Any]]:
    """The list in pieces of a size; the last may be shorter. Fails with `chunk size must be positive`."""
    if size <= 0:
        raise StandardError("chunk size must be positive")
    return [list(items[start : start + size]) for start in range(0, len(items), size)]


@added("sliding", "(list: List<T>, size: Int) -> List<List<T>>")
def sliding(items: Items, size: int) -> list[list[Any]]:
    """All runs of `size` neighbouring elements. Fails with `window size must be positive`."""
    if size <= 0:
        raise StandardError("window size must be positive")
    windows = max(0, len(items) - size + 1)
    check_items(windows * size)
    return [list(items[start : start + size]) for start in range(windows)]


@added("zip", "(a: List<T>, b: List<U>) -> List<{ first: T, second: U }>")
def zip_lists(a: Items, b: Items) -> list[dict[str, Any]]:
    """The elements of two lists in pairs; the shorter list decides."""
    return [{"first": first, "second": second} for first, second in zip(a, b, strict=False)]


@added("enumerate", "(list: List<T>) -> List<{ index: Int, value: T }>")
def enumerate_list(items: Items) -> list[dict[str, Any]]:
    """Every element with its position, counted from 0."""
    return [{"index": index, "value": value} for index, value in enumerate(items)]


@added("list-index-of", "(list: List<T>, value: T) -> Optional<Int>")
def list_index_of(items: Items, value: Any) -> Some | Absent:
    """Position of the first element equal to a value, if there is one."""
    return next((Some(index) for index, item in enumerate(items) if equal(item, value)), NONE)
