"""The page of errors and warnings, from the compiler's catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from constellation.compiler.diagnostics import DiagnosticKind

SYNTAX = Path(__file__).resolve().parent.parent / "reference" / "examples" / "syntax.yaml"


def page() -> Iterator[str]:
    """Every code of the catalogue, with its situations, a wrong and a right example."""
    from constellation.compiler.diagnostics import CATALOGUE

    yield "# Errors and warnings\n"
    yield "Every diagnostic has a stable code. `constellation explain CODE` prints its entry in the terminal, the"
    yield "editor shows it beside the mistake. All independent mistakes of a program are reported at once.\n"
    yield "| code | means | kind |\n|---|---|---|"
    for code, kind in CATALOGUE.items():
        yield f"| [{code}](#{code.lower()}) | {kind.title} | {kind.severity} |"
    yield ""
    for kind in CATALOGUE.values():
        yield from _entry(kind)


def _entry(kind: DiagnosticKind) -> Iterator[str]:
    yield f"## {kind.code}: {kind.title} {{ #{kind.code.lower()} }}\n\n*{kind.category} {kind.severity}.* "
    yield f"{kind.explanation}\n"
    if kind.functions:
        yield "The examples call " + ", ".join(f"`{signature}`" for signature in kind.functions) + ".\n"
    if kind.wrong:
        yield f"```cst wrong {kind.code}\n{kind.wrong.strip()}\n```\n"
    if kind.right:
        yield f"```cst\n{kind.right.strip()}\n```\n"
    if kind.code == "E020":
        yield from _syntax()
    if len(kind.messages) > 1 or kind.notes:
        yield "| situation | message | |\n|---|---|---|"
        for slug, message in kind.messages.items():
            note = kind.notes.get(slug, "").replace("|", "\\|").replace("\n", " ")
            yield f'| <span id="{slug}"></span>{slug} | {_template(message)} | {note} |'
        yield ""


def syntax_kinds() -> dict[str, dict[str, Any]]:
    """Slug of a kind of syntax mistake → what it means, and programs that make it."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(SYNTAX.read_text(encoding="utf-8"))
    return dict(sorted(loaded.items()))


def _syntax() -> Iterator[str]:
    from constellation_grammar.parser import parse

    yield "Kinds of syntax mistakes:\n\n| kind | for example | message |\n|---|---|---|"
    for slug, kind in syntax_kinds().items():
        name = f'<span id="{slug}"></span>**{slug}** '
        for program in kind["programs"] or [""]:
            lines = "<br>".join(f"`{line}`" for line in program.split("\n") if line)
            messages = [p.message for s in parse(program).statements for p in s.problems]
            about = f"{name}<br>{kind['means']}" if name else ""
            yield f"| {about} | {lines} | {_literal(messages[0]) if messages else ''} |"
            name = ""
    yield ""


def _template(message: str) -> str:
    if message == "{message}":
        return "says in words what was expected at that place"
    return re.sub(r"{(\w+)}", r"*\1*", _literal(message))


def _literal(text: str) -> str:
    return re.sub(r"[\\`*_\[\]<>|]", lambda found: f"&#{ord(found[0])};", text)
