"""The checker: a syntax tree and a function table in, a checked program out.

Owns the order of work and what can be kept from an earlier check. Refuses typing rules (`checking/`) and rules about
the whole program (`checking/lints.py`).

Invariant: `check(program, previous)` gives what `check(program)` gives, whatever `previous` is. It never raises.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from constellation.compiler.checked import Analysis, CheckedProgram, CheckedStatement
from constellation.compiler.checking import RULES
from constellation.compiler.checking.declarations import analyse
from constellation.compiler.checking.lints import ProgramDiagnostics
from constellation.compiler.context import Context, Recorder
from constellation.compiler.diagnostics import diagnostic
from constellation.compiler.resolver import Imports
from constellation.compiler.scope import TypeEntry, Variable
from constellation.image.graph import Binding, Graph, InputSpec, OutputSpec
from constellation.types.functions import FunctionTable
from constellation_grammar import syntax

__all__ = ["Checker"]

REGISTERED = RULES
"""The typing rules; importing them registered them."""


class Checker:
    """Checks programs against one function table.

    `cache_backends`, when given, are the names `cache_backend` may say without a warning. Threads may share a checker.
    """

    def __init__(self, table: FunctionTable, cache_backends: Sequence[str] | None = None) -> None:
        self.table = table
        self._imports = Imports(table)
        self._cache_backends = None if cache_backends is None else frozenset(cache_backends)

    def check(
        self, program: syntax.Program, previous: CheckedProgram | None = None, *, text: str | None = None
    ) -> CheckedProgram:
        """Check a program. `previous` is an earlier result of this checker: what did not change is kept from it.

        With `text`, messages can name lines ("already defined on line 3").
        """
        try:
            return self._check(program, previous, text)
        except Exception as error:  # a bug in a rule about the whole program must not take its user down with it
            logging.getLogger(__name__).exception("Checking a program failed")
            found = diagnostic("internal-error", 0, 0, {"message": f"{type(error).__name__}: {error}"})
            return CheckedProgram(program, self.table, (), None, (found,), (), 0, 0, self._examine)

    def _check(self, program: syntax.Program, previous: CheckedProgram | None, text: str | None) -> CheckedProgram:
        memory = _Memory(previous if previous is not None and previous.table is self.table else None, program)
        work = _Pass(self, program, memory)
        work.run()
        found = ProgramDiagnostics(program, work.statements, text)
        found.collect(work.repeated_names, work.repeated_types)
        graph = None if found.has_errors else _graph(work.statements, found.repeated_outputs)
        return CheckedProgram(
            program,
            self.table,
            tuple(work.statements),
            graph,
            tuple(found.diagnostics),
            tuple(found.hints),
            found.omitted,
            work.rechecked,
            self._examine,
        )

    def context(
        self,
        imports: Imports | None,
        variables: dict[str, Variable],
        types: dict[str, TypeEntry],
        recorder: Recorder | None = None,
    ) -> Context:
        """The state for checking one statement."""
        return Context(self.table, imports or self._imports, variables, types, recorder, self._cache_backends)

    @property
    def imports(self) -> Imports:
        """The scope before the first `use`."""
        return self._imports

    def _examine(self, checked: CheckedProgram, index: int) -> Recorder:
        recorder = Recorder()
        variables = checked.variables_before(index)
        context = self.context(checked.imports_before(index), variables, checked.types_before(index), recorder)
        analyse(context, checked.statements[index].node, "")
        return recorder


class _Memory:
    """Which earlier analysis may still hold for a statement."""

    def __init__(self, previous: CheckedProgram | None, program: syntax.Program) -> None:
        self._old = previous.statements if previous is not None else ()
        self._shift = len(self._old) - len(program.statements)
        self._by_node: dict[int, Analysis] | None = None

    def at(self, index: int) -> Iterator[Analysis]:
        """The earlier analyses of the statements at the same place, counted from the start and from the end."""
        for place in dict.fromkeys((index, index + self._shift)):
            if 0 <= place < len(self._old):
                yield self._old[place].analysis

    def candidate(self, index: int, node: syntax.Declaration) -> Analysis | None:
        """The earlier analysis of the same syntax node: at the same place, counted from the end, or anywhere."""
        old = self._old
        if not old:
            return None
        if index < len(old) and old[index].analysis.node is node:
            return old[index].analysis
        from_end = index + self._shift
        if 0 <= from_end < len(old) and old[from_end].analysis.node is node:
            return old[from_end].analysis
        if self._by_node is None:
            self._by_node = {id(checked.analysis.node): checked.analysis for checked in old}
        return self._by_node.get(id(node))


def _with_own_names(analysis: Analysis) -> Analysis:
    """The analysis introducing an object of its own: two statements with the same text may share everything else."""
    variable, entry = analysis.variable, analysis.type_entry
    return replace(
        analysis,
        variable=None if variable is None else replace(variable),
        type_entry=None if entry is None else replace(entry),
    )


def _same_variable(new: Variable, old: Variable | None) -> bool:
    return (
        old is not None
        and new.name == old.name
        and new.key == old.key
        and new.type == old.type
        and str(new.type) == str(old.type)
        and new.declaration == old.declaration
    )


def _same_type_entry(new: TypeEntry, old: TypeEntry | None) -> bool:
    return (
        old is not None
        and new.name == old.name
        and new.type == old.type
        and str(new.type) == str(old.type)
        and new.declaration == old.declaration
    )


class _Pass:
    """One run over a program's statements, top to bottom."""

    def __init__(self, checker: Checker, program: syntax.Program, memory: _Memory) -> None:
        self._checker = checker
        self._program = program
        self._memory = memory
        self._variables: dict[str, Variable] = {}
        self._types: dict[str, TypeEntry] = {}
        self._counts: dict[str, int] = {}
        self.statements: list[CheckedStatement] = []
        self.repeated_names: list[tuple[CheckedStatement, Variable]] = []
        self.repeated_types: list[tuple[CheckedStatement, TypeEntry]] = []
        self.rechecked = 0

    def run(self) -> None:
        """Check every statement, keeping what still holds."""
        imports = self._checker.imports
        candidate = self._memory.candidate
        add = self.statements.append
        introduced: set[int] = set()
        for index, statement in enumerate(self._program.statements):
            node = statement.node
            key = self._key(node)
            analysis = candidate(index, node)
            if analysis is None or not self._still_holds(analysis, imports, key):
                self.rechecked += 1
                context = self._checker.context(imports, self._variables, self._types)
                context.broken = bool(statement.problems)
                analysis = self._same_names(index, analyse(context, node, key))
            entry = analysis.variable or analysis.type_entry
            if entry is not None:
                if id(entry) in introduced:
                    analysis = _with_own_names(analysis)
                introduced.add(id(entry))
            checked = CheckedStatement(statement, analysis)
            add(checked)
            imports = analysis.imports_after
            if analysis.variable is not None:
                self._introduce(checked, analysis.variable)
            elif analysis.type_entry is not None:
                self._introduce_type(checked, analysis.type_entry)

    def _key(self, node: syntax.Declaration) -> str:
        if isinstance(node, syntax.Broken):
            declared = node.name if node.keyword == "=" else None
        else:
            declared = node.name if isinstance(node, syntax.Assignment) else None
        if declared is None:
            return ""
        name = declared.text
        number = self._counts[name] = self._counts.get(name, 0) + 1
        return f"{name}#{number}"

    def _same_names(self, index: int, analysis: Analysis) -> Analysis:
        """The analysis introducing the very objects it introduced before, if they say the same: readers stay valid."""
        if analysis.variable is None and analysis.type_entry is None:
            return analysis
        for old in self._memory.at(index):
            variable, entry = analysis.variable, analysis.type_entry
            if variable is not None and _same_variable(variable, old.variable):
                return replace(analysis, variable=old.variable)
            if entry is not None and _same_type_entry(entry, old.type_entry):
                return replace(analysis, type_entry=old.type_entry)
        return analysis

    def _still_holds(self, analysis: Analysis, imports: Imports, key: str) -> bool:
        if analysis.imports is not imports or analysis.volatile:
            return False
        if key and (analysis.variable is None or analysis.variable.key != key):
            return False
        variables = self._variables
        for name, variable in analysis.reads.items():
            if variables.get(name) is not variable:
                return False
        types = self._types
        reads = analysis.type_reads
        return not reads or all(types.get(name) is entry for name, entry in reads.items())

    def _introduce(self, checked: CheckedStatement, variable: Variable) -> None:
        name = variable.name
        variables = self._variables
        earlier = variables.get(name)
        if earlier is not None:
            self.repeated_names.append((checked, earlier))
            if isinstance(checked.statement.node, syntax.Input):
                return
            del variables[name]
        variables[name] = variable

    def _introduce_type(self, checked: CheckedStatement, entry: TypeEntry) -> None:
        earlier = self._types.get(entry.name)
        if earlier is not None:
            self.repeated_types.append((checked, earlier))
            return
        self._types[entry.name] = entry


def _graph(statements: Sequence[CheckedStatement], repeated_outputs: frozenset[int]) -> Graph:
    inputs: list[InputSpec] = []
    bindings: list[Binding] = []
    outputs: list[OutputSpec] = []
    for checked in statements:
        analysis = checked.analysis
        expression = analysis.expression
        variable = analysis.variable
        if expression is None:
            if variable is not None:
                inputs.append(InputSpec(variable.name, variable.type, analysis.examples))
        elif variable is not None:
            bindings.append(Binding(variable.key, variable.name, expression, checked.statement.offset))
        elif id(checked) not in repeated_outputs:
            outputs.append(OutputSpec(analysis.output_name, expression, checked.statement.offset))
    return Graph(tuple(inputs), tuple(bindings), tuple(outputs))
