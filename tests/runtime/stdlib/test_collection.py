"""Functions that take lambdas: results, order of calls, failing elements, and their awaiting twins."""

# What a lambda passed as Any takes and gives is unknown to pyright; these tests are about values.
# pyright: reportUnknownLambdaType=false

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constellation.modules.errors import ElementError
from constellation.stdlib import higher_order
from constellation.types.model import FLOAT, INT, NOTHING, FunctionType, ListType, MapType
from constellation.types.values import NONE, Some
from tests.runtime.stdlib.calling import REGISTRY, call, fails

FUNCTION = FunctionType((), NOTHING)
ints = st.lists(st.integers(-9, 9), max_size=10)


def positive(x: int) -> bool:
    """The predicate of these tests."""
    return x > 0


def third(x: int) -> int:
    """The key of these tests."""
    return x % 3


def grouped(items: list[int], key: Callable[[int], int]) -> dict[int, list[int]]:
    """Elements by key, in order of first appearance."""
    groups: dict[int, list[int]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def first(items: list[int], test: Callable[[int], bool]) -> int:
    """Index of the first element that passes, else the length."""
    return next((i for i, x in enumerate(items) if test(x)), len(items))


MODELS: dict[str, tuple[Callable[[Any], Any], Callable[[list[int]], Any]]] = {
    "filter": (positive, lambda xs: [x for x in xs if x > 0]),
    "map": (third, lambda xs: [x % 3 for x in xs]),
    "all": (positive, lambda xs: all(x > 0 for x in xs)),
    "any": (positive, lambda xs: any(x > 0 for x in xs)),
    "none": (positive, lambda xs: not any(x > 0 for x in xs)),
    "count": (positive, lambda xs: sum(x > 0 for x in xs)),
    "find": (positive, lambda xs: next((Some(x) for x in xs if x > 0), NONE)),
    "flat-map": (lambda x: [x] * third(x), lambda xs: [x for x in xs for _ in range(x % 3)]),
    "sort-by": (third, lambda xs: sorted(xs, key=third)),
    "sort-by-descending": (third, lambda xs: sorted(xs, key=third, reverse=True)),
    "min-by": (third, lambda xs: Some(min(xs, key=third)) if xs else NONE),
    "max-by": (third, lambda xs: Some(max(xs, key=third)) if xs else NONE),
    "sum-by": (third, lambda xs: sum(map(third, xs))),
    "group-by": (third, lambda xs: grouped(xs, third)),
    "count-by": (third, lambda xs: {k: len(v) for k, v in grouped(xs, third).items()}),
    "index-by": (third, lambda xs: {k: v[-1] for k, v in grouped(xs, third).items()}),
    "distinct-by": (third, lambda xs: [v[0] for v in grouped(xs, third).values()]),
    "partition": (positive, lambda xs: {"matching": [x for x in xs if x > 0], "rest": [x for x in xs if x <= 0]}),
    "take-while": (positive, lambda xs: xs[: first(xs, lambda x: x <= 0)]),
    "drop-while": (positive, lambda xs: xs[first(xs, lambda x: x <= 0) :]),
}


def implementation(name: str) -> Any:
    """The bound implementation of a function on lists of Ints."""
    return REGISTRY[name].bind(0, (ListType(INT), FUNCTION), INT)


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=30)
@given(items=ints)
def test_results_with_a_plain_and_with_an_awaiting_lambda(name: str, items: list[int]) -> None:
    function, model = MODELS[name]

    async def slowly(x: int) -> Any:
        await asyncio.sleep(0)
        return function(x)

    bound = implementation(name)
    assert bound(items, function) == model(items)
    assert asyncio.run(bound.asynchronous(items, slowly)) == model(items)


@pytest.mark.parametrize("name", ["all", "any", "none", "find", "take-while", "drop-while"])
async def test_a_decided_search_calls_no_further(name: str) -> None:
    seen: list[int] = []

    def watched(x: int) -> bool:
        seen.append(x)
        return x == 2 if name in ("any", "none", "find") else x != 2

    async def watched_slowly(x: int) -> bool:
        return watched(x)

    implementation(name)([1, 2, 3, 4], watched)
    await implementation(name).asynchronous([1, 2, 3, 4], watched_slowly)
    assert seen == [1, 2, 1, 2]


