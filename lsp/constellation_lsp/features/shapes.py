"""The structure of syntax without its places.

Owns the comparison that tells whether two texts say the same. Refuses to know types.

Invariant: two expressions of equal shape differ in layout, comments and parentheses only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from constellation_grammar.syntax import Node, Paren

Shape = tuple[object, ...]
_PLACES = frozenset(("start", "end", "close", "braces"))


def shape(node: Node, instead: Mapping[int, Node] | None = None) -> Shape:
    """What a node says; `instead` maps identities of nodes in it to those that are taken in their place."""
    while isinstance(node, Paren):
        node = node.value
    if instead and id(node) in instead:
        return shape(instead[id(node)], {k: v for k, v in instead.items() if k != id(node)})
    parts: list[object] = [type(node).__name__]
    parts += [_part(getattr(node, name), instead) for name in node.__struct_fields__ if name not in _PLACES]
    return tuple(parts)


def _part(value: object, instead: Mapping[int, Node] | None) -> object:
    if isinstance(value, Node):
        return shape(value, instead)
    if isinstance(value, tuple):
        return tuple(_part(item, instead) for item in cast("tuple[object, ...]", value))
    return value
