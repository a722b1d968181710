"""Which name in a program means which binding: the index behind navigation, rename, highlights and tokens.

Owns the occurrences of names in a statement (memoised by statement node) and their resolution across statements:
a use means the nearest earlier definition, a lambda parameter or pattern name hides it inside its body. Refuses to
know types or functions; names of functions and fields are listed as they stand.

Invariant: occurrences are sorted by position and never overlap.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from constellation_grammar import syntax as s

Kind = Literal["variable", "type", "alias", "function", "namespace", "field", "option", "word", "output"]
Role = Literal["definition", "use"]
Scope = Literal["input", "assignment", "parameter", "pattern", "type", "alias", ""]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A name where it stands, relative to its statement.

    `binder` is the start of the lambda parameter or pattern name a local use means (its own start for that binder);
    None for names that belong to the whole program. `scope` says what a definition, or the binder, is.
    """

    start: int
    end: int
    name: str
    kind: Kind
    role: Role
    scope: Scope = ""
    binder: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """An occurrence of a program: its statement's index and its absolute position."""

    statement: int
    start: int
    end: int
    occurrence: Occurrence


@dataclass(frozen=True, slots=True)
class _Local:
    start: int
    scope: Scope


_Env = dict[str, _Local]


class _Collector:
    """Walks one declaration. `aliases` cannot be known here, so a called name is split by the index."""

    def __init__(self) -> None:
        self.found: list[Occurrence] = []

    def name(self, name: s.Name, kind: Kind, role: Role = "use", scope: Scope = "", binder: int | None = None) -> None:
        if name.text:
            self.found.append(Occurrence(name.start, name.end, name.text, kind, role, scope, binder))

    def declaration(self, node: s.Declaration) -> None:
        match node:
            case s.TypeDefinition():
                self.name(node.name, "type", "definition", "type")
                self.type(node.type)
            case s.Input():
                for annotation in node.annotations:
                    self.annotation(annotation)
                self.name(node.name, "variable", "definition", "input")
                self.type(node.type)
            case s.Assignment():
                self.name(node.name, "variable", "definition", "assignment")
                self.expression(node.value, {})
            case s.Output():
                for sink in node.annotations:
                    self.annotation(sink)
                self.expression(node.value, {})
                if node.alias is not None:
                    self.name(node.alias, "output", "definition")
            case s.Use():
                self.name(node.path, "namespace")
                if node.alias is not None:
                    self.name(node.alias, "alias", "definition", "alias")
            case s.Broken():
                self.broken(node)

    def broken(self, node: s.Broken) -> None:
        if node.name is None:
            return
        if node.keyword in ("in", "="):
            self.name(node.name, "variable", "definition", "input" if node.keyword == "in" else "assignment")
        elif node.keyword == "type":
            self.name(node.name, "type", "definition", "type")

    def annotation(self, node: s.Example | s.Source | s.Sink) -> None:
        if isinstance(node, s.Example):
            self.expression(node.value, {})
            return
        for item in node.properties:
            self.name(item.name, "field")
            self.expression(item.value, {})

    def type(self, node: s.TypeNode) -> None:
        match node:
            case s.NamedType():
                self.found.append(Occurrence(node.start, node.end, node.name, "type", "use"))
            case s.GenericType():
                self.name(node.constructor, "type")
                for argument in node.arguments:
                    self.type(argument)
            case s.RecordType():
                for item in node.fields:
                    self.name(item.name, "field", "definition")
                    self.type(item.type)
            case s.MergeType():
                self.type(node.left)
                self.type(node.right)
            case s.UnionType():
                for member in node.members:
                    self.type(member)
            case s.ParenType():
                self.type(node.type)
            case s.Hole():
                pass

    def expression(self, node: s.Expression | s.OptionValue, env: _Env) -> None:
        match node:
            case s.Variable():
                local = env.get(node.name)
                scope: Scope = local.scope if local else ""
                self.found.append(
                    Occurrence(
                        node.start, node.end, node.name, "variable", "use", scope, local.start if local else None
                    )
                )
            case s.Call():
                self.name(node.function, "function")
                for argument in node.arguments:
                    self.expression(argument, env)
                for option in node.options:
                    self.name(option.name, "option")
                    self.expression(option.value, env)
            case s.Lambda():
                self.function(node, env)
            case s.Word():
                self.found.append(Occurrence(node.start, node.start + len(node.name), node.name, "word", "use"))
            case s.Match():
                self.expression(node.scrutinee, env)
                for arm in node.arms:
                    self.expression(arm.value, self.pattern(arm.pattern, env))
            case s.FieldAccess():
                self.expression(node.source, env)
                self.name(node.field, "field")
            case s.Projection():
                self.expression(node.source, env)
                for item in node.fields:
                    self.name(item, "field")
            case s.RecordLiteral():
                for entry in node.fields:
                    self.name(entry.name, "field")
                    self.expression(entry.value, env)
            case _:
                for child in children(node):
                    self.expression(child, env)

    def function(self, node: s.Lambda, env: _Env) -> None:
        inner = dict(env)
        for parameter in node.parameters:
            self.name(parameter.name, "variable", "definition", "parameter", parameter.name.start)
            if parameter.type is not None:
                self.type(parameter.type)
            inner[parameter.name.text] = _Local(parameter.name.start, "parameter")
        self.expression(node.body, inner)

    def pattern(self, node: s.Pattern, env: _Env) -> _Env:
        if isinstance(node, s.RecordPattern):
            env = dict(env)
            for item in node.fields:
                self.name(item, "variable", "definition", "pattern", item.start)
                env[item.text] = _Local(item.start, "pattern")
        elif isinstance(node, s.TypeTest):
            self.name(node.type, "type")
        return env


