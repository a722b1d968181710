"""What to say about a variable that does not exist.

Owns E001: the nearest names, whether the name is declared further down, and the subtraction that was written without
blanks. Whether the declarations form a circle is found out later, for the whole program (`lints.py`).

Invariant: the result depends on every visible variable, so the statement is volatile.
"""

from __future__ import annotations

from constellation.compiler.context import Context
from constellation.compiler.suggestions import similar_names
from constellation.image.graph import ErrorNode, GraphExpression
from constellation.types.model import ERROR
from constellation_grammar import syntax

__all__ = ["undefined_variable"]


def undefined_variable(context: Context, node: syntax.Variable) -> GraphExpression:
    """Report E001 at a variable; silent for a name that is still being typed."""
    context.volatile = True
    name = node.name
    if not name:
        return ErrorNode(ERROR, node.start, node.end)
    visible = [*context.locals, *reversed(list(context.variables))]
    replacements = similar_names(name, visible)
    suggestions = [f"Did you mean '{close}'?" for close in replacements]
    subtraction = _subtraction(context, name)
    if subtraction:
        replacements.insert(0, subtraction)
        suggestions.insert(0, f"Did you mean the subtraction '{subtraction}'?")
    if not suggestions:
        suggestions.append(f"Declare the variable: in {name}: String")
    return context.report(
        "undefined-variable",
        node,
        {"name": name, "later": ""},
        suggestions=tuple(suggestions),
        data={"name": name, "replacements": tuple(replacements)},
    )


def _subtraction(context: Context, name: str) -> str:
    """`x - 1` for the name `x-1` when its pieces are known variables or numbers."""
    if "-" not in name or len(name) > 200:
        return ""
    pieces = name.split("-")
    if all(p.isdigit() or p in context.variables or p in context.locals for p in pieces):
        return " - ".join(pieces)
    return ""
