"""Expressions as Python source: the body of what a plan runs.

Owns the translation of every node kind into straight-line Python. Refuses to know modules beyond how a call site is to
be called (`CallForm`), and never evaluates anything.

Two forms of the same nodes are written. A *segment* evaluates many nodes in a row on local variables, assuming every
operand is there. A *node function* evaluates one node on the run's cells: it asks for soft operands when it needs
them, and leaves every finished inner call in its cell, so that it can be started again after a suspension.

Invariant: the generated code evaluates an operand exactly when the language says so; names `v7`, `t3` and the like
never depend on the program's own names.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from constellation.engine import operators
from constellation.engine.conversion import converter
from constellation.engine.layout import Layout, Node, Site, step
from constellation.image.graph import (
    AndNode,
    AnyMatch,
    BindingRef,
    BoundRef,
    BranchNode,
    CallNode,
    CoalesceNode,
    ConvertNode,
    FieldNode,
    GraphExpression,
    GuardNode,
    IfNode,
    InputRef,
    InterpolateNode,
    LambdaNode,
    ListNode,
    Literal,
    MatchCase,
    MatchNode,
    MatchPattern,
    MergeNode,
    Negate,
    NotNode,
    Operation,
    OrNode,
    ParameterRef,
    ProjectNode,
    RecordMatch,
    RecordNode,
    TypeMatch,
)
from constellation.types.model import BOOLEAN, FLOAT, INT, STRING, RecordType, Type, UnionType
from constellation.types.text import render_text
from constellation.types.values import NONE, Some, Variant

SPILL: Final = 16
"""Nesting after which a part of an expression gets a variable of its own (Python's parser allows 200 parentheses)."""

HOIST: Final = 60
"""Nesting of statements after which an arm becomes a function of its own (Python allows 100 levels of indentation)."""


class CallForm(Enum):
    """How a call site is called."""

    DIRECT = "direct"
    AWAIT = "await"
    WRAPPED = "wrapped"


@dataclass(frozen=True, slots=True)
class SiteForm:
    """What code generation needs to know of a call site: its form, whether the implementation takes a context, whether
    each element's result is recorded (a call inside a lambda), whether its lambdas must be awaitable, and whether it
    stands inside a lambda at all."""

    form: CallForm
    context: bool = False
    record: bool = False
    awaits_lambdas: bool = False
    element: bool = False

    @property
    def awaits(self) -> bool:
        return self.form is not CallForm.DIRECT or self.awaits_lambdas


@dataclass(slots=True)
class Scope:
    """Names that only exist where code is: lambda parameters, pattern fields, element counters; innermost last."""

    parameters: list[tuple[str, ...]] = field(default_factory=list[tuple[str, ...]])
    bounds: list[Callable[[str, Type], str]] = field(default_factory=list[Callable[[str, Type], str]])
    counters: list[str] = field(default_factory=list[str])
    names: list[str] = field(default_factory=list[str])


class Writer:
    """Collects lines of one module of generated code, its constants, and its marks.

    A mark is the number a piece of code sets before it may fail; `marks[n]` says which node and call site that is.
    """

    def __init__(self, layout: Layout, forms: list[SiteForm]) -> None:
        self.layout = layout
        self.forms = forms
        self.namespace: dict[str, Any] = {
            "Some": Some, "NONE": NONE, "Variant": Variant, "text": render_text, "overflow": operators.overflow,
            "divide_integers": operators.divide_integers, "divide_floats": operators.divide_floats,
            "no_case": operators.no_case,
        }  # fmt: skip
        self.functions: list[list[str]] = []
        self.marks: list[tuple[Node, Site | None]] = []
        self._constants: dict[tuple[str, object], str] = {}
        self._temporaries = 0

    def constant(self, kind: str, key: object, value: object) -> str:
        """A name for a value the code needs; one name per key."""
        name = self._constants.get((kind, key))
        if name is None:
            name = self._constants[kind, key] = f"{kind}{len(self._constants)}"
            self.namespace[name] = value
        return name

    def temporary(self, prefix: str = "t") -> str:
        """A fresh variable name."""
        self._temporaries += 1
        return f"{prefix}{self._temporaries}"

    def mark(self, node: Node, site: Site | None) -> int:
        """The number of a place that may fail."""
        self.marks.append((node, site))
        return len(self.marks) - 1

    def source(self) -> str:
        """The whole module."""
        return "\n".join(line for lines in self.functions for line in lines)


class Emitter:
    """Writes the code of nodes into one function.

    With `segment`, operands are local variables; otherwise they are read from the cells `c`, soft ones through the run
    `R`. `asynchronous` says that the function is a coroutine.
    """

    def __init__(self, writer: Writer, node: Node | None, *, segment: bool, asynchronous: bool) -> None:
        self.writer = writer
        self.segment = segment
        self.asynchronous = asynchronous
        self.lines: list[str] = []
        self.indent = 1
        self.nested_sites: list[int] = []
        self._node = node
        self._scope = Scope()
        self._mark: tuple[int, int] | None = None
        self._loaded: set[int] = set()
        self._conditional = 0

    # --- lines ---

    def emit(self, line: str) -> None:
        """Append a statement at the present indentation."""
        self.lines.append("    " * self.indent + line)

    def begin(self, node: Node) -> None:
        """Turn to another node."""
        self._node = node
        self._mark = None

    @property
    def node(self) -> Node:
        assert self._node is not None
        return self._node

    def load(self, cells: Iterator[int] | tuple[int, ...]) -> None:
        """Read cells into local variables."""
        for cell in cells:
            if cell not in self._loaded:
                self._loaded.add(cell)
                self.emit(f"v{cell} = c[{cell}]")

    def may_fail(self, site: Site | None) -> None:
        """Note, before code that may fail, what fails then."""
        if self._scope.parameters:
            return
        place = (self.node.index, -1 if site is None else site.index)
        if place != self._mark:
            self._mark = place
            self.emit(f"n = {self.writer.mark(self.node, site)}")

    @contextmanager
    def _block(self) -> Generator[list[str]]:
        """Collects what is emitted inside, one level further in. Marks set inside are not known to hold after it."""
        outer, mark = self.lines, self._mark
        inner: list[str] = []
        self.lines = inner
        self.indent += 1
        try:
            yield inner
        finally:
            self.lines, self._mark = outer, mark if not inner else None
            self.indent -= 1

    def _arm(self, expression: GraphExpression, key: str) -> tuple[list[str], str]:
        """The code of an expression evaluated only when selected."""
        return self._selected(lambda emitter: emitter.expression(expression, key))

    def _selected(self, write: Callable[[Emitter], str]) -> tuple[list[str], str]:
        self._conditional += 1
        try:
            with self._block() as lines:
                value = self._hoisted(write) if self.indent > HOIST and not self.segment else write(self)
            return lines, value
        finally:
            self._conditional -= 1

    def _hoisted(self, write: Callable[[Emitter], str]) -> str:
        """The code as a call of a function beside this one: for arms nested deeper than Python allows."""
        name = self.writer.temporary("h")
        other = Emitter(self.writer, self.node, segment=False, asynchronous=self.asynchronous)
        other._scope, other._conditional = self._scope, self._conditional  # its names are passed on as they are
        other.indent = 2
        other.load(self.node.strict)
        other.emit(f"return {write(other)}")
        names = ", ".join(["c", "R", *self._scope.names])
        keyword = "async def" if self.asynchronous else "def"
        self.writer.functions.append([f"{keyword} {name}({names}):", *guarded(other.lines, "    ")])
        call = f"{name}({names})"
        return f"(await {call})" if self.asynchronous else call

    # --- expressions ---

    def expression(self, expression: GraphExpression, key: str, depth: int = 0) -> str:
        """Python for an expression's value; statements it needs first have been emitted."""
        cell = self._cell_of(expression, key)
        if cell is not None:
            return self._read(cell)
        text: str = _WRITERS[type(expression)](self, expression, key, depth + 1)
        return self._spilled(text) if depth and depth % SPILL == 0 else text

    def _cell_of(self, expression: GraphExpression, key: str) -> int | None:
        layout = self.writer.layout
        if isinstance(expression, InputRef):
            return layout.input_cells[expression.name]
        if isinstance(expression, BindingRef):
            return layout.binding_cells[expression.key]
        return layout.promoted.get(key) if key != self.node.key else None

    def _read(self, cell: int) -> str:
        if self.segment or cell in self._loaded:
            return f"v{cell}"
        return f"(await R.wait({cell}))" if self.asynchronous else f"R.need({cell})"

    def _operands(self, operands: list[tuple[GraphExpression, str]], depth: int) -> list[str]:
        """The values of operands that are all needed; inner calls that await run side by side."""
        waiting = [i for i, (_, key) in enumerate(operands) if self.asynchronous and self._calls_awaiting(key)]
        if len(waiting) > 1:
            return self._side_by_side(operands, depth, waiting)
        written: list[tuple[list[str], str]] = []
        for expression, key in operands:
            outer, self.lines = self.lines, []
            text = self.expression(expression, key, depth)
            written.append((self.lines, text))
            self.lines = outer
        texts: list[str] = []
        for i, (lines, text) in enumerate(written):
            self.lines += lines
            later = any(more for more, _ in written[i + 1 :])
            texts.append(self._spilled(text) if later else text)
        return texts

    def _spilled(self, text: str) -> str:
        """The value in a variable, so that it is computed here and not where the text is used."""
        if "(" not in text:
            return text
        name = self.writer.temporary()
        self.emit(f"{name} = {text}")
        return name

    def _calls_awaiting(self, key: str) -> bool:
        if key in self.writer.layout.promoted:
            return False
        inner = f"{key}/"
        return any(
            (site.key == key or site.key.startswith(inner)) and self.writer.forms[site.index].awaits
            for site in self.node.sites
        )

    def _side_by_side(self, operands: list[tuple[GraphExpression, str]], depth: int, waiting: list[int]) -> list[str]:
        calls: list[str] = []
        texts: list[str] = []
        for i, (expression, key) in enumerate(operands):
            if i not in waiting:
                texts.append(self._spilled(self.expression(expression, key, depth)))
                continue
            name = self.writer.temporary("g")
            mark, self._mark = self._mark, None
            with self._block() as lines:
                self.indent += 1
                self.emit(f"return {self.expression(expression, key, depth)}")
                self.indent -= 1
            self._mark = mark
            self.emit(f"async def {name}():")
            self.lines += guarded(lines, "    " * (self.indent + 1), plain=bool(self._scope.parameters))
            calls.append(name)
            texts.append(self.writer.temporary())
        targets = ", ".join(texts[i] for i in waiting)
        self.emit(f"{targets} = await R.gather({', '.join(f'{name}()' for name in calls)})")
        return texts

    # --- literals, references, operators ---

    def _literal(self, node: Literal, key: str, depth: int) -> str:
        if node.type == FLOAT:
            return repr(float(node.value))
        if isinstance(node.value, str) and len(node.value) > 200:
            return self.writer.constant("k", ("literal", node.value), node.value)
        return repr(node.value)

    def _parameter(self, node: ParameterRef, key: str, depth: int) -> str:
        return self._scope.parameters[-1 - node.depth][node.index]

    def _bound(self, node: BoundRef, key: str, depth: int) -> str:
        return self._scope.bounds[-1 - node.depth](node.name, node.type)

    def _operation(self, node: Operation, key: str, depth: int) -> str:
        left, right = self._operands([(node.left, step(key, "a")), (node.right, step(key, "b"))], depth)
        operator = node.operator
        if operator in ("==", "!=", "<", ">", "<=", ">="):
            return f"({left} {operator} {right})"
        if node.type == INT:
            self.may_fail(None)
            if operator == "/":
                return f"divide_integers({left}, {right})"
            return self._checked(f"{left} {operator} {right}")
        if operator == "/":
            self.may_fail(None)
            return f"divide_floats({left}, {right})"
        return f"({left} {operator} {right})"

    def _checked(self, text: str) -> str:
        name = self.writer.temporary()
        return f"({name} if -9223372036854775808 <= ({name} := {text}) <= 9223372036854775807 else overflow())"

    def _negate(self, node: Negate, key: str, depth: int) -> str:
        value = self.expression(node.value, step(key, "a"), depth)
        if node.type == INT:
            self.may_fail(None)
            return self._checked(f"-{value}")
        return f"(-{value})"

    def _not(self, node: NotNode, key: str, depth: int) -> str:
        return f"(not {self.expression(node.value, step(key, 'a'), depth)})"

    # --- records, lists, text ---

    def _merge(self, node: MergeNode, key: str, depth: int) -> str:
        left, right = self._operands([(node.left, step(key, "a")), (node.right, step(key, "b"))], depth)
        a, b = node.left.type, node.right.type
        if isinstance(a, RecordType) and isinstance(b, RecordType):
            return f"{{**{left}, **{right}}}"
        self.may_fail(None)
        name = self.writer.constant("merge", (a, b), operators.merge(a, b))
        return f"{name}({left}, {right})"

    def _project(self, node: ProjectNode, key: str, depth: int) -> str:
        source = self.expression(node.source, step(key, "e"), depth)
        type_ = node.source.type
        name = self.writer.constant("project", (type_, node.fields), operators.projection(type_, node.fields))
        return f"{name}({source})"

    def _field(self, node: FieldNode, key: str, depth: int) -> str:
        source = self.expression(node.source, step(key, "e"), depth)
        type_ = node.source.type
        if isinstance(type_, RecordType):
            return f"{source}[{node.field!r}]"
        access = operators.field_access(type_, node.field, lambda member: converter(member, node.type))
        name = self.writer.constant("field", (type_, node.field, node.type), access)
        return f"{name}({source})"

    def _interpolate(self, node: InterpolateNode, key: str, depth: int) -> str:
        parts = [(e, step(key, str(i))) for i, e in enumerate(node.expressions)]
        values = self._operands(parts, depth)
        pieces: list[str] = []
        for i, text in enumerate(node.parts):
            if text:
                pieces.append(repr(text))
            if i < len(values):
                pieces.append(_rendered(values[i], node.expressions[i].type))
        return f"''.join(({', '.join(pieces)},))" if pieces else "''"

    def _list(self, node: ListNode, key: str, depth: int) -> str:
        items = self._operands([(e, step(key, str(i))) for i, e in enumerate(node.items)], depth)
        return f"[{', '.join(items)}]"

    def _record(self, node: RecordNode, key: str, depth: int) -> str:
        values = self._operands([(f.value, step(key, f.name)) for f in node.fields], depth)
        inside = ", ".join(f"{f.name!r}: {value}" for f, value in zip(node.fields, values, strict=True))
        return f"{{{inside}}}"

    def _convert(self, node: ConvertNode, key: str, depth: int) -> str:
        if isinstance(node.value, Literal) and node.type == FLOAT:
            return repr(float(node.value.value))
        value = self.expression(node.value, key, depth)
        source, target = node.value.type, node.type
        if source == INT and target == FLOAT:
            return f"float({value})"
        convert = converter(source, target)
        if convert is None:
            return value
        return f"{self.writer.constant('convert', (source.key, target.key, str(target)), convert)}({value})"

    # --- conditionals ---

    def _choice(self, condition: str, then: tuple[list[str], str], orelse: tuple[list[str], str]) -> str:
        if not then[0] and not orelse[0]:
            return f"({then[1]} if {condition} else {orelse[1]})"
        name = self.writer.temporary()
        self.emit(f"if {condition}:")
        self._assign(name, *then)
        self.emit("else:")
        self._assign(name, *orelse)
        self._mark = None
        return name

    def _assign(self, name: str, lines: list[str], value: str) -> None:
        self.lines += lines
        self.lines.append("    " * (self.indent + 1) + f"{name} = {value}")

    def _if(self, node: IfNode, key: str, depth: int) -> str:
        condition = self.expression(node.condition, step(key, "c"), depth)
        then, orelse = self._arm(node.then, step(key, "a")), self._arm(node.orelse, step(key, "b"))
        return self._choice(condition, then, orelse)

    def _and(self, node: AndNode, key: str, depth: int) -> str:
        left = self.expression(node.left, step(key, "a"), depth)
        return self._choice(left, self._arm(node.right, step(key, "b")), ([], "False"))

    def _or(self, node: OrNode, key: str, depth: int) -> str:
        left = self.expression(node.left, step(key, "a"), depth)
        return self._choice(left, ([], "True"), self._arm(node.right, step(key, "b")))

    def _guard(self, node: GuardNode, key: str, depth: int) -> str:
        condition = self.expression(node.condition, step(key, "c"), depth)
        lines, value = self._arm(node.value, step(key, "a"))
        return self._choice(condition, (lines, f"Some({value})"), ([], "NONE"))

    def _coalesce(self, node: CoalesceNode, key: str, depth: int) -> str:
        left = self.expression(node.left, step(key, "a"), depth)
        name = self.writer.temporary()
        present: tuple[list[str], str] = ([], f"{name}.value" if node.unwrap else name)
        return self._choice(f"({name} := {left}) is not NONE", present, self._arm(node.right, step(key, "b")))

    def _branch(self, node: BranchNode, key: str, depth: int) -> str:
        return self._cases(node, key, 0)

    def _cases(self, node: BranchNode, key: str, index: int) -> str:
        if index == len(node.cases):
            return self.expression(node.otherwise, step(key, "else"))
        case = node.cases[index]
        condition = self.expression(case.condition, step(key, f"{index}c"))
        then = self._arm(case.value, step(key, str(index)))
        text = self._choice(condition, then, self._selected(lambda emitter: emitter._cases(node, key, index + 1)))
        return self._spilled(text) if index and index % SPILL == 0 else text

    def _match(self, node: MatchNode, key: str, depth: int) -> str:
        scrutinee = self.expression(node.scrutinee, step(key, "s"), depth)
        name = self.writer.temporary()
        self.emit(f"{name} = {scrutinee}")
        self.may_fail(None)
        self._scope.names.append(name)
        try:
            return self._arms(node, key, name, 0)
        finally:
            self._scope.names.pop()

    def _arms(self, node: MatchNode, key: str, name: str, index: int) -> str:
        if index == len(node.cases):
            return "no_case()"
        case = node.cases[index]
        condition = _test(case.pattern, name)
        if condition is None:
            return self._matched(node, case, name, step(key, str(index)))
        then = self._selected(lambda emitter: emitter._matched(node, case, name, step(key, str(index))))
        rest = self._selected(lambda emitter: emitter._arms(node, key, name, index + 1))
        text = self._choice(condition, then, rest)
        return self._spilled(text) if index and index % SPILL == 0 else text

    def _matched(self, node: MatchNode, case: MatchCase, name: str, key: str) -> str:
        if not isinstance(case.pattern, RecordMatch):
            return self.expression(case.value, key)
        self._scope.bounds.append(self._binder(node.scrutinee.type, case.pattern, name))
        try:
            return self.expression(case.value, key)
        finally:
            self._scope.bounds.pop()

    def _binder(self, type_: Type, pattern: RecordMatch, name: str) -> Callable[[str, Type], str]:
        if not isinstance(type_, UnionType):
            return lambda field_name, _: f"{name}[{field_name!r}]"

        def bound(field_name: str, wanted: Type) -> str:
            access = operators.field_access(type_, field_name, lambda member: converter(member, wanted))
            found = [
                m.by_name[field_name]
                for t, m in type_.by_tag.items()
                if t in pattern.tags and isinstance(m, RecordType)
            ]
            if all(converter(t, wanted) is None for t in found):
                return f"{name}.value[{field_name!r}]"
            return f"{self.writer.constant('field', (type_, field_name, wanted), access)}({name})"

        return bound

    # --- calls and lambdas ---

    def _call(self, node: CallNode, key: str, depth: int) -> str:
        site = self.writer.layout.site_at[key]
        form = self.writer.forms[site.index]
        if site.cell < 0:
            return self._call_code(site, form, depth, inside_lambda=True)
        own = site.cell == self.node.cell and not self._conditional
        if own:
            return self._call_code(site, form, depth)
        return self._stored_call(site, form, depth)

    def _stored_call(self, site: Site, form: SiteForm, depth: int) -> str:
        """A call inside a node: its value goes to a cell of its own."""
        cell = site.cell
        if self.segment:
            if self._conditional:
                self.nested_sites.append(cell)
            value = self._call_code(site, form, depth)
            self.emit(f"v{cell} = {value}")
            return f"v{cell}"
        self.emit(f"v{cell} = c[{cell}]")
        self.emit(f"if v{cell} is UNSET:")
        with self._block() as lines:
            value = self._call_code(site, form, depth)
            self.emit(f"v{cell} = c[{cell}] = {value}")
        self.lines += lines
        self._mark = None
        return f"v{cell}"

    def _call_code(self, site: Site, form: SiteForm, depth: int, inside_lambda: bool = False) -> str:
        call = site.call
        values = [self._spilled(v) if _fallible(v) else v for v in self._arguments(call, site.key, form, depth)]
        self.may_fail(site)
        function = f"f{site.index}"
        path = f"({', '.join(self._scope.counters)},)" if inside_lambda and form.record else "None"
        if form.form is CallForm.WRAPPED:
            fallback = self._fallback(call, site.key)
            return f"(await R.call(S{site.index}, ({''.join(f'{v}, ' for v in values)}), {fallback}, {path}))"
        if form.context:
            values = [f"R.context(S{site.index})", *values]
        if path != "None":
            method = "element_async" if form.awaits else "element"
            text = f"R.{method}(S{site.index}, {path}, {function}, {', '.join(values)})"
        else:
            text = f"{function}({', '.join(values)})"
        return f"(await {text})" if form.awaits else text

    def _arguments(self, call: CallNode, key: str, form: SiteForm, depth: int) -> list[str]:
        plain: list[tuple[GraphExpression, str]] = [
            (a.value, step(key, a.name)) for a in call.arguments if not isinstance(a.value, LambdaNode)
        ]
        values = iter(self._operands(plain, depth))
        return [
            self._lambda(a.value, step(key, a.name), form.awaits_lambdas)
            if isinstance(a.value, LambdaNode)
            else next(values)
            for a in call.arguments
        ]

    def _fallback(self, call: CallNode, key: str) -> str:
        if call.options is None or call.options.fallback is None:
            return "None"
        name = self.writer.temporary("b")
        self._conditional += 1
        self.emit(f"async def {name}():")
        with self._block() as lines:
            self._mark = None
            value = self.expression(call.options.fallback, step(key, "!fb"))
            self.emit(f"return {value}")
        self.lines += lines
        self._conditional -= 1
        return name

    def _lambda(self, node: LambdaNode, key: str, awaits: bool) -> str:
        scope = self._scope
        name = self.writer.temporary("l")
        parameters = tuple(f"p{name}_{i}" for i in range(len(node.parameters)))
        records = any(
            site.key.startswith(f"{key}/") and self.writer.forms[site.index].record for site in self.node.sites
        )
        counter = f"e{name}"
        scope.parameters.append(parameters)
        scope.names.extend(parameters)
        if records:
            scope.counters.append(counter)
            scope.names.append(counter)
        was, self.asynchronous = self.asynchronous, awaits
        try:
            with self._block() as lines:
                value = self.expression(node.body, step(key, "λ"))
        finally:
            self.asynchronous = was
            scope.parameters.pop()
            del scope.names[len(scope.names) - len(parameters) - (1 if records else 0) :]
            if records:
                scope.counters.pop()
        return self._lambda_code(name, parameters, lines, value, counter if records else "", awaits)

    def _lambda_code(
        self, name: str, parameters: tuple[str, ...], lines: list[str], value: str, counter: str, awaits: bool
    ) -> str:
        inside = ", ".join(parameters)
        if not lines and not awaits and not counter:
            return f"(lambda {inside}: {value})"
        arguments = ", ".join([*([counter] if counter else []), *parameters])
        self.emit(f"{'async def' if awaits else 'def'} {name}({arguments}):")
        self.lines += lines
        self.lines.append("    " * (self.indent + 1) + f"return {value}")
        if not counter:
            return name
        numbers = self.writer.temporary("k")
        self.emit(f"{numbers} = count()")
        return f"(lambda {inside}: {name}({', '.join([f'next({numbers})', *parameters])}))"

    def _lambda_value(self, node: LambdaNode, key: str, depth: int) -> str:
        return self._lambda(node, key, False)


def _rendered(value: str, type_: Type) -> str:
    if type_ == STRING:
        return value
    if type_ == INT:
        return f"str({value})"
    if type_ == BOOLEAN:
        return f"('true' if {value} else 'false')"
    return f"text({value})"


def _fallible(text: str) -> bool:
    """Whether an operator in the text may fail (the names are those of `Writer.namespace`)."""
    return any(name in text for name in ("overflow()", "divide_", "merge", "no_case()")) and "lambda" not in text


def guarded(lines: list[str], indent: str, plain: bool = False) -> list[str]:
    """A body with the handler that says which mark failed. The lines are one level further in than `indent`."""
    if plain:
        return [f"{indent}if True:", *lines]
    return [
        f"{indent}n = 0",
        f"{indent}try:",
        *lines,
        f"{indent}except PASSING:",
        f"{indent}    raise",
        f"{indent}except Exception as error:",
        f"{indent}    raise NodeFailure(n, error) from None",
    ]


def _test(pattern: MatchPattern, name: str) -> str | None:
    """The condition of an arm, None when it always matches."""
    match pattern:
        case RecordMatch(tags=tags):
            if not tags:
                return None
            return f"{name}.tag == {tags[0]!r}" if len(tags) == 1 else f"{name}.tag in {tags!r}"
        case TypeMatch(tag=tag):
            return f"{name}.tag == {tag!r}" if tag else None
        case AnyMatch():
            return None


_E = Emitter
_WRITERS: Final[dict[type, Callable[..., str]]] = {
    Literal: _E._literal,  # pyright: ignore[reportPrivateUsage]
    ParameterRef: _E._parameter,  # pyright: ignore[reportPrivateUsage]
    BoundRef: _E._bound,  # pyright: ignore[reportPrivateUsage]
    CallNode: _E._call,  # pyright: ignore[reportPrivateUsage]
    Operation: _E._operation,  # pyright: ignore[reportPrivateUsage]
    Negate: _E._negate,  # pyright: ignore[reportPrivateUsage]
    MergeNode: _E._merge,  # pyright: ignore[reportPrivateUsage]
    ProjectNode: _E._project,  # pyright: ignore[reportPrivateUsage]
    FieldNode: _E._field,  # pyright: ignore[reportPrivateUsage]
    IfNode: _E._if,  # pyright: ignore[reportPrivateUsage]
    AndNode: _E._and,  # pyright: ignore[reportPrivateUsage]
    OrNode: _E._or,  # pyright: ignore[reportPrivateUsage]
    NotNode: _E._not,  # pyright: ignore[reportPrivateUsage]
    GuardNode: _E._guard,  # pyright: ignore[reportPrivateUsage]
    CoalesceNode: _E._coalesce,  # pyright: ignore[reportPrivateUsage]
    BranchNode: _E._branch,  # pyright: ignore[reportPrivateUsage]
    MatchNode: _E._match,  # pyright: ignore[reportPrivateUsage]
    InterpolateNode: _E._interpolate,  # pyright: ignore[reportPrivateUsage]
    ListNode: _E._list,  # pyright: ignore[reportPrivateUsage]
    RecordNode: _E._record,  # pyright: ignore[reportPrivateUsage]
    LambdaNode: _E._lambda_value,  # pyright: ignore[reportPrivateUsage]
    ConvertNode: _E._convert,  # pyright: ignore[reportPrivateUsage]
}
