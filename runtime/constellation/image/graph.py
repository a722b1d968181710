"""The program graph: typed, name-resolved, frozen; what is hashed, stored, planned and run.

Owns the node kinds a checked program is made of. Refuses to know syntax, functions' implementations or execution.

Invariant: everything needed to run the program and to compute its structural hash is here. Spans and `written`
names are carried for messages only and are no part of a node's identity.

Built by `constellation.compiler`; encoded by `constellation.image.canonical` (hash) and `constellation.image.codec`
(JSON); planned by `constellation.engine.plan`.
"""

from __future__ import annotations

from typing import Union

from msgspec import Struct

from constellation.types.model import Type


class GraphNode(Struct, frozen=True):
    """What every expression node has: its static type and its span relative to the binding's `offset`."""

    type: Type
    start: int
    end: int


class InputRef(GraphNode, frozen=True):
    """The value of a declared input."""

    name: str


class BindingRef(GraphNode, frozen=True):
    """The value of a binding, by key (`total#1`)."""

    key: str


class ParameterRef(GraphNode, frozen=True):
    """The `index`-th parameter of the `depth`-th enclosing lambda (0 = innermost). `name` is for messages only."""

    depth: int
    index: int
    name: str


class BoundRef(GraphNode, frozen=True):
    """Field `name` bound by the `depth`-th enclosing record pattern (0 = innermost)."""

    depth: int
    name: str


class Literal(GraphNode, frozen=True):
    """A `String`, `Int`, `Float` or `Boolean` constant, told apart by `type`."""

    value: str | int | float | bool


class Window(Struct, frozen=True):
    """Streaming window or join: `kind` with its numbers (milliseconds or a count), e.g. `sliding`, (5000, 1000)."""

    kind: str
    arguments: tuple[int, ...] = ()


class CallOptions(Struct, frozen=True, omit_defaults=True):
    """The normalised options of one call (durations in milliseconds). None means unset.

    Values equal to the default are stored as unset, so options that mean the same are equal.
    """

    retry: int | None = None
    timeout_ms: int | None = None
    delay_ms: int | None = None
    backoff: str | None = None
    fallback: GraphExpression | None = None
    cache_ms: int | None = None
    cache_backend: str | None = None
    throttle_count: int | None = None
    throttle_per_ms: int | None = None
    concurrency: int | None = None
    on_error: str | None = None
    lazy: bool = False
    priority: int | None = None
    batch: int | None = None
    batch_timeout_ms: int | None = None
    window: Window | None = None
    checkpoint_ms: int | None = None
    join: Window | None = None


class Argument(Struct, frozen=True):
    """An argument with the name of the parameter it fills."""

    name: str
    value: GraphExpression


class CallNode(GraphNode, frozen=True):
    """A call. `function` is the canonical qualified name, `written` the simple name the program used.

    `parameter_types` and `returns` are the resolved signature with every type variable replaced: argument values
    have exactly these types (conversions are explicit nodes), the result has type `returns` (= `type`). `overload`
    is the chosen signature's index in the spec, a hint for binding and no part of the node's identity.
    """

    function: str
    written: str
    arguments: tuple[Argument, ...]
    parameter_types: tuple[Type, ...]
    returns: Type
    overload: int
    options: CallOptions | None


class Operation(GraphNode, frozen=True):
    """`left op right` for `+ - * /` (Int or Float, both operands already of one type) and `== != < > <= >=`."""

    operator: str
    left: GraphExpression
    right: GraphExpression


class Negate(GraphNode, frozen=True):
    """Unary minus."""

    value: GraphExpression


class MergeNode(GraphNode, frozen=True):
    """Record merge, right side wins; element-wise where a side is a list of records."""

    left: GraphExpression
    right: GraphExpression


class ProjectNode(GraphNode, frozen=True):
    """`e{f, g}`; element-wise on lists."""

    source: GraphExpression
    fields: tuple[str, ...]


class FieldNode(GraphNode, frozen=True):
    """`e.f`; element-wise on lists, through optionals; on a union whatever the member is."""

    source: GraphExpression
    field: str


class IfNode(GraphNode, frozen=True):
    """`if (condition) then else orelse`; both arms already have the node's type."""

    condition: GraphExpression
    then: GraphExpression
    orelse: GraphExpression


class AndNode(GraphNode, frozen=True):
    """`left and right`; right only when left is true."""

    left: GraphExpression
    right: GraphExpression


