"""Expectations on the drawn graph."""

from __future__ import annotations

from collections.abc import Iterable

from tests.conformance.lsp_expect.answers import JSON, Answer, Check, need


def _dag(answer: Answer) -> JSON:
    found: JSON = (answer.result or {}).get("dag") or {}
    need("nodes" in found, "a graph", answer.result)
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
        need(len(entries) == len(got), entries, got)
    for entry in entries:
        need(any(entry.items() <= g.items() for g in got), entry, got)


def _positions(wanted: JSON, answer: Answer, _: JSON) -> None:
    found = {n["label"]: [n["position"]["x"], n["position"]["y"]] for n in _dag(answer)["nodes"]}
    need(all(found.get(k) == v for k, v in wanted.items()), wanted, found)


def _bounds(wanted: JSON, answer: Answer, _: JSON) -> None:
    need(_dag(answer)["metadata"]["bounds"] == wanted, wanted, _dag(answer)["metadata"])


CHECKS: dict[str, Check] = {
    "nodes_equal": lambda w, a, _: _subsets(w, _dag(a)["nodes"], equal=True),
    "nodes_include": lambda w, a, _: _subsets(w, _dag(a)["nodes"], equal=False),
    "edges_equal": lambda w, a, _: _subsets(w, _edges(a), equal=True),
    "edges_include": lambda w, a, _: _subsets(w, _edges(a), equal=False),
    "positions": _positions,
    "bounds": _bounds,
}
