"""One run of a plan: the order in which units and nodes come to their turn.

Owns driving a plan's units to the point where nothing is running and nothing is ready. Refuses to know what a call's
options mean (`calls.py`) and how a result is shown (`result.py`).

Invariant: when `execute` or `execute_inline` returns or raises, no task of the run is left.

As long as nothing is missing and nothing has failed (`clean`), segments run as straight-line code. After that, nodes
are evaluated one by one: each whose operands all have values, exactly once, and of the others what can be (see
`Node.divisible`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any, Final

from constellation.engine.clock import duration_text
from constellation.engine.errors import ModuleTimeoutError
from constellation.engine.layout import Node
from constellation.engine.plan import UNSET, Blocked, NodeFailure, Unit
from constellation.engine.run_state import RunState

log = logging.getLogger("constellation.run")

CANCEL_GRACE: Final = 1.0
"""Seconds a cancelled body has to end."""

SLOW_SEGMENT: Final = 0.1
"""Seconds after which code that held the event loop is reported."""


class Run(RunState):
    """One execution of a plan."""

    __slots__ = ()

    # --- running everything ---

    def execute_inline(self, units: list[Unit]) -> None:
        """Run segments, one after the other, without waiting for anything."""
        for unit in units:
            self._segment(unit)

    async def execute(self) -> None:
        """Run every unit; returns when nothing is running and nothing is ready. Cancelling cancels all of it."""
        self.remaining = self.plan.waits_for.copy()
        for index, cells in self.plan.limited_from_start:
            if any(self.cells[cell] is not UNSET for cell in cells):
                self._limit_waiting(index, self.plan.input_limits[index])
        try:
            await self._work(await self._advance(self.plan.first_units[::-1]))
            while self.tasks and self.crash is None:
                self.idle = asyncio.get_running_loop().create_future()
                await self.idle
        finally:
            for timer in self.timers.values():
                timer.cancel()
            if self.tasks:
                await self._stop()
        if self.crash is not None:
            raise self.crash

    async def _stop(self) -> None:
        """Cancel every task of the run and wait until all have ended, but not for ever for one that will not."""
        self.cancelled = True
        tasks = list(self.tasks)
        for task in tasks:
            task.cancel()
        _, stubborn = await asyncio.wait(tasks, timeout=CANCEL_GRACE)
        if stubborn:
            log.error("%d call(s) of execution %s ignore cancellation", len(stubborn), self.execution_id)
        self.tasks.clear()

    async def _work(self, starts: list[Unit]) -> None:
        """Follow a chain of awaiting units in this task; units that become ready beside it get tasks of their own."""
        while starts:
            for unit in starts[1:]:
                self._spawn(self._work([unit]))
            unit = starts[0]
            await self._awaited(unit.nodes[0])
            starts = await self._advance(self._finish(unit))

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled():
            error = task.exception()
            if error is not None and self.crash is None:
                self.crash = error
        elif not self.cancelled and self.crash is None:
            self.crash = asyncio.CancelledError()
        if self.idle is not None and not self.idle.done() and (not self.tasks or self.crash is not None):
            self.idle.set_result(None)

    async def _advance(self, ready: list[int]) -> list[Unit]:
        """Run ready segments, the last one first, and what they make ready; returns the awaiting units to start."""
        starts: list[Unit] = []
        units = self.plan.units
        while ready:
            unit = units[ready.pop()]
            if unit.awaiting:
                if self._can_start(unit.nodes[0]):
                    starts.append(unit)
                else:
                    ready += self._finish(unit)
                continue
            self._segment(unit)
            ready += self._finish(unit)
            if ready and len(unit.nodes) > 128:
                await asyncio.sleep(0)
        return starts

    def _finish(self, unit: Unit) -> list[int]:
        """Note that a unit has ended; returns the units that were waiting for it alone."""
        remaining = self.remaining
        remaining[unit.index] = -1
        waiter = self.waiters.pop(unit.index, None)
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
        ready: list[int] = []
        limits = self.plan.input_limits
        for index in reversed(unit.dependants):
            remaining[index] -= 1
            if index in limits and remaining[index]:
                self._limit_waiting(index, limits[index])
            if not remaining[index]:
                ready.append(index)
        return ready

    def _limit_waiting(self, index: int, seconds: float) -> None:
        """Fail a call whose other operands are not there in time after the first one."""
        if index in self.timers:
            return
        node = self.plan.units[index].nodes[0]

        def expire() -> None:
            if self.remaining[index] > 0 and node.index not in self.failed:
                site = next(site for site in node.sites if site.cell == node.cell)
                written = self.plan.sites[site.index].written
                self.failed_node(node, site, ModuleTimeoutError(written, duration_text(seconds), waiting=True))

        self.timers[index] = self.calls.clock.call_later(seconds, expire)

    # --- nodes ---

    def _segment(self, unit: Unit) -> None:
        begun = time.perf_counter() - self.plan.compiling
        if self.clean:
            self.plan.segments[unit.index](self.cells, self)
        else:
            self._node_by_node(unit)
        held = time.perf_counter() - self.plan.compiling - begun
        if held > SLOW_SEGMENT:
            self._report_slow(unit, held)

    def _report_slow(self, unit: Unit, seconds: float) -> None:
        """Name the modules that may have held the event loop."""
        sites = [self.plan.sites[site.index] for node in unit.nodes for site in node.sites]
        names = sorted({site.written for site in sites if not site.module.spec.pure} or {s.written for s in sites})
        log.warning(
            "The event loop was held for %.0f ms by %s; mark what may block with blocking=True",
            seconds * 1000,
            ", ".join(names) or "the program itself",
            extra={"execution_id": self.execution_id},
        )

    def _is_open(self, node: Node) -> bool:
        """Whether a node has neither a value nor failed, and a value would be of use."""
        cells = self.cells
        return node.index not in self.failed and cells[node.cell] is UNSET and cells[node.owner] is UNSET

    def _is_ready(self, node: Node) -> bool:
        """Whether all strict operands have values."""
        return self.clean or all(self.cells[cell] is not UNSET for cell in node.strict)

    def _can_start(self, node: Node) -> bool:
        """Whether evaluating a node would do something."""
        return self._is_open(node) and (self._is_ready(node) or any(map(self._is_there, node.parts)))

    def _is_there(self, part: tuple[int, ...]) -> bool:
        return all(self.cells[cell] is not UNSET for cell in part)

    def _node_by_node(self, unit: Unit) -> None:
        nodes = self._startable(unit)
        self.plan.prepare(nodes)
        for node in nodes:
            if self._can_start(node):
                self._evaluate(node)

    def _startable(self, unit: Unit) -> list[Node]:
        """The nodes of a segment that may be evaluated now or after one another."""
        cells, there, found = self.cells, set[int](), list[Node]()

        def has(part: tuple[int, ...]) -> bool:
            return all(cells[cell] is not UNSET or cell in there for cell in part)

        for node in unit.nodes:
            if self._is_open(node):
                whole = has(node.strict)
                if whole:
                    there.add(node.cell)
                if whole or any(map(has, node.parts)):
                    found.append(node)
        return found

    def _evaluate(self, node: Node) -> None:
        clock = self.calls.clock
        start = clock.now() if self.plan.timed else 0.0
        try:
            self.cells[node.cell] = self.plan.lone_function(node)(self.cells, self)
        except (Blocked, NodeFailure) as problem:
            self._without_value(node, problem)
        if self.plan.timed:
            self.times[node.cell] = clock.now() - start

    async def evaluate(self, node: Node) -> None:
        """Evaluate one node by itself, if it can be: for those who step through a run."""
        if not self._can_start(node):
            return
        if self.plan.is_coroutine(node):
            await self._awaited(node)
        else:
            self._evaluate(node)

    async def _awaited(self, node: Node) -> None:
        clock = self.calls.clock
        start = clock.now()
        try:
            await self._evaluate_awaiting(node)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if self.cancelled or task is None or task.cancelling():
                raise
            self.failed_node(node, node.sites[0] if node.sites else None, error)
        self.times[node.cell] = clock.now() - start

    async def _evaluate_awaiting(self, node: Node) -> None:
        if self._is_ready(node):
            try:
                self.cells[node.cell] = await self.plan.node_function(node)(self.cells, self)
                return
            except (Blocked, NodeFailure) as problem:
                self._without_value(node, problem)
        if node.divisible and node.cell not in self.broken:
            try:
                self.cells[node.cell] = await self.plan.careful_function(node)(self.cells, self)
            except (Blocked, NodeFailure) as problem:
                self._without_value(node, problem)

    def _without_value(self, node: Node, problem: Blocked | NodeFailure) -> None:
        self.clean = False
        if isinstance(problem, NodeFailure):
            self.fail(problem)

    # --- what generated code calls ---

    def salvage(self, unit_index: int, variables: dict[str, Any], mark: int, error: Exception) -> None:
        """A segment stopped: keep what it computed, note the failure, and go on with its other nodes one by one."""
        unit, cells = self.plan.units[unit_index], self.cells
        for node in unit.nodes:
            value = variables.get(f"v{node.cell}", UNSET)
            if value is not UNSET:
                cells[node.cell] = value
            for site in node.sites:
                if site.cell >= 0 and (value := variables.get(f"v{site.cell}", UNSET)) is not UNSET:
                    cells[site.cell] = value
        self.fail(NodeFailure(mark, error))
        node, _ = self.plan.place(mark)
        if node.divisible and node.cell not in self.broken:
            self._evaluate(node)
        self._node_by_node(unit)

    async def wait(self, cell: int) -> Any:
        """A soft operand's value, as soon as it has one."""
        if self.cells[cell] is UNSET:
            node = self.plan.layout.producer.get(cell)
            if node is None:
                raise Blocked(cell)
            if node.deferred:
                await self._force(node)
            else:
                await self._until_finished(self.plan.unit_of_cell[cell])
        return self.need(cell)

    async def _until_finished(self, unit: int) -> None:
        if self.remaining[unit] < 0:
            return
        waiter = self.waiters.get(unit)
        if waiter is None:
            waiter = self.waiters[unit] = asyncio.get_running_loop().create_future()
        await asyncio.shield(waiter)

    async def _force(self, node: Node) -> None:
        """Evaluate a lazy binding, once, whoever asks first."""
        running = self.deferred.get(node.index)
        if running is not None:
            await asyncio.shield(running)
            return
        running = self.deferred[node.index] = asyncio.get_running_loop().create_future()
        try:
            await self._evaluate_awaiting(node)
        finally:
            running.set_result(None)