def children(node: s.Node) -> Iterator[s.Expression]:
    """The direct subexpressions of an expression, in source order. Patterns, types and names are left out."""
    match node:
        case s.Interpolation():
            yield from node.expressions
        case s.ListLiteral():
            yield from node.items
        case s.RecordLiteral():
            for entry in node.fields:
                yield entry.value
        case s.Call():
            yield from node.arguments
            for option in node.options:
                if not isinstance(option.value, s.Duration | s.Rate | s.Word | s.Quoted):
                    yield option.value
        case s.FieldAccess() | s.Projection():
            yield node.source
        case s.If():
            yield node.condition
            yield node.then
            yield node.orelse
        case s.Branch():
            for case in node.cases:
                yield case.condition
                yield case.value
            yield node.otherwise
        case s.Match():
            yield node.scrutinee
            for arm in node.arms:
                yield arm.value
        case s.Guard():
            yield node.value
            yield node.condition
        case s.Coalesce() | s.BooleanOperation() | s.Comparison() | s.Arithmetic():
            yield node.left
            yield node.right
        case s.Paren() | s.Not() | s.Negation():
            yield node.value
        case s.Lambda():
            yield node.body
        case _:
            return


def occurrences(node: s.Declaration) -> tuple[Occurrence, ...]:
    """Every name of a declaration, by position."""
    collector = _Collector()
    collector.declaration(node)
    return tuple(sorted(collector.found, key=lambda o: o.start))


class Occurrences:
    """The names of one program. Build a new one for another program; what is known of unchanged statements is kept."""

    def __init__(self, program: s.Program, previous: Occurrences | None = None) -> None:
        self.program = program
        old = previous._memo if previous is not None else {}
        self._memo: dict[int, tuple[s.Declaration, tuple[Occurrence, ...]]] = {}
        for statement in program.statements:
            known = old.get(id(statement.node))
            self._memo[id(statement.node)] = (
                known if known is not None else (statement.node, occurrences(statement.node))
            )

    def of(self, index: int) -> tuple[Occurrence, ...]:
        """The names of the `index`-th statement, relative to it."""
        return self._memo[id(self.program.statements[index].node)][1]

    @cached_property
    def _starts(self) -> list[int]:
        return [st.node.start + st.offset for st in self.program.statements]

    @cached_property
    def _definitions(self) -> dict[tuple[str, str], list[Place]]:
        found: dict[tuple[str, str], list[Place]] = {}
        for place in self.everything():
            occurrence = place.occurrence
            if occurrence.role == "definition" and occurrence.binder is None and occurrence.scope:
                found.setdefault((occurrence.kind, occurrence.name), []).append(place)
        return found

    def everything(self) -> Iterator[Place]:
        """All names of the program, by position."""
        for index, statement in enumerate(self.program.statements):
            for occurrence in self.of(index):
                yield _place(index, statement.offset, occurrence)

    def free_name(self, base: str, besides: Iterable[str] = ()) -> str:
        """`base`, or with the first number behind it that makes it a name neither the program nor `besides` has."""
        taken = {place.occurrence.name for place in self.everything()}.union(besides)
        name, number = base, 2
        while name in taken:
            name, number = f"{base}{number}", number + 1
        return name

    def statement_at(self, offset: int) -> int | None:
        """The index of the last statement that starts at or before an absolute position."""
        index = bisect_right(self._starts, offset) - 1
        return index if index >= 0 else None

    def at(self, offset: int) -> Place | None:
        """The name that covers an absolute position, its end included."""
        index = self.statement_at(offset)
        if index is None:
            return None
        statement = self.program.statements[index]
        best: Place | None = None
        for occurrence in self.of(index):
            if occurrence.start <= offset - statement.offset <= occurrence.end:
                best = _place(index, statement.offset, occurrence)
        return best

    def definitions(self, kind: Kind, name: str) -> list[Place]:
        """Where a name is defined for the whole program, in order."""
        return self._definitions.get((kind, name), [])

    def definition(self, place: Place) -> Place | None:
        """The definition a name means: the nearest earlier one, else its own or the first later one."""
        occurrence = place.occurrence
        if occurrence.binder is not None:
            return self._local(place.statement, occurrence.binder)
        if occurrence.role == "definition":
            return place if occurrence.scope else None
        candidates = self.definitions(occurrence.kind, occurrence.name)
        earlier = [c for c in candidates if c.statement < place.statement]
        if earlier:
            return earlier[-1]
        return next((c for c in candidates if c.statement >= place.statement), None)

    def _local(self, index: int, binder: int) -> Place | None:
        offset = self.program.statements[index].offset
        for occurrence in self.of(index):
            if occurrence.start == binder:
                return _place(index, offset, occurrence)
        return None

    def uses(self, definition: Place) -> list[Place]:
        """Every use of a binding, by position, its definition left out."""
        wanted = definition.occurrence
        if wanted.binder is not None:
            offset = self.program.statements[definition.statement].offset
            return [
                _place(definition.statement, offset, o)
                for o in self.of(definition.statement)
                if o.binder == wanted.binder and o.role == "use"
            ]
        return [
            place
            for place in self.everything()
            if place.occurrence.name == wanted.name
            and place.occurrence.kind == wanted.kind
            and place.occurrence.role == "use"
            and place.occurrence.binder is None
            and self.definition(place) == definition
        ]


def _place(index: int, offset: int, occurrence: Occurrence) -> Place:
    return Place(index, occurrence.start + offset, occurrence.end + offset, occurrence)
