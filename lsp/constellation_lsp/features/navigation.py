"""Where names lead: definition, type definition, references and highlights.

Owns the answers in terms of spans of the document. Refuses to leave the document: it says what a function is, not where
its source stands.
"""

from __future__ import annotations

from dataclasses import dataclass

from constellation.types.signature import FunctionSpec
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.fields import field_definition, named_type_of
from constellation_lsp.occurrences import Place


@dataclass(frozen=True, slots=True)
class Link:
    """From a token to where it leads. Absolute spans."""

    origin_start: int
    origin_end: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Reference:
    """An occurrence of a binding; `write` for where it is bound."""

    start: int
    end: int
    write: bool


def definition(analysis: Analysis, offset: int) -> Link | None:
    """Where the name at an offset is defined in this document."""
    place = analysis.occurrences.at(offset)
    if place is None:
        return None
    kind = place.occurrence.kind
    if kind == "field":
        target = field_definition(analysis, place)
        return Link(place.start, place.end, *target) if target else None
    if kind in ("function", "namespace"):
        return _alias_link(analysis, place, offset)
    if kind == "option":
        return None
    found = analysis.occurrences.definition(place)
    return Link(place.start, place.end, found.start, found.end) if found else None


def called_function(analysis: Analysis, offset: int) -> tuple[Place, FunctionSpec] | None:
    """The function whose name stands at an offset in a call."""
    place = analysis.occurrences.at(offset)
    if place is None or place.occurrence.kind != "function":
        return None
    spec = analysis.imports(place.statement).resolve(place.occurrence.name).function
    return (place, spec) if spec is not None else None


def _alias_link(analysis: Analysis, place: Place, offset: int) -> Link | None:
    head = place.occurrence.name.partition(".")[0]
    if place.occurrence.kind == "namespace" or offset > place.start + len(head):
        return None
    aliases = analysis.occurrences.definitions("alias", head)
    earlier = [a for a in aliases if a.statement < place.statement]
    if not earlier:
        return None
    return Link(place.start, place.start + len(head), earlier[-1].start, earlier[-1].end)


def type_definition(analysis: Analysis, offset: int) -> Link | None:
    """The declaration of the named type of what stands at an offset."""
    place = analysis.occurrences.at(offset)
    if place is None:
        return None
    name = place.occurrence.name if place.occurrence.kind == "type" else named_type_of(analysis, place)
    found = analysis.occurrences.definitions("type", name) if name else []
    return Link(place.start, place.end, found[-1].start, found[-1].end) if found else None


def binding_at(analysis: Analysis, offset: int) -> Place | None:
    """The definition of the variable, type or alias at an offset."""
    place = analysis.occurrences.at(offset)
    if place is None:
        return None
    if place.occurrence.kind in ("variable", "type", "alias"):
        return analysis.occurrences.definition(place)
    if place.occurrence.kind == "function":
        head = place.occurrence.name.partition(".")[0]
        earlier = [a for a in analysis.occurrences.definitions("alias", head) if a.statement < place.statement]
        return earlier[-1] if earlier and offset <= place.start + len(head) else None
    return None


def references(analysis: Analysis, offset: int, *, with_definition: bool = True) -> list[Reference]:
    """Every occurrence of the binding at an offset, by position."""
    target = binding_at(analysis, offset)
    if target is None:
        return []
    found = [Reference(p.start, p.end, False) for p in analysis.occurrences.uses(target)]
    if target.occurrence.kind == "alias":
        found += alias_uses(analysis, target)
    if with_definition:
        found.append(Reference(target.start, target.end, True))
    return sorted(found, key=lambda r: r.start)


def alias_uses(analysis: Analysis, alias: Place) -> list[Reference]:
    """The first segments of called names that mean an alias."""
    name = alias.occurrence.name
    return [
        Reference(p.start, p.start + len(name), False)
        for p in analysis.occurrences.everything()
        if p.occurrence.kind == "function"
        and p.occurrence.name.startswith(f"{name}.")
        and p.statement > alias.statement
    ]
