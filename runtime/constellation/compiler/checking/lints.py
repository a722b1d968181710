"""Rules about the whole program: duplicates, circles, missing outputs, and what is never used.

Owns the diagnostics that no single declaration has, and the final list of all of them: ordered, moved to their places,
bounded in number. Refuses to type anything.

Invariant: the list depends on the statements and the text alone.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import cast

from msgspec import Struct

from constellation.compiler.checked import CheckedStatement
from constellation.compiler.checking.dependencies import Declarations
from constellation.compiler.checking.undefined import suggested
from constellation.compiler.diagnostics import Diagnostic, RelatedPlace, diagnostic
from constellation.compiler.scope import TypeEntry, Variable
from constellation.image.graph import ErrorNode, GraphNode
from constellation_grammar import syntax

__all__ = ["MOST_ERRORS", "ProgramDiagnostics", "same_expression"]

MOST_ERRORS = 100
_OUT = re.compile(r"(?<![\w.-])out(?![\w-])")
_UNKNOWN = ("E001", "E003")
_ABOUT_NAMES = frozenset({"E001", "E002", "E003", "E004"})
_NEAREST = 1000
_NO_MEANING = ("start", "end", "written", "overload")


class ProgramDiagnostics:
    """Collects the diagnostics of a program."""

    def __init__(self, program: syntax.Program, statements: Sequence[CheckedStatement], text: str | None) -> None:
        self._program = program
        self._statements = statements
        self._text = text
        self._syntax_broken = bool(program.problems)
        self.diagnostics: list[Diagnostic] = []
        self.hints: list[Diagnostic] = []
        self.has_errors = False
        self.omitted = 0
        self.repeated_outputs: frozenset[int] = frozenset()

    def collect(
        self,
        names: Sequence[tuple[CheckedStatement, Variable]],
        types: Sequence[tuple[CheckedStatement, TypeEntry]],
    ) -> None:
        """Gather everything; `names` and `types` are the declarations that repeat an earlier one."""
        self._of_statements()
        self._of_repetitions(names, types)
        self._of_outputs()
        if not self._syntax_broken:
            self._of_unused()
        self._of_throttles()
        self._finish()

    # ------------------------------------------------------------------------------------------------ statements

    def _of_statements(self) -> None:
        add = self.diagnostics.append
        for problem in self._program.problems:
            add(_syntax_error(problem, 0))
        declarations: Declarations | None = None
        for index, checked in enumerate(self._statements):
            offset = checked.statement.offset
            analysis = checked.analysis
            if checked.statement.problems:
                self._syntax_broken = True
                for problem in checked.statement.problems:
                    add(_syntax_error(problem, offset))
            for found in analysis.diagnostics:
                if found.code in _UNKNOWN and len(self.diagnostics) < 4 * MOST_ERRORS:
                    declarations = declarations or Declarations(self._statements, self._text)
                    explained = declarations.explain(index, found.moved(offset))
                    if explained is not None:
                        add(explained)
                elif found.code == "E030" and found.related:
                    add(self._repeated_field(found.moved(offset)))
                else:
                    add(found.moved(offset))
            if analysis.hints:
                self.hints.extend([hint.moved(offset) for hint in analysis.hints])

    def _repeated_field(self, found: Diagnostic) -> Diagnostic:
        """The diagnostic naming the line of the first field; only here are lines known."""
        values = {"name": found.data["name"], "where": self._where(found.related[0].start) or " in this record"}
        return diagnostic(found.slug, found.start, found.end, values, found.suggestions, found.related, found.data)

    def _where(self, offset: int) -> str:
        return "" if self._text is None else f" on line {line_of(self._text, offset)}"

    def _add(
        self,
        slug: str,
        start: int,
        end: int,
        values: Mapping[str, object],
        related: tuple[RelatedPlace, ...] = (),
        data: Mapping[str, object] | None = None,
    ) -> None:
        self.diagnostics.append(diagnostic(slug, start, end, values, (), related, data))

    # ----------------------------------------------------------------------------------------------- repetitions

    def _of_repetitions(
        self,
        names: Sequence[tuple[CheckedStatement, Variable]],
        types: Sequence[tuple[CheckedStatement, TypeEntry]],
    ) -> None:
        if not names and not types:
            return
        places = {id(entry): c.offset for c in self._statements for entry in _entries(c)}
        repeated: list[tuple[CheckedStatement, Variable | TypeEntry]] = [*names, *types]
        for checked, earlier in repeated:
            entry = checked.analysis.variable or checked.analysis.type_entry
            assert entry is not None
            first = earlier.declaration.start + places.get(id(earlier), 0)
            start, end = entry.declaration.start + checked.offset, entry.declaration.end + checked.offset
            related = (RelatedPlace("First defined here", first, first + len(earlier.name)),)
            data = {"name": entry.name}
            if isinstance(checked.node, (syntax.Assignment, syntax.Broken)):
                if isinstance(checked.node, syntax.Assignment) and not checked.statement.problems:
                    self._add("rebinding", start, end, {"name": entry.name}, related, data)
                continue
            values = {"name": entry.name, "where": self._where(first)}
            self._add("duplicate-definition", start, end, values, related, data)

    def _of_outputs(self) -> None:
        outputs = [c for c in self._statements if isinstance(c.node, syntax.Output)]
        broken = any(isinstance(c.node, syntax.Broken) and c.node.keyword == "out" for c in self._statements)
        if not outputs and not broken and not self._has_lost_output():
            self._no_output()
        seen: dict[str, CheckedStatement] = {}
        repeated: list[int] = []
        for checked in outputs:
            name = checked.analysis.output_name
            first = seen.setdefault(name, checked) if name else checked
            if first is not checked:
                self._repeated_output(checked, first, name)
                repeated.append(id(checked))
        self.repeated_outputs = frozenset(repeated)

    def _has_lost_output(self) -> bool:
        """Whether an `out` stands in a part of the text that could not be read."""
        if self._text is None:
            return False
        starts = [*(c.start for c in self._statements[1:]), len(self._text)]
        unread = [(c.start, stop) for c, stop in zip(self._statements, starts, strict=False) if c.statement.problems]
        return any(_OUT.search(self._text, start, stop) is not None for start, stop in unread)

    def _repeated_output(self, checked: CheckedStatement, first: CheckedStatement, name: str) -> None:
        at = _output_name_node(checked.node)
        start, end = at.start + checked.offset, at.end + checked.offset
        origin = _output_name_node(first.node)
        place = origin.start + first.offset
        related = (RelatedPlace("First declared here", place, origin.end + first.offset),)
        data = {"name": name}
        if isinstance(checked.analysis.expression, ErrorNode) and isinstance(first.analysis.expression, ErrorNode):
            return  # whether they say the same will be seen when both can be read
        if same_expression(checked.analysis.expression, first.analysis.expression):
            self._add("duplicate-output", start, end, {"name": name}, related, data)
        else:
            values = {"name": name, "where": self._where(place)}
            self._add("duplicate-output-name", start, end, values, related, data)

    def _no_output(self) -> None:
        start = end = self._program.length
        if self._statements:
            last = self._statements[-1]
            name = getattr(last.node, "name", None) or getattr(last.node, "path", None) or last.node
            start, end = name.start + last.offset, name.end + last.offset
        self._add("no-output", start, end, {"example": "<name>"})

    # ---------------------------------------------------------------------------------------------------- unused

    def _of_unused(self) -> None:
        read: set[int] = set()
        used_imports: set[int] = set()
        types: set[int] = set()
        too_early: set[tuple[str, str]] = set()  # code and name of what is used above its declaration
        for checked in self._statements:
            analysis = checked.analysis
            if analysis.diagnostics:
                too_early.update((d.code, str(d.data.get("name"))) for d in analysis.diagnostics if d.code in _UNKNOWN)
            read.update(map(id, analysis.reads.values()))
            if analysis.imports_used:
                used_imports.update(analysis.imports_used)
            if analysis.type_reads:
                types.update(map(id, analysis.type_reads.values()))
        for checked in self._statements:
            analysis = checked.analysis
            variable = analysis.variable
            if variable is not None:
                unused = id(variable) not in read and ("E001", variable.name) not in too_early
                if unused and variable.name[0] != "_":
                    self._unused("unused-input" if variable.is_input else "unused-variable", checked, variable)
            elif isinstance(checked.node, syntax.Use):
                if id(checked.node) not in used_imports:
                    self._unused_import(checked, checked.node)
            elif analysis.type_entry is not None:
                entry = analysis.type_entry
                if id(entry) not in types and ("E003", entry.name) not in too_early:
                    self._unused("unused-type", checked, entry)

    def _unused(self, slug: str, checked: CheckedStatement, entry: Variable | TypeEntry) -> None:
        at = entry.declaration
        values = {"name": entry.name}
        found = diagnostic(slug, at.start + checked.offset, at.end + checked.offset, values, data=values)
        (self.hints if found.severity == "hint" else self.diagnostics).append(found)

    def _unused_import(self, checked: CheckedStatement, node: syntax.Use) -> None:
        if node.path.text not in checked.analysis.imports.table.namespace_prefixes:
            return
        shown = f"{node.path.text} as {node.alias.text}" if node.alias is not None else node.path.text
        self._add("unused-import", checked.start, checked.end, {"name": shown}, data={"name": node.path.text})

    # ------------------------------------------------------------------------------------------------- throttles

    def _of_throttles(self) -> None:
        first: dict[str, str] = {}
        for checked in self._statements:
            for name, rate, start, end in checked.analysis.throttles:
                other = first.setdefault(name, rate)
                if other != rate:
                    values = {"name": name, "rate": rate, "other": other}
                    self._add("conflicting-throttles", start + checked.offset, end + checked.offset, values)

    # -------------------------------------------------------------------------------------------------- the list

    def _finish(self) -> None:
        found = self.diagnostics
        found.sort(key=lambda d: (d.start, d.code))
        self.hints.sort(key=lambda d: (d.start, d.code))
        errors = sum(d.severity == "error" for d in found)
        self.has_errors = errors > 0
        if errors > MOST_ERRORS:
            self.omitted = errors - MOST_ERRORS
            kept: list[Diagnostic] = []
            count = 0
            for item in found:
                count += item.severity == "error"
                if item.severity != "error" or count <= MOST_ERRORS:
                    kept.append(item)
            self.diagnostics = kept
        self._suggest()

    def _suggest(self) -> None:
        """Fill in the suggestions of the errors that are shown."""
        starts: list[int] = []
        names: _Names | None = None
        for position, item in enumerate(self.diagnostics):
            if item.code not in _ABOUT_NAMES:
                continue
            if names is None:
                names = _Names(self._statements)
                starts = [checked.start for checked in self._statements]
            index = max(bisect_right(starts, item.start) - 1, 0)
            imports = self._statements[index].analysis.imports
            variables, types = names.visible(index)
            self.diagnostics[position] = suggested(item, imports, variables, types)


class _Names:
    """Which names are visible to a statement, the nearest first."""

    def __init__(self, statements: Sequence[CheckedStatement]) -> None:
        self._variables: dict[str, int] = {}
        self._types: dict[str, int] = {}
        for index, checked in enumerate(statements):
            analysis = checked.analysis
            if analysis.variable is not None:
                self._variables.setdefault(analysis.variable.name, index)
            elif analysis.type_entry is not None:
                self._types.setdefault(analysis.type_entry.name, index)
        self._variable_names, self._variable_places = list(self._variables), list(self._variables.values())
        self._type_names, self._type_places = list(self._types), list(self._types.values())

    def visible(self, index: int) -> tuple[list[str], list[str]]:
        """The variables and types declared above a statement."""
        variables = self._variable_names[: bisect_left(self._variable_places, index)]
        types = self._type_names[: bisect_left(self._type_places, index)]
        return variables[-_NEAREST:][::-1], types[-_NEAREST:]


def line_of(text: str, offset: int) -> int:
    """The 1-based line an offset stands on."""
    return text.count("\n", 0, offset) + 1


def _entries(checked: CheckedStatement) -> tuple[Variable | TypeEntry, ...]:
    analysis = checked.analysis
    return tuple(entry for entry in (analysis.variable, analysis.type_entry) if entry is not None)


def _output_name_node(node: syntax.Declaration) -> syntax.Node:
    assert isinstance(node, syntax.Output)
    return node.alias if node.alias is not None else node.value


def _syntax_error(problem: syntax.SyntaxProblem, offset: int) -> Diagnostic:
    related = tuple(RelatedPlace(r.message, r.start + offset, r.end + offset) for r in problem.related)
    return diagnostic(
        "syntax",
        problem.start + offset,
        problem.end + offset,
        {"message": problem.message},
        problem.suggestions,
        related,
        {"slug": problem.slug},
    )


def same_expression(left: object, right: object) -> bool:
    """Whether two graph expressions compute the same; their places do not matter."""
    if type(left) is not type(right):
        return False
    if isinstance(left, tuple):
        mine, theirs = cast("tuple[object, ...]", left), cast("tuple[object, ...]", right)
        return len(mine) == len(theirs) and all(map(same_expression, mine, theirs))
    if not isinstance(left, Struct):
        return left == right
    ignored = _NO_MEANING if isinstance(left, GraphNode) else ()
    names = [name for name in left.__struct_fields__ if name not in ignored]
    return all(same_expression(getattr(left, name), getattr(right, name)) for name in names)
