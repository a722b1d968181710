"""Writing to the terminal: results on stdout, everything else on stderr, or one JSON document on stdout.

Owns marks, colour and value previews. Refuses to know any command. Invariant: in JSON mode stdout gets exactly one
document, whatever happens.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TextIO

import click

_MARKS = {
    "success": ("✓", "OK", "green"),
    "error": ("✗", "ERR", "red"),
    "warning": ("⚠", "WARN", "yellow"),
    "suspended": ("⏸", "PAUSED", "yellow"),
    "unchanged": ("○", "SAME", "yellow"),
    "info": ("ℹ", "INFO", "blue"),
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_PREVIEW = 2_000


@dataclass(slots=True)
class Console:
    """The output settings of one invocation."""

    json: bool = False
    quiet: bool = False
    verbose: bool = False
    color: str = "auto"
    enable: tuple[str, ...] = ()
    """Opt-in sets of the standard library asked for on the command line."""

    def out(self, text: str) -> None:
        """A line of the result, on stdout."""
        click.echo(text, color=self.colored(sys.stdout))

    def err(self, text: str) -> None:
        """A diagnostic, hint or error, on stderr (in JSON mode nowhere)."""
        if not self.json:
            click.echo(text, err=True, color=self.colored(sys.stderr))

    def note(self, text: str) -> None:
        """Something worth knowing that is no result; silent with --quiet."""
        if not self.quiet:
            self.err(text)

    def document(self, document: Mapping[str, Any]) -> None:
        """The one JSON document of a command."""
        click.echo(json.dumps(document, ensure_ascii=False, separators=(",", ":")))

    def mark(self, kind: str, stream: TextIO | None = None) -> str:
        """A mark such as ✓, or its ASCII spelling where the terminal cannot show it."""
        symbol, plain, colour = _MARKS[kind]
        encoding = getattr(stream or sys.stdout, "encoding", None) or "ascii"
        try:
            symbol.encode(encoding)
        except (UnicodeEncodeError, LookupError):
            symbol = plain
        return click.style(symbol, fg=colour)

    def colored(self, stream: TextIO) -> bool:
        """Whether colour goes to a stream."""
        if self.color != "auto":
            return self.color == "always"
        return stream.isatty() and not os.environ.get("NO_COLOR")


def preview(value: Any, limit: int = _PREVIEW) -> str:
    """A value as compact JSON, cut after `limit` characters, safe for a terminal."""
    text = _CONTROL.sub("", json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    if len(text) <= limit:
        return text
    return f"{text[:limit]}… ({len(text) - limit} more characters, use --json)"


def short_hash(digest: str) -> str:
    """The first twelve digits."""
    return f"{digest[:12]}..."
