"""Errors as the custom methods report them: category, message with code, position, excerpt, suggestion."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from constellation.compiler.diagnostics import Diagnostic
from constellation_lsp.analysis import Analysis

_REFERENCES = frozenset(("E001", "E002", "E003", "E004", "E005", "E006", "E007"))
_LINE_END = re.compile(r"\r\n|\r|\n")
_CONTEXT_LINES = 1


def compile_errors(analysis: Analysis, found: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """The errors among diagnostics."""
    return [_compile_error(analysis, d) for d in found if d.is_error]


def _compile_error(analysis: Analysis, found: Diagnostic) -> dict[str, Any]:
    error: dict[str, Any] = {
        "category": category(found.code),
        "message": f"[{found.code}] {found.message}",
        "code": found.code,
    }
    error.update(place(analysis, found.start, found.end))
    if found.suggestions:
        error["suggestion"] = found.suggestions[0]
    return error


def category(code: str) -> str:
    """What kind of mistake a code is."""
    if code == "E020":
        return "syntax"
    if code in _REFERENCES:
        return "reference"
    return "internal" if code.startswith("E9") else "type"


def place(analysis: Analysis, start: int, end: int) -> dict[str, Any]:
    """A span as one-based line and column in UTF-16, with the lines around it."""
    first, last = utf16(analysis.text, start), utf16(analysis.text, end)
    return {
        "line": first[0] + 1,
        "column": first[1] + 1,
        "endLine": last[0] + 1,
        "endColumn": last[1] + 1,
        "codeContext": _excerpt(analysis.text, first, last),
    }


def utf16(text: str, offset: int) -> tuple[int, int]:
    """Zero-based line and UTF-16 column of an offset."""
    breaks = list(_LINE_END.finditer(text, 0, offset))
    start = breaks[-1].end() if breaks else 0
    return len(breaks), len(text[start:offset].encode("utf-16-le", "surrogatepass")) // 2


def _excerpt(text: str, first: tuple[int, int], last: tuple[int, int]) -> str:
    lines = _LINE_END.split(text)
    top = max(first[0] - _CONTEXT_LINES, 0)
    bottom = min(first[0] + _CONTEXT_LINES + 1, len(lines))
    width = len(str(bottom))
    shown: list[str] = []
    for number in range(top, bottom):
        shown.append(f"{number + 1:>{width}} | {lines[number]}".rstrip())
        if number == first[0]:
            end = last[1] if last[0] == first[0] else len(lines[number])
            shown.append(" " * (width + 3 + first[1]) + "^" * max(end - first[1], 1))
    return "\n".join(shown)
