"""The text form of values: what interpolation, `to-string`, `format` and `log` write.

Invariant: total and independent of locale; a Float always shows a point or an exponent, strings are never quoted.
"""

from __future__ import annotations

from typing import Any

from constellation.types.values import NONE, Some, Variant


def render_text(value: Any) -> str:
    """The text form of any language value.

    String as it is, Int in decimal, Float as the shortest decimal that reads back the same, Boolean `true`/`false`,
    absent as nothing, present and union values as their content, lists `[a, b]`, maps and records `{k: v}`.
    """
    kind: Any = value.__class__
    if kind is str:
        text: str = value
        return text
    if kind is int:
        return str(value)
    if kind is float:
        return render_float(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is list or kind is tuple:
        return "[" + ", ".join(map(render_text, value)) + "]"
    if kind is dict:
        return "{" + ", ".join(f"{render_text(k)}: {render_text(v)}" for k, v in value.items()) + "}"
    if kind is Some or kind is Variant:
        return render_text(value.value)
    if value is NONE:
        return ""
    raise TypeError(f"{kind.__name__} is no language value")


def render_float(value: float) -> str:
    """A Float's text: `20.0`, `0.1`, `1e+16`; `NaN`, `Infinity` and `-Infinity` for the three that are no numbers."""
    if value - value == 0.0:
        return repr(value)
    if value != value:
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"
