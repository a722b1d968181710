"""The text form of values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constellation.types.text import render_text
from constellation.types.values import NONE, Some, Variant


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (3, "3"),
        (1.0, "1.0"),
        (1e16, "1e+16"),
        (0.1, "0.1"),
        (True, "true"),
        (NONE, ""),
        (Some(Some("x")), "x"),
        (["a", 1.5], "[a, 1.5]"),
        ({"k": "v", "n": [True]}, "{k: v, n: [true]}"),
        (Variant("Int", 3), "3"),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        ((), "[]"),
    ],
)
def test_text_forms(value: Any, text: str) -> None:
    assert render_text(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_read_back_and_never_look_like_integers(value: float) -> None:
    text = render_text(value)
    assert float(text) == value and ("." in text or "e" in text)


def test_what_is_no_value_has_no_text() -> None:
    with pytest.raises(TypeError, match="set is no language value"):
        render_text({1})
