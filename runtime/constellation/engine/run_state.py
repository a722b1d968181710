"""What one run knows: the cells, what failed, and the notes its result is made from.

Owns how failures are kept, and the calls generated code makes without waiting for a node. Refuses to decide when a node
is evaluated (`run.py`).

Invariant: a failure is noted once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from constellation.engine.binding import BoundSite
from constellation.engine.clock import Timer
from constellation.engine.errors import ExecutionError, ModuleExecutionError
from constellation.engine.failures import describe
from constellation.engine.layout import Node, Site
from constellation.engine.plan import UNSET, Blocked, NodeFailure, Plan

if TYPE_CHECKING:
    from constellation.engine.calls import Calls
    from constellation.modules.context import ModuleContext

ElementKey = tuple[int, tuple[int, ...]]


class RunState:
    """The state of one execution of a plan, and what generated code asks of it."""

    __slots__ = (
        "absorbed",
        "attempts",
        "broken",
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
        self.broken: set[int] = set()
        """Cells of inner calls that have failed."""
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

    # --- failures ---

    def fail(self, failure: NodeFailure) -> None:
        """Note what generated code reports."""
        node, site = self.plan.place(failure.mark)
        self.failed_node(node, site, failure.error)

    def failed_node(self, node: Node, site: Site | None, error: BaseException) -> None:
        """Note the failure of a node: of its call `site`, or of an operator in it."""
        self.clean = False
        self.failed.add(node.index)
        if site is not None:
            self.broken.add(site.cell)
        described = describe(self, node, site, error)
        if not any(n is node and s is site and e.message == described.message for n, s, e in self.failures):
            self.failures.append((node, site, described))

    def trouble(self, first: Exception | None, error: Exception, mark: int) -> Exception:
        """What to raise when the operands beside one without a value have been evaluated too: the first failure, rather
        than that something is missing. Failures beyond it are noted here."""
        if isinstance(error, Blocked):
            return first or error
        failure = error if isinstance(error, NodeFailure) else NodeFailure(mark, error)
        if isinstance(first, NodeFailure):
            self.fail(failure)
            return first
        return failure

    def unless_failed(self, cell: int) -> None:
        """Raises when an inner call has failed before in this run."""
        if cell in self.broken:
            raise Blocked(cell)

    # --- what generated code calls ---

    def need(self, cell: int) -> Any:
        """A soft operand's value, now."""
        value = self.cells[cell]
        if value is UNSET:
            raise Blocked(cell)
        return value

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
            self.fail(extra)
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
