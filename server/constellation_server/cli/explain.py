"""`constellation explain CODE`: what an error or warning means, with a wrong and a right example."""

from __future__ import annotations

import difflib

import click

from constellation_server.cli.console import Console
from constellation_server.cli.options import global_options
from constellation_server.cli.outcome import CommandFailed, Exit


@click.command("explain")
@click.argument("code", required=False)
@global_options
@click.pass_obj
def command(console: Console, code: str | None) -> None:
    """Explain the error or warning CODE; without one, list all codes.

    Exit code 5 for an unknown code.

    Example: constellation explain E010
    """
    from constellation.compiler.diagnostics import CATALOGUE

    if code is None:
        if console.json:
            console.document({"success": True, "codes": {c: k.title for c, k in CATALOGUE.items()}})
        else:
            for known, entry in CATALOGUE.items():
                console.out(f"{known}  {entry.title}")
        return
    kind = CATALOGUE.get(code.upper())
    if kind is None:
        near = difflib.get_close_matches(code.upper(), list(CATALOGUE), n=1)
        hint = f"; did you mean {near[0]}?" if near else "; 'constellation explain' lists all codes"
        raise CommandFailed(Exit.NOT_FOUND, "unknown_code", f"Unknown code '{code}'{hint}")
    if console.json:
        document = {"success": True, "code": code.upper(), "title": kind.title, "category": kind.category,
                    "explanation": kind.explanation, "wrong": kind.wrong, "right": kind.right}  # fmt: skip
        console.document(document)
        return
    console.out(f"{code.upper()}: {kind.title} ({kind.category})\n\n{kind.explanation}")
    for label, example in (("Wrong", kind.wrong), ("Right", kind.right)):
        if example:
            console.out(f"\n{label}:\n" + "\n".join(f"    {line}" for line in example.strip().splitlines()))
