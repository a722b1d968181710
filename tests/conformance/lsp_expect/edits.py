"""Expectations on edits and code actions, judged by the text they lead to."""

from __future__ import annotations

import re
from typing import Any

from tests.conformance.lsp_client import edited
from tests.conformance.lsp_expect.answers import JSON, Answer, Check, need


def _edits_of(result: Any, uri: str) -> list[JSON]:
    if isinstance(result, list):
        return result
    if not isinstance(result, dict):
        return []
    for change in result.get("documentChanges") or ():
        if change.get("textDocument", {}).get("uri") == uri:
            return list(change["edits"])
    return list((result.get("changes") or {}).get(uri, ()))


def _after(answer: Answer, result: Any) -> str:
    edits = [{**e, "newText": re.sub(r"\$\{\d+:([^}]*)\}|\$\d+", r"\1", e["newText"])} if _snippet(e) else e
             for e in _edits_of(result, answer.uri)]  # fmt: skip
    return edited(answer.text, edits)


def _snippet(edit: JSON) -> bool:
    return edit.get("insertTextFormat") == 2


def _text_after(wanted: str, answer: Answer, _: JSON) -> None:
    got = _after(answer, answer.result)
    need(got == wanted, wanted, got)


def _text_after_matches(wanted: str, answer: Answer, _: JSON) -> None:
    got = _after(answer, answer.result)
    need(re.search(wanted, got) is not None, wanted, got)


def _no_edits(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    need((answer.result or []) == wanted, wanted, answer.result)


def _action(wanted: JSON, answer: Answer, _: JSON) -> None:
    actions: list[JSON] = answer.result or []
    chosen = [
        a
        for a in actions
        if a.get("kind") == wanted.get("kind", a.get("kind")) and wanted.get("title_contains", "") in a["title"]
    ]
    need(bool(chosen), wanted, [(a["title"], a.get("kind")) for a in actions])
    action = chosen[0]
    if wanted.get("preferred"):
        need(bool(action.get("isPreferred")), "a preferred action", action)
    if "fixes" in wanted:
        codes = [d.get("code") for d in action.get("diagnostics") or ()]
        need(wanted["fixes"] in codes, wanted["fixes"], codes)
    if "text_after" in wanted:
        _text_after(wanted["text_after"], Answer(action.get("edit"), None, answer.text, answer.uri), {})
    if "text_after_matches" in wanted:
        _text_after_matches(wanted["text_after_matches"], Answer(action.get("edit"), None, answer.text, answer.uri), {})


def _actions(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    need((answer.result or []) == wanted, wanted, [a["title"] for a in answer.result or ()])


CHECKS: dict[str, Check] = {
    "text_after": _text_after,
    "text_after_matches": _text_after_matches,
    "edits": _no_edits,
    "action": _action,
    "actions": _actions,
}
