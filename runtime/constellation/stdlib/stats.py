"""`stdlib.stats`: aggregates of lists of numbers.

Invariant: a sum of Ints is exact before it is divided; a sum of Floats is correctly rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any

from constellation.stdlib.declare import Namespace, Site, StandardError, extended
from constellation.stdlib.equality import key
from constellation.stdlib.limits import finite, int64, real
from constellation.types.model import FLOAT

namespace = Namespace("stdlib.stats")
added = extended(namespace)

Numbers = Sequence[Any]


def total_of(numbers: Numbers) -> Any:
    """The exact sum: of Ints unbounded, of Floats correctly rounded and finite."""
    if not any(type(n) is float for n in numbers):
        return sum(numbers)
    try:
        return finite(math.fsum(numbers))
    except (OverflowError, ValueError):
        raise StandardError("result is not a finite number") from None


def quotient(total: Any, count: Any) -> float:
    """`total / count` as a finite Float."""
    try:
        return finite(total / count)
    except OverflowError:
        raise StandardError("result is not a finite number") from None


def refuse_empty(items: Sequence[Any]) -> None:
    """The strict aggregates fail on an empty list."""
    if not items:
        raise StandardError("list is empty")


def largest(of_nothing: Any) -> Callable[[Numbers], Any]:
    """The largest element, or the given value for an empty list."""
    return lambda numbers: real(max(numbers, default=of_nothing))


def smallest(of_nothing: Any) -> Callable[[Numbers], Any]:
    """The smallest element, or the given value for an empty list."""
    return lambda numbers: real(min(numbers, default=of_nothing))


@added("list-max", "(list: List<O>) -> O")
def list_max(items: Sequence[Any]) -> Any:
    """Largest element. Fails with `list is empty`."""
    refuse_empty(items)
    return real(max(items))


@added("list-min", "(list: List<O>) -> O")
def list_min(items: Sequence[Any]) -> Any:
    """Smallest element. Fails with `list is empty`."""
    refuse_empty(items)
    return real(min(items))


@added("mean", "(list: List<N>) -> Float")
def mean(numbers: Numbers) -> float:
    """Arithmetic mean. Fails with `list is empty` (`average` gives 0.0 instead)."""
    refuse_empty(numbers)
    return quotient(total_of(numbers), len(numbers))


@added("median", "(list: List<N>) -> Float")
def median(numbers: Numbers) -> float:
    """Middle value, the mean of the middle two for an even count. Fails with `list is empty`."""
    refuse_empty(numbers)
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return finite(float(ordered[middle]))
    return quotient(total_of(ordered[middle - 1 : middle + 1]), 2)


@added("mode", "(list: List<T>) -> T")
def mode(items: Sequence[Any]) -> Any:
    """Most frequent element, the first to appear when several are. Fails with `list is empty`."""
    refuse_empty(items)
    counts: dict[Any, int] = {}
    first: dict[Any, Any] = {}
    for item in items:
        found = key(item)
        counts[found] = counts.get(found, 0) + 1
        first.setdefault(found, item)
    return first[max(counts, key=counts.__getitem__)]


def squared_deviations(numbers: Numbers) -> float:
    """Sum of squared deviations from the mean: exact for Ints, two correctly rounded passes for Floats."""
    count = len(numbers)
    if not any(type(n) is float for n in numbers):
        return quotient(count * sum(n * n for n in numbers) - sum(numbers) ** 2, count)
    centre = quotient(total_of(numbers), count)
    return finite(total_of([(n - centre) * (n - centre) for n in numbers]))


@added("variance", "(list: List<N>) -> Float")
def variance(numbers: Numbers) -> float:
    """Population variance. Fails with `list is empty`."""
    refuse_empty(numbers)
    return squared_deviations(numbers) / len(numbers)


@added("stddev", "(list: List<N>) -> Float")
def standard_deviation(numbers: Numbers) -> float:
    """Population standard deviation. Fails with `list is empty`."""
    return math.sqrt(variance(numbers))


def refuse_single(numbers: Numbers) -> None:
    """The sample forms need two values."""
    refuse_empty(numbers)
    if len(numbers) < 2:
        raise StandardError("at least two values are required")


@added("sample-variance", "(list: List<N>) -> Float")
def sample_variance(numbers: Numbers) -> float:
    """Sample variance (divides by n - 1). Fails with `list is empty`, `at least two values are required`."""
    refuse_single(numbers)
    return squared_deviations(numbers) / (len(numbers) - 1)


@added("sample-stddev", "(list: List<N>) -> Float")
def sample_standard_deviation(numbers: Numbers) -> float:
    """Sample standard deviation (divides by n - 1). Fails with `list is empty`, `at least two values are
    required`."""
    return math.sqrt(sample_variance(numbers))


@added("percentile", "(list: List<N>, p: N) -> Float")
def percentile(numbers: Numbers, p: Any) -> float:
    """Value below which `p` per cent of the list lie, interpolated linearly. Fails with `list is empty`,
    `percentile must be between 0 and 100`."""
    refuse_empty(numbers)
    if not 0 <= p <= 100:
        raise StandardError("percentile must be between 0 and 100")
    ordered = sorted(numbers)
    position = p * (len(ordered) - 1) / 100
    below = math.floor(position)
    above = min(below + 1, len(ordered) - 1)
    share = position - below
    if ordered[below] == ordered[above]:
        return finite(float(ordered[below]))
    return quotient(ordered[below] * (1 - share) + ordered[above] * share, 1)


@added("product", "(list: List<N>) -> N", binder=True)
def product(site: Site) -> Callable[[Numbers], Any]:
    """Product of all elements; 1 for an empty list. Fails with `integer overflow`."""
    return product_float if site.returns == FLOAT else product_int


def product_int(numbers: Numbers) -> int:
    """The product of Ints; 64 bits are checked at every step unless a zero settles it."""
    if 0 in numbers:
        return 0
    result = 1
    for number in numbers:
        result = result * number
        if abs(result) > 2**63:
            raise StandardError("integer overflow")
    return int64(result)


def product_float(numbers: Numbers) -> float:
    """The product of Floats."""
    return finite(math.prod(numbers, start=1.0))


@added("cumulative-sum", "(list: List<N>) -> List<N>")
def cumulative_sum(numbers: Numbers) -> list[Any]:
    """Sums of the first element, the first two, and so on. Fails with `integer overflow`."""
    return [finite(n) if type(n) is float else int64(n) for n in accumulate(numbers)]
