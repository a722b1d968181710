"""The syntax tree: the one vocabulary both parsers build and everything else reads.

Owns the node kinds of a `.cst` program. Refuses to know types, modules or execution.

Invariant: every node is frozen and starts with its half-open span `[start, end)`, counted in Unicode code
points **relative to its statement's origin**: the absolute position is `node.start + statement.offset`. So a
statement that merely moved is the same node object with another offset, and whatever was computed for it stays valid.
A span ends at the last character of its construct; it never includes blanks or comments after it.
"""

from __future__ import annotations

from typing import Union

from msgspec import Struct


class Node(Struct, frozen=True):
    """What every syntax node has: the half-open span `[start, end)` in code points from the statement's origin."""

    start: int
    end: int


class Name(Node, frozen=True):
    """An identifier where it stands. `text` of a called or imported name may be dotted (`stdlib.math.add`)."""

    text: str


class Hole(Node, frozen=True):
    """A place where something is missing while a program is being typed. Only the tolerant front end makes these.

    `expected` says what belongs here: `expression`, `type`, `name`, `pattern`, `option`, `path`.
    Stands for an expression or a type; its type is the error type, so it silences every rule about it.
    """

    expected: str


# ---------------------------------------------------------------------------------------------------- types


class NamedType(Node, frozen=True):
    """`Int`, `Order`: a primitive or a type defined earlier."""

    name: str


class GenericType(Node, frozen=True):
    """`List<T>` or, with the same meaning, `List[T]`."""

    constructor: Name
    arguments: tuple[TypeNode, ...]


class TypeField(Node, frozen=True):
    """`name: T` inside a record type."""

    name: Name
    type: TypeNode


class RecordType(Node, frozen=True):
    """`{ a: T, b: U }`."""

    fields: tuple[TypeField, ...]


class MergeType(Node, frozen=True):
    """`A + B` on types."""

    left: TypeNode
    right: TypeNode


class UnionType(Node, frozen=True):
    """`A | B | C` as written (not flattened through parentheses)."""

    members: tuple[TypeNode, ...]


class ParenType(Node, frozen=True):
    """`( T )`."""

    type: TypeNode


TypeNode = Union[NamedType, GenericType, RecordType, MergeType, UnionType, ParenType, Hole]

# ---------------------------------------------------------------------------------------------- expressions


class Variable(Node, frozen=True):
    """A use of a variable."""

    name: str


class StringLiteral(Node, frozen=True):
    """A string without interpolation; `value` has its escapes resolved."""

    value: str


class Interpolation(Node, frozen=True):
    """`"a ${x} b"`: n expressions between n+1 texts (escapes resolved, possibly empty)."""

    parts: tuple[str, ...]
    expressions: tuple[Expression, ...]


class IntLiteral(Node, frozen=True):
    """A 64-bit integer, its touching sign included."""

    value: int


class FloatLiteral(Node, frozen=True):
    """An IEEE double, its touching sign included."""

    value: float


class BooleanLiteral(Node, frozen=True):
    """`true` or `false`."""

    value: bool


class ListLiteral(Node, frozen=True):
    """`[a, b]`."""

    items: tuple[Expression, ...]


class RecordField(Node, frozen=True):
    """`name: value` in a record literal, or a property of a connector annotation."""

    name: Name
    value: Expression


class RecordLiteral(Node, frozen=True):
    """`{ a: x, b: y }`."""

    fields: tuple[RecordField, ...]


class Paren(Node, frozen=True):
    """`( e )`: kept so that spans and formatting are exact; it has no meaning of its own."""

    value: Expression


class Call(Node, frozen=True):
    """`ns.f(a, b) with retry: 2`. `function.text` is the dotted name as written.

    `end` includes the options; `close` is the offset just behind the argument list's `)`.
    """

    function: Name
    arguments: tuple[Expression, ...]
    options: tuple[Option, ...]
    close: int


class FieldAccess(Node, frozen=True):
    """`e.f`."""

    source: Expression
    field: Name


class Projection(Node, frozen=True):
    """`e[f, g]` or `e{f, g}`; `braces` says which was written."""

    source: Expression
    fields: tuple[Name, ...]
    braces: bool


class If(Node, frozen=True):
    """`if (condition) then else orelse`."""

    condition: Expression
    then: Expression
    orelse: Expression


class BranchCase(Node, frozen=True):
    """`condition -> value` in a `branch`."""

    condition: Expression
    value: Expression


class Branch(Node, frozen=True):
    """`branch { c -> e, otherwise -> e }`."""

    cases: tuple[BranchCase, ...]
    otherwise: Expression


class RecordPattern(Node, frozen=True):
    """`{ f, g }`: members having at least these fields; binds each."""

    fields: tuple[Name, ...]


class TypeTest(Node, frozen=True):
    """`is T`."""

    type: Name


class Wildcard(Node, frozen=True):
    """`_`."""


Pattern = Union[RecordPattern, TypeTest, Wildcard, Hole]


class MatchArm(Node, frozen=True):
    """`pattern -> value`."""

    pattern: Pattern
    value: Expression


class Match(Node, frozen=True):
    """`match scrutinee { arms }`."""

    scrutinee: Expression
    arms: tuple[MatchArm, ...]


class Guard(Node, frozen=True):
    """`value when condition`."""

    value: Expression
    condition: Expression


class Coalesce(Node, frozen=True):
    """`left ?? right`."""

    left: Expression
    right: Expression


