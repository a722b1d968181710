"""The page of errors and warnings, from the compiler's catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from constellation.compiler.diagnostics import DiagnosticKind


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
    if len(kind.messages) > 1 or kind.notes:
        yield "| situation | message | |\n|---|---|---|"
        for slug, message in kind.messages.items():
            note = kind.notes.get(slug, "").replace("|", "\\|").replace("\n", " ")
            yield f'| <span id="{slug}"></span>{slug} | {_template(message)} | {note} |'
        yield ""


def _template(message: str) -> str:
    if message == "{message}":
        return "says in words what was expected at that place"
    escaped = re.sub(r"[\\`*_\[\]<>|]", lambda found: f"&#{ord(found[0])};", message)
    return re.sub(r"{(\w+)}", r"*\1*", escaped)
