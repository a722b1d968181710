"""A graph as a list of nodes with numbered cells: what is evaluated, in which order, and what it reads.

Owns node keys, the split of a binding into separately evaluated calls, and which references are needed at once
(strict) or only when a conditional selects them (soft). Refuses to know modules or how a node is computed.

Invariant: nodes are in an order in which every strict operand precedes its user; every cell has one owner.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from constellation.image.graph import (
    AndNode,
    Binding,
    BindingRef,
    BranchNode,
    CallNode,
    CoalesceNode,
    ConvertNode,
    FieldNode,
    Graph,
    GraphExpression,
    GuardNode,
    IfNode,
    InputRef,
    InterpolateNode,
    LambdaNode,
    ListNode,
    MatchNode,
    MergeNode,
    Negate,
    NotNode,
    Operation,
    OrNode,
    OutputSpec,
    ProjectNode,
    RecordNode,
)
from constellation.types.model import Type

STRICT: Final = 0
LAZY: Final = 1
LAMBDA: Final = 2
_LAMBDA_IN_ARM: Final = 3
"""Inside a lambda that is itself evaluated only when selected: what it captures is needed only then."""

Child = tuple[str, GraphExpression, int]


@dataclass(slots=True)
class Site:
    """One place where a module is called. `cell` holds its value; -1 inside a lambda (one per element there)."""

    index: int
    node: int
    call: CallNode
    key: str
    cell: int


@dataclass(slots=True)
class Node:
    """Something evaluated once per run: a binding, an output's own expression, or a call or conditional inside one.

    `strict` and `soft` are the cells it reads. `owner` is the cell of the binding or output it belongs to (its own,
    for a root). `depth` is the nesting of its expression. `divisible`: a part of it may be made, or may fail, although
    another part has no value; `parts` are the cells such parts need at once, one tuple for each.
    """

    index: int
    cell: int
    key: str
    name: str
    variable: str
    owner: int
    expression: GraphExpression
    position: int
    strict: tuple[int, ...] = ()
    soft: tuple[int, ...] = ()
    sites: list[Site] = field(default_factory=list[Site])
    deferred: bool = False
    is_binding: bool = False
    divisible: bool = False
    parts: set[tuple[int, ...]] = field(default_factory=set[tuple[int, ...]])
    depth: int = 0

    @property
    def type(self) -> Type:
        """The static type of its value."""
        return self.expression.type


@dataclass(slots=True)
class Output:
    """A declared output and the cell that will hold its value."""

    name: str
    cell: int
    type: Type


CALL_FORMS: Final = frozenset({"stdlib.bool.and", "stdlib.bool.or", "stdlib.optional.coalesce"})
"""The functions that are call forms of `and`, `or` and `??`."""


def decides_early(call: CallNode) -> bool:
    """Whether the call evaluates its second argument only when the first does not decide: a call form of an operator
    that does."""
    return call.function in CALL_FORMS


def children(node: GraphExpression) -> tuple[Child, ...]:
    """The operands of an expression: path step, expression, and when it is evaluated."""
    match node:
        case CallNode():
            return tuple(_call(node))
        case Operation() | MergeNode():
            return ("a", node.left, STRICT), ("b", node.right, STRICT)
        case Negate() | NotNode():
            return (("a", node.value, STRICT),)
        case ConvertNode():
            return (("", node.value, STRICT),)
        case ProjectNode() | FieldNode():
            return (("e", node.source, STRICT),)
        case IfNode():
            return ("c", node.condition, STRICT), ("a", node.then, LAZY), ("b", node.orelse, LAZY)
        case AndNode() | OrNode() | CoalesceNode():
            return ("a", node.left, STRICT), ("b", node.right, LAZY)
        case GuardNode():
            return ("c", node.condition, STRICT), ("a", node.value, LAZY)
        case BranchNode():
            return tuple(_branch(node))
        case MatchNode():
            arms = [(str(i), case.value, LAZY) for i, case in enumerate(node.cases)]
            return ("s", node.scrutinee, STRICT), *arms
        case InterpolateNode():
            return tuple((str(i), e, STRICT) for i, e in enumerate(node.expressions))
        case ListNode():
            return tuple((str(i), e, STRICT) for i, e in enumerate(node.items))
        case RecordNode():
            return tuple((f.name, f.value, STRICT) for f in node.fields)
        case LambdaNode():
            return (("λ", node.body, LAMBDA),)
        case _:
            return ()


def _call(node: CallNode) -> Iterator[Child]:
    later = LAZY if decides_early(node) else STRICT
    for index, argument in enumerate(node.arguments):
        when = LAMBDA if isinstance(argument.value, LambdaNode) else later if index else STRICT
        yield argument.name, argument.value, when
    if node.options is not None and node.options.fallback is not None:
        yield "!fb", node.options.fallback, LAZY


def _branch(node: BranchNode) -> Iterator[Child]:
    for index, case in enumerate(node.cases):
        yield f"{index}c", case.condition, STRICT if index == 0 else LAZY
        yield str(index), case.value, LAZY
    yield "else", node.otherwise, LAZY


_PARTS: Final = (CallNode, Operation, Negate, MergeNode)
"""What is worth evaluating beside something that has no value: it calls, or it may fail."""

_CONDITIONAL: Final = (IfNode, AndNode, OrNode, GuardNode, CoalesceNode, BranchNode, MatchNode)


def step(key: str, part: str) -> str:
    """The key of an operand."""
    return f"{key}/{part}" if part else key


def root_call(expression: GraphExpression) -> CallNode | None:
    """The call a binding consists of, implicit conversions aside."""
    while isinstance(expression, ConvertNode):
        expression = expression.value
    return expression if isinstance(expression, CallNode) else None


def is_reference(expression: GraphExpression) -> bool:
    """Whether an expression is only another name of a value, implicit conversions aside."""
    while isinstance(expression, ConvertNode):
        expression = expression.value
    return isinstance(expression, InputRef | BindingRef)


def references(expression: GraphExpression) -> Iterator[InputRef | BindingRef]:
    """Every input and binding an expression reads, wherever in it."""
    pending = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, InputRef | BindingRef):
            yield node
        pending.extend(child for _, child, _ in children(node))


class Layout:
    """The nodes, cells and call sites of a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: list[Node] = []
        self.sites: list[Site] = []
        self.cells = len(graph.inputs)
        self.input_cells: dict[str, int] = {spec.name: i for i, spec in enumerate(graph.inputs)}
        self.binding_cells: dict[str, int] = {}
        self.promoted: dict[str, int] = {}
        """Key of a separately evaluated inner expression → its cell."""
        self.site_at: dict[str, Site] = {}
        self.variables: dict[str, int] = {}
        """Variable name → cell of its last assignment."""
        self.outputs: list[Output] = []
        self.deferred = _deferred_keys(graph)
        """Keys of the bindings evaluated only when something demands them."""
        for binding in graph.bindings:
            self._add_binding(binding, binding.key in self.deferred)
        for output in graph.outputs:
            self._add_output(output)
        self.producer: dict[int, Node] = {node.cell: node for node in self.nodes}
        self.node_of_key: dict[str, Node] = {node.key: node for node in self.nodes}

    def _cell(self) -> int:
        self.cells += 1
        return self.cells - 1

    def _add_binding(self, binding: Binding, deferred: bool) -> None:
        node = self._root(binding.key, binding.name, binding.expression, binding.offset, deferred)
        node.is_binding = True
        self.binding_cells[binding.key] = node.cell
        self.variables[binding.name] = node.cell

    def _add_output(self, output: OutputSpec) -> None:
        cell = self.reference(output.expression)
        if cell is None:
            cell = self._root(f"out:{output.name}", output.name, output.expression, output.offset, False).cell
        self.outputs.append(Output(output.name, cell, output.type))

    def reference(self, expression: GraphExpression) -> int | None:
        """The cell a plain reference reads, else None."""
        if isinstance(expression, InputRef):
            return self.input_cells[expression.name]
        if isinstance(expression, BindingRef):
            return self.binding_cells[expression.key]
        return None

    def _root(self, key: str, name: str, expression: GraphExpression, offset: int, deferred: bool) -> Node:
        builder = _Root(self, name, offset)
        if not deferred:
            builder.promote_operands(expression, key)
        node = builder.node(expression, key, name, deferred)
        builder.finish(node)
        return node


