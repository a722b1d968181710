"""The catalogue: every code the compiler can report, with its page in the book.

Owns the merged tables `CATALOGUE` (code → entry) and `MESSAGES` (slug → entry and message). Refuses to hold entries
itself: they stand in `catalogue_names.py`, `catalogue_types.py`, `catalogue_program.py` and `catalogue_warnings.py`.

Invariant: codes and slugs are unique and never change their meaning.
"""

from __future__ import annotations

from constellation.compiler.catalogue_entry import DiagnosticKind
from constellation.compiler.catalogue_names import NAME_ERRORS
from constellation.compiler.catalogue_program import PROGRAM_ERRORS
from constellation.compiler.catalogue_types import TYPE_ERRORS
from constellation.compiler.catalogue_warnings import WARNINGS

__all__ = ["CATALOGUE", "MESSAGES", "DiagnosticKind"]

CATALOGUE: dict[str, DiagnosticKind] = {
    kind.code: kind for kind in (*NAME_ERRORS, *TYPE_ERRORS, *PROGRAM_ERRORS, *WARNINGS)
}

MESSAGES: dict[str, tuple[DiagnosticKind, str]] = {
    slug: (kind, template) for kind in CATALOGUE.values() for slug, template in kind.messages.items()
}
