"""A plan: a graph bound to modules and turned into code that runs it.

Owns the grouping of nodes into units, and compiling their code. A *segment* is a run of nodes that wait for nothing,
evaluated by one straight-line function; an *awaiting* unit is one node that may wait. Nodes share a segment exactly
when they depend on the same awaiting nodes, so a segment starts as soon as all of these are done and nothing waits for
more than it needs. Refuses to hold anything of a single run.

Invariant: a plan never changes what it computes; the functions of single nodes, needed only where inputs are missing or
something failed, are compiled when first asked for, and so are the careful ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from constellation.engine.binding import BoundSite, ModuleSource, Offload, bind_sites
from constellation.engine.codegen import HOIST, Emitter, Writer, guarded
from constellation.engine.codegen_calls import CALL_WRITERS
from constellation.engine.codegen_choices import CHOICE_WRITERS
from constellation.engine.codegen_values import VALUE_WRITERS
from constellation.engine.layout import Layout, Node, Site
from constellation.image.depth import allow_deep_expressions
from constellation.image.graph import Graph

SEGMENT_LIMIT: Final = 256
"""Nodes in one segment: between segments a run lets others have the event loop."""


class Unset:
    """The type of `UNSET`, what a cell without a value holds."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset()


class Blocked(Exception):
    """An operand has no value and will not get one in this run."""

    def __init__(self, cell: int) -> None:
        self.cell = cell


class NodeFailure(Exception):
    """A node's own failure: which mark, and the exception."""

    def __init__(self, mark: int, error: BaseException) -> None:
        self.mark = mark
        self.error = error


@dataclass(slots=True)
class Unit:
    """A segment (`awaiting` False) or one awaiting node. `waits_for` counts the units that must end before it."""

    index: int
    awaiting: bool
    nodes: list[Node]
    waits_for: int = 0
    dependants: list[int] = field(default_factory=list[int])


_WRITERS: Final = {**VALUE_WRITERS, **CHOICE_WRITERS, **CALL_WRITERS}

SegmentFunction = Callable[[list[Any], Any], None]
NodeFunction = Callable[[list[Any], Any], Any]


