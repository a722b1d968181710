"""What an `expect` of a language-server case means: one check per key, each in the file of its kind.

Owns the keys that hold for any result, and the whole table. Refuses to talk to a server.
"""

from __future__ import annotations

from typing import Any

from tests.conformance.lsp_expect import completion, edits, graph, reading, structure
from tests.conformance.lsp_expect.answers import JSON, Answer, Check, Unmet, matches, need, plain, show


def judge(expect: JSON, answer: Answer) -> None:
    """Raises `Unmet` unless every key holds."""
    if answer.error is not None and "error" not in expect:
        raise Unmet(f"unexpected error response: {show(answer.error)}")
    for key, wanted in expect.items():
        check = CHECKS.get(key)
        if check is None:
            raise Unmet(f"this runner does not know the expectation {key!r}")
        check(wanted, answer, expect)


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value[part] if isinstance(value, dict) else None
    return value


def _error(wanted: JSON, answer: Answer, _: JSON) -> None:
    error = answer.error
    need(error is not None, {"error": wanted}, answer.result)
    assert error is not None
    need(error["code"] == wanted["code"] and wanted.get("contains", "") in error["message"], wanted, error)


def _counts(wanted: JSON, answer: Answer, _: JSON) -> None:
    for path, size in wanted.items():
        found = _at(answer.result, path)
        need(found is not None and len(found) == size, {path: size}, found)


def _null(wanted: bool, answer: Answer, _: JSON) -> None:
    need((answer.result is None or answer.result == []) == wanted, None, answer.result)


def _nothing(wanted: Any, answer: Answer, _: JSON) -> None:
    """Judged by the runner itself, or says no more than the absence of an error does."""


CHECKS: dict[str, Check] = {
    "capabilities": plain(lambda w, r: matches(w, (r or {}).get("capabilities"))),
    "error": _error,
    "subset": plain(matches),
    "equals": plain(lambda w, r: bool(w == r)),
    "counts": _counts,
    "result": _nothing,
    "null": _null,
    "no_error": _nothing,
    "same_ids": _nothing,
    "same_structural_hash": _nothing,
    "no_others": _nothing,
    "no_others_of": _nothing,
    **completion.CHECKS,
    **reading.CHECKS,
    **edits.CHECKS,
    **structure.CHECKS,
    **graph.CHECKS,
}