class OrNode(GraphNode, frozen=True):
    """`left or right`; right only when left is false."""

    left: GraphExpression
    right: GraphExpression


class NotNode(GraphNode, frozen=True):
    """`not e`."""

    value: GraphExpression


class GuardNode(GraphNode, frozen=True):
    """`value when condition`: Some(value) or absent."""

    value: GraphExpression
    condition: GraphExpression


class CoalesceNode(GraphNode, frozen=True):
    """`left ?? right`: the content of left, else right. `unwrap` is False when the result stays optional
    (right is Optional<T> too, so a present left is passed on as it is)."""

    left: GraphExpression
    right: GraphExpression
    unwrap: bool


class Case(Struct, frozen=True):
    """`condition -> value` of a branch."""

    condition: GraphExpression
    value: GraphExpression


class BranchNode(GraphNode, frozen=True):
    """The first case whose condition holds, else `otherwise`."""

    cases: tuple[Case, ...]
    otherwise: GraphExpression


class RecordMatch(Struct, frozen=True):
    """Matches members of the scrutinee that have at least `fields`; `tags` are those members' tags
    (empty when the scrutinee is no union: then it always matches). Binds each field."""

    fields: tuple[str, ...]
    tags: tuple[str, ...]


class TypeMatch(Struct, frozen=True):
    """Matches the member `type`; `tag` is its tag, or "" when the scrutinee is no union (then it always matches)."""

    type: Type
    tag: str


class AnyMatch(Struct, frozen=True):
    """`_`."""


MatchPattern = Union[RecordMatch, TypeMatch, AnyMatch]


class MatchCase(Struct, frozen=True):
    """One arm. Inside `value`, `BoundRef(0, f)` is a field bound by this arm's record pattern, converted to the
    ref's type; a pattern that is no `RecordMatch` opens no binding level."""

    pattern: MatchPattern
    value: GraphExpression


class MatchNode(GraphNode, frozen=True):
    """The first matching case; arms already have the node's type."""

    scrutinee: GraphExpression
    cases: tuple[MatchCase, ...]


class InterpolateNode(GraphNode, frozen=True):
    """n expressions between n+1 texts."""

    parts: tuple[str, ...]
    expressions: tuple[GraphExpression, ...]


class ListNode(GraphNode, frozen=True):
    """A list literal; items already have the element type."""

    items: tuple[GraphExpression, ...]


class FieldValue(Struct, frozen=True):
    """A field of a record literal."""

    name: str
    value: GraphExpression


class RecordNode(GraphNode, frozen=True):
    """A record literal; its dict has the fields in this order."""

    fields: tuple[FieldValue, ...]


class LambdaNode(GraphNode, frozen=True):
    """A lambda; `type` is a FunctionType. `parameters` are names for messages only."""

    parameters: tuple[str, ...]
    body: GraphExpression


class ConvertNode(GraphNode, frozen=True):
    """An implicit conversion from `value.type` to `type` along subtyping: Int literal to Float, a member into a
    union (tagging), a record losing extra fields, and any of these inside lists, maps, optionals and records."""

    value: GraphExpression


class ErrorNode(GraphNode, frozen=True):
    """What could not be checked. Never part of an image; its type is the error type."""


GraphExpression = Union[
    InputRef, BindingRef, ParameterRef, BoundRef, Literal, CallNode, Operation, Negate, MergeNode, ProjectNode,
    FieldNode, IfNode, AndNode, OrNode, NotNode, GuardNode, CoalesceNode, BranchNode, MatchNode, InterpolateNode,
    ListNode, RecordNode, LambdaNode, ConvertNode, ErrorNode,
]  # fmt: skip


class InputSpec(Struct, frozen=True):
    """A declared input. `examples` are the checked `@example` expressions, converted to `type`."""

    name: str
    type: Type
    examples: tuple[GraphExpression, ...] = ()


class Binding(Struct, frozen=True):
    """`name = expression`. `key` is `name#n`, n = 1 for the first assignment of the name. `offset` is added to the
    spans inside to get absolute positions."""

    key: str
    name: str
    expression: GraphExpression
    offset: int


class OutputSpec(Struct, frozen=True):
    """`out expression as name`."""

    name: str
    expression: GraphExpression
    offset: int

    @property
    def type(self) -> Type:
        """The output's static type."""
        return self.expression.type


class Graph(Struct, frozen=True):
    """A whole checked program, everything in declaration order."""

    inputs: tuple[InputSpec, ...]
    bindings: tuple[Binding, ...]
    outputs: tuple[OutputSpec, ...]
