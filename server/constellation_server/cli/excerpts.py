"""Compile errors as the `compile` and `run` commands print them: a bullet a line, with an excerpt and carets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from constellation_server.cli.advice import advised
from constellation_server.cli.console import Console
from constellation_server.cli.outcome import CommandFailed, Exit

if TYPE_CHECKING:
    from constellation.compiler.diagnostics import Diagnostic


def compile_failure(
    console: Console, source: str, diagnostics: Iterable[Diagnostic], *, file: str | None = None
) -> CommandFailed:
    """The failure of a command whose program does not compile. `file` says which one, where there are several."""
    from constellation.compiler.rendering import line_message, to_json

    errors = [d for d in advised(diagnostics) if d.severity == "error"]
    where = "" if file is None else f" in {file}"
    lines = [f"{console.mark('error')} Compilation failed with {len(errors)} error(s){where}:"]
    for error in errors:
        lines += [f"  • {line_message(error, source)}", *excerpt(error, source)]
    details: dict[str, Any] = {
        "errors": [line_message(e, source) for e in errors],
        "diagnostics": [to_json(e, source) for e in errors],
    }
    if file is not None:
        details["file"] = file
    message = f"Compilation failed{where}: " + "; ".join(e.message for e in errors)
    return CommandFailed(Exit.COMPILE_ERROR, "compilation_error", message, human="\n".join(lines), details=details)


def excerpt(diagnostic: Diagnostic, source: str) -> list[str]:
    """The source line under its number, and carets with the first suggestion."""
    start = source.rfind("\n", 0, diagnostic.start) + 1
    stop = source.find("\n", diagnostic.start)
    line = source[start : stop if stop >= 0 else len(source)].rstrip("\r")
    number = str(source.count("\n", 0, diagnostic.start) + 1)
    column = diagnostic.start - start
    width = max(1, min(diagnostic.end, start + len(line)) - diagnostic.start)
    gutter = f"      {number} | "
    indent = "".join("\t" if c == "\t" else " " for c in line[:column])
    carets = " " * len(gutter) + indent + "^" * width
    if diagnostic.suggestions:
        first = diagnostic.suggestions[0]
        carets += f" {first[0].lower()}{first[1:]}"
    return [gutter + line, carets]