class _Root:
    """Lays out one binding or output."""

    def __init__(self, layout: Layout, variable: str, offset: int) -> None:
        self._layout = layout
        self._variable = variable
        self._offset = offset
        self._inner: list[Node] = []

    def node(self, expression: GraphExpression, key: str, name: str, deferred: bool = False) -> Node:
        layout = self._layout
        cell = layout._cell()  # pyright: ignore[reportPrivateUsage]
        node = Node(
            len(layout.nodes), cell, key, name, self._variable, cell, expression, self._offset + expression.start
        )
        node.deferred = deferred
        layout.nodes.append(node)
        _Scan(layout, node).run()
        return node

    def finish(self, root: Node) -> None:
        for node in self._inner:
            node.owner = root.cell

    def promote_operands(self, expression: GraphExpression, key: str) -> None:
        for part, child, when in children(expression):
            if when == STRICT:
                self._visit(child, step(key, part), inside_conversion=part == "")

    def _visit(self, expression: GraphExpression, key: str, inside_conversion: bool) -> None:
        """Gives strict inner calls and conditionals that call something a node of their own, innermost first."""
        self.promote_operands(expression, key)
        if inside_conversion:
            return
        inner = expression
        while isinstance(inner, ConvertNode):
            inner = inner.value
        if isinstance(inner, CallNode) or (isinstance(inner, _CONDITIONAL) and self._may_call(inner)):
            node = self.node(expression, key, key)
            self._layout.promoted[key] = node.cell
            self._inner.append(node)

    def _may_call(self, expression: GraphExpression) -> bool:
        """Whether evaluating it may call something, also by demanding a lazy binding."""
        deferred = self._layout.deferred
        pending = [expression]
        while pending:
            node = pending.pop()
            if isinstance(node, CallNode) or (isinstance(node, BindingRef) and node.key in deferred):
                return True
            pending.extend(child for _, child, _ in children(node))
        return False


