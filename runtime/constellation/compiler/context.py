"""The state of checking one statement.

Owns what the rules read (names in scope) and what they write (diagnostics, what was read). The rules themselves stand
in the files of `checking/`, each registering the syntax nodes it types. Refuses to know any rule.

Invariant: everything a statement's result depends on besides its syntax is recorded in `reads`, `type_reads` and
`imports`; a result that depends on more says so by being `volatile`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from msgspec import Struct

from constellation.compiler.diagnostics import Diagnostic, RelatedPlace, diagnostic
from constellation.compiler.resolver import Imports
from constellation.compiler.scope import Local, TypeEntry, Variable
from constellation.image.graph import ErrorNode, GraphExpression
from constellation.types.functions import FunctionTable
from constellation.types.model import ERROR, Type
from constellation.types.signature import FunctionSpec, Signature
from constellation_grammar import syntax

__all__ = ["HANDLERS", "Context", "LocalScope", "Recorder", "ResolvedCall", "TypedNode", "handles", "strip_parens"]

DEEPEST = 500
"""Levels of nesting an expression may have; parentheses do not count."""

_DEEP = 48
_FRAMES = 20_000

N = TypeVar("N", bound=syntax.Node)
Handler = Callable[["Context", N], GraphExpression]

HANDLERS: dict[type[syntax.Node], Callable[[Context, syntax.Expression], GraphExpression]] = {}
"""How each kind of expression is typed and turned into a graph node."""


def handles(kind: type[N]) -> Callable[[Handler[N]], Handler[N]]:
    """Register the rule for a kind of expression."""

    def register(handler: Handler[N]) -> Handler[N]:
        HANDLERS[kind] = cast("Callable[[Context, syntax.Expression], GraphExpression]", handler)
        return handler

    return register


def strip_parens(node: syntax.Expression) -> syntax.Expression:
    """The expression inside any parentheses around it."""
    while isinstance(node, syntax.Paren):
        node = node.value
    return node


class LocalScope(Struct, frozen=True):
    """Where lambda parameters or fields bound by a pattern can be seen; the span is relative to the statement."""

    start: int
    end: int
    names: tuple[Local, ...]


class TypedNode(Struct, frozen=True):
    """A syntax node with its type, for the editor; also for nodes inside expressions that failed."""

    node: syntax.Node
    type: Type


class ResolvedCall(Struct, frozen=True):
    """A call with the function it means, and the signature chosen for it if one fits."""

    node: syntax.Call
    function: FunctionSpec
    overload: int
    signature: Signature | None


class Recorder:
    """Notes for the editor, taken only when a statement is checked for them."""

    def __init__(self) -> None:
        self.nodes: list[TypedNode] = []
        self.calls: list[ResolvedCall] = []


class Context:
    """What the rules work with."""

    __slots__ = (
        "broken",
        "cache_backends",
        "depth",
        "diagnostics",
        "functions",
        "hints",
        "imports",
        "imports_used",
        "lambda_depth",
        "local_scopes",
        "locals",
        "pattern_depth",
        "reads",
        "recorder",
        "table",
        "throttles",
        "type_reads",
        "types",
        "variables",
        "volatile",
    )

    def __init__(
        self,
        table: FunctionTable,
        imports: Imports,
        variables: Mapping[str, Variable],
        types: Mapping[str, TypeEntry],
        recorder: Recorder | None = None,
        cache_backends: frozenset[str] | None = None,
    ) -> None:
        self.table = table
        self.imports = imports
        self.variables = variables
        self.types = types
        self.recorder = recorder
        self.cache_backends = cache_backends
        self.locals: Mapping[str, Local] = {}
        self.lambda_depth = 0
        self.pattern_depth = 0
        self.depth = 0
        self.volatile = False
        self.broken = False
        self.reads: dict[str, Variable] = {}
        self.type_reads: dict[str, TypeEntry] = {}
        self.imports_used: set[int] = set()
        self.functions: set[str] = set()
        self.diagnostics: list[Diagnostic] = []
        self.hints: list[Diagnostic] = []
        self.local_scopes: list[LocalScope] = []
        self.throttles: list[tuple[str, str, int, int]] = []

    def infer(self, node: syntax.Expression) -> GraphExpression:
        """The graph node of an expression, with its own type."""
        depth = self.depth = self.depth + 1
        if depth > _DEEP:
            if depth > DEEPEST:
                self.depth -= 1
                return self.report("nested-too-deeply", node)
            if depth == _DEEP + 1 and sys.getrecursionlimit() < _FRAMES:
                sys.setrecursionlimit(_FRAMES)
        result = HANDLERS[type(node)](self, node)
        self.depth = depth - 1
        if self.recorder is not None:
            self.recorder.nodes.append(TypedNode(node, result.type))
        return result

    def report(
        self,
        slug: str,
        at: syntax.Node | GraphExpression,
        values: Mapping[str, object] | None = None,
        *,
        end: int | None = None,
        suggestions: tuple[str, ...] = (),
        related: tuple[RelatedPlace, ...] = (),
        data: Mapping[str, object] | None = None,
    ) -> ErrorNode:
        """Note an error or warning at a node; gives the error node that stands for what failed."""
        last = at.end if end is None else end
        self.diagnostics.append(diagnostic(slug, at.start, last, values or {}, suggestions, related, data))
        return ErrorNode(ERROR, at.start, at.end)

    def hint(self, slug: str, at: syntax.Node, values: Mapping[str, object]) -> None:
        """Note something only an editor shows."""
        self.hints.append(diagnostic(slug, at.start, at.end, values))

    def mark(self) -> tuple[int, ...]:
        """How much has been noted so far, for `forget`."""
        return tuple(map(len, self._notes()))

    def forget(self, mark: tuple[int, ...]) -> None:
        """Forget what was noted since a mark, because the same syntax is checked again."""
        for notes, length in zip(self._notes(), mark, strict=True):
            del notes[length:]

    def _notes(self) -> list[list[Any]]:
        notes: list[list[Any]] = [self.diagnostics, self.hints, self.local_scopes, self.throttles]
        if self.recorder is not None:
            notes += [self.recorder.nodes, self.recorder.calls]
        return notes
