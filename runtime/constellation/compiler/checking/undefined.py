"""What to say about a name that does not exist.

Owns E001 and the suggestions of every error about names. Suggestions cost time, so they are made at the end, for the
errors that are shown (`suggested`), and not where the error is found. Whether a name is declared further down, or in a
circle, is `dependencies.py`.

Invariant: an error about a variable or a type depends on everything visible, so its statement is volatile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from msgspec.structs import replace

from constellation.compiler.context import Context
from constellation.compiler.diagnostics import Diagnostic
from constellation.compiler.resolver import Imports
from constellation.compiler.suggestions import similar_names
from constellation.image.graph import ErrorNode, GraphExpression
from constellation.types.model import ERROR, PRIMITIVES
from constellation_grammar import syntax

__all__ = ["CONSTRUCTORS", "suggested", "undefined_type", "undefined_variable"]

CONSTRUCTORS = {"List": 1, "Seq": 1, "Candidates": 1, "Map": 2, "Optional": 1}
"""The built-in generic types with the number of their arguments."""

_ELSEWHERE = {
    "integer": "Int",
    "long": "Int",
    "number": "Float",
    "double": "Float",
    "decimal": "Float",
    "bool": "Boolean",
    "str": "String",
    "text": "String",
}
"""What other languages call our types."""

_ABSENT = frozenset({"null", "none", "nil", "undefined", "nothing"})
"""What other languages call a value that is not there."""

_PLACEHOLDERS = {"_": "x", "it": "it"}
"""What other languages write for a parameter without a name."""

_UNFINISHED = "unfinished"


def undefined_variable(context: Context, node: syntax.Variable) -> GraphExpression:
    """Report E001 at a variable; silent for a name that is still being typed."""
    context.volatile = True
    name = node.name
    if not name:
        return ErrorNode(ERROR, node.start, node.end)
    data = {"name": name, _UNFINISHED: tuple(context.locals)}
    return context.report("undefined-variable", node, {"name": name, "later": ""}, data=data)


def undefined_type(context: Context, at: syntax.Node, name: str) -> None:
    """Report E003 at a name; silent for one that is still being typed."""
    context.volatile = True
    if name:
        data = {"name": name, _UNFINISHED: ()}
        context.report("undefined-type", at, {"name": name, "later": ""}, data=data)


def suggested(found: Diagnostic, imports: Imports, variables: Sequence[str], types: Sequence[str]) -> Diagnostic:
    """The diagnostic with its suggestions; `variables` (nearest first) and `types` are the names visible there."""
    slug = found.slug
    if slug == "undefined-variable" and _UNFINISHED in found.data:
        return _for_variable(found, variables, types, imports)
    if slug == "undefined-type" and _UNFINISHED in found.data:
        return _for_type(found, types)
    if slug in ("undefined-function", "undefined-namespace") and not found.suggestions:
        suggestions, data = imports.suggestions_for(found)
        return replace(found, suggestions=suggestions, data={**found.data, **data})
    return found


def _finished(found: Diagnostic, suggestions: Sequence[str], replacements: Sequence[str]) -> Diagnostic:
    data = {key: value for key, value in found.data.items() if key != _UNFINISHED}
    data["replacements"] = tuple(replacements)
    return replace(found, suggestions=found.suggestions or tuple(suggestions), data=data)


def _for_variable(found: Diagnostic, variables: Sequence[str], types: Sequence[str], imports: Imports) -> Diagnostic:
    name = str(found.data["name"])
    if name.lower() in ("true", "false"):
        return _finished(found, [f"Did you mean '{name.lower()}'?"], [name.lower()])
    if name.lower() in _ABSENT:
        return _finished(found, ["There is no null: 'value when condition' makes a value that may be absent"], ())
    if name in PRIMITIVES or name in CONSTRUCTORS or name in types:
        return _finished(found, [f"'{name}' is a type, no value"], ())
    if name in imports.aliases:
        return _finished(found, [f"'{name}' is a namespace; call its functions: {name}.function(…)"], ())
    local = found.data[_UNFINISHED]
    visible = [*cast("tuple[str, ...]", local), *variables]
    replacements = similar_names(name, visible)
    suggestions = [f"Did you mean '{close}'?" for close in replacements]
    subtraction = _subtraction(name, frozenset(visible))
    if subtraction:
        replacements.insert(0, subtraction)
        suggestions.insert(0, f"Did you mean the subtraction '{subtraction}'?")
    function = imports.resolve(name).function
    if name in _PLACEHOLDERS:
        suggestions.append(f"A lambda names its parameter: ({_PLACEHOLDERS[name]}) => {_PLACEHOLDERS[name]} …")
    if function is not None:
        given = ", ".join(parameter.name for parameter in function.overloads[0].parameters)
        suggestions.insert(0, f"A function is no value: call it, or write a lambda: ({given}) => {name}({given})")
    if not suggestions:
        suggestions.append(f"Declare the variable: in {name}: String")
    return _finished(found, suggestions, replacements)


def _subtraction(name: str, visible: frozenset[str]) -> str:
    """`x - 1` for the name `x-1` when its pieces are known variables or numbers."""
    if "-" not in name or len(name) > 200:
        return ""
    parts = name.split("-")
    found: list[list[str] | None] = [[]]  # the operands that the first so many parts are
    for end in range(1, len(parts) + 1):
        operands: list[str] | None = None
        for start in range(end):
            before, piece = found[start], "-".join(parts[start:end])
            if before is not None and (piece.isdigit() or piece in visible):
                operands = [*before, piece]
                break
        found.append(operands)
    return " - ".join(found[-1]) if found[-1] else ""


def _for_type(found: Diagnostic, types: Sequence[str]) -> Diagnostic:
    name = str(found.data["name"])
    if name in CONSTRUCTORS:
        arguments = "<K, V>" if CONSTRUCTORS[name] == 2 else "<T>"
        plural = "type arguments" if CONSTRUCTORS[name] == 2 else "a type argument"
        return _finished(found, [f"{name} needs {plural}: {name}{arguments}"], ())
    replacements = similar_names(name, [*PRIMITIVES, "List", "Map", "Optional", "Seq", *types])
    meant = _ELSEWHERE.get(name.lower())
    if meant is not None and meant not in replacements:
        replacements.insert(0, meant)
    return _finished(found, [f"Did you mean '{close}'?" for close in replacements], replacements)
