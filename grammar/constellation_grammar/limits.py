"""Limits of a syntax tree: how deep it may nest, and the one integer that is none without its minus.

Owns the nesting limit. Walks trees without recursion, because it is what lets everybody else recurse. Used by both
front ends on every declaration. Invariant: in a declaration that passes, no path from the root to a leaf meets more
than `NESTING_LIMIT` expressions and types.

Every expression and every type counts one level, whatever its construct: parentheses, lists, records, calls, `if`,
lambdas, interpolations, signs, and also each operator of a chain, since `a + b + c` nests to the left and
`a ?? b ?? c` to the right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast, get_args

from constellation_grammar.literals import LARGEST_INT, Mistake, too_large
from constellation_grammar.syntax import (
    Declaration,
    Expression,
    IntLiteral,
    Node,
    Option,
    TypeNode,
    Word,
)

NESTING_LIMIT = 250
"""The number of nested expressions and types that is still accepted."""

_FIRST_BEYOND = str(LARGEST_INT + 1)
_LEVELS: tuple[type, ...] = (*get_args(Expression), *get_args(TypeNode))
_NESTING = re.compile(r"[(\[{<+\-*/.|>]|==|!=|<=|\?\?|\b(?:not|and|or|when|else)\b")


def may_break_limits(declarations: list[Declaration], source: str) -> list[Declaration]:
    """Those declarations of a source that `check_limits` has to look at; nearly always none."""
    if _FIRST_BEYOND in source:
        return declarations
    return [d for d in declarations if d.end - d.start > NESTING_LIMIT]


def check_limits(declaration: Declaration, source: str, offset: int = 0) -> None:
    """Raise `Mistake` if the declaration breaks a limit. Its text is `source` from `declaration.start + offset` on."""
    start, end = declaration.start, declaration.end
    text = source[start + offset : end + offset]
    if _FIRST_BEYOND in text:
        counts: set[int] = set()  # nodes of numbers that are no Int but a count, whose range is the checker's business
        for node, _ in _walk(declaration):
            if isinstance(node, Option):
                counts.update(map(id, _counts(node)))
            elif isinstance(node, IntLiteral) and node.value > LARGEST_INT and id(node) not in counts:
                raise too_large(node.start, node.end)
    if end - start <= NESTING_LIMIT or len(_NESTING.findall(text)) < NESTING_LIMIT:
        return
    for node, depth in _walk(declaration):
        if depth > NESTING_LIMIT:
            message = f"Expression is nested too deeply: more than {NESTING_LIMIT} levels"
            advice = "Name a part of it in a declaration of its own"
            raise Mistake(node.start, node.start + 1, "too-deep", message, advice)


def _counts(option: Option) -> tuple[Node, ...]:
    """The numbers in an option's value; none in a fallback, which is an expression."""
    value = option.value
    if option.name.text == "fallback":
        return ()
    return (value.arguments or ()) if isinstance(value, Word) else (value,)


def _walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node with the number of expressions and types from the root down to and including it."""
    pending: list[tuple[Node, int]] = [(root, 0)]
    while pending:
        node, depth = pending.pop()
        if isinstance(node, _LEVELS):
            depth += 1
        yield node, depth
        for name in node.__struct_fields__:
            value: object = getattr(node, name)
            if isinstance(value, Node):
                pending.append((value, depth))
            elif isinstance(value, tuple):
                pending.extend([(item, depth) for item in cast("tuple[object, ...]", value) if isinstance(item, Node)])
