"""Finding syntax nodes by position.

Owns generic walks over the syntax tree. Refuses to know what nodes mean.

Invariant: paths lead from the outside in, and every node on one covers the position.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from constellation_grammar.syntax import Node


def parts(node: Node) -> Iterator[Node]:
    """The direct child nodes of a node, in field order."""
    for name in node.__struct_fields__:
        value: object = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in cast("tuple[object, ...]", value):
                if isinstance(item, Node):
                    yield item


def path_to(node: Node, offset: int) -> list[Node]:
    """The nodes that cover a position (relative to the statement, ends included), outermost first."""
    path: list[Node] = []
    current: Node | None = node
    while current is not None and current.start <= offset <= current.end:
        path.append(current)
        covering = [child for child in parts(current) if child.start <= offset <= child.end]
        # where two nodes touch, the one that starts at the position is meant
        current = max(covering, key=lambda child: (child.start, child.start == child.end), default=None)
    return path


def walk(node: Node) -> Iterator[Node]:
    """A node and everything inside it, without recursion."""
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        pending.extend(parts(current))
