"""Expectations on what a reader is shown: hover, signatures, places, diagnostics."""

from __future__ import annotations

from tests.conformance.lsp_expect.answers import JSON, Answer, Check, Unmet, flat, need, show

SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}
TAGS = {1: "unnecessary", 2: "deprecated"}
HIGHLIGHT_KINDS = {1: "text", 2: "read", 3: "write"}


def _markup(answer: Answer) -> str:
    contents = (answer.result or {}).get("contents", "")
    return str(contents["value"] if isinstance(contents, dict) else contents)


def _contains(wanted: list[str], answer: Answer, _: JSON) -> None:
    for part in wanted:
        need(part in _markup(answer), part, _markup(answer))


def _not_contains(wanted: list[str], answer: Answer, _: JSON) -> None:
    for part in wanted:
        need(part not in _markup(answer), f"nothing like {part}", _markup(answer))


def _range(wanted: list[int], answer: Answer, _: JSON) -> None:
    result = answer.result or {}
    need(flat(result.get("range", result if "start" in result else None)) == wanted, wanted, result)


def _ranges(wanted: list[list[int]], answer: Answer, _: JSON) -> None:
    result = answer.result
    places: list[JSON] = result if isinstance(result, list) else [result] if result else []
    got = [flat(p.get("targetSelectionRange") or p.get("range")) for p in places]
    need(sorted(map(tuple, wanted)) == sorted(tuple(g or ()) for g in got), wanted, got)


def _label_contains(wanted: str, answer: Answer, _: JSON) -> None:
    need(wanted in _signature(answer)["label"], wanted, answer.result)


def _signature(answer: Answer) -> JSON:
    need(bool(answer.result), "a signature", answer.result)
    found: JSON = answer.result["signatures"][answer.result.get("activeSignature") or 0]
    return found


def _active_parameter(wanted: int, answer: Answer, _: JSON) -> None:
    got = answer.result.get("activeParameter", _signature(answer).get("activeParameter"))
    need(got == wanted, wanted, answer.result)


def _highlights(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    got = [{"range": flat(h["range"]), "kind": HIGHLIGHT_KINDS[h.get("kind", 1)]} for h in answer.result or ()]
    need(sorted(map(show, got)) == sorted(map(show, wanted)), wanted, got)


def _reported(answer: Answer) -> list[JSON]:
    result = answer.result or {}
    return list(result.get("diagnostics", result.get("items")) or ())


def _is(wanted: JSON, got: JSON) -> bool:
    place = got["range"]
    facts = {
        "code": got.get("code"),
        "severity": SEVERITIES.get(got.get("severity", 1)),
        "line": place["start"]["line"],
        "col": place["start"]["character"],
        "end_line": place["end"]["line"],
        "end_col": place["end"]["character"],
    }
    if any(wanted[key] != facts[key] for key in facts.keys() & wanted.keys()):
        return False
    if wanted.get("contains", "") not in got["message"]:
        return False
    if "related_line" in wanted:
        lines = [r["location"]["range"]["start"]["line"] for r in got.get("relatedInformation") or ()]
        if wanted["related_line"] not in lines:
            return False
    return {TAGS[t] for t in got.get("tags") or ()} >= set(wanted.get("tags", ()))


def _diagnostics(wanted: list[JSON], answer: Answer, expect: JSON) -> None:
    left = _reported(answer)
    for entry in wanted:
        found = next((d for d in left if _is(entry, d)), None)
        if found is None:
            raise Unmet(f"expected the diagnostic {show(entry)}, got {show(_reported(answer))}")
        left.remove(found)
    severities = [SEVERITIES.get(d.get("severity", 1)) for d in left]
    if expect.get("no_others"):
        others = [d for d, s in zip(left, severities, strict=True) if s in ("error", "warning")]
        need(not others, "no further errors or warnings", others)
    forbidden = expect.get("no_others_of", ())
    others = [d for d, s in zip(left, severities, strict=True) if s in forbidden]
    need(not others, f"no further {forbidden}", others)


def _none(wanted: bool, answer: Answer, _: JSON) -> None:
    loud = [d for d in _reported(answer) if d.get("severity", 1) <= 2]
    need(not loud, "no errors or warnings", loud)


def _no_hints(wanted: bool, answer: Answer, _: JSON) -> None:
    hints = [d for d in _reported(answer) if d.get("severity", 1) == 4]
    need(not hints, "no hints", hints)


def _count(wanted: JSON, answer: Answer, _: JSON) -> None:
    for severity, number in wanted.items():
        found = [d for d in _reported(answer) if SEVERITIES.get(d.get("severity", 1)) == severity]
        need(len(found) == number, wanted, found)


def _version(wanted: int, answer: Answer, _: JSON) -> None:
    need((answer.result or {}).get("version") == wanted, wanted, answer.result)


def _kind(wanted: str, answer: Answer, _: JSON) -> None:
    need((answer.result or {}).get("kind") == wanted, wanted, answer.result)


CHECKS: dict[str, Check] = {
    "contains": _contains,
    "not_contains": _not_contains,
    "range": _range,
    "ranges": _ranges,
    "label_contains": _label_contains,
    "active_parameter": _active_parameter,
    "highlights": _highlights,
    "diagnostics": _diagnostics,
    "none": _none,
    "count": _count,
    "no_hints": _no_hints,
    "version": _version,
    "kind": _kind,
}
