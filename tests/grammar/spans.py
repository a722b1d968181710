"""Programs compared by where things really stand, whatever origin their statements' spans count from."""

from __future__ import annotations

from typing import cast

from constellation_grammar.syntax import Node, Program

_PLACES = frozenset({"start", "end", "close"})


def absolute(value: object, offset: int) -> object:
    """A node as nested tuples with its kind and absolute spans."""
    if isinstance(value, Node):
        fields = [(name, getattr(value, name)) for name in value.__struct_fields__]
        placed = [v + offset if name in _PLACES else absolute(v, offset) for name, v in fields]
        return (type(value).__name__, *placed)
    if isinstance(value, tuple):
        return tuple(absolute(item, offset) for item in cast(tuple[object, ...], value))
    if isinstance(value, (bool, float)):
        return type(value).__name__, repr(value)
    return value


def declarations(program: Program) -> list[object]:
    """The declarations with absolute spans."""
    return [absolute(statement.node, statement.offset) for statement in program.statements]


def mistakes(program: Program) -> list[tuple[int, int, str, str]]:
    """Every syntax problem: its absolute span, its kind and its words."""
    found = [(p, 0) for p in program.problems]
    found += [(p, statement.offset) for statement in program.statements for p in statement.problems]
    return sorted((p.start + offset, p.end + offset, p.slug, p.message) for p, offset in found)