class BooleanOperation(Node, frozen=True):
    """`left and right`, `left or right`; `operator` is `and` or `or`."""

    operator: str
    left: Expression
    right: Expression


class Not(Node, frozen=True):
    """`not e`, also written `not(e)`."""

    value: Expression


class Comparison(Node, frozen=True):
    """`left < right` and its five siblings; `operator` as written."""

    operator: str
    left: Expression
    right: Expression


class Arithmetic(Node, frozen=True):
    """`left + right` and its three siblings. Types decide whether `+` adds or merges."""

    operator: str
    left: Expression
    right: Expression


class Negation(Node, frozen=True):
    """Unary minus on anything but a number it touches (that is part of the literal)."""

    value: Expression


class Parameter(Node, frozen=True):
    """A lambda's parameter, optionally annotated."""

    name: Name
    type: TypeNode | None


class Lambda(Node, frozen=True):
    """`(a, b: Int) => body` or `a => body`."""

    parameters: tuple[Parameter, ...]
    body: Expression


Expression = Union[
    Variable, StringLiteral, Interpolation, IntLiteral, FloatLiteral, BooleanLiteral, ListLiteral, RecordLiteral,
    Paren, Call, FieldAccess, Projection, If, Branch, Match, Guard, Coalesce, BooleanOperation, Not, Comparison,
    Arithmetic, Negation, Lambda, Hole,
]  # fmt: skip

# --------------------------------------------------------------------------------------------- call options


class Duration(Node, frozen=True):
    """`30s`: `unit` is one of `ms s min h d`."""

    count: int
    unit: str


class Rate(Node, frozen=True):
    """`100/1min`."""

    count: int
    per: Duration


class Word(Node, frozen=True):
    """`exponential`, `tumbling(5s)`: a word of an option's own vocabulary; `arguments` is None without parentheses."""

    name: str
    arguments: tuple[IntLiteral | Duration, ...] | None


class Quoted(Node, frozen=True):
    """A plain quoted string: no escapes, no interpolation."""

    value: str


OptionValue = Union[IntLiteral, Duration, Rate, Word, Quoted, BooleanLiteral, Expression]


class Option(Node, frozen=True):
    """`name: value` after `with`. A bare `lazy` has a `BooleanLiteral(True)` with the name's own span."""

    name: Name
    value: OptionValue


# --------------------------------------------------------------------------------------------- declarations


class Example(Node, frozen=True):
    """`@example(value)`."""

    value: Expression


class Source(Node, frozen=True):
    """`@source("connector", key: value)`."""

    connector: str
    properties: tuple[RecordField, ...]


class Sink(Node, frozen=True):
    """`@sink("connector", key: value)`."""

    connector: str
    properties: tuple[RecordField, ...]


class TypeDefinition(Node, frozen=True):
    """`type Name = T`."""

    name: Name
    type: TypeNode


class Input(Node, frozen=True):
    """`in name: T` with its annotations; the span starts at the first annotation."""

    name: Name
    type: TypeNode
    annotations: tuple[Example | Source, ...]


class Assignment(Node, frozen=True):
    """`name = value`."""

    name: Name
    value: Expression


class Output(Node, frozen=True):
    """`out e [as name]`. `out x when c` is a `Guard` value without alias."""

    value: Expression
    alias: Name | None
    annotations: tuple[Sink, ...]


class Use(Node, frozen=True):
    """`use a.b [as c]`."""

    path: Name
    alias: Name | None


class Broken(Node, frozen=True):
    """A declaration of which not enough could be read. If its name could be, later uses of it are silent.

    `keyword` is `in`, `out`, `use`, `type`, `=` (an assignment) or `` (nothing recognisable).
    """

    keyword: str
    name: Name | None


Declaration = Union[TypeDefinition, Input, Assignment, Output, Use, Broken]

# -------------------------------------------------------------------------------------------------- program


class Related(Node, frozen=True):
    """Another place that explains a problem, for example the bracket that was never closed."""

    message: str


class SyntaxProblem(Node, frozen=True):
    """One syntax error (E020) in words, at the place of the mistake. The span is empty at the end of input.

    `slug` is a stable kebab-case key of the kind of mistake (`unclosed-bracket`); `suggestions` are sentences
    without a leading arrow; `related` other places. Spans are relative to the statement like everything else.
    """

    message: str
    slug: str
    suggestions: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()


class Statement(Struct, frozen=True):
    """One declaration in its place. Absolute positions are the node's plus `offset` (which may be negative)."""

    offset: int
    node: Declaration
    problems: tuple[SyntaxProblem, ...] = ()


class Program(Struct, frozen=True):
    """A whole text: its statements in order, and its length in code points.

    `problems` are the syntax errors that belong to no statement, with absolute spans.
    """

    statements: tuple[Statement, ...]
    length: int
    problems: tuple[SyntaxProblem, ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether the text has no syntax error."""
        return not self.problems and not any(s.problems for s in self.statements)


RESERVED_WORDS = frozenset({
    "type", "in", "out", "if", "else", "true", "false", "use", "as", "and", "or", "not", "when", "branch", "otherwise",
    "with", "lazy", "match", "is",
})  # fmt: skip
"""Words that cannot name a variable, type or alias. They may name a field and stand after a dot."""

OPTION_NAMES = (
    "retry", "timeout", "delay", "backoff", "fallback", "cache", "cache_backend", "throttle", "concurrency",
    "on_error", "lazy", "priority", "batch", "batch_timeout", "window", "checkpoint", "join",
)  # fmt: skip
"""The call options, in the order they are listed to people."""
