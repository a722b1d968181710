"""Expectations on completion lists."""

from __future__ import annotations

from tests.conformance.lsp_expect.answers import JSON, Answer, Check, Unmet, flat, need


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
    need(set(wanted) <= set(_labels(answer)), wanted, _labels(answer))


def _labels_exclude(wanted: list[str], answer: Answer, _: JSON) -> None:
    found = set(wanted) & set(_labels(answer))
    need(not found, f"none of {wanted}", sorted(found))


def _labels_equal(wanted: list[str], answer: Answer, _: JSON) -> None:
    need(set(wanted) == set(_labels(answer)), wanted, _labels(answer))


def _sorted_before(wanted: list[list[str]], answer: Answer, _: JSON) -> None:
    for first, second in wanted:
        keys = [_item(answer, label).get("sortText", label) for label in (first, second)]
        need(keys[0] < keys[1], f"{first} before {second}", keys)


def _one_item(wanted: JSON, answer: Answer, _: JSON) -> None:
    item = _item(answer, wanted["label"])
    for key, value in wanted.items():
        if key.endswith("_contains"):
            need(value in str(item.get(key.removesuffix("_contains"))), {key: value}, item)
        elif key == "additionalTextEdits":
            got = [{"range": flat(e["range"]), "newText": e["newText"]} for e in item.get(key) or ()]
            need(got == value, value, got)
        else:
            need(item.get(key) == value, {key: value}, item)


def _replaces(wanted: JSON, answer: Answer, _: JSON) -> None:
    edit = _item(answer, wanted["label"])["textEdit"]
    need(flat(edit.get("range") or edit.get("insert")) == wanted["range"], wanted, edit)


CHECKS: dict[str, Check] = {
    "labels_include": _labels_include,
    "labels_exclude": _labels_exclude,
    "labels_equal": _labels_equal,
    "sorted_before": _sorted_before,
    "item": _one_item,
    "replaces": _replaces,
}
