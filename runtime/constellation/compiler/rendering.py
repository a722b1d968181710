"""Diagnostics as people and programs read them: text with excerpts, Markdown, one line, JSON.

Owns lines and columns (1-based, in code points) and every rendering. Refuses to know where diagnostics come from.

Invariant: a rendering depends on the diagnostic and the text alone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cached_property
from textwrap import wrap

from constellation.compiler.diagnostics import Diagnostic

__all__ = ["SourceText", "concise", "line_message", "markdown", "one_line", "render", "render_all", "to_json"]

_TAB = 4
_WIDTH = 96
_RESET, _BOLD, _DIM = "\x1b[0m", "\x1b[1m", "\x1b[2m"
_COLOURS = {"error": "\x1b[31m", "warning": "\x1b[33m", "hint": "\x1b[36m"}


class SourceText:
    """A text with its lines; built once for many diagnostics."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        position = self.text.find("\n")
        while position >= 0:
            starts.append(position + 1)
            position = self.text.find("\n", position + 1)
        return starts

    @property
    def line_count(self) -> int:
        """How many lines the text has."""
        return len(self._starts)

    def position(self, offset: int) -> tuple[int, int]:
        """The 1-based line and column of an offset."""
        offset = min(max(offset, 0), len(self.text))
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a 1-based line, without its line end."""
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end].removesuffix("\r")


def _source(text: str | SourceText) -> SourceText:
    return text if isinstance(text, SourceText) else SourceText(text)


def render_all(
    diagnostics: Sequence[Diagnostic],
    text: str | SourceText,
    *,
    file: str | None = None,
    colour: bool = False,
    omitted: int = 0,
) -> str:
    """All diagnostics as blocks separated by an empty line; `omitted` counts further errors that are not listed."""
    source = _source(text)
    blocks = [render(diagnostic, source, file=file, colour=colour) for diagnostic in diagnostics]
    if omitted:
        blocks.append(f"… and {omitted} more")
    return "\n\n".join(blocks)


def render(
    diagnostic: Diagnostic, text: str | SourceText, *, file: str | None = None, colour: bool = False, url: str = ""
) -> str:
    """One diagnostic as a block: title, place, excerpt with carets, message, explanation, suggestions."""
    source = _source(text)
    word = diagnostic.severity.capitalize()
    title = f"{word} {diagnostic.code}: {diagnostic.title}"
    rows = [_paint(title, _BOLD + _COLOURS[diagnostic.severity], colour)]
    if diagnostic.code == "E900" and diagnostic.start == diagnostic.end:
        rows.append("  --> (unknown location)")
    else:
        line, column = source.position(diagnostic.start)
        place = f"{file}:{line}:{column}" if file else f"line {line}, column {column}"
        rows.append(_paint(f"  --> {place}", _DIM, colour))
        rows.extend(_excerpt(diagnostic, source, colour))
    rows.extend(f"  {line}" for line in diagnostic.message.split("\n"))
    for related in diagnostic.related:
        line, column = source.position(related.start)
        rows.append(f"  {related.message}: line {line}, column {column}")
    rows.extend(f"  {line}" for line in wrap(diagnostic.explanation, _WIDTH))
    rows.extend(f"  → {suggestion}" for suggestion in diagnostic.suggestions)
    if url:
        rows.append(f"  See: {url}")
    return "\n".join(rows)


def _paint(text: str, style: str, colour: bool) -> str:
    return f"{style}{text}{_RESET}" if colour else text


def _excerpt(diagnostic: Diagnostic, source: SourceText, colour: bool) -> Iterable[str]:
    number, column = source.position(diagnostic.start)
    last = min(number + 1, source.line_count)
    if last > number and last == source.line_count and not source.line(last):
        last = number  # the empty line behind a final line break is no line to show
    width = max(3, len(str(last)))
    for shown in range(max(1, number - 1), last + 1):
        line = source.line(shown)
        yield f"{shown:>{width}} │ {line.expandtabs(_TAB)}".rstrip()
        if shown == number:
            before = len(line[: column - 1].expandtabs(_TAB))
            inside = line[: column - 1 + max(diagnostic.end - diagnostic.start, 1)]
            carets = max(len(inside.expandtabs(_TAB)) - before, 1)
            marks = _paint("^" * carets, _COLOURS[diagnostic.severity], colour)
            yield f"{'':>{width}} │ {' ' * before}{marks}"


def markdown(diagnostic: Diagnostic, text: str | SourceText, *, url: str = "") -> str:
    """A diagnostic as Markdown: bold title, fenced excerpt, message, explanation, suggestions, link."""
    source = _source(text)
    parts = [f"**{diagnostic.severity.capitalize()} {diagnostic.code}: {diagnostic.title}**"]
    excerpt = "\n".join(_excerpt(diagnostic, source, colour=False))
    parts.append(f"```\n{excerpt}\n```")
    parts.append(diagnostic.message)
    if diagnostic.explanation:
        parts.append(diagnostic.explanation)
    if diagnostic.suggestions:
        parts.append("**Suggestions:**\n" + "\n".join(f"- {s}" for s in diagnostic.suggestions))
    if url:
        parts.append(f"[{diagnostic.code}]({url})")
    return "\n\n".join(parts)


def one_line(diagnostic: Diagnostic) -> str:
    """`E001: Undefined variable: rat`."""
    return f"{diagnostic.code}: {diagnostic.message}"


def line_message(diagnostic: Diagnostic, text: str | SourceText) -> str:
    """`Line 2: Unknown function 'Uppercas'`."""
    return f"Line {_source(text).position(diagnostic.start)[0]}: {diagnostic.message}"


def concise(diagnostic: Diagnostic, text: str | SourceText, file: str) -> str:
    """`file:line:column: code message`, what problem matchers read."""
    line, column = _source(text).position(diagnostic.start)
    return f"{file}:{line}:{column}: {diagnostic.code} {diagnostic.message}"


def to_json(diagnostic: Diagnostic, text: str | SourceText, *, url: str = "") -> dict[str, object]:
    """A diagnostic as a JSON object, complete enough to be shown without the text."""
    source = _source(text)
    line, column = source.position(diagnostic.start)
    end_line, end_column = source.position(diagnostic.end)
    found: dict[str, object] = {
        "code": diagnostic.code,
        "title": diagnostic.title,
        "category": diagnostic.kind.category,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "span": {"start": diagnostic.start, "end": diagnostic.end},
        "line": line,
        "column": column,
        "endLine": end_line,
        "endColumn": end_column,
        "snippet": source.line(line)[:500],
        "explanation": diagnostic.explanation,
        "suggestions": list(diagnostic.suggestions),
        "related": [_related(r.message, r.start, source) for r in diagnostic.related],
    }
    if diagnostic.slug:
        found["slug"] = diagnostic.slug
    if url:
        found["docUrl"] = url
    return found


def _related(message: str, start: int, source: SourceText) -> dict[str, object]:
    line, column = source.position(start)
    return {"message": message, "line": line, "column": column}
