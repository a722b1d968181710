"""Comparing a run with what a test expects of it.

Owns the meaning of the keys `status`, `outputs`, `error_contains`, `missing_inputs`, `pending_outputs` and `computed`.
Refuses to run anything. Invariant: a check returns silently or raises `Unmet` with what was expected and what came.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from constellation.engine.result import ExecutionResult

TOLERANCE = 1e-12


class Unmet(AssertionError):
    """An expectation that does not hold; the text says what was expected and what came."""


def same_json(actual: object, expected: object) -> bool:
    """Equal as JSON: key order is irrelevant, numbers compare by value with a relative tolerance of 1e-12."""
    if isinstance(expected, bool) or isinstance(actual, bool) or expected is None or actual is None:
        return actual is expected
    if isinstance(expected, int | float) and isinstance(actual, int | float):
        return actual == expected or math.isclose(actual, expected, rel_tol=TOLERANCE)
    if isinstance(expected, dict) and isinstance(actual, dict):
        wanted, found = cast("dict[str, object]", expected), cast("dict[str, object]", actual)
        return found.keys() == wanted.keys() and all(same_json(found[k], v) for k, v in wanted.items())
    if isinstance(expected, list) and isinstance(actual, list):
        items, others = cast("list[object]", actual), cast("list[object]", expected)
        return len(items) == len(others) and all(map(same_json, items, others))
    return bool(actual == expected)


def check_result(expected: Mapping[str, Any], result: ExecutionResult) -> None:
    """Raise `Unmet` unless the result is as expected. Keys that are absent are not checked; no `status` = completed."""
    status = expected.get("status", "completed")
    if result.status.value != status:
        detail = f": {error_text(result)}" if result.errors else ""
        missing = f" (missing inputs: {', '.join(result.missing_inputs)})" if result.missing_inputs else ""
        raise Unmet(f"expected status {status}, got {result.status.value}{detail}{missing}")
    if "outputs" in expected:
        check_outputs(expected["outputs"], result)
    if "error_contains" in expected and expected["error_contains"] not in error_text(result):
        raise Unmet(f"expected an error containing {expected['error_contains']!r}, got {error_text(result)!r}")
    for key, actual in (("missing_inputs", result.missing_inputs), ("pending_outputs", result.pending_outputs)):
        if key in expected:
            _check_names(key.replace("_", " "), expected[key], actual)
    computed: dict[str, object] = result.to_json().get("computedNodes", {})
    for name, value in expected.get("computed", {}).items():
        if name not in computed or not same_json(computed[name], value):
            raise Unmet(f"expected computed {name} = {_shown(value)}, got {_shown(computed.get(name))}")


def check_outputs(expected: Mapping[str, object], result: ExecutionResult) -> None:
    """Raise `Unmet` unless exactly these outputs have exactly these values."""
    actual: dict[str, object] = result.to_json()["outputs"]
    differences = [
        f"{name}: expected {_shown(expected[name])}, got {_shown(actual[name]) if name in actual else 'nothing'}"
        for name in expected
        if name not in actual or not same_json(actual[name], expected[name])
    ]
    differences += [f"{name}: expected nothing, got {_shown(actual[name])}" for name in actual if name not in expected]
    if differences:
        detail = f" ({error_text(result)})" if result.errors else ""
        raise Unmet("outputs differ: " + "; ".join(differences) + detail)


def error_text(result: ExecutionResult) -> str:
    """The messages of everything that failed, joined as the API joins them."""
    return "; ".join(e.message for e in result.errors)


def _check_names(what: str, expected: Iterable[str], actual: Iterable[str]) -> None:
    if set(expected) != set(actual):
        raise Unmet(f"expected {what} {sorted(expected)}, got {sorted(actual)}")


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
