"""`constellation explain CODE`: what an error or warning means, what it says, and a wrong and a right example."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from textwrap import indent, wrap
from typing import TYPE_CHECKING

import click

from constellation_server.cli.console import Console
from constellation_server.cli.options import global_options
from constellation_server.cli.outcome import CommandFailed, Exit

if TYPE_CHECKING:
    from constellation.compiler.diagnostics import DiagnosticKind

_IN_WORDS = "What was expected in that place, in words"
_WIDTH = 88


@click.command("explain")
@click.argument("code", required=False)
@global_options
@click.pass_obj
def command(console: Console, code: str | None) -> None:
    """Explain the error or warning CODE; without one, list all codes.

    CODE may also be the name of one situation, such as unknown-field.

    Exit code 5 for an unknown code.

    Example: constellation explain E010
    """
    from constellation.compiler.diagnostics import CATALOGUE, MESSAGES

    if code is None:
        if console.json:
            console.document({"success": True, "codes": {c: k.title for c, k in CATALOGUE.items()}})
        else:
            for known, entry in CATALOGUE.items():
                console.out(f"{known}  {entry.title}")
        return
    situation = MESSAGES.get(code.lower())
    kind = situation[0] if situation is not None else CATALOGUE.get(code.upper())
    if kind is None:
        near = difflib.get_close_matches(code.upper(), list(CATALOGUE), n=1)
        hint = f"; did you mean {near[0]}?" if near else "; 'constellation explain' lists all codes"
        raise CommandFailed(Exit.NOT_FOUND, "unknown_code", f"Unknown code '{code}'{hint}")
    if console.json:
        document = {"success": True, "code": kind.code, "title": kind.title, "category": kind.category,
                    "explanation": kind.explanation, "messages": dict(kind.messages),
                    "notes": dict(kind.notes), "wrong": kind.wrong, "right": kind.right}  # fmt: skip
        console.document(document)
        return
    console.out("\n\n".join(_page(kind)))


def _page(kind: DiagnosticKind) -> Iterator[str]:
    """The parts of a code's page."""
    yield f"{kind.code}: {kind.title} ({kind.category})"
    yield "\n".join(wrap(kind.explanation, _WIDTH))
    if len(kind.messages) > 1 or kind.notes:
        yield "It says:\n" + "\n".join(_situations(kind))
    for label, example in (("Wrong", kind.wrong), ("Right", kind.right)):
        if example:
            yield f"{label}:\n" + indent(example.strip(), "    ")


def _situations(kind: DiagnosticKind) -> Iterator[str]:
    """Every different message of a code once, with what is to be known about its situation."""
    said: set[str] = set()
    for template in kind.messages.values():
        if template in said:
            continue
        said.add(template)
        message = re.sub(r"{\w+}", "…", template) if template != "{message}" else _IN_WORDS
        yield indent("\n".join(wrap(message, _WIDTH)), "    ")
        notes = [kind.notes[s] for s, t in kind.messages.items() if s in kind.notes and t == template]
        yield from (indent("\n".join(wrap(note, _WIDTH - 4)), "        ") for note in notes)
