"""Turning `-i`, `-I` and `-f` into a run's inputs.

Later sources win: the file, then `-i`, then `-I`. Invariant: an input the program declares as String is never
silently turned into a number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, cast

from constellation_server.cli.files import INPUTS_LIMIT, read_text
from constellation_server.cli.outcome import usage_error

_WORDS = {"true": True, "false": False, "null": None}


def gather_inputs(
    pairs: Iterable[str], texts: Iterable[str], file: str | None, types: Mapping[str, str]
) -> dict[str, Any]:
    """The inputs by name. `types` are the declared types in the language's spelling."""
    inputs: dict[str, Any] = _from_file(file) if file else {}
    for pair in pairs:
        key, value = _split(pair)
        inputs[key] = _value(value, types.get(key, ""))
    for pair in texts:
        key, value = _split(pair)
        inputs[key] = value
    return inputs


def _from_file(name: str) -> dict[str, Any]:
    text = read_text(name, INPUTS_LIMIT, "Input file")
    try:
        content = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as problem:
        raise usage_error(f"Not valid JSON: {name}: {problem}") from None
    if not isinstance(content, dict):
        raise usage_error(f"Inputs must be a JSON object: {name}")
    return cast("dict[str, Any]", content)


def _split(pair: str) -> tuple[str, str]:
    key, separator, value = pair.partition("=")
    key = key.strip()
    if not separator or not key:
        raise usage_error(f"Invalid input format '{pair}', expected key=value")
    return key, value


def _value(text: str, declared: str) -> Any:
    if text.startswith("@@"):
        return text[1:]
    if text.startswith("@"):
        return read_text(text[1:], INPUTS_LIMIT, "Input file")
    if text.lower() in _WORDS:
        parsed: Any = _WORDS[text.lower()]
    else:
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            return text
    wants_text = declared == "String" or (declared == "Optional<String>" and parsed is not None)
    return text if wants_text and not isinstance(parsed, str) else parsed
