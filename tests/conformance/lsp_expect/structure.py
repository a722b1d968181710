"""Expectations on the structure of a file: symbols, tokens, hints, folds, lenses."""

from __future__ import annotations

from tests.conformance.lsp_expect.answers import JSON, Answer, Check, flat, need

SYMBOL_KINDS = {2: "Module", 7: "Property", 8: "Field", 13: "Variable", 23: "Struct", 26: "TypeParameter"}
HINT_KINDS = {1: "type", 2: "parameter"}


def _symbol(value: JSON) -> JSON:
    found = dict(value)
    found["kind"] = SYMBOL_KINDS.get(value["kind"], value["kind"])
    for key in ("range", "selectionRange"):
        if key in value:
            found[key] = flat(value[key])
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
    need(len(got) == len(wanted) and all(map(_is_symbol, wanted, got)), wanted, got)


def _symbols_include(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    got = [_symbol(s) for s in answer.result or ()]
    for entry in wanted:
        need(any(_is_symbol(entry, s) for s in got), entry, got)


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
        need(held, entry, got)


def _well_formed(wanted: bool, answer: Answer, _: JSON) -> None:
    need(len(answer.result["data"]) % 5 == 0, "groups of five", answer.result["data"])
    last = (0, 0)
    for token in tokens_of(answer):
        start = (token["line"], token["col"])
        need(start >= last, "sorted tokens that do not overlap", token)
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
        need(any(entry.items() <= h.items() for h in _hints(answer)), entry, _hints(answer))


def _hints_exclude(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    for entry in wanted:
        need(not any(entry.items() <= h.items() for h in _hints(answer)), f"no hint {entry}", _hints(answer))


def _hints_lines(wanted: list[int], answer: Answer, _: JSON) -> None:
    need(sorted({h["line"] for h in _hints(answer)}) == wanted, wanted, _hints(answer))


def _folds_include(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    got: list[JSON] = answer.result or []
    for entry in wanted:
        first, last = entry["lines"]
        held = any(
            f["startLine"] == first and f["endLine"] == last and f.get("kind") == entry.get("kind", f.get("kind"))
            for f in got
        )
        need(held, entry, got)


def _chain_includes(wanted: list[list[int]], answer: Answer, _: JSON) -> None:
    chain: list[list[int] | None] = []
    current: JSON | None = (answer.result or [None])[0]
    while current:
        chain.append(flat(current["range"]))
        current = current.get("parent")
    for entry in wanted:
        need(entry in chain, entry, chain)


def _is_lens(wanted: JSON, lens: JSON) -> bool:
    command = lens.get("command") or {}
    return (
        wanted.get("line", lens["range"]["start"]["line"]) == lens["range"]["start"]["line"]
        and wanted.get("title_contains", "") in command.get("title", "")
        and wanted.get("command", command.get("command")) == command.get("command")
    )


def _lenses_include(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    for entry in wanted:
        need(any(_is_lens(entry, lens) for lens in answer.result or ()), entry, answer.result)


def _lenses_exclude(wanted: list[JSON], answer: Answer, _: JSON) -> None:
    for entry in wanted:
        need(not any(_is_lens(entry, lens) for lens in answer.result or ()), f"no {entry}", answer.result)


CHECKS: dict[str, Check] = {
    "symbols": _symbols,
    "symbols_include": _symbols_include,
    "tokens_include": _tokens_include,
    "well_formed": _well_formed,
    "hints_include": _hints_include,
    "hints_exclude": _hints_exclude,
    "hints_lines": _hints_lines,
    "folds_include": _folds_include,
    "chain_includes": _chain_includes,
    "lenses_include": _lenses_include,
    "lenses_exclude": _lenses_exclude,
}