@pytest.mark.parametrize("name", sorted(MODELS))
async def test_a_failing_element_is_named(name: str) -> None:
    calls = 0

    def failing(x: int) -> Any:
        nonlocal calls
        calls += 1
        if x == 0:
            raise ValueError("boom")
        return MODELS[name][0](x) if name not in ("any", "none", "find") else False

    async def failing_slowly(x: int) -> Any:
        return failing(x)

    for attempt in (
        lambda: implementation(name)([7, 1, 0, 4], failing),
        lambda: asyncio.run(implementation(name).asynchronous([7, 1, 0, 4], failing_slowly)),
    ):
        with pytest.raises(ElementError) as caught:
            await asyncio.to_thread(attempt)
        assert str(caught.value) == "element 2: boom"
        assert isinstance(caught.value.__cause__, ValueError)


async def test_elements_are_awaited_concurrently_and_the_first_failure_in_list_order_is_reported() -> None:
    finished: list[int] = []
    started = asyncio.Event()

    async def step(x: int) -> int:
        if x == 3:
            started.set()
            raise ValueError("late")
        await started.wait()
        if x == 1:
            raise ValueError("early")
        finished.append(x)
        return x

    with pytest.raises(ElementError, match="element 1: early"):
        await implementation("map").asynchronous([0, 1, 2, 3], step)
    assert finished == [0, 2]


async def test_the_number_of_elements_in_flight_is_bounded() -> None:
    running = most = 0

    async def step(x: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return x

    items = list(range(1000))
    assert await implementation("map").asynchronous(items, step) == items
    assert most == higher_order.IN_FLIGHT


async def test_cancelling_the_call_leaves_no_element_running() -> None:
    running: set[int] = set()
    begun = asyncio.Event()

    async def step(x: int) -> int:
        running.add(x)
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            running.discard(x)
        return x

    task = asyncio.ensure_future(implementation("map").asynchronous([1, 2, 3], step))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert running == set()


@given(ints)
def test_fold(items: list[int]) -> None:
    async def minus(a: int, b: int) -> int:
        return a - b

    expected = 100 - sum(items)
    assert call("reduce", items, 100, lambda a, b: a - b) == expected
    assert call("fold", items, 100, lambda a, b: a - b) == expected
    bound: Any = REGISTRY["reduce"].bind(0, (ListType(INT), INT, FUNCTION), INT)
    assert asyncio.run(bound.asynchronous(items, 100, minus)) == expected


def test_a_failing_step_of_a_fold_is_named() -> None:
    with pytest.raises(ElementError, match="element 1: integer division or modulo by zero"):
        call("reduce", [5, 0], 100, lambda a, b: a // b)


async def test_functions_of_pairs_and_entries() -> None:
    assert call("zip-with", [1, 2, 3], [10, 20], lambda a, b: a + b) == [11, 22]
    assert call("map-filter", {"a": 1, "b": 2}, lambda k, v: k == "a" or v > 5) == {"a": 1}
    assert call("transform-values", {"a": 1, "b": 2}, lambda v: v * 10) == {"a": 10, "b": 20}

    async def big(key: str, value: int) -> bool:
        return value > 1

    bound: Any = REGISTRY["map-filter"].bind(0, (MapType(INT, INT), FUNCTION), MapType(INT, INT))
    assert await bound.asynchronous({"a": 1, "b": 2}, big) == {"b": 2}


async def test_lambdas_on_one_value() -> None:
    async def plus(x: int) -> int:
        return x + 1

    async def never(x: int) -> bool:
        return False

    assert call("map-optional", Some(1), lambda x: x + 1) == Some(2)
    assert call("map-optional", NONE, lambda x: x + 1) is NONE
    optional: Any = REGISTRY["map-optional"].bind(0, (INT, FUNCTION), INT)
    assert await optional.asynchronous(Some(1), plus) == Some(2)
    assert call("validate", 3, positive, "too small") == 3
    fails("too small", "validate", -3, positive, "too small")
    validate: Any = REGISTRY["validate"].bind(0, (INT, FUNCTION, INT), INT)
    with pytest.raises(Exception, match="too small"):
        await validate.asynchronous(3, never, "too small")


def test_an_empty_sum_has_the_type_of_its_elements() -> None:
    floats: Any = REGISTRY["sum-by"].bind(0, (ListType(INT), FUNCTION), FLOAT)
    result = floats([], lambda x: x)
    assert result == 0.0 and type(result) is float
    fails("integer overflow", "sum-by", [1, 2], lambda x: 2**62)
    fails("a key must be a text, a number or a Boolean", "group-by", [1], lambda x: [x])
