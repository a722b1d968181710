"""What an `expect` of a language-server case means. One function per key; each raises `Unmet` with what came instead.

Owns the comparison of answers with expectations. Refuses to talk to a server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.conformance.lsp_client import edited, position_of

JSON = dict[str, Any]
SEVERITIES = {1: "error", 2: "warning", 3: "information", 4: "hint"}
TAGS = {1: "unnecessary", 2: "deprecated"}
COMPLETION_MODIFIERS = ("_contains",)
SYMBOL_KINDS = {2: "Module", 7: "Property", 8: "Field", 13: "Variable", 23: "Struct", 26: "TypeParameter"}
HIGHLIGHT_KINDS = {1: "text", 2: "read", 3: "write"}
HINT_KINDS = {1: "type", 2: "parameter"}


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


def judge(expect: JSON, answer: Answer) -> None:
    """Raises `Unmet` unless every key holds."""
    if answer.error is not None and "error" not in expect:
        raise Unmet(f"unexpected error response: {_show(answer.error)}")
    for key, wanted in expect.items():
        check = CHECKS.get(key)
        if check is None:
            raise Unmet(f"this runner does not know the expectation {key!r}")
        check(wanted, answer, expect)


def _show(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:1500]


def _need(holds: bool, wanted: object, got: object) -> None:
    if not holds:
        raise Unmet(f"expected {_show(wanted)}, got {_show(got)}")


def _flat(value: JSON | None) -> list[int] | None:
    if value is None:
        return None
    return [value["start"]["line"], value["start"]["character"], value["end"]["line"], value["end"]["character"]]


# ------------------------------------------------------------------------------------------- generic results


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


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = value[part] if isinstance(value, dict) else None
    return value


def _error(wanted: JSON, answer: Answer, _: JSON) -> None:
    error = answer.error
    _need(error is not None, {"error": wanted}, answer.result)
    assert error is not None
    _need(error["code"] == wanted["code"] and wanted.get("contains", "") in error["message"], wanted, error)


def _counts(wanted: JSON, answer: Answer, _: JSON) -> None:
    for path, size in wanted.items():
        found = _at(answer.result, path)
        _need(found is not None and len(found) == size, {path: size}, found)


def _null(wanted: bool, answer: Answer, _: JSON) -> None:
    _need((answer.result is None or answer.result == []) == wanted, None, answer.result)


# ----------------------------------------------------------------------------------------------- completion


def _items(answer: Answer) -> list[JSON]:
    result = answer.result
    found: list[JSON] = result["items"] if isinstance(result, dict) else result or []
    return found


def _labels(answer: Answer) -> list[str]:
    return [item["label"] for item in _items(answer)]


def _item(answer: Answer, label: str) -> JSON:
    found = next((i for i in _items(answer) if i["label"] == label), None)
    if found is None:
        raise Unmet(f"no completion item {label!r}, got {_labels(answer)[:40]}")
    return found


def _labels_include(wanted: list[str], answer: Answer, _: JSON) -> None:
    _need(set(wanted) <= set(_labels(answer)), wanted, _labels(answer))


def _labels_exclude(wanted: list[str], answer: Answer, _: JSON) -> None:
    found = set(wanted) & set(_labels(answer))
    _need(not found, f"none of {wanted}", sorted(found))


def _labels_equal(wanted: list[str], answer: Answer, _: JSON) -> None:
    _need(set(wanted) == set(_labels(answer)), wanted, _labels(answer))


def _sorted_before(wanted: list[list[str]], answer: Answer, _: JSON) -> None:
    for first, second in wanted:
        keys = [_item(answer, label).get("sortText", label) for label in (first, second)]
        _need(keys[0] < keys[1], f"{first} before {second}", keys)


def _one_item(wanted: JSON, answer: Answer, _: JSON) -> None:
    item = _item(answer, wanted["label"])
    for key, value in wanted.items():
        if key.endswith("_contains"):
            _need(value in str(item.get(key.removesuffix("_contains"))), {key: value}, item)
        elif key == "additionalTextEdits":
            got = [{"range": _flat(e["range"]), "newText": e["newText"]} for e in item.get(key) or ()]
            _need(got == value, value, got)
        else:
            _need(item.get(key) == value, {key: value}, item)


def _replaces(wanted: JSON, answer: Answer, _: JSON) -> None:
    edit = _item(answer, wanted["label"])["textEdit"]
    _need(_flat(edit.get("range") or edit.get("insert")) == wanted["range"], wanted, edit)


# ------------------------------------------------------------------------------------- hover, signature, places


def _markup(answer: Answer) -> str:
    contents = (answer.result or {}).get("contents", "")
    return str(contents["value"] if isinstance(contents, dict) else contents)


def _contains(wanted: list[str], answer: Answer, _: JSON) -> None:
    for part in wanted:
        _need(part in _markup(answer), part, _markup(answer))


def _not_contains(wanted: list[str], answer: Answer, _: JSON) -> None:
    for part in wanted:
        _need(part not in _markup(answer), f"nothing like {part}", _markup(answer))


def _range(wanted: list[int], answer: Answer, _: JSON) -> None:
    result = answer.result or {}
    _need(_flat(result.get("range", result if "start" in result else None)) == wanted, wanted, result)


def _ranges(wanted: list[list[int]], answer: Answer, _: JSON) -> None:
    result = answer.result
    places: list[JSON] = result if isinstance(result, list) else [result] if result else []
    got = [_flat(p.get("targetSelectionRange") or p.get("range")) for p in places]
    _need(sorted(map(tuple, wanted)) == sorted(tuple(g or ()) for g in got), wanted, got)


def _label_contains(wanted: str, answer: Answer, _: JSON) -> None:
    _need(wanted in _signature(answer)["label"], wanted, answer.result)


def _signature(answer: Answer) -> JSON:
    _need(bool(answer.result), "a signature", answer.result)
    found: JSON = answer.result["signatures"][answer.result.get("activeSignature") or 0]
    return found


def _active_parameter(wanted: int, answer: Answer, _: JSON) -> None:
    got = answer.result.get("activeParameter", _signature(answer).get("activeParameter"))
    _need(got == wanted, wanted, answer.result)


def _highlights(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    got = [{"range": _flat(h["range"]), "kind": HIGHLIGHT_KINDS[h.get("kind", 1)]} for h in answer.result or ()]
    _need(sorted(map(_show, got)) == sorted(map(_show, wanted)), wanted, got)


# ---------------------------------------------------------------------------------------------- diagnostics


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
            raise Unmet(f"expected the diagnostic {_show(entry)}, got {_show(_reported(answer))}")
        left.remove(found)
    severities = [SEVERITIES.get(d.get("severity", 1)) for d in left]
    if expect.get("no_others"):
        others = [d for d, s in zip(left, severities, strict=True) if s in ("error", "warning")]
        _need(not others, "no further errors or warnings", others)
    forbidden = expect.get("no_others_of", ())
    others = [d for d, s in zip(left, severities, strict=True) if s in forbidden]
    _need(not others, f"no further {forbidden}", others)


def _none(wanted: bool, answer: Answer, _: JSON) -> None:
    loud = [d for d in _reported(answer) if d.get("severity", 1) <= 2]
    _need(not loud, "no errors or warnings", loud)


def _no_hints(wanted: bool, answer: Answer, _: JSON) -> None:
    hints = [d for d in _reported(answer) if d.get("severity", 1) == 4]
    _need(not hints, "no hints", hints)


def _count(wanted: JSON, answer: Answer, _: JSON) -> None:
    for severity, number in wanted.items():
        found = [d for d in _reported(answer) if SEVERITIES.get(d.get("severity", 1)) == severity]
        _need(len(found) == number, wanted, found)


def _version(wanted: int, answer: Answer, _: JSON) -> None:
    _need((answer.result or {}).get("version") == wanted, wanted, answer.result)


def _kind(wanted: str, answer: Answer, _: JSON) -> None:
    _need((answer.result or {}).get("kind") == wanted, wanted, answer.result)


# ------------------------------------------------------------------------------------------- edits and actions


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
    _need(got == wanted, wanted, got)


def _text_after_matches(wanted: str, answer: Answer, _: JSON) -> None:
    got = _after(answer, answer.result)
    _need(re.search(wanted, got) is not None, wanted, got)


def _no_edits(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    _need((answer.result or []) == wanted, wanted, answer.result)


def _action(wanted: JSON, answer: Answer, _: JSON) -> None:
    actions: list[JSON] = answer.result or []
    chosen = [
        a
        for a in actions
        if a.get("kind") == wanted.get("kind", a.get("kind")) and wanted.get("title_contains", "") in a["title"]
    ]
    _need(bool(chosen), wanted, [(a["title"], a.get("kind")) for a in actions])
    action = chosen[0]
    if wanted.get("preferred"):
        _need(bool(action.get("isPreferred")), "a preferred action", action)
    if "fixes" in wanted:
        codes = [d.get("code") for d in action.get("diagnostics") or ()]
        _need(wanted["fixes"] in codes, wanted["fixes"], codes)
    if "text_after" in wanted:
        _text_after(wanted["text_after"], Answer(action.get("edit"), None, answer.text, answer.uri), {})
    if "text_after_matches" in wanted:
        _text_after_matches(wanted["text_after_matches"], Answer(action.get("edit"), None, answer.text, answer.uri), {})


def _actions(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    _need((answer.result or []) == wanted, wanted, [a["title"] for a in answer.result or ()])


# ------------------------------------------------------------------------------- symbols, tokens, hints, folds


def _symbol(value: JSON) -> JSON:
    found = dict(value)
    found["kind"] = SYMBOL_KINDS.get(value["kind"], value["kind"])
    for key in ("range", "selectionRange"):
        if key in value:
            found[key] = _flat(value[key])
    found["children"] = [_symbol(c) for c in value.get("children") or ()]
    return found


def _is_symbol(wanted: JSON, got: JSON) -> bool:
    if any(got.get(k) != v for k, v in wanted.items() if k != "children"):
        return False
    children = wanted.get("children")
    return children is None or (
        len(children) == len(got["children"]) and all(map(_is_symbol, children, got["children"]))
    )


def _symbols(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    got = [_symbol(s) for s in answer.result or ()]
    _need(len(got) == len(wanted) and all(map(_is_symbol, wanted, got)), wanted, got)


def _symbols_include(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    got = [_symbol(s) for s in answer.result or ()]
    for entry in wanted:
        _need(any(_is_symbol(entry, s) for s in got), entry, got)


def tokens_of(answer: Answer) -> list[JSON]:
    """Semantic tokens with absolute positions."""
    data: list[int] = (answer.result or {}).get("data") or []
    line = column = 0
    found: list[JSON] = []
    for index in range(0, len(data), 5):
        down, across, length, kind, bits = data[index : index + 5]
        line, column = line + down, across if down else column + across
        modifiers = [m for i, m in enumerate(answer.legend["tokenModifiers"]) if bits >> i & 1]
        kind_name = answer.legend["tokenTypes"][kind]
        found.append({"line": line, "col": column, "end_line": line, "end_col": column + length,
                      "type": kind_name, "modifiers": modifiers})  # fmt: skip
    return found


def _tokens_include(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    got = tokens_of(answer)
    for entry in wanted:
        plain = {k: v for k, v in entry.items() if k != "modifiers_include"}
        modifiers = set(entry.get("modifiers_include", ()))
        held = any(all(t[k] == v for k, v in plain.items()) and modifiers <= set(t["modifiers"]) for t in got)
        _need(held, entry, got)


def _well_formed(wanted: bool, answer: Answer, _: JSON) -> None:
    _need(len(answer.result["data"]) % 5 == 0, "groups of five", answer.result["data"])
    last = (0, 0)
    for token in tokens_of(answer):
        start = (token["line"], token["col"])
        _need(start >= last, "sorted tokens that do not overlap", token)
        last = (token["line"], token["end_col"])


def _hints(answer: Answer) -> list[JSON]:
    return [
        {
            "line": h["position"]["line"],
            "col": h["position"]["character"],
            "label": h["label"] if isinstance(h["label"], str) else "".join(p["value"] for p in h["label"]),
            "kind": HINT_KINDS.get(h.get("kind", 0)),
        }
        for h in answer.result or ()
    ]


def _hints_include(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    for entry in wanted:
        _need(any(entry.items() <= h.items() for h in _hints(answer)), entry, _hints(answer))


def _hints_exclude(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    for entry in wanted:
        _need(not any(entry.items() <= h.items() for h in _hints(answer)), f"no hint {entry}", _hints(answer))


def _hints_lines(wanted: list[int], answer: Answer, _: JSON) -> None:
    _need(sorted({h["line"] for h in _hints(answer)}) == wanted, wanted, _hints(answer))


def _folds_include(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    got: list[JSON] = answer.result or []
    for entry in wanted:
        first, last = entry["lines"]
        held = any(
            f["startLine"] == first and f["endLine"] == last and f.get("kind") == entry.get("kind", f.get("kind"))
            for f in got
        )
        _need(held, entry, got)


def _chain_includes(wanted: list[list[int]], answer: Answer, _: JSON) -> None:
    chain: list[list[int] | None] = []
    current: JSON | None = (answer.result or [None])[0]
    while current:
        chain.append(_flat(current["range"]))
        current = current.get("parent")
    for entry in wanted:
        _need(entry in chain, entry, chain)


def _is_lens(wanted: JSON, lens: JSON) -> bool:
    command = lens.get("command") or {}
    return (
        wanted.get("line", lens["range"]["start"]["line"]) == lens["range"]["start"]["line"]
        and wanted.get("title_contains", "") in command.get("title", "")
        and wanted.get("command", command.get("command")) == command.get("command")
    )


def _lenses_include(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    for entry in wanted:
        _need(any(_is_lens(entry, lens) for lens in answer.result or ()), entry, answer.result)


def _lenses_exclude(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    for entry in wanted:
        _need(not any(_is_lens(entry, lens) for lens in answer.result or ()), f"no {entry}", answer.result)


# ------------------------------------------------------------------------------------------------ the graph


def _dag(answer: Answer) -> JSON:
    found: JSON = (answer.result or {}).get("dag") or {}
    _need("nodes" in found, "a graph", answer.result)
    return found


def _edges(answer: Answer) -> list[JSON]:
    dag = _dag(answer)
    labels = {n["id"]: n["label"] for n in dag["nodes"]}
    return [
        {"from": labels[e["source"]], "to": labels[e["target"]], "label": e.get("label"), "kind": e.get("kind")}
        for e in dag["edges"]
    ]


def _subsets(wanted: Iterable[JSON], got: list[JSON], *, equal: bool) -> None:
    entries = list(wanted)
    if equal:
        _need(len(entries) == len(got), entries, got)
    for entry in entries:
        _need(any(entry.items() <= g.items() for g in got), entry, got)


def _positions(wanted: JSON, answer: Answer, _: JSON) -> None:
    found = {n["label"]: [n["position"]["x"], n["position"]["y"]] for n in _dag(answer)["nodes"]}
    _need(all(found.get(k) == v for k, v in wanted.items()), wanted, found)


def _bounds(wanted: JSON, answer: Answer, _: JSON) -> None:
    _need(_dag(answer)["metadata"]["bounds"] == wanted, wanted, _dag(answer)["metadata"])


def _nothing(wanted: Any, answer: Answer, _: JSON) -> None:
    """Judged by the runner itself, or says no more than the absence of an error does."""


def _plain(test: Callable[[Any, Any], bool]) -> Callable[[Any, Answer, JSON], None]:
    def check(wanted: Any, answer: Answer, _: JSON) -> None:
        _need(test(wanted, answer.result), wanted, answer.result)

    return check


CHECKS: dict[str, Callable[[Any, Answer, JSON], None]] = {
    "capabilities": _plain(lambda w, r: matches(w, (r or {}).get("capabilities"))),
    "error": _error, "subset": _plain(matches), "equals": _plain(lambda w, r: bool(w == r)), "counts": _counts,
    "result": _nothing, "null": _null, "no_error": _nothing, "same_ids": _nothing, "same_structural_hash": _nothing,
    "labels_include": _labels_include, "labels_exclude": _labels_exclude, "labels_equal": _labels_equal,
    "sorted_before": _sorted_before, "item": _one_item, "replaces": _replaces,
    "contains": _contains, "not_contains": _not_contains, "range": _range, "ranges": _ranges,
    "label_contains": _label_contains, "active_parameter": _active_parameter, "highlights": _highlights,
    "diagnostics": _diagnostics, "none": _none, "no_others": _nothing, "no_others_of": _nothing,
    "count": _count, "no_hints": _no_hints, "version": _version, "kind": _kind,
    "text_after": _text_after, "text_after_matches": _text_after_matches, "edits": _no_edits,
    "action": _action, "actions": _actions, "symbols": _symbols, "symbols_include": _symbols_include,
    "tokens_include": _tokens_include, "well_formed": _well_formed, "hints_include": _hints_include,
    "hints_exclude": _hints_exclude, "hints_lines": _hints_lines, "folds_include": _folds_include,
    "chain_includes": _chain_includes, "lenses_include": _lenses_include, "lenses_exclude": _lenses_exclude,
    "nodes_equal": lambda w, a, _: _subsets(w, _dag(a)["nodes"], equal=True),
    "nodes_include": lambda w, a, _: _subsets(w, _dag(a)["nodes"], equal=False),
    "edges_equal": lambda w, a, _: _subsets(w, _edges(a), equal=True),
    "edges_include": lambda w, a, _: _subsets(w, _edges(a), equal=False),
    "positions": _positions, "bounds": _bounds,
}  # fmt: skip

__all__ = ["Answer", "Unmet", "judge", "matches", "position_of", "tokens_of"]
