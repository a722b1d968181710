"""The drawn graph of a program: nodes and edges as people see them, with ids that never wander.

Owns node kinds, labels, edges and ids. Refuses to place nodes (`dag_layout.py`) or to know how a program runs.

Invariant: ids depend on the program alone: `in:NAME`, `v:NAME` for the root of a binding, `v:NAME/PATH` for what is
inside it (PATH = positions of children), `out:NAME`; a name bound again gets `#2`. Editing another declaration never
changes them.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from constellation.image import graph as g
from constellation.types.model import RecordType, Type


class DagNode(Struct, frozen=True):
    """A box. `start` and `end` are absolute code points of its source, -1 for inputs (their declaration has it)."""

    id: str
    kind: str
    label: str
    type: Type
    declaration: str
    start: int = -1
    end: int = -1


class DagEdge(Struct, frozen=True):
    """An arrow. `kind` is `Data`, `Control` or `Optional`; `label` names the operand."""

    id: str
    source: str
    target: str
    label: str
    kind: str


class Dag(Struct, frozen=True):
    """Nodes and edges in source order, and the ids of the nodes of each declaration that has several."""

    nodes: tuple[DagNode, ...]
    edges: tuple[DagEdge, ...]
    groups: dict[str, tuple[str, ...]]


class Operand(Struct, frozen=True):
    """A child of an expression: its edge's label and kind."""

    label: str
    kind: str
    value: g.GraphExpression


def operands(node: g.GraphExpression) -> tuple[Operand, ...]:
    """The children of an expression in source order; the position in this tuple is the child's path element.

    Conversions are transparent: ask about what they convert.
    """
    return tuple(_operands(node))


def _operands(node: g.GraphExpression) -> Iterator[Operand]:
    match node:
        case g.CallNode():
            for argument in node.arguments:
                yield Operand(argument.name, "Data", argument.value)
            if node.options is not None and node.options.fallback is not None:
                yield Operand("fallback", "Data", node.options.fallback)
        case g.Operation() | g.MergeNode() | g.AndNode() | g.OrNode():
            yield Operand("left", "Data", node.left)
            yield Operand("right", "Data", node.right)
        case g.Negate() | g.NotNode() | g.ConvertNode():
            yield Operand("", "Data", node.value)
        case g.ProjectNode() | g.FieldNode():
            yield Operand("", "Data", node.source)
        case g.IfNode():
            yield Operand("cond", "Control", node.condition)
            yield Operand("then", "Data", node.then)
            yield Operand("else", "Data", node.orelse)
        case g.GuardNode():
            yield Operand("expr", "Data", node.value)
            yield Operand("cond", "Control", node.condition)
        case g.CoalesceNode():
            yield Operand("value", "Optional", node.left)
            yield Operand("default", "Data", node.right)
        case g.BranchNode():
            for position, case in enumerate(node.cases):
                yield Operand(f"cond{position}", "Control", case.condition)
                yield Operand(f"case{position}", "Data", case.value)
            yield Operand("otherwise", "Data", node.otherwise)
        case g.MatchNode():
            yield Operand("scrutinee", "Control", node.scrutinee)
            for position, arm in enumerate(node.cases):
                yield Operand(f"case{position}", "Data", arm.value)
        case g.InterpolateNode():
            for position, value in enumerate(node.expressions):
                yield Operand(f"expr{position}", "Data", value)
        case g.ListNode():
            for position, value in enumerate(node.items):
                yield Operand(f"[{position}]", "Data", value)
        case g.RecordNode():
            for field in node.fields:
                yield Operand(field.name, "Data", field.value)
        case _:
            return


def unconverted(node: g.GraphExpression) -> g.GraphExpression:
    """The expression behind any implicit conversions."""
    while isinstance(node, g.ConvertNode):
        node = node.value
    return node


def label_of(node: g.GraphExpression) -> tuple[str, str]:
    """Kind and label of an expression's box."""
    match node:
        case g.CallNode():
            higher = any(isinstance(unconverted(a.value), g.LambdaNode) for a in node.arguments)
            return "HigherOrder" if higher else "Operation", node.written
        case g.Literal():
            return "Literal", _literal(node)
        case g.RecordNode():
            names = [f.name for f in node.fields]
            return "Literal", "{ " + ", ".join([*names[:3], *(["..."] if len(names) > 3 else [])]) + " }"
        case g.Operation():
            return "Operation", node.operator
        case g.Negate():
            return "Operation", "-"
        case g.MergeNode():
            return "Merge", "+"
        case g.ProjectNode():
            return "Project", "[" + ", ".join([*node.fields[:3], *(["..."] if len(node.fields) > 3 else [])]) + "]"
        case g.FieldNode():
            return "FieldAccess", f".{node.field}"
        case g.ListNode():
            return "ListLiteral", f"[{len(node.items)} items]"
        case g.BranchNode():
            return "Branch", f"branch ({len(node.cases) + 1} cases)"
        case g.MatchNode():
            return "Branch", f"match ({len(node.cases)} cases)"
        case _:
            return _FIXED_LABELS.get(type(node), ("Operation", type(node).__name__))


