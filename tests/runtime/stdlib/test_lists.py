"""`stdlib.list`, `stdlib.stats` and `stdlib.compare` against Python's lists and its `statistics` module."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constellation.types.values import NONE, Some, Variant
from tests.runtime.stdlib.calling import call, fails

ints = st.lists(st.integers(-50, 50), max_size=12)
filled = st.lists(st.integers(-50, 50), min_size=1, max_size=12)
small = st.integers(-3, 15)


def unique(items: list[int]) -> list[int]:
    """Without repetitions, in order."""
    return list(dict.fromkeys(items))


OF_LIST: dict[str, Callable[[list[int]], Any]] = {
    "list-length": len,
    "length": len,
    "list-is-empty": lambda items: not items,
    "is-empty": lambda items: not items,
    "list-reverse": lambda items: items[::-1],
    "reverse": lambda items: items[::-1],
    "list-sum": sum,
    "product": math.prod,
    "average": lambda items: sum(items) / len(items) if items else 0.0,
    "sort": sorted,
    "sort-descending": lambda items: sorted(items, reverse=True),
    "distinct": unique,
    "first-option": lambda items: Some(items[0]) if items else NONE,
    "last-option": lambda items: Some(items[-1]) if items else NONE,
    "enumerate": lambda items: [{"index": i, "value": v} for i, v in enumerate(items)],
    "cumulative-sum": lambda items: [sum(items[: i + 1]) for i in range(len(items))],
}
OF_TWO: dict[str, Callable[[list[int], list[int]], Any]] = {
    "concat": lambda a, b: a + b,
    "list-concat": lambda a, b: a + b,
    "union": lambda a, b: unique(a + b),
    "intersect": lambda a, b: [x for x in unique(a) if x in b],
    "difference": lambda a, b: [x for x in unique(a) if x not in b],
    "zip": lambda a, b: [{"first": x, "second": y} for x, y in zip(a, b, strict=False)],
}
WITH_NUMBER: dict[str, Callable[[list[int], int], Any]] = {
    "take": lambda items, n: items[: max(n, 0)],
    "drop": lambda items, n: items[max(n, 0) :],
    "contains": lambda items, n: n in items,
    "list-contains": lambda items, n: n in items,
    "append": lambda items, n: [*items, n],
    "prepend": lambda items, n: [n, *items],
    "filter-greater-than": lambda items, n: [x for x in items if x > n],
    "multiply-each": lambda items, n: [x * n for x in items],
    "list-index-of": lambda items, n: Some(items.index(n)) if n in items else NONE,
    "list-get": lambda items, n: Some(items[n]) if -len(items) <= n < len(items) else NONE,
}


@pytest.mark.parametrize("name", OF_LIST)
@settings(max_examples=30)
@given(items=ints)
def test_of_a_list(name: str, items: list[int]) -> None:
    if name == "product" and abs(math.prod(items)) > 2**62:
        return
    before = list(items)
    assert call(name, items) == OF_LIST[name](items)
    assert items == before


@pytest.mark.parametrize("name", OF_TWO)
@settings(max_examples=30)
@given(a=filled, b=filled)
def test_of_two_lists(name: str, a: list[int], b: list[int]) -> None:
    assert call(name, a, b) == OF_TWO[name](a, b)


@pytest.mark.parametrize("name", WITH_NUMBER)
@settings(max_examples=30)
@given(items=ints, number=small)
def test_of_a_list_and_a_number(name: str, items: list[int], number: int) -> None:
    assert call(name, items, number) == WITH_NUMBER[name](items, number)


@given(ints, small, small)
def test_slices(items: list[int], start: int, end: int) -> None:
    assert call("slice", items, start, end) == items[start:end]


@given(ints, st.integers(1, 5))
def test_chunks_and_windows(items: list[int], size: int) -> None:
    chunks = call("chunk", items, size)
    assert [x for piece in chunks for x in piece] == items
    assert all(len(piece) == size for piece in chunks[:-1])
    assert call("sliding", items, size) == [items[i : i + size] for i in range(len(items) - size + 1)]


@given(st.lists(ints, max_size=5))
def test_flatten(lists: list[list[int]]) -> None:
    assert call("flatten", lists) == [x for items in lists for x in items]


@given(filled)
def test_statistics(items: list[int]) -> None:
    assert call("mean", items) == pytest.approx(statistics.fmean(items), rel=1e-12, abs=1e-12)
    assert call("median", items) == statistics.median(items)
    assert call("mode", items) == statistics.mode(items)
    assert call("variance", items) == pytest.approx(statistics.pvariance(items), rel=1e-12, abs=1e-12)
    assert call("stddev", items) == pytest.approx(statistics.pstdev(items), rel=1e-12, abs=1e-12)
    assert call("list-max", items) == max(items) and call("list-min", items) == min(items)
    if len(items) > 1:
        assert call("sample-variance", items) == pytest.approx(statistics.variance(items), rel=1e-12, abs=1e-12)
        assert call("sample-stddev", items) == pytest.approx(statistics.stdev(items), rel=1e-12, abs=1e-12)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12), st.integers(0, 100))
def test_percentile_interpolates(items: list[float], p: int) -> None:
    low, high = min(items), max(items)
    result = call("percentile", items, float(p))
    assert low - 1e-6 <= result <= high + 1e-6
    assert call("percentile", items, 0.0) == low and call("percentile", items, 100.0) == high
    assert call("percentile", items, 50.0) == pytest.approx(statistics.median(items), rel=1e-9, abs=1e-9)


@given(st.lists(st.floats(-1e15, 1e15), max_size=12))
def test_float_sums_are_correctly_rounded(items: list[float]) -> None:
    assert call("list-sum", items) == (math.fsum(items) if items else 0)


@pytest.mark.parametrize("name", ["list-first", "list-last", "mean", "median", "mode", "variance", "list-max"])
def test_strict_functions_refuse_an_empty_list(name: str) -> None:
    fails("list is empty", name, [])


@pytest.mark.parametrize(
    ("message", "name", "arguments"),
    [
        ("integer overflow", "list-sum", ([2**63 - 1, 1],)),
        ("integer overflow", "multiply-each", ([2**62], 2)),
        ("integer overflow", "product", ([2**40, 2**40],)),
        ("integer overflow", "cumulative-sum", ([2**63 - 1, 1],)),
        ("range too large", "range", (1, 1_000_001)),
        ("range too large", "range", (-(2**63), 2**63 - 1)),
        ("chunk size must be positive", "chunk", ([1], 0)),
        ("window size must be positive", "sliding", ([1], 0)),
        ("at least two values are required", "sample-variance", ([1],)),
        ("percentile must be between 0 and 100", "percentile", ([1], 101)),
        ("result is not a finite number", "list-sum", ([1e308, 1e308],)),
        ("result too large: more than 1000000 elements", "sliding", ([1] * 3000, 1500)),
    ],
)
def test_failures(message: str, name: str, arguments: tuple[Any, ...]) -> None:
    fails(message, name, *arguments)


def test_a_zero_settles_a_product_of_any_size() -> None:
    assert call("product", [2**62, 2**62, 0]) == 0


def test_range_includes_both_ends() -> None:
    assert call("range", 2, 5) == [2, 3, 4, 5]
    assert call("range", 5, 2) == []
    assert len(call("range", 1, 1_000_000)) == 1_000_000


records = st.fixed_dictionaries({"a": st.integers(0, 2), "b": st.text("xy", max_size=1)})


@given(st.lists(records, min_size=1, max_size=8), records)
def test_equality_is_structural(items: list[dict[str, Any]], wanted: dict[str, Any]) -> None:
    expected: list[dict[str, Any]] = []
    for item in items:
        if item not in expected:
            expected.append(item)
    assert call("distinct", items) == expected
    assert call("list-contains", items, wanted) == (wanted in items)
    assert call("eq", items[0], wanted) == (items[0] == wanted)
    assert call("neq", items[0], wanted) == (items[0] != wanted)


def test_field_order_and_sequence_kind_do_not_matter_for_equality() -> None:
    assert call("eq", {"a": 1, "b": "x"}, {"b": "x", "a": 1})
    assert call("distinct", [{"a": [1], "b": "x"}, {"b": "x", "a": (1,)}]) == [{"a": [1], "b": "x"}]
    assert call("eq", Some(1), Some(1)) and not call("eq", Some(1), NONE)


def test_union_values_are_equal_when_tag_and_content_are() -> None:
    from constellation.stdlib.equality import equal

    assert equal(Variant("Int", 1), Variant("Int", 1))
    assert not equal(Variant("Int", 1), Variant("Float", 1.0))


@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(-5, 5))
def test_order(a: int, b: int, c: int) -> None:
    assert (call("gt", a, b), call("lt", a, b), call("gte", a, b), call("lte", a, b)) == (a > b, a < b, a >= b, a <= b)
    assert call("between", a, b, c) == (b <= a <= c)
    assert call("approx-eq", a, b, abs(c)) == (abs(a - b) <= abs(c))
    assert call("eq-int", a, b) == (a == b)
