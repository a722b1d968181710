"""Did you mean."""

from __future__ import annotations

import pytest

from constellation.compiler.checker import Checker
from constellation.compiler.suggestions import edit_distance, similar_names
from constellation.modules.registry import ModuleRegistry
from constellation.stdlib import NAMESPACE_ALIASES, NAMESPACE_MEMBERS, load
from constellation_grammar.parser import parse


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


@pytest.mark.parametrize(
    ("method", "advice"),
    [
        ("trim", "write trim(name)"),
        ("upper", "write uppercase(name)"),
        ("frobnicate", "a function takes the value as an argument"),
    ],
)
def test_a_method_call_suggests_only_a_function_that_exists(method: str, advice: str) -> None:
    text = f"in name: String\nx = name.{method}()\nout x\n"
    table = ModuleRegistry(load(), NAMESPACE_ALIASES, NAMESPACE_MEMBERS).table
    (error,) = Checker(table).check(parse(text), text=text).errors
    assert error.message == f"Undefined namespace: name (constellation-lang has no methods; {advice})"