_FIXED_LABELS: dict[type, tuple[str, str]] = {
    g.IfNode: ("Conditional", "if/else"),
    g.GuardNode: ("Guard", "when"),
    g.CoalesceNode: ("Coalesce", "??"),
    g.AndNode: ("BooleanOp", "AND"),
    g.OrNode: ("BooleanOp", "OR"),
    g.NotNode: ("BooleanOp", "NOT"),
    g.InterpolateNode: ("StringInterp", "interpolate"),
    g.LambdaNode: ("HigherOrder", "lambda"),
    g.ErrorNode: ("Operation", "?"),
}


def _literal(node: g.Literal) -> str:
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    if isinstance(node.value, str):
        return f'"{node.value}"' if len(node.value) <= 20 else f'"{node.value[:20]}..."'
    return str(node.value)


def type_signature(type_: Type) -> str:
    """A type as a box shows it: records of more than three fields are cut."""
    if isinstance(type_, RecordType) and len(type_.fields) > 3:
        shown = ", ".join(f"{name}: {field}" for name, field in type_.fields[:3])
        return f"{{ {shown}, ... +{len(type_.fields) - 3} }}"
    return str(type_)


def build_dag(graph: g.Graph) -> Dag:
    """The drawn graph of a program."""
    builder = _Builder()
    for item in graph.inputs:
        builder.input(item)
    for binding in graph.bindings:
        builder.binding(binding)
    for output in graph.outputs:
        builder.output(output)
    return Dag(tuple(builder.nodes), tuple(builder.edges), builder.groups())


class _Builder:
    def __init__(self) -> None:
        self.nodes: list[DagNode] = []
        self.edges: list[DagEdge] = []
        self._sources: dict[str, str] = {}
        self._used: dict[str, int] = {}
        self._edge_ids: dict[str, int] = {}
        self._declaration = ""
        self._offset = 0

    def input(self, item: g.InputSpec) -> None:
        identifier = f"in:{item.name}"
        self._sources[identifier] = identifier
        self.nodes.append(DagNode(identifier, "Input", item.name, item.type, item.name))

    def binding(self, binding: g.Binding) -> None:
        self._declaration, self._offset = binding.name, binding.offset
        self._sources[binding.key] = self._expression(binding.expression, self._fresh(f"v:{binding.name}"))

    def output(self, output: g.OutputSpec) -> None:
        identifier = self._fresh(f"out:{output.name}")
        self._declaration, self._offset = output.name, output.offset
        source = self._expression(output.expression, f"{identifier}/0")
        expression = output.expression
        span = (expression.start + output.offset, expression.end + output.offset)
        self.nodes.append(DagNode(identifier, "Output", output.name, output.type, output.name, *span))
        self._edge(source, identifier, "value", "Data")

    def groups(self) -> dict[str, tuple[str, ...]]:
        members: dict[str, list[str]] = {}
        for node in self.nodes:
            if node.id.startswith("v:"):
                members.setdefault(node.id.partition("/")[0], []).append(node.id)
        return {root: tuple(ids) for root, ids in members.items() if len(ids) > 1}

    def _fresh(self, identifier: str) -> str:
        count = self._used.get(identifier, 0) + 1
        self._used[identifier] = count
        return identifier if count == 1 else f"{identifier}#{count}"

    def _expression(self, expression: g.GraphExpression, identifier: str) -> str:
        """The id of the node that makes the value, after adding whatever nodes it needs."""
        node = unconverted(expression)
        if isinstance(node, g.InputRef):
            return self._sources.get(f"in:{node.name}", f"in:{node.name}")
        if isinstance(node, g.BindingRef):
            return self._sources.get(node.key, f"v:{node.key}")
        kind, label = label_of(node)
        span = (node.start + self._offset, node.end + self._offset)
        self.nodes.append(DagNode(identifier, kind, label, node.type, self._declaration, *span))
        for position, operand in enumerate(operands(node)):
            self._operand(operand, identifier, position)
        return identifier

    def _operand(self, operand: Operand, target: str, position: int) -> None:
        value = unconverted(operand.value)
        if isinstance(value, g.LambdaNode):
            for name, source in self._captured(value):
                self._edge(source, target, name, "Data")
        elif not isinstance(value, g.ParameterRef | g.BoundRef):
            source = self._expression(value, f"{target}/{position}")
            self._edge(source, target, operand.label, operand.kind)

    def _captured(self, node: g.LambdaNode) -> Iterator[tuple[str, str]]:
        seen: set[str] = set()
        for inner in walk(node.body):
            key = f"in:{inner.name}" if isinstance(inner, g.InputRef) else None
            if isinstance(inner, g.BindingRef):
                key = inner.key
            if key is not None and key not in seen:
                seen.add(key)
                yield key.removeprefix("in:").partition("#")[0], self._sources.get(key, key)

    def _edge(self, source: str, target: str, label: str, kind: str) -> None:
        identifier = f"{source}->{target}"
        count = self._edge_ids.get(identifier, 0) + 1
        self._edge_ids[identifier] = count
        self.edges.append(DagEdge(identifier if count == 1 else f"{identifier}#{count}", source, target, label, kind))


def walk(node: g.GraphExpression) -> Iterator[g.GraphExpression]:
    """An expression and everything inside it, lambda bodies included, without recursion."""
    pending: list[g.GraphExpression] = [node]
    while pending:
        current = pending.pop()
        yield current
        if isinstance(current, g.LambdaNode):
            pending.append(current.body)
        pending.extend(o.value for o in reversed(operands(current)))
