"""One execution of a pipeline: a run with an id, a time limit, a way to cancel it, and a result.

Owns admission, the time limit, cancellation and what is stored afterwards. Refuses to know how nodes are evaluated.

Invariant: an admitted execution is always deregistered; a cancelled one has no task left.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constellation.engine.clock import Limit, duration_text
from constellation.engine.codegen import CallForm
from constellation.engine.current import CurrentExecution, running
from constellation.engine.errors import ExecutionError, MissingInputError
from constellation.engine.inputs import provided
from constellation.engine.options import ExecutionOptions, seconds_of
from constellation.engine.pipeline import Pipeline
from constellation.engine.reporting import (
    fill_metadata,
    missing_inputs,
    output_values,
    skipped_sites,
    sorted_errors,
    status_of,
    variable_values,
)
from constellation.engine.result import ExecutionResult, Metadata, Status
from constellation.engine.run import Run
from constellation.stdlib.ambient import Surroundings, surroundings

if TYPE_CHECKING:
    from constellation.engine.constellation import Constellation
    from constellation.engine.suspension import Resumption
    from constellation.stores.suspension import SuspendedExecution


def new_execution_id() -> str:
    """A random UUID (version 4)."""
    text = os.urandom(16).hex()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[int(text[16], 16) & 3]}{text[17:20]}-{text[20:]}"


class Execution:
    """A run in the making, under way, or done."""

    def __init__(
        self,
        engine: Constellation,
        pipeline: Pipeline,
        inputs: Mapping[str, Any],
        options: ExecutionOptions,
        ref: str | None = None,
        resumption: Resumption | None = None,
    ) -> None:
        self.engine = engine
        self.pipeline = pipeline
        self.options = options
        self.ref = ref
        self.resumption = resumption
        plan = pipeline.plan(guarded=engine.guarded, timed=options.include_timings)
        cells = plan.empty_cells.copy()
        if resumption is None:
            complete = pipeline.reader.read(inputs, cells)
        else:
            complete = pipeline.reader.restore(inputs, cells)
        if not complete and options.on_missing == "error":
            raise MissingInputError([n for i, n in enumerate(pipeline.inputs) if cells[i] is plan.empty_cells[0]])
        self.execution_id = options.execution_id or new_execution_id()
        self.run = run = Run(plan, cells, self.execution_id, engine.calls, complete)
        self.surroundings = Surroundings(engine.clock.wall, engine.random, self._logged)
        self.resolved: frozenset[int] = frozenset()
        run.given = frozenset(inputs)
        run.priority = options.priority
        run.use_cache = options.use_cache
        if options.metadata:
            run.metadata = dict(options.metadata)
        if resumption is not None:
            self.resolved = resumption.apply(run)
        self.task: asyncio.Task[Any] | None = None
        self.cancel_requested = False
        self.timed_out = False
        self.started = 0.0
        engine.lifecycle.admit(self.execution_id, self)

    def cancel(self) -> None:
        """Ask it to end; its result has status `cancelled`. Asking again changes nothing."""
        if not self.cancel_requested:
            self.cancel_requested = True
            if self.task is not None:
                self.task.cancel()

    async def execute(self) -> ExecutionResult:
        """Run to the end. Cancelling the caller's task cancels the run and passes on."""
        try:
            result = await self._execute()
        finally:
            self.task = None
            self.engine.lifecycle.deregister(self.execution_id)
        if self.options.raise_on_failure:
            result.raise_for_status()
        return result

    def begin(self) -> float:
        """Note the start, and tell watchers; returns the engine's clock."""
        self.started = self.engine.clock.wall()
        if self.engine.observers.any:
            self._announce()
        return self.engine.clock.now()

    async def _execute(self) -> ExecutionResult:
        engine, clock, observers = self.engine, self.engine.clock, self.engine.observers
        watched = observers.any
        begun = self.begin()
        limit = seconds_of(self.options.timeout)
        if limit is None:
            limit = engine.default_timeout
        cancelled = await self._run_to_the_end(begun, limit)
        result = self._result(cancelled, (clock.now() - begun) * 1000, limit)
        if engine.executions.keeps(result, self):
            await engine.executions.keep(result, self)
        if watched:
            if not cancelled and not self.timed_out:
                self._announce_skipped()
            observers.execution_ended(result, self.name or "")
            await engine.flush_events(self.execution_id)
        return result

    async def _run_to_the_end(self, begun: float, limit: float | None) -> bool:
        """Whether it was cancelled by `cancel`; being cancelled from outside passes on."""
        run, observers = self.run, self.engine.observers
        self.task = asyncio.current_task()
        deadline = None if limit is None else begun + limit
        token, around = running.set(self.current(deadline)), surroundings.set(self.surroundings)
        try:
            if self.cancel_requested:
                return True
            if observers.tracing:
                async with observers.span("execution.run", {"pipeline": self.name or ""}):
                    await self._drive(begun, limit)
            elif run.plan.synchronous and len(run.plan.units) <= 1:
                run.execute_inline(run.plan.units)
            else:
                await self._drive(begun, limit)
        except asyncio.CancelledError:
            run.cancelled = True
            if not self.cancel_requested or (self.task is not None and self.task.uncancel() > 0):
                self.close((self.engine.clock.now() - begun) * 1000, cancelled=True)
                raise
            return True
        finally:
            self.task = None
            running.reset(token)
            surroundings.reset(around)
        return False

    def _logged(self, text: str) -> None:
        if self.engine.observers.active:
            self.engine.observers.logged(self.execution_id, text)

    def current(self, deadline: float | None) -> CurrentExecution:
        """What code inside may know of it."""
        return CurrentExecution(
            self.execution_id, self.pipeline.structural_hash, self.options.priority, deadline, self.run.metadata
        )

    async def _drive(self, begun: float, limit: float | None) -> None:
        if limit is None:
            await self.run.execute()
        else:
            self.run.deadline = begun + limit
            await self._limited(limit)

    def _announce(self) -> None:
        """Tell watchers that it begins, and which calls it does not repeat."""
        observers, run = self.engine.observers, self.run
        observers.execution_started(run, self.name or "")
        for site in run.plan.sites:
            if site.site.cell in run.replayed:
                observers.module_noted(run, "module_replayed", site)

    def _announce_skipped(self) -> None:
        for site in skipped_sites(self.run):
            if site.form.form is CallForm.WRAPPED:
                self.engine.observers.module_noted(self.run, "module_skipped", site)

    def close(self, duration_ms: float, *, cancelled: bool) -> None:
        """Nobody gets a result, but it is counted, and watchers hear of the end."""
        engine = self.engine
        result = self._result(cancelled, duration_ms, None)
        engine.executions.counts[result.status.value] += 1
        if engine.observers.any:
            engine.observers.execution_ended(result, self.name or "")
            engine.observers.forget(self.execution_id)

    async def _limited(self, seconds: float) -> None:
        limit = Limit(self.engine.clock, seconds)
        try:
            async with limit:
                await self.run.execute()
        except TimeoutError:
            if not limit.expired:
                raise
            self.timed_out = True

    def _result(self, cancelled: bool, duration_ms: float, limit: float | None) -> ExecutionResult:
        run = self.run
        outputs = output_values(run)
        missing = {} if run.clean else missing_inputs(run, self.resolved)
        errors = sorted_errors(run)
        status = Status.COMPLETED if run.clean else status_of(run, missing, outputs)
        if cancelled:
            status = Status.CANCELLED
        if self.timed_out:
            status = Status.FAILED
            message = f"Execution timed out after {_limit_text(limit or 0.0)}"
            errors = (*errors, ExecutionError("", None, message, "EXECUTION_TIMEOUT"))
        metadata = Metadata(self.started, self.started + duration_ms / 1000, None, duration_ms)
        resumption = self.resumption
        if resumption is not None:
            metadata.created = resumption.created
        fill_metadata(metadata, run, self.options, self.resolved)
        return ExecutionResult(
            self.execution_id,
            self.pipeline.image.structural_hash,
            status,
            tuple(output.name for output in run.plan.layout.outputs),
            self._provided,
            outputs,
            lambda: variable_values(run),
            missing,
            errors,
            metadata,
            0 if resumption is None else resumption.count,
            None if status is Status.COMPLETED else lambda: self.state(status, errors),
            self.timed_out,
        )

    @property
    def name(self) -> str | None:
        """The name the execution was started by, else the pipeline's own."""
        from constellation.stores.references import is_hash

        if self.ref is not None and not is_hash(self.ref.removeprefix("sha256:")):
            return self.ref
        return self.pipeline.image.name

    def _provided(self) -> dict[str, tuple[Any, Any]]:
        return provided(self.pipeline.image.graph.inputs, self.run.cells, self.run.given)

    def state(self, status: Status, errors: tuple[ExecutionError, ...]) -> SuspendedExecution:
        """What is needed to go on later."""
        from constellation.engine.suspension import capture

        return capture(self, status, errors)


def _limit_text(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} second{'' if whole == 1 else 's'}" if whole == seconds else duration_text(seconds)
