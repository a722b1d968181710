"""`stdlib.ml`: preparing features for models.

Invariant: results are finite; vectors of different lengths are refused, never cut.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from constellation.stdlib.declare import Namespace, StandardError, extended
from constellation.stdlib.limits import check_items, check_text, finite, int64, real, texts_joined
from constellation.stdlib.stats import quotient, total_of

namespace = Namespace("stdlib.ml")
added = extended(namespace)

Vector = Sequence[Any]


def checked(result: Any) -> Any:
    """An Int within 64 bits or a finite Float."""
    return finite(result) if type(result) is float else int64(result)


@added("normalize", "(value: N, mean: N, std: N) -> Float")
def normalize(value: Any, mean: Any, std: Any) -> float:
    """Distance from the mean in standard deviations; 0.0 when there is no deviation."""
    return quotient(value - mean, std) if std else 0.0


@added("min-max-scale", "(value: N, min: N, max: N) -> Float")
def min_max_scale(value: Any, least: Any, most: Any) -> float:
    """Position between two bounds as a number from 0.0 to 1.0; 0.5 when the bounds are equal."""
    if least == most:
        return 0.5
    return min(1.0, max(0.0, quotient(value - least, most - least)))


@added("discretize", "(value: N, boundaries: List<N>) -> Int")
def discretize(value: Any, boundaries: Vector) -> int:
    """Position of the first boundary greater than the value, else the number of boundaries."""
    return next((index for index, boundary in enumerate(boundaries) if boundary > value), len(boundaries))


@added("one-hot-encode", "(value: String, categories: List<String>) -> List<Float>")
def one_hot_encode(value: str, categories: Sequence[str]) -> list[float]:
    """1.0 at the position of the value's category and 0.0 elsewhere; all 0.0 for an unknown one."""
    position = label_encode(value, categories)
    return [1.0 if index == position else 0.0 for index in range(len(categories))]


@added("label-encode", "(value: String, categories: List<String>) -> Int")
def label_encode(value: str, categories: Sequence[str]) -> int:
    """Position of the value among the categories; -1 for an unknown one."""
    return categories.index(value) if value in categories else -1


@added("log-transform", "(value: N, offset: N) -> Float")
def log_transform(value: Any, offset: Any) -> float:
    """Natural logarithm of `value + offset`. Fails with `logarithm of a non-positive number`."""
    if value + offset <= 0:
        raise StandardError("logarithm of a non-positive number")
    return finite(math.log(value + offset))


@added("cyclical-encode", "(value: N, period: N) -> { sin: Float, cos: Float }")
def cyclical_encode(value: Any, period: Any) -> dict[str, float]:
    """A position in a cycle as a point on the unit circle. Fails with `division by zero`."""
    if period == 0:
        raise StandardError("division by zero")
    angle = 2 * math.pi * quotient(math.fmod(real(value), real(period)), period)
    return {"sin": math.sin(angle), "cos": math.cos(angle)}


def _same_length(a: Vector, b: Vector) -> None:
    if len(a) != len(b):
        raise StandardError("vectors have different lengths")


def _as_float(value: Any) -> float:
    return quotient(value, 1)


@added("dot-product", "(a: List<N>, b: List<N>) -> Float")
def dot_product(a: Vector, b: Vector) -> float:
    """Sum of the products of the elements. Fails with `vectors have different lengths`."""
    _same_length(a, b)
    return _as_float(total_of([x * y for x, y in zip(a, b, strict=True)]))


@added("cosine-similarity", "(a: List<N>, b: List<N>) -> Float")
def cosine_similarity(a: Vector, b: Vector) -> float:
    """Cosine of the angle between two vectors, -1.0 to 1.0; 0.0 when one is zero. Fails with `vectors have different
    lengths`."""
    _same_length(a, b)
    sizes = math.hypot(*a), math.hypot(*b)
    if not all(sizes):
        return 0.0
    cosine = math.fsum((x / sizes[0]) * (y / sizes[1]) for x, y in zip(a, b, strict=True))
    return min(1.0, max(-1.0, finite(cosine)))


@added("euclidean-distance", "(a: List<N>, b: List<N>) -> Float")
def euclidean_distance(a: Vector, b: Vector) -> float:
    """Distance of two points. Fails with `vectors have different lengths`."""
    _same_length(a, b)
    return finite(math.dist(a, b))


def _elementwise(a: Vector, b: Vector, combine: Callable[[Any, Any], Any]) -> list[Any]:
    _same_length(a, b)
    return [checked(combine(x, y)) for x, y in zip(a, b, strict=True)]


@added("vector-add", "(a: List<N>, b: List<N>) -> List<N>")
def vector_add(a: Vector, b: Vector) -> list[Any]:
    """Sum of two vectors, element by element. Fails with `vectors have different lengths`."""
    return _elementwise(a, b, lambda x, y: x + y)


@added("vector-subtract", "(a: List<N>, b: List<N>) -> List<N>")
def vector_subtract(a: Vector, b: Vector) -> list[Any]:
    """Difference of two vectors, element by element. Fails with `vectors have different lengths`."""
    return _elementwise(a, b, lambda x, y: x - y)


@added("vector-scale", "(a: List<N>, k: N) -> List<N>")
def vector_scale(a: Vector, factor: Any) -> list[Any]:
    """A vector with every element multiplied."""
    return [checked(x * factor) for x in a]


@added("pad-or-truncate", "(list: List<T>, length: Int, fill: T) -> List<T>")
def pad_or_truncate(items: Vector, length: int, fill: Any) -> list[Any]:
    """The list cut or filled up to a length. Fails with `negative length`."""
    if length < 0:
        raise StandardError("negative length")
    check_items(length)
    return [*items[:length], *[fill] * (length - len(items))]


@added("n-grams", "(tokens: List<String>, n: Int) -> List<String>")
def n_grams(tokens: Sequence[str], size: int) -> list[str]:
    """All runs of `n` neighbouring tokens, joined by a blank. Fails with `n must be positive`."""
    if size <= 0:
        raise StandardError("n must be positive")
    runs = max(0, len(tokens) - size + 1)
    check_items(runs * size)
    grams: list[str] = []
    length = 0
    for start in range(runs):
        grams.append(texts_joined(" ", tokens[start : start + size]))
        length += len(grams[-1])
        check_text(length)
    return grams
