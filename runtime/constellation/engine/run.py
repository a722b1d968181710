"""One run of a plan: the cells, what failed, and the order in which units come to their turn.

Owns driving a plan's units to the point where nothing is running and nothing is ready. Refuses to know what a call's
options mean (`calls.py`) and how a result is shown (`result.py`).

Invariant: when `execute` or `execute_inline` returns or raises, no task of the run is left.

As long as nothing is missing and nothing has failed (`clean`), segments run as straight-line code. After that, nodes
are evaluated one by one: each whose operands all have values, exactly once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final

from constellation.engine.binding import BoundSite
from constellation.engine.clock import Timer, duration_text
from constellation.engine.errors import ExecutionError, ModuleExecutionError, ModuleTimeoutError
from constellation.engine.failures import describe
from constellation.engine.layout import Node, Site
from constellation.engine.plan import UNSET, Blocked, NodeFailure, Plan, Unit

if TYPE_CHECKING:
    from constellation.engine.calls import Calls
    from constellation.modules.context import ModuleContext

log = logging.getLogger("constellation.run")

CANCEL_GRACE: Final = 1.0
"""Seconds a cancelled body has to end."""

SLOW_SEGMENT: Final = 0.1
"""Seconds after which code that held the event loop is reported."""

ElementKey = tuple[int, tuple[int, ...]]


class Run:
    """The state of one execution of a plan."""

    __slots__ = (
        "absorbed",
        "attempts",
        "cache_hits",
        "calls",
        "cancelled",
        "cells",
        "clean",
        "contexts",
        "crash",
        "deadline",
        "deferred",
        "elements",
        "execution_id",
        "failed",
        "failures",
        "given",
        "idle",
        "metadata",
        "plan",
        "priority",
        "remaining",
        "replayed",
        "tasks",
        "timers",
        "times",
        "use_cache",
        "waiters",
        "warnings",
        "wrapped",
    )  # fmt: skip

    def __init__(self, plan: Plan, cells: list[Any], execution_id: str, calls: Calls, clean: bool) -> None:
        self.plan = plan
        self.cells = cells
        self.execution_id = execution_id
        self.calls = calls
        self.clean = clean
        self.given: frozenset[str] = frozenset()
        self.times: dict[int, float] = {}
        self.failed: set[int] = set()
        self.failures: list[tuple[Node, Site | None, ExecutionError]] = []
        self.elements: dict[ElementKey, Any] = {}
        self.replayed: set[int] = set()
        self.attempts: dict[str, int] = {}
        self.absorbed: list[dict[str, object]] = []
        self.wrapped: dict[str, object] = {}
        self.warnings: list[str] = []
        self.cache_hits = 0
        self.priority: int | None = None
        self.metadata: dict[str, str] = {}
        self.use_cache = True
        self.deadline: float | None = None
        self.cancelled = False
        self.contexts: list[tuple[str, ModuleContext]] = []
        self.timers: dict[int, Timer] = {}
        self.tasks: set[asyncio.Task[None]] = set()
        self.deferred: dict[int, asyncio.Future[None]] = {}
        self.waiters: dict[int, asyncio.Future[None]] = {}
        self.remaining: list[int] = []
        self.idle: asyncio.Future[None] | None = None
        self.crash: BaseException | None = None

    # --- running everything ---

    def execute_inline(self, units: list[Unit]) -> None:
        """Run segments, one after the other, without waiting for anything."""
        for unit in units:
            self._segment(unit)

    async def execute(self) -> None:
        """Run every unit; returns when nothing is running and nothing is ready. Cancelling cancels all of it."""
        self.remaining = self.plan.waits_for.copy()
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
            if index in limits and remaining[index] and index not in self.timers:
                self._limit_waiting(index, limits[index])
            if not remaining[index]:
                ready.append(index)
        return ready

    def _limit_waiting(self, index: int, seconds: float) -> None:
        """Fail a call whose other operands are not there in time."""
        node = self.plan.units[index].nodes[0]

        def expire() -> None:
            if self.remaining[index] > 0 and node.index not in self.failed:
                site = next(site for site in node.sites if site.cell == node.cell)
                written = self.plan.sites[site.index].written
                self._failed_node(node, site, ModuleTimeoutError(written, duration_text(seconds), waiting=True))

        self.timers[index] = self.calls.clock.call_later(seconds, expire)

    # --- nodes ---

    def _segment(self, unit: Unit) -> None:
        begun = time.perf_counter()
        if self.clean:
            self.plan.segments[unit.index](self.cells, self)
        else:
            self._node_by_node(unit)
        held = time.perf_counter() - begun
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

    def _can_start(self, node: Node) -> bool:
        """Whether a node has all its operands, no value, and a value would be of use."""
        cells = self.cells
        if node.index in self.failed or cells[node.cell] is not UNSET or cells[node.owner] is not UNSET:
            return False
        return self.clean or all(cells[cell] is not UNSET for cell in node.strict)

    def _node_by_node(self, unit: Unit) -> None:
        for node in unit.nodes:
            if self._can_start(node):
                self._evaluate(node)

    def _evaluate(self, node: Node) -> None:
        try:
            if self.plan.timed:
                self._timed(node)
            else:
                self.cells[node.cell] = self.plan.node_function(node)(self.cells, self)
        except Blocked:
            self.clean = False
        except NodeFailure as failure:
            self._fail(failure)

    def _timed(self, node: Node) -> None:
        clock = self.calls.clock
        start = clock.now()
        try:
            self.cells[node.cell] = self.plan.node_function(node)(self.cells, self)
        finally:
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
        start = clock.now() if self.plan.timed else 0.0
        try:
            self.cells[node.cell] = await self.plan.node_function(node)(self.cells, self)
        except Blocked:
            self.clean = False
        except NodeFailure as failure:
            self._fail(failure)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if self.cancelled or task is None or task.cancelling():
                raise
            self._failed_node(node, node.sites[0] if node.sites else None, error)
        if self.plan.timed:
            self.times[node.cell] = clock.now() - start

    def _fail(self, failure: NodeFailure) -> None:
        node, site = self.plan.place(failure.mark)
        self._failed_node(node, site, failure.error)

    def _failed_node(self, node: Node, site: Site | None, error: BaseException) -> None:
        self.clean = False
        self.failed.add(node.index)
        self.failures.append((node, site, describe(self, node, site, error)))

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
        self._fail(NodeFailure(mark, error))
        self._node_by_node(unit)

    def need(self, cell: int) -> Any:
        """A soft operand's value, now."""
        value = self.cells[cell]
        if value is UNSET:
            raise Blocked(cell)
        return value

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
            self.cells[node.cell] = await self.plan.node_function(node)(self.cells, self)
        except Blocked:
            self.clean = False
        except NodeFailure as failure:
            self._fail(failure)
        finally:
            running.set_result(None)

    async def gather(self, *coroutines: Coroutine[Any, Any, Any]) -> list[Any]:
        """The values of operands evaluated side by side. All end before the first failure is raised."""
        results = await asyncio.gather(*coroutines, return_exceptions=True)
        problems = [r for r in results if isinstance(r, BaseException)]
        if not problems:
            return results
        for error in problems:
            if not isinstance(error, Blocked | NodeFailure):
                raise error
        failures = [p for p in problems if isinstance(p, NodeFailure)]
        for extra in failures[1:]:
            self._fail(extra)
        raise (failures or problems)[0]

    def context(self, site: BoundSite, attempt: int = 1, deadline: float | None = None) -> Any:
        """A context for one attempt of a call."""
        return self.calls.context(self, site, attempt, deadline)

    async def call(self, site: BoundSite, values: tuple[Any, ...], fallback: Any, path: tuple[int, ...] | None) -> Any:
        """A call with options in effect."""
        if path is not None:
            key = (site.site.index, path)
            if key not in self.elements:
                try:
                    self.elements[key] = await self.calls.call(self, site, values, fallback)
                except Exception as error:
                    raise ModuleExecutionError(site.written, error) from error
            return self.elements[key]
        return await self.calls.call(self, site, values, fallback)

    def element(self, site: BoundSite, path: tuple[int, ...], function: Callable[..., Any], *values: Any) -> Any:
        """A call inside a lambda, for one element."""
        key = (site.site.index, path)
        if key not in self.elements:
            try:
                self.elements[key] = function(*values)
            except Exception as error:
                raise ModuleExecutionError(site.written, error) from error
        return self.elements[key]

    async def element_async(
        self, site: BoundSite, path: tuple[int, ...], function: Callable[..., Any], *values: Any
    ) -> Any:
        """The same for a call that awaits."""
        key = (site.site.index, path)
        if key not in self.elements:
            try:
                self.elements[key] = await function(*values)
            except Exception as error:
                raise ModuleExecutionError(site.written, error) from error
        return self.elements[key]
