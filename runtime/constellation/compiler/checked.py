"""What checking a program gives: its graph, its diagnostics, and what the editor asks.

Owns the results and their questions (type, scope and definition at an offset). Refuses to check anything itself.

Invariant: an `Analysis` belongs to a syntax node and to what it read, not to a position; offsets are added here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from msgspec import Struct

from constellation.compiler.context import LocalScope, Recorder, ResolvedCall, TypedNode
from constellation.compiler.diagnostics import Diagnostic
from constellation.compiler.resolver import Imports
from constellation.compiler.scope import Local, TypeEntry, Variable
from constellation.image.graph import Graph, GraphExpression
from constellation.types.functions import FunctionTable
from constellation.types.model import Type
from constellation_grammar import syntax

__all__ = ["Analysis", "CheckedProgram", "CheckedStatement", "Details", "ScopeName"]


class Analysis(Struct, frozen=True, eq=False):
    """Everything found out about one declaration; spans are relative to its statement.

    `expression` is the value of an assignment or output; `examples` the checked examples of an input. `volatile`
    results depend on more than `reads`, `type_reads` and `imports` and are never reused. `imports_used` are the ids of
    the `use` declarations it needed, `functions` the qualified names it calls.
    """

    node: syntax.Declaration
    imports: Imports
    imports_after: Imports
    reads: Mapping[str, Variable]
    type_reads: Mapping[str, TypeEntry]
    imports_used: frozenset[int]
    functions: frozenset[str]
    diagnostics: tuple[Diagnostic, ...]
    hints: tuple[Diagnostic, ...]
    variable: Variable | None
    type_entry: TypeEntry | None
    expression: GraphExpression | None
    examples: tuple[GraphExpression, ...]
    output_name: str
    volatile: bool
    local_scopes: tuple[LocalScope, ...]
    throttles: tuple[tuple[str, str, int, int], ...]


class CheckedStatement(Struct, frozen=True, eq=False):
    """A statement in its place with what was found out about it."""

    statement: syntax.Statement
    analysis: Analysis

    @property
    def offset(self) -> int:
        """What to add to the spans inside to get absolute positions."""
        return self.statement.offset

    @property
    def node(self) -> syntax.Declaration:
        """The declaration."""
        return self.statement.node

    @property
    def start(self) -> int:
        """Where the declaration starts in the text."""
        return self.statement.offset + self.statement.node.start

    @property
    def end(self) -> int:
        """Where the declaration ends in the text."""
        return self.statement.offset + self.statement.node.end


class Details(Struct, frozen=True):
    """Types of all the nodes of one statement and the functions of its calls, spans relative to the statement."""

    nodes: tuple[TypedNode, ...]
    calls: tuple[ResolvedCall, ...]
    local_scopes: tuple[LocalScope, ...]

    def call(self, node: syntax.Call) -> ResolvedCall | None:
        """What a call of this statement means, or None when its name is unknown."""
        return next((call for call in self.calls if call.node is node), None)

    def type_of(self, node: syntax.Node) -> Type | None:
        """The type of an expression of this statement."""
        return next((typed.type for typed in self.nodes if typed.node is node), None)


class ScopeName(Struct, frozen=True):
    """A name visible somewhere: a variable of the program, a lambda parameter or a field bound by a pattern.

    `start` and `end` are the absolute span of the name where it is introduced.
    """

    name: str
    type: Type
    kind: str
    start: int
    end: int


class CheckedProgram:
    """A checked program.

    `graph` is None when there are errors. `diagnostics` are errors and warnings ordered by position (at most 100
    errors, `omitted_errors` more were found); `hints` is what only an editor shows.
    """

    def __init__(
        self,
        program: syntax.Program,
        table: FunctionTable,
        statements: tuple[CheckedStatement, ...],
        graph: Graph | None,
        diagnostics: tuple[Diagnostic, ...],
        hints: tuple[Diagnostic, ...],
        omitted_errors: int,
        rechecked: int,
        examine: Callable[[CheckedProgram, int], Recorder],
    ) -> None:
        self.program = program
        self.table = table
        self.statements = statements
        self.graph = graph
        self.diagnostics = diagnostics
        self.hints = hints
        self.omitted_errors = omitted_errors
        self.rechecked = rechecked
        self._examine = examine
        self._details: dict[int, Details] = {}

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that make compilation fail."""
        return tuple(d for d in self.diagnostics if d.severity == "error")

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that do not."""
        return tuple(d for d in self.diagnostics if d.severity != "error")

    @property
    def functions(self) -> frozenset[str]:
        """The qualified names of all functions the program calls."""
        return frozenset[str]().union(*(checked.analysis.functions for checked in self.statements))

    # --------------------------------------------------------------------------------------- questions by offset

    @cached_property
    def _starts(self) -> list[int]:
        return [checked.start for checked in self.statements]

    def index_at(self, offset: int) -> int:
        """The index of the statement that contains an offset or ends before it; -1 before the first one."""
        return bisect_right(self._starts, offset) - 1

    def statement_at(self, offset: int) -> CheckedStatement | None:
        """The statement whose span contains an offset (its end included)."""
        index = self.index_at(offset)
        if index < 0 or offset > self.statements[index].end:
            return None
        return self.statements[index]

    def details(self, index: int) -> Details:
        """Types and calls of one statement, worked out when first asked for."""
        known = self._details.get(index)
        if known is None:
            recorder = self._examine(self, index)
            scopes = self.statements[index].analysis.local_scopes
            known = Details(tuple(recorder.nodes), tuple(recorder.calls), scopes)
            self._details[index] = known
        return known

    def node_at(self, offset: int) -> TypedNode | None:
        """The innermost expression at an offset, with its type (relative spans)."""
        index = self.index_at(offset)
        if index < 0:
            return None
        position = offset - self.statements[index].offset
        best: TypedNode | None = None
        for typed in self.details(index).nodes:
            node = typed.node
            if node.start <= position <= node.end and (best is None or _is_inside(node, best.node, position)):
                best = typed
        return best

    def type_at(self, offset: int) -> Type | None:
        """The type of the innermost expression at an offset, or of the variable whose definition stands there."""
        index = self.index_at(offset)
        if index >= 0:
            variable = self.statements[index].analysis.variable
            position = offset - self.statements[index].offset
            if variable is not None and variable.declaration.start <= position <= variable.declaration.end:
                return variable.type
        found = self.node_at(offset)
        return found.type if found is not None else None

    # -------------------------------------------------------------------------------------------- scopes by index

    def variables_before(self, index: int) -> dict[str, Variable]:
        """The variables visible to the statement of that index; `len(statements)` for the end of the program."""
        variables: dict[str, Variable] = {}
        for checked in self.statements[: max(index, 0)]:
            variable = checked.analysis.variable
            if variable is not None and _takes_effect(checked.node, variable, variables):
                variables.pop(variable.name, None)
                variables[variable.name] = variable
        return variables

    def types_before(self, index: int) -> dict[str, TypeEntry]:
        """The program's own types visible to the statement of that index."""
        types: dict[str, TypeEntry] = {}
        for checked in self.statements[: max(index, 0)]:
            entry = checked.analysis.type_entry
            if entry is not None:
                types.setdefault(entry.name, entry)
        return types

    def imports_before(self, index: int) -> Imports:
        """The imports visible to the statement of that index."""
        if 0 <= index < len(self.statements):
            return self.statements[index].analysis.imports
        return self.statements[-1].analysis.imports_after if self.statements else Imports(self.table)

    def locals_at(self, offset: int) -> dict[str, Local]:
        """Lambda parameters and bound fields visible at an offset."""
        index = self.index_at(offset)
        found: dict[str, Local] = {}
        if index >= 0:
            position = offset - self.statements[index].offset
            for scope in self.statements[index].analysis.local_scopes:
                if scope.start <= position <= scope.end:
                    found.update((local.name, local) for local in scope.names)
        return found

    def scope_at(self, offset: int) -> dict[str, ScopeName]:
        """Every name an expression at an offset could use, outermost first."""
        index = self.index_at(offset)
        inside = index >= 0 and offset <= self.statements[index].end
        visible: dict[str, ScopeName] = {}
        for name, variable in self.variables_before(index if inside else index + 1).items():
            place = self.definition_of(variable)
            kind = "input" if variable.is_input else "variable"
            if place is not None:
                visible[name] = ScopeName(name, variable.type, kind, place[0], place[1])
        base = self.statements[index].offset if index >= 0 else 0
        for name, local in self.locals_at(offset).items():
            kind = "parameter" if local.index >= 0 else "bound"
            at = local.declaration
            visible.pop(name, None)
            visible[name] = ScopeName(name, local.seen_as, kind, at.start + base, at.end + base)
        return visible

    @cached_property
    def _definitions(self) -> dict[int, CheckedStatement]:
        found: dict[int, CheckedStatement] = {}
        for checked in self.statements:
            for entry in (checked.analysis.variable, checked.analysis.type_entry):
                if entry is not None:
                    found[id(entry)] = checked
        return found

    def definition_of(self, entry: Variable | TypeEntry) -> tuple[int, int] | None:
        """The absolute span of the name where a variable or type is introduced."""
        checked = self._definitions.get(id(entry))
        if checked is None:
            return None
        return entry.declaration.start + checked.offset, entry.declaration.end + checked.offset

    def readers_of(self, variable: Variable) -> Iterator[CheckedStatement]:
        """The statements that read a variable."""
        for checked in self.statements:
            if checked.analysis.reads.get(variable.name) is variable:
                yield checked


def _is_inside(node: syntax.Node, best: syntax.Node, position: int) -> bool:
    """Whether a node is the better answer for a position: smaller, or not merely ending there."""
    if (best.end == position) != (node.end == position):
        return best.end == position
    return node.end - node.start <= best.end - best.start


def _takes_effect(node: syntax.Declaration, variable: Variable, variables: Mapping[str, Variable]) -> bool:
    """A second `in` of one name is an error and changes nothing."""
    return not (isinstance(node, syntax.Input) and variable.name in variables)
