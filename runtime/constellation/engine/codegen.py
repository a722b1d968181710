"""Expressions as Python source: the body of what a plan runs.

Owns the frame of the translation: names, lines, marks, and operands evaluated side by side. Each kind of expression has
its writer in `codegen_values.py`, `codegen_choices.py` or `codegen_calls.py`. Refuses to know modules beyond how a call
site is to be called (`CallForm`), and never evaluates anything.

Three forms of the same nodes are written. A *segment* evaluates many nodes in a row on local variables, assuming every
operand is there. A *node function* evaluates one node on the run's cells: it asks for soft operands when it needs
them, and leaves every finished inner call in its cell, so that it can be started again after a suspension. Both stop at
the first operand that has no value. A *careful* node function is for the time after that: it evaluates every operand
that can be, whatever became of those beside it, and repeats no call that has failed.

Invariant: the generated code evaluates an operand exactly when the language says so; names `v7`, `t3` and the like
never depend on the program's own names.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from constellation.engine import operators
from constellation.engine.layout import Layout, Node, Site, references
from constellation.image.graph import BindingRef, BoundRef, GraphExpression, InputRef, Literal, ParameterRef
from constellation.types.model import Type
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


ExpressionWriter = Callable[..., str]
"""`write(emitter, expression, key, depth)`: Python for one kind of expression."""


class Writer:
    """Collects lines of one module of generated code, its constants, and its marks.

    A mark is the number a piece of code sets before it may fail; `marks[n]` says which node and call site that is.
    """

    def __init__(self, layout: Layout, forms: list[SiteForm], writers: Mapping[type, ExpressionWriter]) -> None:
        self.layout = layout
        self.writers = writers
        self.forms = forms
        self.namespace: dict[str, Any] = {
            "Some": Some, "NONE": NONE, "Variant": Variant, "text": operators.text_of, "overflow": operators.overflow,
            "divide_integers": operators.divide_integers, "divide_floats": operators.divide_floats,
            "no_case": operators.no_case, "joined": operators.joined, "too_long": operators.too_long,
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
    `R`. `asynchronous` says that the function is a coroutine, `careful` that an operand without a value does not keep
    those beside it from being evaluated.
    """

    def __init__(
        self, writer: Writer, node: Node | None, *, segment: bool, asynchronous: bool, careful: bool = False
    ) -> None:
        self.writer = writer
        self.segment = segment
        self.asynchronous = asynchronous
        self.careful = careful
        self.lines: list[str] = []
        self.indent = 1
        self.nested_sites: list[int] = []
        self._node = node
        self.scope = Scope()
        self.last_mark: tuple[int, int] | None = None
        self._loaded: set[int] = set()
        self._captured: set[int] = set()
        self.conditional = 0

    # --- lines ---

    def emit(self, line: str) -> None:
        """Append a statement at the present indentation."""
        self.lines.append("    " * self.indent + line)

    def begin(self, node: Node) -> None:
        """Turn to another node."""
        self._node = node
        self.last_mark = None

    @property
    def node(self) -> Node:
        assert self._node is not None
        return self._node

    def load(self, cells: Iterable[int]) -> None:
        """Read cells into local variables."""
        for cell in cells:
            if cell not in self._loaded:
                self._loaded.add(cell)
                self.emit(f"v{cell} = c[{cell}]")

    def captures(self, bodies: list[GraphExpression]) -> list[InputRef | BindingRef]:
        """What lambdas read that is not in local variables yet: a lambda cannot wait for it."""
        if self.segment:
            return []
        found = {self._reference(reference): reference for body in bodies for reference in references(body)}
        return [reference for cell, reference in sorted(found.items()) if cell not in self._loaded]

    @contextmanager
    def capturing(self, captured: list[InputRef | BindingRef], values: list[str]) -> Generator[None]:
        """Has values in local variables while the code of lambdas is written."""
        cells = {self._reference(reference) for reference in captured}
        for reference, value in zip(captured, values, strict=True):
            self.emit(f"v{self._reference(reference)} = {value}")
        self._loaded |= cells
        self._captured |= cells
        try:
            yield
        finally:
            self._loaded -= cells
            self._captured -= cells

    def may_fail(self, site: Site | None) -> None:
        """Note, before code that may fail, what fails then."""
        if self.scope.parameters:
            return
        place = (self.node.index, -1 if site is None else site.index)
        if place != self.last_mark:
            self.last_mark = place
            self.emit(f"n = {self.writer.mark(self.node, site)}")

    @contextmanager
    def block(self) -> Generator[list[str]]:
        """Collects what is emitted inside, one level further in. Marks set inside are not known to hold after it."""
        outer, mark = self.lines, self.last_mark
        inner: list[str] = []
        self.lines = inner
        self.indent += 1
        try:
            yield inner
        finally:
            self.lines, self.last_mark = outer, mark if not inner else None
            self.indent -= 1

    def arm(self, expression: GraphExpression, key: str) -> tuple[list[str], str]:
        """The code of an expression evaluated only when selected."""
        return self.selected(lambda emitter: emitter.expression(expression, key))

    def selected(self, write: Callable[[Emitter], str]) -> tuple[list[str], str]:
        self.conditional += 1
        try:
            with self.block() as lines:
                value = self._hoisted(write) if self.indent > HOIST and not self.segment else write(self)
            return lines, value
        finally:
            self.conditional -= 1

    def _hoisted(self, write: Callable[[Emitter], str]) -> str:
        """The code as a call of a function beside this one: for arms nested deeper than Python allows."""
        name = self.writer.temporary("h")
        other = Emitter(self.writer, self.node, segment=False, asynchronous=self.asynchronous, careful=self.careful)
        other.scope, other.conditional = self.scope, self.conditional  # its names are passed on as they are
        other.indent = 2
        other.load(sorted(self._loaded))
        other.emit(f"return {write(other)}")
        names = ", ".join(["c", "R", *self.scope.names])
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
        text: str = self.writer.writers[type(expression)](self, expression, key, depth + 1)
        return self.spilled(text) if depth and depth % SPILL == 0 else text

    def _reference(self, expression: InputRef | BindingRef) -> int:
        layout = self.writer.layout
        if isinstance(expression, InputRef):
            return layout.input_cells[expression.name]
        return layout.binding_cells[expression.key]

    def _cell_of(self, expression: GraphExpression, key: str) -> int | None:
        if isinstance(expression, InputRef | BindingRef):
            return self._reference(expression)
        return self.writer.layout.promoted.get(key) if key != self.node.key else None

    def _read(self, cell: int) -> str:
        if self.segment or cell in self._loaded:
            return f"v{cell}"
        return f"(await R.wait({cell}))" if self.asynchronous else f"R.need({cell})"

    def operands(self, operands: list[tuple[GraphExpression, str]], depth: int) -> list[str]:
        """The values of operands that are all needed: first those that call something and need not wait, then those
        that wait, side by side, then the others."""
        calling = {i for i, (_, key) in enumerate(operands) if self._works(key)}
        waiting = [i for i in range(len(operands)) if self.asynchronous and self._waits(*operands[i], i in calling)]
        ready = calling.difference(waiting) if self.asynchronous else set[int]()
        if self._separate(operands, bool(calling)):
            return self._one_by_one(operands, depth, ready, waiting)
        if len(waiting) > 1:
            early = {i: self.spilled(self.expression(*operands[i], depth)) for i in sorted(ready)}
            together = self._side_by_side(operands, depth, waiting)
            found = early | dict(zip(waiting, together, strict=True))
            return [found.get(i) or self.spilled(self.expression(*operands[i], depth)) for i in range(len(operands))]
        return self._in_order(operands, depth, [*sorted(ready), *waiting])

    def _in_order(self, operands: list[tuple[GraphExpression, str]], depth: int, first: list[int]) -> list[str]:
        """One after the other, some of them first."""
        written: list[tuple[int, list[str], str]] = []
        for i in [*first, *(i for i in range(len(operands)) if i not in first)]:
            outer, self.lines = self.lines, []
            text = self.expression(*operands[i], depth)
            written.append((i, self.lines, text))
            self.lines = outer
        texts = [""] * len(operands)
        for position, (i, lines, text) in enumerate(written):
            self.lines += lines
            later = i in first or any(more for _, more, _ in written[position + 1 :])
            texts[i] = self.spilled(text) if later else text
        return texts

    # --- operands some of which may have no value ---

    def _separate(self, operands: list[tuple[GraphExpression, str]], calling: bool) -> bool:
        """Whether an operand without a value must not keep others from being evaluated. In a lambda always, for nothing
        evaluates its body a second time, but only beside a call."""
        if not (calling if self.scope.parameters else self.careful):
            return False
        return sum(not self._safe(expression) for expression, _ in operands) > 1

    def _safe(self, expression: GraphExpression) -> bool:
        if isinstance(expression, InputRef | BindingRef):
            return self.segment or self._reference(expression) in self._loaded
        return isinstance(expression, Literal | ParameterRef | BoundRef)

    def _one_by_one(
        self, operands: list[tuple[GraphExpression, str]], depth: int, ready: set[int], waiting: list[int]
    ) -> list[str]:
        problem = self.writer.temporary("x")
        self.emit(f"{problem} = None")
        found: dict[int, str] = {}
        together = waiting if len(waiting) > 1 else []
        for i in [*sorted(ready), *waiting, *(i for i in range(len(operands)) if i not in ready)]:
            if i in found:
                continue
            with self._kept(problem):
                if i in together:
                    found |= zip(together, self._side_by_side(operands, depth, together), strict=True)
                else:
                    found[i] = self.writer.temporary()
                    self.emit(f"{found[i]} = {self.expression(*operands[i], depth)}")
        self.emit(f"if {problem} is not None:")
        self.emit(f"    raise {problem}")
        return [found[i] for i in range(len(operands))]

    @contextmanager
    def _kept(self, problem: str) -> Generator[None]:
        """Code whose failure is kept for later."""
        self.last_mark = None
        self.emit("try:")
        with self.block() as lines:
            yield
        self.lines += lines
        self.last_mark = None
        self.emit("except Exception as error:")
        kept = f"{problem} or error" if self.scope.parameters else f"R.trouble({problem}, error, n)"
        self.emit(f"    {problem} = {kept}")

    def spilled(self, text: str) -> str:
        """The value in a variable, so that it is computed here and not where the text is used."""
        if "(" not in text:
            return text
        name = self.writer.temporary()
        self.emit(f"{name} = {text}")
        return name

    def _works(self, key: str) -> bool:
        """Whether an operand calls something; in a lambda, something that is more than a function of its arguments."""
        forms = self.writer.forms
        return any(forms[site.index].record or site.cell >= 0 for site in self._sites_in(key))

    def _waits(self, expression: GraphExpression, key: str, works: bool) -> bool:
        """Whether evaluating an operand may take time, and does more than waiting for what is under way anyway."""
        layout = self.writer.layout
        if any(self.writer.forms[site.index].awaits for site in self._sites_in(key)):
            return True
        if self.scope.parameters or key in layout.promoted or not (works or layout.deferred):
            return False
        read = [reference for reference in references(expression) if isinstance(reference, BindingRef)]
        if works:
            return any(self._reference(reference) not in self._loaded for reference in read)
        return any(reference.key in layout.deferred for reference in read)

    def _sites_in(self, key: str) -> Iterator[Site]:
        """The calls of an operand, none when it is a node of its own."""
        if key not in self.writer.layout.promoted:
            inner = f"{key}/"
            yield from (site for site in self.node.sites if site.key == key or site.key.startswith(inner))

    def _side_by_side(self, operands: list[tuple[GraphExpression, str]], depth: int, waiting: list[int]) -> list[str]:
        """Evaluates the operands that wait; returns their values. Each does at once all it can: what stops one is not
        looked at again before the others have ended."""
        calls: list[str] = []
        texts: list[str] = []
        careful, self.careful = self.careful, True
        for i in waiting:
            name = self.writer.temporary("g")
            mark, self.last_mark = self.last_mark, None
            with self.block() as lines:
                self.indent += 1
                self.emit(f"return {self.expression(*operands[i], depth)}")
                self.indent -= 1
            self.last_mark = mark
            self.emit(f"async def {name}():")
            self.lines += guarded(lines, "    " * (self.indent + 1), plain=bool(self.scope.parameters))
            calls.append(name)
            texts.append(self.writer.temporary())
        self.careful = careful
        self.emit(f"{', '.join(texts)} = await R.gather({', '.join(f'{name}()' for name in calls)})")
        return texts


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
