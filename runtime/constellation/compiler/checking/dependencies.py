"""Names that are declared below their use: too late, or in a circle.

Owns the second look at E001 and E003 once the whole program is known. Refuses everything else about names.

Invariant: an error is only made more precise here; none is added, and of the errors of one circle one remains.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from constellation.compiler.checked import CheckedStatement
from constellation.compiler.diagnostics import Diagnostic, RelatedPlace, diagnostic
from constellation_grammar import syntax

__all__ = ["Declarations"]

_LONGEST_PATH = 12


class Declarations:
    """Where the names of a program are declared and what their values need."""

    def __init__(self, statements: Sequence[CheckedStatement], text: str | None) -> None:
        self._statements = statements
        self._text = text
        self._variables: dict[str, int] = {}
        self._types: dict[str, int] = {}
        self._needs: dict[str, list[str]] = {}
        self._in_circle: set[str] = set()
        for index, checked in enumerate(statements):
            node = checked.node
            if isinstance(node, (syntax.Assignment, syntax.Input)):
                self._variables[node.name.text] = index
            elif isinstance(node, syntax.TypeDefinition):
                self._types[node.name.text] = index
            if isinstance(node, syntax.Assignment):
                missing = [str(d.data["name"]) for d in checked.analysis.diagnostics if d.code == "E001"]
                self._needs[node.name.text] = [*missing, *checked.analysis.reads]

    def explain(self, index: int, found: Diagnostic) -> Diagnostic | None:
        """The diagnostic with what is known now; None when another one already names the same circle."""
        name = str(found.data.get("name", ""))
        is_variable = found.slug == "undefined-variable"
        declared = (self._variables if is_variable else self._types).get(name, -1)
        node = self._statements[index].node
        if is_variable and isinstance(node, syntax.Assignment) and declared >= index:
            if name in self._in_circle and node.name.text in self._in_circle:
                return None
            circle = self._circle(node.name.text, name)
            if circle:
                return self._report_circle(found, circle)
        if declared == index:
            return _about_itself(found, node)
        if declared <= index or found.slug not in ("undefined-variable", "undefined-type"):
            return found
        return self._declared_later(found, name, declared)

    def _declared_later(self, found: Diagnostic, name: str, index: int) -> Diagnostic:
        checked = self._statements[index]
        at = getattr(checked.node, "name", checked.node)
        start, end = at.start + checked.offset, at.end + checked.offset
        on_line = "" if self._text is None else f", on line {self._text.count(chr(10), 0, start) + 1}"
        return diagnostic(
            found.slug,
            found.start,
            found.end,
            {"name": name, "later": f" ('{name}' is declared later{on_line}; move it above this line)"},
            (f"Move the declaration of '{name}' above this line",),
            (RelatedPlace(f"'{name}' is declared here", start, end),),
            {**found.data, "declared": (start, end)},
        )

    def _report_circle(self, found: Diagnostic, circle: list[str]) -> Diagnostic:
        self._in_circle.update(circle)
        shown = circle if len(circle) <= _LONGEST_PATH else [*circle[: _LONGEST_PATH - 2], "…", circle[-1]]
        path = " -> ".join(shown)
        return diagnostic("circular-dependency", found.start, found.end, {"path": path}, data={"names": tuple(circle)})

    def _circle(self, start: str, first: str) -> list[str]:
        """`start -> first -> … -> start`, or nothing when `first` does not lead back."""
        if first == start:
            return [start, start]
        came_from: dict[str, str] = {first: start}
        waiting = [first]
        while waiting:
            name = waiting.pop()
            for needed in self._needs.get(name, ()):
                if needed == start:
                    path = [start]
                    while name != start:
                        path.append(name)
                        name = came_from[name]
                    path.append(start)
                    return path[::-1]
                if needed not in came_from and needed in self._needs:
                    came_from[needed] = name
                    waiting.append(needed)
        return []


def _about_itself(found: Diagnostic, node: syntax.Declaration) -> Diagnostic:
    """The diagnostic of a name used in its own declaration, with the reason why it is not known there."""
    if isinstance(node, syntax.TypeDefinition):
        return replace(found, suggestions=("A type cannot refer to itself",))
    if isinstance(node, syntax.Input):
        return replace(found, suggestions=("An example can only use what is declared above its input",))
    return found
