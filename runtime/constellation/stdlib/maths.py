"""`stdlib.math`: arithmetic on 64-bit integers and finite floats.

Invariant: an Int result that leaves 64 bits and a Float result that is no number are failures, never values.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from constellation.stdlib.declare import Namespace, Site, StandardError, extended
from constellation.stdlib.limits import INT_MAX, INT_MIN, finite, int64, real
from constellation.stdlib.stats import largest, smallest
from constellation.types.model import FLOAT, INT

namespace = Namespace("stdlib.math")
standard = namespace.standard
added = extended(namespace)


def add_int(a: int, b: int) -> int:
    """Sum of two integers."""
    total = a + b
    if INT_MIN <= total <= INT_MAX:
        return total
    raise StandardError("integer overflow")


def subtract_int(a: int, b: int) -> int:
    """Difference of two integers."""
    rest = a - b
    if INT_MIN <= rest <= INT_MAX:
        return rest
    raise StandardError("integer overflow")


def multiply_int(a: int, b: int) -> int:
    """Product of two integers."""
    product = a * b
    if INT_MIN <= product <= INT_MAX:
        return product
    raise StandardError("integer overflow")


def divide_int(a: int, b: int) -> int:
    """Quotient of two integers, truncated toward zero."""
    if b == 0:
        raise StandardError("division by zero")
    quotient = a // b
    if quotient < 0 and quotient * b != a:
        quotient += 1
    return int64(quotient)


def modulo_int(a: int, b: int) -> int:
    """Remainder of the truncated division of two integers."""
    if b == 0:
        raise StandardError("division by zero")
    return a - b * divide_towards_zero(a, b)


def divide_towards_zero(a: int, b: int) -> int:
    """The truncated quotient, unbounded."""
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def add_float(a: float, b: float) -> float:
    """Sum of two floats."""
    return finite(a + b)


def subtract_float(a: float, b: float) -> float:
    """Difference of two floats."""
    return finite(a - b)


def multiply_float(a: float, b: float) -> float:
    """Product of two floats."""
    return finite(a * b)


def divide_float(a: float, b: float) -> float:
    """Quotient of two floats."""
    if b == 0:
        raise StandardError("division by zero")
    return finite(a / b)


def modulo_float(a: float, b: float) -> float:
    """Remainder of two floats with the sign of the first."""
    if b == 0:
        raise StandardError("division by zero")
    try:
        return finite(math.fmod(a, b))
    except ValueError:
        raise StandardError("result is not a finite number") from None


@standard("add", "(a: N, b: N) -> N", binder=True)
def add(site: Site) -> Callable[..., Any]:
    """Sum of two numbers; the same as `a + b`. Fails with `integer overflow`."""
    return add_float if site.returns == FLOAT else add_int


@standard("subtract", "(a: N, b: N) -> N", binder=True)
def subtract(site: Site) -> Callable[..., Any]:
    """Difference of two numbers; the same as `a - b`. Fails with `integer overflow`."""
    return subtract_float if site.returns == FLOAT else subtract_int


@standard("multiply", "(a: N, b: N) -> N", binder=True)
def multiply(site: Site) -> Callable[..., Any]:
    """Product of two numbers; the same as `a * b`. Fails with `integer overflow`."""
    return multiply_float if site.returns == FLOAT else multiply_int


@standard("divide", "(a: Int, b: Int) -> Int", "(a: N, b: N) -> Float", binder=True)
def divide(site: Site) -> Callable[..., Any]:
    """Quotient of two numbers; the same as `a / b`. The quotient of two Ints is truncated toward zero:
    `divide(-7, 2)` is -3. Fails with `division by zero`, and with `integer overflow` for the smallest Int by -1."""
    return divide_float if site.returns == FLOAT else divide_int


@standard("modulo", "(a: N, b: N) -> N", binder=True)
def modulo(site: Site) -> Callable[..., Any]:
    """Remainder of the division truncated toward zero, with the sign of the dividend: `modulo(-7, 3)` is -1.
    Fails with `division by zero`."""
    return modulo_float if site.returns == FLOAT else modulo_int


@standard("max", "(a: O, b: O) -> O", "last (numbers: List<N>) -> N", binder=True)
def maximum(site: Site) -> Callable[..., Any]:
    """The larger of two values. With one list: its largest number, 0 for an empty list (see `list-max`)."""
    if site.overload == 1 or len(site.parameter_types) == 1:
        return largest(0.0 if site.returns == FLOAT else 0)
    return larger


@standard("min", "(a: O, b: O) -> O", "last (numbers: List<N>) -> N", binder=True)
def minimum(site: Site) -> Callable[..., Any]:
    """The smaller of two values. With one list: its smallest number, 0 for an empty list (see `list-min`)."""
    if site.overload == 1 or len(site.parameter_types) == 1:
        return smallest(0.0 if site.returns == FLOAT else 0)
    return smaller


def larger(a: Any, b: Any) -> Any:
    """The larger of two values, the first when they are equal."""
    return real(b if b > a else a)


def smaller(a: Any, b: Any) -> Any:
    """The smaller of two values, the first when they are equal."""
    return real(b if b < a else a)


@standard("abs", "(value: N) -> N")
def absolute(value: Any) -> Any:
    """Magnitude of a number. Fails with `integer overflow` for the smallest Int."""
    return finite(abs(value)) if type(value) is float else int64(abs(value))


@standard("negate", "(value: N) -> N")
def negate(value: Any) -> Any:
    """`0 - value`. Fails with `integer overflow` for the smallest Int."""
    return finite(0.0 - value) if type(value) is float else int64(-value)


def unchanged(value: Any) -> Any:
    """The value itself."""
    return value


def round_half_up(value: float) -> int:
    """The nearest integer, ties toward positive infinity."""
    lower = math.floor(finite(value))
    return int64(lower + 1 if value - lower >= 0.5 else lower)


@standard("round", "(value: Float) -> Int", "(value: Int) -> Int", binder=True)
def rounded(site: Site) -> Callable[..., Any]:
    """Nearest integer; a tie goes toward positive infinity: 2.5 gives 3, -2.5 gives -2. Fails with `integer
    overflow`."""
    return unchanged if site.parameter_types[0] == INT else round_half_up


@standard("double", "(value: N) -> N")
def double(value: Any) -> Any:
    """Twice the value. Fails with `integer overflow`."""
    return finite(value * 2) if type(value) is float else int64(value * 2)


@added("floor", "(value: Float) -> Int")
def floor(value: float) -> int:
    """Largest integer that is not greater. Fails with `integer overflow`."""
    return int64(math.floor(finite(value)))


@added("ceil", "(value: Float) -> Int")
def ceil(value: float) -> int:
    """Smallest integer that is not less. Fails with `integer overflow`."""
    return int64(math.ceil(finite(value)))


@added("truncate", "(value: Float) -> Int")
def truncate(value: float) -> int:
    """The integer part, toward zero. Fails with `integer overflow`."""
    return int64(math.trunc(finite(value)))


@added("round-to", "(value: Float, digits: Int) -> Float")
def round_to(value: float, digits: int) -> float:
    """Rounded to a number of decimals, ties away from zero on the shortest decimal form: `round-to(2.675, 2)` is
    2.68. Fails with `digits must be between 0 and 15`."""
    if not 0 <= digits <= 15:
        raise StandardError("digits must be between 0 and 15")
    if abs(value) >= 2**53:
        return finite(value)
    from decimal import ROUND_HALF_UP, Context, Decimal

    exact = Context(prec=40, rounding=ROUND_HALF_UP)
    return float(Decimal(repr(finite(value))).quantize(Decimal(1).scaleb(-digits), context=exact))


@added("floor-divide", "(a: Int, b: Int) -> Int")
def floor_divide(a: int, b: int) -> int:
    """Quotient rounded toward negative infinity. Fails with `division by zero`, `integer overflow`."""
    if b == 0:
        raise StandardError("division by zero")
    return int64(a // b)


@added("floor-modulo", "(a: Int, b: Int) -> Int")
def floor_modulo(a: int, b: int) -> int:
    """Remainder with the sign of the divisor. Fails with `division by zero`."""
    if b == 0:
        raise StandardError("division by zero")
    return a % b


def power_int(base: int, exponent: int) -> int:
    """An integer power, its size checked before computing."""
    if exponent < 0:
        raise StandardError("negative exponent")
    if abs(base) > 1 and exponent > 63:
        raise StandardError("integer overflow")
    if abs(base) <= 1:
        return base if exponent % 2 else base * base if exponent else 1
    return int64(base**exponent)


def power_float(base: float, exponent: float) -> float:
    """A float power."""
    try:
        return finite(math.pow(base, exponent))
    except (OverflowError, ValueError):
        raise StandardError("result is not a finite number") from None


@added("pow", "(base: Int, exponent: Int) -> Int", "(base: N, exponent: N) -> Float", binder=True)
def power(site: Site) -> Callable[..., Any]:
    """`base` to the power of `exponent`; 0 to the power of 0 is 1. Fails with `negative exponent` (Ints),
    `integer overflow`, `result is not a finite number`."""
    return power_float if site.returns == FLOAT else power_int


@added("sqrt", "(value: N) -> Float")
def square_root(value: float) -> float:
    """Square root. Fails with `sqrt of a negative number`."""
    if value < 0:
        raise StandardError("sqrt of a negative number")
    return finite(math.sqrt(value))


@added("exp", "(value: N) -> Float")
def exponential(value: float) -> float:
    """e to the power of `value`. Fails with `result is not a finite number`."""
    try:
        return finite(math.exp(value))
    except OverflowError:
        raise StandardError("result is not a finite number") from None


def logarithm(function: Callable[[float], float], value: float) -> float:
    """A logarithm of a positive number."""
    if value <= 0:
        raise StandardError("logarithm of a non-positive number")
    return finite(function(value))


@added("ln", "(value: N) -> Float")
def natural_logarithm(value: float) -> float:
    """Natural logarithm. Fails with `logarithm of a non-positive number`."""
    return logarithm(math.log, value)


@added("log10", "(value: N) -> Float")
def decimal_logarithm(value: float) -> float:
    """Logarithm to base 10. Fails with `logarithm of a non-positive number`."""
    return logarithm(math.log10, value)


@added("log2", "(value: N) -> Float")
def binary_logarithm(value: float) -> float:
    """Logarithm to base 2. Fails with `logarithm of a non-positive number`."""
    return logarithm(math.log2, value)


@added("sin", "(value: Float) -> Float")
def sine(value: float) -> float:
    """Sine of an angle in radians."""
    return math.sin(finite(value))


@added("cos", "(value: Float) -> Float")
def cosine(value: float) -> float:
    """Cosine of an angle in radians."""
    return math.cos(finite(value))


@added("tan", "(value: Float) -> Float")
def tangent(value: float) -> float:
    """Tangent of an angle in radians."""
    return math.tan(finite(value))


@added("atan2", "(y: Float, x: Float) -> Float")
def arc_tangent(y: float, x: float) -> float:
    """Angle in radians of the point (x, y), between -π and π."""
    return finite(math.atan2(y, x))


@added("sign", "(value: N) -> Int")
def sign(value: Any) -> int:
    """-1, 0 or 1."""
    return 1 if value > 0 else -1 if value < 0 else 0


@added("clamp", "(value: O, low: O, high: O) -> O", aliases=("clip",))
def clamp(value: Any, low: Any, high: Any) -> Any:
    """The value kept between two bounds. Fails with `lower bound exceeds upper bound`."""
    if low > high:
        raise StandardError("lower bound exceeds upper bound")
    return real(low if value < low else high if value > high else value)


@added("is-even", "(value: Int) -> Boolean")
def is_even(value: int) -> bool:
    """Whether an integer is a multiple of two."""
    return value % 2 == 0


@added("is-odd", "(value: Int) -> Boolean")
def is_odd(value: int) -> bool:
    """Whether an integer is not a multiple of two."""
    return value % 2 == 1


@added("gcd", "(a: Int, b: Int) -> Int")
def greatest_common_divisor(a: int, b: int) -> int:
    """Greatest common divisor, not negative. Fails with `integer overflow`."""
    return int64(math.gcd(a, b))


@added("lcm", "(a: Int, b: Int) -> Int")
def least_common_multiple(a: int, b: int) -> int:
    """Least common multiple, not negative. Fails with `integer overflow`."""
    return int64(math.lcm(a, b))


@added("percent", "(part: N, whole: N) -> Float")
def percent(part: Any, whole: Any) -> float:
    """`part * 100 / whole`. Fails with `division by zero`."""
    if whole == 0:
        raise StandardError("division by zero")
    return finite(part * 100 / whole)
