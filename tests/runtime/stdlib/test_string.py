"""`stdlib.string` against Python's own string functions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from constellation.types.text import MAX_TEXT
from constellation.types.values import NONE, Some
from tests.runtime.stdlib.calling import call, fails

texts = st.text(st.sampled_from("ab ,.!?\n\r\tßÀİ😀-_%{}0"), max_size=30) | st.text(max_size=20)
short = st.text(st.sampled_from("ab, 😀"), max_size=3)


def lines(text: str) -> list[str]:
    """Lines without their ends, empty ones at the end dropped."""
    if not text:
        return [""]
    found = re.split(r"\r?\n", text)
    while found and not found[-1]:
        del found[-1]
    return found


ONE: dict[str, Callable[[str], Any]] = {
    "string-length": len,
    "trim": str.strip,
    "trim-start": str.lstrip,
    "trim-end": str.rstrip,
    "uppercase": str.upper,
    "lowercase": str.lower,
    "word-count": lambda t: len(t.split()),
    "split-words": str.split,
    "split-lines": lines,
    "line-count": lambda t: len(lines(t)),
    "chars": list,
    "reverse": lambda t: t[::-1],
    "is-empty": lambda t: t == "",
    "is-blank": lambda t: t.strip() == "",
    "capitalize": lambda t: t[:1].upper() + t[1:],
    "length": len,
    "sentence-count": lambda t: len([p for p in re.split(r"[.!?]+", t) if p.strip()]),
}
TWO: dict[str, Callable[[str, str], Any]] = {
    "concat": lambda a, b: a + b,
    "contains": lambda a, b: b in a,
    "starts-with": str.startswith,
    "ends-with": str.endswith,
    "remove-prefix": str.removeprefix,
    "remove-suffix": str.removesuffix,
    "split": lambda a, b: a.split(b) if b else [a],
    "index-of": lambda a, b: Some(a.find(b)) if b in a else NONE,
    "equals-ignore-case": lambda a, b: a.casefold() == b.casefold(),
    "tokenize": lambda a, b: [p for p in a.split(b) if p] if b else [a] if a else [],
}


@pytest.mark.parametrize("name", ONE)
@settings(max_examples=30)
@given(text=texts)
def test_of_one_text(name: str, text: str) -> None:
    assert call(name, text) == ONE[name](text)


@pytest.mark.parametrize("name", TWO)
@settings(max_examples=30)
@given(a=texts, b=short)
def test_of_two_texts(name: str, a: str, b: str) -> None:
    assert call(name, a, b) == TWO[name](a, b)


@given(texts, short, short)
def test_replace(value: str, target: str, replacement: str) -> None:
    assert call("replace", value, target, replacement) == value.replace(target, replacement)
    assert call("replace-first", value, target, replacement) == value.replace(target, replacement, 1)


def test_replace_does_not_look_at_its_result_again() -> None:
    assert call("replace", "aaaa", "aa", "b") == "bb"
    assert call("replace", "a   b", "  ", " ") == "a  b"
    assert call("replace", "ab", "", "-") == "-a-b-"


@given(texts, st.integers(-2, 40), st.integers(-2, 40))
def test_substring_is_clipped(value: str, start: int, end: int) -> None:
    if min(start, end) < 0:
        fails("negative index", "substring", value, start, end)
    else:
        assert call("substring", value, start, end) == value[start:end]


@given(texts, st.integers(-40, 40))
def test_char_at_counts_from_both_ends(value: str, index: int) -> None:
    expected = Some(value[index]) if -len(value) <= index < len(value) else NONE
    assert call("char-at", value, index) == expected


@given(texts, st.integers(0, 40), st.text(min_size=1, max_size=1))
def test_padding(value: str, width: int, fill: str) -> None:
    assert call("pad-left", value, width, fill) == fill * (width - len(value)) + value
    assert call("pad-right", value, width, fill) == value + fill * (width - len(value))


@given(st.lists(texts, max_size=5), short)
def test_join_and_split_are_inverse(pieces: list[str], separator: str) -> None:
    joined = call("join", pieces, separator)
    assert joined == separator.join(pieces)


@given(texts)
def test_url_encoding_is_undone(text: str) -> None:
    encoded = call("url-encode", text)
    assert re.fullmatch(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})*", encoded)
    assert call("url-decode", encoded) == text


@given(texts, st.integers(1, 20))
def test_abbreviate_keeps_within_the_limit(text: str, longest: int) -> None:
    result = call("abbreviate", text, longest)
    assert len(result) <= longest
    assert result == text or (result.endswith("…") and text.startswith(result[:-1]))


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("title-case", ("hELLO wORLD  of o'neil",), "Hello World  Of O'neil"),
        ("slugify", ("  Crème brûlée & Co. — Straße!  ",), "creme-brulee-co-strae"),
        ("format", ("{1} {{x}} {0} {1}", ["a", "b"]), "b {x} a b"),
        ("format", ("{0}", [1.0]), "1.0"),
        ("average-word-length", ("ab abcd",), 3.0),
        ("average-word-length", ("  ",), 0.0),
        ("count-substring", ("aaaa", "aa"), 2),
        ("repeat", ("ab", 3), "ababab"),
        ("contains-any", ("abc", ["x", "b"]), True),
        ("contains-any", ("abc", ["x"]), False),
        ("contains-all", ("abc", ["a", "b"]), True),
        ("contains-all", ("abc", ["a", "x"]), False),
        ("tokenize", (" a  b ",), ["a", "b"]),
        ("string-length", ("😀é",), 2),
        ("uppercase", ("straße",), "STRASSE"),
        ("split", ("a,b,", ","), ["a", "b", ""]),
        ("split-lines", ("a\r\nb\n\n",), ["a", "b"]),
        ("split-lines", ("\n\n",), []),
    ],
)
def test_examples(name: str, arguments: tuple[Any, ...], result: object) -> None:
    assert call(name, *arguments) == result


@pytest.mark.parametrize(
    ("message", "name", "arguments"),
    [
        ("empty search text", "count-substring", ("a", "")),
        ("negative count", "repeat", ("a", -1)),
        ("fill must be one character", "pad-left", ("a", 3, "")),
        ("fill must be one character", "pad-right", ("a", 3, "xy")),
        ("max must be positive", "abbreviate", ("a", 0)),
        ("invalid percent-encoding", "url-decode", ("50%",)),
        ("invalid percent-encoding", "url-decode", ("%FF",)),
        ("format index 2 out of range", "format", ("{2}", ["a"])),
        ("format index 99999999999999999999 out of range", "format", ("{99999999999999999999}", ["a"])),
    ],
)
def test_failures(message: str, name: str, arguments: tuple[Any, ...]) -> None:
    fails(message, name, *arguments)


def test_results_are_bounded_before_they_are_made() -> None:
    message = f"result too large: more than {MAX_TEXT} characters"
    fails(message, "repeat", "ab", 2**62)
    fails(message, "pad-left", "a", 2**62, "x")
    half = "x" * (MAX_TEXT // 2 + 1)
    fails(message, "concat", half, half)
    fails(message, "replace", half, "x", "xy" * 4)
    fails(message, "join", [half, half], "")
    fails(message, "format", "{0}{0}{0}", [half])


def test_one_long_text_many_times_is_refused_before_it_is_written() -> None:
    message = f"result too large: more than {MAX_TEXT} characters"
    many = ["x" * MAX_TEXT] * 100_000
    for name in ("to-string", "to-json", "log"):
        fails(message, name, many)
        fails(message, name, Some({"deep": many}))
    fails(message, "format", "{0}", [many])
    fails(message, "n-grams", many, 1)
    fails(message, "one-of", "a", many)
    fails(message, "regex-groups", many[0], "((x*))")
    fails(message, "regex-replace", many[0], "^", "$$")
