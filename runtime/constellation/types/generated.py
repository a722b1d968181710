"""Small functions generated from source text, for the conversions that run on every value.

Owns evaluating an expression with given names. Refuses statements and built-ins.

Invariant: what is evaluated is made of literals (`repr`) and of names given with it, never of a user's text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def function_of(parameter: str, expression: str, names: Mapping[str, Any]) -> Callable[[Any], Any]:
    """The function of one parameter that evaluates an expression of it and of `names`."""
    made: Callable[[Any], Any] = eval(f"lambda {parameter}: {expression}", {"__builtins__": {}, **names})
    return made
