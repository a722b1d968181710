"""What is known about one document: its recovered program, checked by the compiler's own checker.

Owns the link between a document and its latest checked program, and the questions editor features ask about it.
Refuses to resolve or type anything itself.

Invariant: every answer is about the document's current text; what did not change since the last check is not checked
again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import ClassVar, Protocol, cast
from weakref import WeakKeyDictionary

import msgspec

from constellation.compiler.checked import CheckedProgram, Details
from constellation.compiler.checker import Checker
from constellation.compiler.context import ResolvedCall
from constellation.compiler.diagnostics import Diagnostic, RelatedPlace
from constellation.compiler.resolver import Imports
from constellation.compiler.scope import TypeEntry, Variable
from constellation.types.functions import FunctionTable
from constellation.types.model import ErrorType, Type
from constellation.types.signature import FunctionSpec
from constellation_grammar import syntax
from constellation_grammar.document import Document
from constellation_grammar.parser import Parser
from constellation_grammar.tokens import Token
from constellation_lsp.features.completion_items import Spellings
from constellation_lsp.occurrences import Occurrences, Place

logger = logging.getLogger(__name__)
_parser = Parser()

BUILTIN_TYPES = frozenset(("String", "Int", "Float", "Boolean", "List", "Seq", "Map", "Optional", "Candidates"))


class Registry(Protocol):
    """Where the current function table comes from."""

    @property
    def table(self) -> FunctionTable:
        """The table; another object after every change."""
        ...


class Knowledge:
    """A function table with what is derived from it, shared by all documents of a registry.

    `backends` are the configured cache backends; none means that any name may turn out to be one.
    """

    _known: ClassVar[WeakKeyDictionary[Registry, Knowledge]] = WeakKeyDictionary()

    def __init__(self, table: FunctionTable, backends: tuple[str, ...] = ()) -> None:
        self.table = table
        self.backends = backends
        self.checker = Checker(table, backends or None)

    @cached_property
    def spellings(self) -> Spellings:
        """The names completion chooses from."""
        return Spellings(self.table)

    @classmethod
    def of(cls, registry: Registry, backends: tuple[str, ...] = ()) -> Knowledge:
        """The knowledge of a registry's current table."""
        known = cls._known.get(registry)
        if known is None or known.table is not registry.table or known.backends != backends:
            known = cls._known[registry] = cls(registry.table, backends)
        return known


