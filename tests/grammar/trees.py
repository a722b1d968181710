"""Syntax trees as plain tuples, to compare them."""

from __future__ import annotations

from constellation_grammar.syntax import Call, Node, Paren, ParenType, Program

Tree = object


def tree_of(value: object, offset: int = 0) -> Tree:
    """A node with absolute spans."""
    if isinstance(value, Node):
        fields = [name for name in value.__struct_fields__ if name not in ("start", "end", "close")]
        close = [value.close + offset] if isinstance(value, Call) else []
        span = (value.start + offset, value.end + offset, *close)
        return (type(value).__name__, span, *(tree_of(getattr(value, name), offset) for name in fields))
    if isinstance(value, tuple):
        return tuple([tree_of(item, offset) for item in value])
    return value


def meaning_of(value: object, parentheses: bool = True) -> Tree:
    """A node without spans; without parentheses too, if asked."""
    if not parentheses and isinstance(value, Paren | ParenType):
        return meaning_of(value.value if isinstance(value, Paren) else value.type, False)
    if isinstance(value, Node):
        fields = [name for name in value.__struct_fields__ if name not in ("start", "end", "close")]
        return (type(value).__name__, *(meaning_of(getattr(value, name), parentheses) for name in fields))
    if isinstance(value, tuple):
        return tuple([meaning_of(item, parentheses) for item in value])
    return value


def trees_of(program: Program) -> list[Tree]:
    """The declarations of a program with absolute spans."""
    return [tree_of(statement.node, statement.offset) for statement in program.statements]


def meanings_of(program: Program, parentheses: bool = True) -> list[Tree]:
    """The declarations of a program without spans."""
    return [meaning_of(statement.node, parentheses) for statement in program.statements]
