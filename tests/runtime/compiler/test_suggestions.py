"""Did you mean."""

from __future__ import annotations

import pytest

from constellation.compiler.suggestions import edit_distance, similar_names


@pytest.mark.parametrize(
    "name, candidates, expected",
    [
        ("uppercase", ["Uppercas", "Uppercase", "UPPERCASE"], ["Uppercase", "UPPERCASE", "Uppercas"]),
        ("mesage", ["message", "massage", "image"], ["message", "massage"]),
        ("abcd", ["abxx", "abce", "abc"], ["abce", "abc"]),
        ("abcde", ["abcxx", "abxxx"], ["abcxx"]),
        ("x", ["y", "X"], ["X"]),
        ("", ["a"], []),
        ("total", ["total"], []),
        ("naem", ["nam", "neam", "name", "namen"], ["nam", "neam", "name"]),
        ("count", ["counta", "countb", "countc", "countd"], ["counta", "countb", "countc"]),
    ],
)
def test_similar_names(name: str, candidates: list[str], expected: list[str]) -> None:
    assert similar_names(name, candidates) == expected


@pytest.mark.parametrize(
    "left, right, distance",
    [("kitten", "sitting", 3), ("", "abc", 3), ("same", "same", 0), ("abc", "xabc", 1), ("nmae", "name", 1)],
)
def test_edit_distance(left: str, right: str, distance: int) -> None:
    assert edit_distance(left, right, 9) == distance
    assert edit_distance(right, left, 9) == distance
    assert edit_distance(left, right, distance) == distance
    if distance:
        assert edit_distance(left, right, distance - 1) == distance
