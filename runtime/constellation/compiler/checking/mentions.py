"""Names mentioned in parts of a program that are not checked because something around them failed.

Owns the bookkeeping that keeps such names from being reported as unused. Refuses to report or type anything.

Invariant: only `reads`, `type_reads` and `imports_used` of the context change.
"""

from __future__ import annotations

from typing import cast

from constellation.compiler.context import Context
from constellation_grammar import syntax

__all__ = ["note_mentions"]


def note_mentions(context: Context, root: syntax.Node) -> None:
    """Count every variable, type and import named inside a node as used."""
    pending: list[object] = [root]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple):
            pending.extend(cast("tuple[object, ...]", item))
        elif isinstance(item, syntax.Node):
            _note(context, item)
            pending.extend([getattr(item, name) for name in item.__struct_fields__])


def _note(context: Context, node: syntax.Node) -> None:
    if isinstance(node, syntax.Variable):
        variable = context.variables.get(node.name)
        if variable is not None:
            context.reads[node.name] = variable
        else:
            context.volatile = True
    elif isinstance(node, syntax.Call):
        context.imports_used.update(map(id, context.imports.resolve(node.function.text).used))
    elif isinstance(node, syntax.NamedType):
        entry = context.types.get(node.name)
        if entry is not None:
            context.type_reads[node.name] = entry
        else:
            context.volatile = True