class _Scan:
    """Finds what one node reads and calls itself, stopping at expressions that have nodes of their own."""

    def __init__(self, layout: Layout, node: Node) -> None:
        self._layout = layout
        self._node = node
        self._strict: dict[int, None] = {}
        self._soft: dict[int, None] = {}

    def run(self) -> None:
        node = self._node
        self._walk(node.expression, node.key, LAZY if node.deferred else STRICT, 0, root=True)
        node.strict = tuple(self._strict)
        node.soft = tuple(cell for cell in self._soft if cell not in self._strict)

    def _walk(
        self, expression: GraphExpression, key: str, mode: int, depth: int, root: bool = False
    ) -> dict[int, None]:
        """Notes what an expression reads; returns what it needs at once."""
        layout, node = self._layout, self._node
        node.depth = max(node.depth, depth)
        cell = layout.reference(expression)
        if cell is None and not root:
            cell = layout.promoted.get(key)
        if cell is not None:
            (self._soft if mode in (LAZY, _LAMBDA_IN_ARM) else self._strict)[cell] = None
            node.divisible |= isinstance(expression, BindingRef) and expression.key in layout.deferred
            return {cell: None}
        if isinstance(expression, CallNode):
            self._site(expression, key, mode, root)
        cases = isinstance(expression, BranchNode | MatchNode)
        needed: dict[int, None] = {}
        for index, (part, child, when) in enumerate(children(expression)):
            below = depth + 1 + (index if cases else 0)
            inner = _LAMBDA_IN_ARM if mode == LAZY and when == LAMBDA else max(mode, when)
            found = self._walk(child, step(key, part), inner, below, root and part == "")
            if when != LAZY:
                needed |= found
        if not root and isinstance(expression, (*_PARTS, *_CONDITIONAL)):
            node.divisible = True
            if mode == STRICT:
                node.parts.add(tuple(needed))
        return needed

    def _site(self, call: CallNode, key: str, mode: int, root: bool) -> None:
        layout, node = self._layout, self._node
        if mode >= LAMBDA:
            cell = -1
        elif root and call is node.expression:
            cell = node.cell
        else:
            cell = layout._cell()  # pyright: ignore[reportPrivateUsage]
        site = Site(len(layout.sites), node.index, call, key, cell)
        layout.sites.append(site)
        layout.site_at[key] = site
        node.sites.append(site)


def _deferred_keys(graph: Graph) -> set[str]:
    """Keys of `lazy` bindings that nothing evaluated at once demands."""
    lazy = {b.key for b in graph.bindings if (call := root_call(b.expression)) and call.options and call.options.lazy}
    if not lazy:
        return lazy
    demanded: set[str] = set()
    for output in graph.outputs:
        demanded.update(_strict_references(output.expression))
    for binding in reversed(graph.bindings):
        if binding.key not in lazy or binding.key in demanded:
            demanded.update(_strict_references(binding.expression))
    return lazy - demanded


def _strict_references(expression: GraphExpression) -> Iterator[str]:
    pending = [expression]
    while pending:
        node = pending.pop()
        if isinstance(node, BindingRef):
            yield node.key
        elif isinstance(node, LambdaNode):
            yield from (found.key for found in references(node.body) if isinstance(found, BindingRef))
        else:
            pending.extend(child for _, child, when in children(node) if when != LAZY)