class Analysis:
    """A document under analysis. `registry` is asked for the function table each time; `backends` are the configured
    cache backends."""

    builtin_types = BUILTIN_TYPES

    def __init__(self, document: Document, registry: Registry, backends: tuple[str, ...] = ()) -> None:
        self.document = document
        self.registry = registry
        self.backends = backends
        self._knowledge = Knowledge.of(registry, backends)
        self._checked: CheckedProgram | None = None
        self._occurrences: Occurrences | None = None
        self._tokens: dict[int, tuple[syntax.Declaration, tuple[Token, ...]]] = {}
        self._doubted: tuple[int, tuple[Diagnostic, ...]] = (-1, ())
        self._before: tuple[CheckedProgram, int, dict[str, Variable]] | None = None

    # ------------------------------------------------------------------------------------------ the whole

    @property
    def text(self) -> str:
        """The current text."""
        return self.document.text

    @property
    def program(self) -> syntax.Program:
        """The recovered program of the current text."""
        return self.document.program

    @property
    def table(self) -> FunctionTable:
        """The functions programs can call."""
        return self._current().table

    @property
    def spellings(self) -> Spellings:
        """Their names."""
        return self._current().spellings

    def prepare(self) -> None:
        """Makes, while nobody waits, what the first completion needs."""
        _ = self._current().spellings

    @property
    def checked(self) -> CheckedProgram:
        """The checked program of the current text."""
        program, knowledge = self.program, self._current()
        found = self._checked
        if found is None or found.program is not program or found.table is not knowledge.table:
            found = self._checked = knowledge.checker.check(program, found, text=self.text)
        return found

    @property
    def occurrences(self) -> Occurrences:
        """The names of the current program."""
        found = self._occurrences
        if found is None or found.program is not self.program:
            found = self._occurrences = Occurrences(self.program, found)
        return found

    @property
    def identity(self) -> str:
        """Equal as long as neither the text nor the registry changed."""
        return f"{self.document.version}-{id(self._current().table):x}"

    def _current(self) -> Knowledge:
        if self._knowledge.table is not self.registry.table:
            self._knowledge = Knowledge.of(self.registry, self.backends)
        return self._knowledge

    # ---------------------------------------------------------------------------------------- diagnostics

    @property
    def checked_diagnostics(self) -> tuple[Diagnostic, ...]:
        """Errors and warnings."""
        doubted = self._doubted[1] if self._doubted[0] == self.document.version else ()
        return (*self.checked.diagnostics, *doubted)

    def cross_check(self) -> None:
        """Lets the compiler's parser read the whole text (on save, not while typing): what it refuses and the
        tolerant one let pass is a mistake of ours that must not mislead the user."""
        if not self.program.is_valid:
            return
        strict = _parser.parse(self.text)
        found = [_syntax_error(problem, 0) for problem in strict.problems]
        for statement in strict.statements:
            found += [_syntax_error(problem, statement.offset) for problem in statement.problems]
        if found:
            logger.error("the two parsers disagree about a document: %s", found[0].message)
        doubted = tuple(msgspec.structs.replace(d, data={"slug": "parser-disagreement"}) for d in found)
        self._doubted = (self.document.version, doubted)

    @property
    def hints(self) -> tuple[Diagnostic, ...]:
        """What only an editor shows."""
        return self.checked.hints

    @property
    def quick_diagnostics(self) -> list[Diagnostic]:
        """Syntax errors of the current text, and the known messages of declarations that did not change."""
        old = self._checked
        known = {id(c.analysis.node): c.analysis for c in old.statements} if old is not None else {}
        found = [_syntax_error(problem, 0) for problem in self.program.problems]
        for statement in self.program.statements:
            found += [_syntax_error(problem, statement.offset) for problem in statement.problems]
            analysis = known.get(id(statement.node))
            if analysis is not None:
                found += [d.moved(statement.offset) for d in analysis.diagnostics]
        return found

    def has_errors(self, index: int) -> bool:
        """Whether a statement has a mistake of its own."""
        statement = self.checked.statements[index]
        return bool(statement.statement.problems) or any(d.is_error for d in statement.analysis.diagnostics)

    @property
    def unused_imports(self) -> frozenset[int]:
        """The positions of `use` declarations that nothing needs."""
        found = (*self.checked_diagnostics, *self.hints)
        return frozenset(d.start for d in found if d.code == "LANG003")

    # ---------------------------------------------------------------------------------------------- places

    def statement_at(self, offset: int) -> int | None:
        """The index of the last statement that starts at or before an offset."""
        index = self.checked.index_at(offset)
        return index if index >= 0 else None

    def index_before(self, offset: int) -> int:
        """The index of the statement whose scope holds at an offset."""
        return max(self.checked.index_at(offset), 0)

    def declaration_start(self, offset: int) -> int:
        """Where the declaration around or before an offset starts."""
        index = self.statement_at(offset)
        return self.checked.statements[index].start if index is not None else 0

    def lexed(self, index: int, start: int, end: int, lex: Callable[[str], tuple[Token, ...]]) -> tuple[Token, ...]:
        """The tokens of a statement, relative to its start; remembered by its node."""
        node = self.program.statements[index].node
        known = self._tokens.get(id(node))
        if known is None or known[0] is not node:
            if len(self._tokens) > 2 * len(self.program.statements) + 100:
                self._tokens.clear()
            known = self._tokens[id(node)] = (node, lex(self.text[start:end]))
        return known[1]

    # ---------------------------------------------------------------------------------------------- scopes

    def variables(self, index: int) -> Mapping[str, Variable]:
        """The variables a statement may read."""
        checked, before = self.checked, self._before
        if before is None or before[0] is not checked or before[1] != index:
            before = self._before = (checked, index, checked.variables_before(index))
        return before[2]

    def named_types(self, index: int) -> Mapping[str, TypeEntry]:
        """The program's own types a statement may use; `len(statements)` for all."""
        return self.checked.types_before(index)

    def imports(self, index: int) -> Imports:
        """The imports a statement sees."""
        return self.checked.imports_before(index)

    def meant(self, index: int, name: str) -> tuple[FunctionSpec, ...]:
        """The functions a called name may mean: one, several when it is ambiguous, or none."""
        found = self.imports(index).resolve(name)
        if found.function is not None:
            return (found.function,)
        if found.problem is None or found.problem.slug != "ambiguous-function":
            return ()
        names = [str(candidate) for candidate in cast("tuple[object, ...]", found.problem.data.get("replacements", ()))]
        return tuple(self.table.functions[candidate] for candidate in names if candidate in self.table.functions)

    def is_input(self, index: int, name: str) -> bool:
        """Whether a name a statement reads is an input."""
        if not 0 <= index < len(self.checked.statements):
            return False
        variable = self.checked.statements[index].analysis.reads.get(name)
        return variable is not None and variable.is_input

    # ----------------------------------------------------------------------------------------------- types

    def details(self, index: int) -> Details:
        """Types and calls inside a statement."""
        return self.checked.details(index)

    def type_of(self, index: int, node: syntax.Node) -> Type | None:
        """The type of an expression of a statement, None when it is not known."""
        return known_type(self.details(index).type_of(node))

    def call(self, index: int, node: syntax.Call) -> ResolvedCall | None:
        """What a call of a statement means."""
        return self.details(index).call(node)

    def binding_type(self, definition: Place) -> Type | None:
        """The type of a variable, parameter or pattern name by its definition."""
        if definition.occurrence.binder is not None:
            return self.local_type(definition.statement, definition.start)
        variable = self.checked.statements[definition.statement].analysis.variable
        return known_type(variable.type) if variable is not None else None

    def local_type(self, index: int, binder: int) -> Type | None:
        """The type of the lambda parameter or pattern name introduced at an absolute position."""
        if not 0 <= index < len(self.checked.statements):
            return None
        checked = self.checked.statements[index]
        for scope in checked.analysis.local_scopes:
            for local in scope.names:
                if local.declaration.start + checked.offset == binder:
                    return known_type(local.seen_as)
        return None

    def assigned_type(self, index: int) -> Type | None:
        """The type of the variable a statement introduces."""
        variable = self.checked.statements[index].analysis.variable
        return known_type(variable.type) if variable is not None else None

    def output_type(self, index: int) -> Type | None:
        """The type of what a statement puts out."""
        expression = self.checked.statements[index].analysis.expression
        return known_type(expression.type) if expression is not None else None

    def example_type(self, offset: int) -> Type | None:
        """The type an `@example` at an offset must have."""
        statements = self.checked.statements
        index = self.index_before(offset)
        if index < len(statements) and statements[index].node.end + statements[index].offset <= offset:
            index += 1  # a half-typed annotation is no part of its declaration yet
        if index >= len(statements):
            return None
        node, moved = statements[index].node, statements[index].offset
        if isinstance(node, syntax.Broken) and node.keyword == "in" and node.name is not None:
            written = self.text[node.name.end + moved : node.end + moved].lstrip()
            return self.read_type(written[1:]) if written.startswith(":") else None
        return self.assigned_type(index)

    def read_type(self, text: str) -> Type | None:
        """The type a text means, with the type names of this document's end."""
        heads = "".join(
            f"{self.text[s.node.start + s.offset : s.node.end + s.offset]}\n"
            for s in self.program.statements
            if isinstance(s.node, syntax.TypeDefinition)
        )
        document = Document(f"{heads}in value: {text}\n")
        checked = self._current().checker.check(document.program, text=document.text)
        variable = checked.statements[-1].analysis.variable if checked.statements else None
        return known_type(variable.type) if variable is not None else None

    def type_of_span(self, start: int, end: int) -> Type | None:
        """The type of the expression that covers exactly an absolute span, or ends where it ends."""
        index = self.index_before(start)
        if not 0 <= index < len(self.checked.statements):
            return None
        offset = self.checked.statements[index].offset
        best: Type | None = None
        for typed in self.details(index).nodes:
            if typed.node.end + offset == end:
                if typed.node.start + offset == start:
                    return known_type(typed.type)
                best = best if best is not None else known_type(typed.type)
        if best is not None:
            return best
        return self._type_of_path(index, self.text[start:end])

    def types_ending_at(self, end: int) -> list[Type]:
        """The types of all expressions that end at a position."""
        index = self.index_before(end)
        if not 0 <= index < len(self.checked.statements):
            return []
        offset = self.checked.statements[index].offset
        found = [known_type(typed.type) for typed in self.details(index).nodes if typed.node.end + offset == end]
        return [type_ for type_ in found if type_ is not None]

    def _type_of_path(self, index: int, path: str) -> Type | None:
        """The type of `name.field.field`, for declarations of which nothing could be read."""
        from constellation_lsp.features.patterns import record_fields

        head, *fields = (part.strip() for part in path.split("."))
        variable = self.variables(index).get(head)
        type_ = variable.type if variable is not None else None
        for name in fields:
            type_ = dict(record_fields(type_)).get(name)
        return known_type(type_)


def known_type(type_: Type | None) -> Type | None:
    """The type, unless it is the error type."""
    return None if isinstance(type_, ErrorType) else type_


def _syntax_error(problem: syntax.SyntaxProblem, offset: int) -> Diagnostic:
    related = tuple(RelatedPlace(r.message, r.start + offset, r.end + offset) for r in problem.related)
    start, end = problem.start + offset, problem.end + offset
    return Diagnostic(
        "E020", "error", problem.message, start, end, problem.suggestions, related, {"slug": problem.slug}
    )
