"""What a request of a language-server case gave, and the comparing that every kind of expectation needs.

Owns `Answer`, `Unmet` and the deep subset. Knows no single expectation.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

JSON = dict[str, Any]


class Unmet(Exception):
    """An expectation that does not hold."""


@dataclass
class Answer:
    """What a request gave: its result or its error, and what is needed to judge it."""

    result: Any = None
    error: JSON | None = None
    text: str = ""
    uri: str = ""
    legend: JSON = field(default_factory=dict[str, Any])


Check = Callable[[Any, Answer, JSON], None]
"""What judges one key: its value, the answer, and the whole `expect`; raises `Unmet`."""


def show(value: object) -> str:
    """A value in a message."""
    return json.dumps(value, ensure_ascii=False, default=str)[:1500]


def need(holds: bool, wanted: object, got: object) -> None:
    """Raise `Unmet` with both unless it holds."""
    if not holds:
        raise Unmet(f"expected {show(wanted)}, got {show(got)}")


def flat(value: JSON | None) -> list[int] | None:
    """A range as line, character, line, character."""
    if value is None:
        return None
    return [value["start"]["line"], value["start"]["character"], value["end"]["line"], value["end"]["character"]]


def matches(wanted: Any, got: Any) -> bool:
    """A deep subset: `"*"` is any value but null, `"~x"` a string containing x; lists go element by element."""
    if wanted == "*":
        return got is not None
    if isinstance(wanted, str) and wanted.startswith("~"):
        return isinstance(got, str) and wanted[1:] in got
    if isinstance(wanted, dict):
        return isinstance(got, dict) and all(_entry(k, v, got) for k, v in wanted.items())
    if isinstance(wanted, list):
        return isinstance(got, list) and len(wanted) == len(got) and all(map(matches, wanted, got))
    return bool(wanted == got) and isinstance(wanted, bool) == isinstance(got, bool)


def _entry(key: str, wanted: Any, got: JSON) -> bool:
    if key.endswith("_include") and key not in got:
        return set(wanted) <= set(got.get(key.removesuffix("_include")) or ())
    if key.endswith("_prefix") and key not in got:
        found = got.get(key.removesuffix("_prefix")) or []
        return bool(found[: len(wanted)] == wanted)
    if wanted is None:
        return got.get(key) is None
    return key in got and matches(wanted, got[key])


def plain(test: Callable[[Any, Any], bool]) -> Check:
    """A check of nothing but the result."""

    def check(wanted: Any, answer: Answer, _: JSON) -> None:
        need(test(wanted, answer.result), wanted, answer.result)

    return check
