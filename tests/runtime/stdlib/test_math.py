"""`stdlib.math` against plain arithmetic."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.stdlib.calling import call, fails

MIN, MAX = -(2**63), 2**63 - 1
ints = st.integers(MIN, MAX) | st.integers(-100, 100) | st.sampled_from([MIN, MAX, 0, -1, 1])
floats = st.floats(allow_nan=False, allow_infinity=False)


def check_int(name: str, exact: int, *arguments: int) -> None:
    """The exact result when it fits 64 bits, else an overflow."""
    if MIN <= exact <= MAX:
        result = call(name, *arguments)
        assert result == exact and type(result) is int
    else:
        fails("integer overflow", name, *arguments)


@given(ints, ints)
def test_int_arithmetic_is_exact_or_overflows(a: int, b: int) -> None:
    check_int("add", a + b, a, b)
    check_int("subtract", a - b, a, b)
    check_int("multiply", a * b, a, b)
    check_int("negate", -a, a)
    check_int("abs", abs(a), a)
    check_int("double", 2 * a, a)
    check_int("gcd", math.gcd(a, b), a, b)
    check_int("lcm", math.lcm(a, b), a, b)


@given(ints, ints)
def test_int_division_truncates_toward_zero(a: int, b: int) -> None:
    if b == 0:
        for name in ("divide", "modulo", "floor-divide", "floor-modulo"):
            fails("division by zero", name, a, b)
        return
    quotient = math.trunc(Fraction(a, b))
    check_int("divide", quotient, a, b)
    check_int("modulo", a - quotient * b, a, b)
    check_int("floor-divide", a // b, a, b)
    check_int("floor-modulo", a % b, a, b)


@given(floats, floats)
def test_float_arithmetic_is_finite_or_fails(a: float, b: float) -> None:
    for name, exact in (("add", a + b), ("subtract", a - b), ("multiply", a * b)):
        if math.isfinite(exact):
            assert call(name, a, b) == exact
        else:
            fails("result is not a finite number", name, a, b)
    if b == 0:
        fails("division by zero", "divide", a, b)
        fails("division by zero", "modulo", a, b)
    else:
        assert call("modulo", a, b) == math.fmod(a, b)


@pytest.mark.parametrize(
    ("value", "nearest"),
    [(0.5, 1), (2.5, 3), (-0.5, 0), (-2.5, -2), (0.49999999999999994, 0), (1.5, 2), (-1.5, -1), (2.4, 2), (-2.6, -3)],
)
def test_round_takes_ties_toward_positive_infinity(value: float, nearest: int) -> None:
    assert call("round", value) == nearest


@given(floats)
def test_rounding_agrees_with_exact_arithmetic(value: float) -> None:
    exact = Fraction(value)
    check_rounded("round", math.floor(exact + Fraction(1, 2)), value)
    check_rounded("floor", math.floor(exact), value)
    check_rounded("ceil", math.ceil(exact), value)
    check_rounded("truncate", math.trunc(exact), value)


def check_rounded(name: str, exact: int, value: float) -> None:
    """The same for functions from Float to Int."""
    if MIN <= exact <= MAX:
        assert call(name, value) == exact
    else:
        fails("integer overflow", name, value)


@given(st.floats(-1e12, 1e12), st.integers(0, 15))
def test_round_to_works_on_the_shortest_decimal_form(value: float, digits: int) -> None:
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    assert call("round-to", value, digits) == float(exact)


def test_round_to_examples() -> None:
    assert call("round-to", 2.675, 2) == 2.68
    assert call("round-to", -2.5, 0) == -3.0
    assert call("round-to", 1e300, 3) == 1e300
    fails("digits must be between 0 and 15", "round-to", 1.0, 16)


@given(st.integers(-20, 20) | ints, st.integers(-2, 100) | st.just(10**12))
def test_integer_power(base: int, exponent: int) -> None:
    if exponent < 0:
        fails("negative exponent", "pow", base, exponent)
    elif abs(base) > 1 and exponent > 63:
        fails("integer overflow", "pow", base, exponent)
    elif exponent > 100:
        assert call("pow", base, exponent) == (base if exponent % 2 else base * base)
    else:
        check_int("pow", base**exponent, base, exponent)


def test_float_power_root_and_logarithms_refuse_what_is_no_number() -> None:
    assert call("pow", 2.0, 0.5) == math.sqrt(2)
    fails("result is not a finite number", "pow", -8.0, 0.5)
    fails("result is not a finite number", "pow", 10.0, 400.0)
    fails("sqrt of a negative number", "sqrt", -1)
    fails("result is not a finite number", "exp", 1000)
    for name in ("ln", "log10", "log2"):
        fails("logarithm of a non-positive number", name, 0)
    assert call("ln", math.e) == 1.0 and call("log10", 1000) == 3.0 and call("log2", 8) == 3.0


@given(ints, ints, ints)
def test_order(a: int, b: int, c: int) -> None:
    assert call("max", a, b) == max(a, b) and call("min", a, b) == min(a, b)
    assert call("sign", a) == (a > 0) - (a < 0)
    assert call("is-even", a) == (a % 2 == 0) and call("is-odd", a) == (a % 2 == 1)
    if b > c:
        fails("lower bound exceeds upper bound", "clamp", a, b, c)
    else:
        assert call("clamp", a, b, c) == min(max(a, b), c)


@given(st.lists(ints))
def test_max_and_min_of_a_list(numbers: list[int]) -> None:
    assert call("max", numbers) == max(numbers, default=0)
    assert call("min", numbers) == min(numbers, default=0)


def test_percent() -> None:
    assert call("percent", 1, 8) == 12.5
    fails("division by zero", "percent", 1, 0)


def test_angles() -> None:
    assert call("sin", 0.0) == 0.0 and call("cos", 0.0) == 1.0 and call("tan", 0.0) == 0.0
    assert call("atan2", 1.0, 0.0) == math.pi / 2
