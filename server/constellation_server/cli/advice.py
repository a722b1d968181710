"""Advice that only a command line can give, added to what the checker says.

Owns the hint that a function belongs to the demo library. Refuses to change codes, messages and places.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from constellation.compiler.diagnostics import Diagnostic

__all__ = ["advised"]


def advised(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The diagnostics; one about a function that `--demo` would load says so first."""
    found = tuple(diagnostics)
    if not any(d.code == "E002" for d in found):
        return found
    from msgspec.structs import replace

    from constellation.stdlib.demo import demo_modules

    names = {module.name for module in demo_modules(0.0)}
    made: list[Diagnostic] = []
    for diagnostic in found:
        name = diagnostic.data.get("name")
        if diagnostic.code == "E002" and name in names:
            hint = f"Add --demo: '{name}' belongs to the demo library"
            made.append(replace(diagnostic, suggestions=(hint, *diagnostic.suggestions)))
        else:
            made.append(diagnostic)
    return tuple(made)
