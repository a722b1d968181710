"""The text form of values: what interpolation, `to-string`, `format` and `log` write, and how long a text may become.

Invariant: `render_text` is total and independent of locale; a Float always shows a point or an exponent, strings are
never quoted.
"""

from __future__ import annotations

from typing import Any, Final

from constellation.types.values import NONE, Some, Variant

MAX_TEXT: Final = 10 * 2**20
"""Code points of a text that an interpolation or a function may produce."""


class TextTooLong(ValueError):
    """A text would have more than `MAX_TEXT` code points."""

    def __init__(self) -> None:
        super().__init__(f"result too large: more than {MAX_TEXT} characters")


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


_SHORT: Final = frozenset((int, float, bool))
"""Classes of values whose text is never long."""


def text_form(value: Any) -> str:
    """The text form of a value; raises TextTooLong."""
    if value.__class__ in _SHORT:
        return render_text(value)
    check_text_form(value)
    text = render_text(value)
    if len(text) > MAX_TEXT:
        raise TextTooLong
    return text


def check_text_form(value: Any) -> None:
    """Raise TextTooLong if the text form, or JSON, is certainly too long, without writing it: a list may hold one long
    text many times."""
    length = 0
    waiting = [value]
    while waiting:
        found = waiting.pop()
        kind: Any = found.__class__
        if kind is str:
            length += len(found)
        elif kind is list or kind is tuple:
            length += 2 * len(found)
            waiting += found
        elif kind is dict:
            length += 2 * len(found)
            waiting += found
            waiting += found.values()
        elif kind is Some or kind is Variant:
            waiting.append(found.value)
        if length > MAX_TEXT:
            raise TextTooLong
