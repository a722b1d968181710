"""Diagnostics: what the compiler tells people about their program.

Owns the form of a message and the catalogue of everything that can be said (`catalogue_*.py` hold its entries).
Refuses to know how messages are found or shown.

Invariant: every diagnostic is made from a catalogue entry, so its code, title and explanation always agree.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from constellation.compiler.catalogue import CATALOGUE, MESSAGES, DiagnosticKind

__all__ = ["CATALOGUE", "MESSAGES", "Diagnostic", "DiagnosticKind", "RelatedPlace", "diagnostic"]


class RelatedPlace(Struct, frozen=True):
    """Another place that explains a diagnostic, with a sentence about it."""

    message: str
    start: int
    end: int


class Diagnostic(Struct, frozen=True):
    """One message about the half-open span `[start, end)` of the text, counted in code points.

    `suggestions` are sentences without a leading arrow. `data` is for tools: always `slug` (the stable kebab-case key
    of the kind of mistake), often `name` and `replacements` (texts that could stand at the span instead).
    """

    code: str
    severity: str
    message: str
    start: int
    end: int
    suggestions: tuple[str, ...] = ()
    related: tuple[RelatedPlace, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def kind(self) -> DiagnosticKind:
        """The catalogue entry."""
        return CATALOGUE[self.code]

    @property
    def title(self) -> str:
        """The code's title, such as `Undefined variable`."""
        return CATALOGUE[self.code].title

    @property
    def explanation(self) -> str:
        """A paragraph about this situation, or about the code in general; may be empty."""
        kind = CATALOGUE[self.code]
        return kind.notes.get(self.slug, "" if self.code == "E020" else kind.explanation)

    @property
    def slug(self) -> str:
        """The stable key of the kind of mistake."""
        return str(self.data.get("slug", ""))

    @property
    def is_error(self) -> bool:
        """Whether it makes compilation fail."""
        return self.severity == "error"

    def moved(self, distance: int) -> Diagnostic:
        """The same message that many code points further on."""
        if not distance:
            return self
        related = tuple(RelatedPlace(r.message, r.start + distance, r.end + distance) for r in self.related)
        return Diagnostic(
            self.code,
            self.severity,
            self.message,
            self.start + distance,
            self.end + distance,
            self.suggestions,
            related,
            self.data,
        )


def diagnostic(
    slug: str,
    start: int,
    end: int,
    values: Mapping[str, object],
    suggestions: tuple[str, ...] = (),
    related: tuple[RelatedPlace, ...] = (),
    data: Mapping[str, object] | None = None,
) -> Diagnostic:
    """The diagnostic of a catalogued message, its blanks filled in from `values`."""
    kind, template = MESSAGES[slug]
    full: dict[str, object] = {"slug": slug}
    if data:
        full.update(data)
    message = template.format_map(values)
    return Diagnostic(kind.code, kind.severity, message, start, end, suggestions, related, full)