class Plan:
    """Code for one graph with the modules of one moment.

    `guarded`: every call goes through the run's call machinery (a scheduler, breakers, listeners or a result cache is
    in use). `timed`: segments note how long each node took.
    """

    def __init__(
        self, graph: Graph, modules: ModuleSource, offload: Offload, *, guarded: bool = False, timed: bool = False
    ) -> None:
        allow_deep_expressions()
        self.graph = graph
        self.timed = timed
        self.compiling = 0.0
        """Seconds spent on compiling functions so far."""
        self.layout = Layout(graph)
        self.sites: list[BoundSite] = bind_sites(self.layout, modules, offload, guarded=guarded)
        self.units: list[Unit] = []
        self.unit_of_cell: dict[int, int] = {}
        self._writer = Writer(self.layout, [site.form for site in self.sites], _WRITERS)
        self._node_functions: dict[int, NodeFunction] = {}
        self._careful_functions: dict[int, NodeFunction] = {}
        _Grouping(self).run()
        self.synchronous = not any(unit.awaiting for unit in self.units)
        self._prepare_namespace()
        self.segments: dict[int, SegmentFunction] = {}
        self._compile_segments()
        self.first_units = [unit.index for unit in self.units if not unit.waits_for]
        self.waits_for = [unit.waits_for for unit in self.units]
        self.input_limits = self._input_limits()
        """Unit → how long its call waits for operands after the first one is there, in seconds."""
        self.limited_from_start = self._limited_from_start()
        """The units among them that have an operand from the start: an input."""
        self.empty_cells: list[Any] = [UNSET] * self.layout.cells
        self.input_count = len(graph.inputs)

    def place(self, mark: int) -> tuple[Node, Site | None]:
        """The node and call site of a mark."""
        return self._writer.marks[mark]

    def awaits(self, node: Node) -> bool:
        """Whether evaluating the node may wait: it has an awaiting call, or is nested too deeply for a segment."""
        return node.depth > HOIST or any(
            form.awaits and not form.element for form in (self.sites[site.index].form for site in node.sites)
        )

    def _input_limits(self) -> dict[int, float]:
        found: dict[int, float] = {}
        for unit in self.units:
            if unit.awaiting and unit.waits_for:
                own = [site for site in unit.nodes[0].sites if site.cell == unit.nodes[0].cell]
                limit = self.sites[own[0].index].module.inputs_timeout if own else None
                if limit is not None:
                    found[unit.index] = limit
        return found

    def _limited_from_start(self) -> list[tuple[int, list[int]]]:
        inputs = range(len(self.graph.inputs))
        found = ((index, [c for c in self.units[index].nodes[0].strict if c in inputs]) for index in self.input_limits)
        return [(index, cells) for index, cells in found if cells]

    # --- code ---

    def _prepare_namespace(self) -> None:
        namespace = self._writer.namespace
        namespace.update(UNSET=UNSET, NodeFailure=NodeFailure, PASSING=(Blocked, NodeFailure), count=count)
        namespace["now"] = time.perf_counter
        for bound in self.sites:
            namespace[f"f{bound.site.index}"] = bound.call
            namespace[f"S{bound.site.index}"] = bound

    def _execute(self) -> None:
        """Compiles what has been written since the last time."""
        begun = time.perf_counter()
        writer = self._writer
        source = writer.source()
        writer.functions.clear()
        exec(compile(source, "<pipeline>", "exec"), writer.namespace)
        self.compiling += time.perf_counter() - begun

    def _compile_segments(self) -> None:
        writer = self._writer
        for unit in self.units:
            if unit.awaiting:
                self._write_node(unit.nodes[0])
            else:
                self._write_segment(unit)
        self._execute()
        for unit in self.units:
            if unit.awaiting:
                node = unit.nodes[0]
                self._node_functions[node.index] = writer.namespace[f"n{node.index}"]
            else:
                self.segments[unit.index] = writer.namespace[f"s{unit.index}"]

    def node_function(self, node: Node) -> NodeFunction:
        """The function that evaluates one node on the cells, all of whose strict operands are there: a coroutine
        function for an awaiting or deferred one."""
        found = self._node_functions.get(node.index)
        if found is None:
            self._compile_nodes([node], careful=False)
            found = self._node_functions[node.index]
        return found

    def careful_function(self, node: Node) -> NodeFunction:
        """The function that evaluates what can be of one node some of whose operands have no value."""
        found = self._careful_functions.get(node.index)
        if found is None:
            self._compile_nodes([node], careful=True)
            found = self._careful_functions[node.index]
        return found

    def lone_function(self, node: Node) -> NodeFunction:
        """The function that evaluates a node of a segment by itself, as far as that is possible."""
        return self.careful_function(node) if node.divisible else self.node_function(node)

    def prepare(self, nodes: list[Node]) -> None:
        """Compile the lone functions of nodes, those that are not yet, together: that is faster than one by one."""
        for careful, known in ((False, self._node_functions), (True, self._careful_functions)):
            fresh = [node for node in nodes if node.divisible is careful and node.index not in known]
            if fresh:
                self._compile_nodes(fresh, careful=careful)

    def _compile_nodes(self, nodes: list[Node], *, careful: bool) -> None:
        for node in nodes:
            self._write_node(node, careful)
        self._execute()
        known, letter = (self._careful_functions, "k") if careful else (self._node_functions, "n")
        for node in nodes:
            known[node.index] = self._writer.namespace[f"{letter}{node.index}"]

    def is_coroutine(self, node: Node) -> bool:
        """Whether `node_function` gives a coroutine function."""
        return node.deferred or self.units[self.unit_of_cell[node.cell]].awaiting

    def _write_node(self, node: Node, careful: bool = False) -> None:
        asynchronous = self.is_coroutine(node)
        emitter = Emitter(self._writer, node, segment=False, asynchronous=asynchronous, careful=careful)
        emitter.indent = 2
        if not careful:
            emitter.load(node.strict)
        emitter.emit(f"return {emitter.expression(node.expression, node.key)}")
        keyword, name = "async def" if asynchronous else "def", f"{'k' if careful else 'n'}{node.index}"
        self._writer.functions.append([f"{keyword} {name}(c, R):", *guarded(emitter.lines, "    ")])

    def _write_segment(self, unit: Unit) -> None:
        emitter = Emitter(self._writer, None, segment=True, asynchronous=False)
        emitter.indent = 2
        own = {node.cell for node in unit.nodes}
        for node in unit.nodes:
            emitter.load(tuple(cell for cell in (*node.strict, *node.soft) if cell not in own))
        if self.timed:
            emitter.emit("T, then = R.times, now()")
        for node in unit.nodes:
            emitter.begin(node)
            emitter.emit(f"v{node.cell} = {emitter.expression(node.expression, node.key)}")
            if self.timed:
                emitter.emit(f"T[{node.cell}] = (this := now()) - then")
                emitter.emit("then = this")
        nested = emitter.nested_sites
        lines = [f"def s{unit.index}(c, R):", "    n = 0"]
        if nested:
            lines.append("    " + "".join(f"v{cell} = " for cell in nested) + "UNSET")
        lines += ["    try:", *(emitter.lines or ["        pass"]), "    except Exception as error:"]
        lines += [f"        R.salvage({unit.index}, locals(), n, error)", "        return"]
        for first, last in _runs(sorted([*own, *nested])):
            values = ", ".join(f"v{cell}" for cell in range(first, last + 1))
            lines.append(f"    c[{first}:{last + 1}] = ({values},)" if last > first else f"    c[{first}] = {values}")
        self._writer.functions.append(lines)


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Maximal runs of consecutive numbers."""
    start = 0
    for i in range(1, len(numbers) + 1):
        if i == len(numbers) or numbers[i] != numbers[i - 1] + 1:
            yield numbers[start], numbers[i - 1]
            start = i


class _Grouping:
    """Puts nodes into units. A mask has one bit per awaiting unit: those a value depends on."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._masks: dict[int, int] = {}
        self._open: dict[int, Unit] = {}
        self._bits = 0

    def run(self) -> None:
        plan = self._plan
        deferred = {node.cell for node in plan.layout.nodes if node.deferred}
        edges: list[set[int]] = []
        for node in plan.layout.nodes:
            if node.deferred:
                continue
            mask = self._mask(node.strict)
            awaiting = plan.awaits(node) or any(cell in deferred for cell in node.soft)
            if not awaiting and node.soft and self._mask(node.soft) | mask != mask:
                awaiting = True
            unit = self._awaiting(node, mask) if awaiting else self._segment(node, mask)
            plan.unit_of_cell[node.cell] = unit.index
            if unit.index == len(edges):
                edges.append(set())
            needs = node.strict if awaiting else (*node.strict, *node.soft)
            edges[unit.index].update(plan.unit_of_cell[cell] for cell in needs if cell in plan.unit_of_cell)
        for unit in plan.units:
            sources = edges[unit.index] - {unit.index}
            unit.waits_for = len(sources)
            for source in sources:
                plan.units[source].dependants.append(unit.index)

    def _mask(self, cells: tuple[int, ...]) -> int:
        mask = 0
        for cell in cells:
            mask |= self._masks.get(cell, 0)
        return mask

    def _awaiting(self, node: Node, mask: int) -> Unit:
        unit = Unit(len(self._plan.units), True, [node])
        self._plan.units.append(unit)
        self._masks[node.cell] = mask | (1 << self._bits)
        self._bits += 1
        return unit

    def _segment(self, node: Node, mask: int) -> Unit:
        unit = self._open.get(mask)
        if unit is None or len(unit.nodes) >= SEGMENT_LIMIT:
            unit = self._open[mask] = Unit(len(self._plan.units), False, [])
            self._plan.units.append(unit)
        unit.nodes.append(node)
        self._masks[node.cell] = mask
        return unit
