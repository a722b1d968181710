"""What becomes of executions: counting them, and keeping the unfinished ones.

Owns which results are saved, under which revision, and the counts by status. Refuses to run anything.

Invariant: a completed execution is not stored; saving compares the revision it was resumed from.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from constellation.engine.errors import ResumeInProgressError
from constellation.engine.result import ExecutionResult, Status
from constellation.stores.protocols import RevisionConflict, SuspensionStore

if TYPE_CHECKING:
    from constellation.engine.execution import Execution


class Executions:
    """The engine's book of executions."""

    def __init__(self, store: SuspensionStore | None, persist_statuses: Sequence[str]) -> None:
        self.store = store
        self.persist_statuses = frozenset(persist_statuses)
        self.counts: dict[str, int] = {status.value: 0 for status in Status}

    def keeps(self, result: ExecutionResult, execution: Execution) -> bool:
        """Counts the result; says whether the store has anything to do for it."""
        self.counts[result.status.value] += 1
        if self.store is None:
            return False
        stored = execution.resumption is not None and execution.resumption.stored
        return stored or (result.status is not Status.COMPLETED and execution.options.save_suspension)

    async def keep(self, result: ExecutionResult, execution: Execution) -> None:
        """Save an unfinished execution, or forget one that has completed."""
        store, resumption = self.store, execution.resumption
        if store is None:
            return
        revision = resumption.revision if resumption is not None and resumption.stored else None
        try:
            if result.status is Status.COMPLETED:
                await store.delete(result.execution_id, expected_revision=revision)
            elif result.status.value in self.persist_statuses or revision is not None:
                await self._save(store, result, execution, revision)
        except RevisionConflict as error:
            raise ResumeInProgressError(result.execution_id) from error

    @staticmethod
    async def _save(
        store: SuspensionStore, result: ExecutionResult, execution: Execution, revision: int | None
    ) -> None:
        state, engine = result.suspended_state, execution.engine
        if state is None:
            return
        async with engine.observers.span("suspension.save", {"execution": result.execution_id}):
            await engine.pipelines.store(execution.pipeline.image)
            await store.save(state, expected_revision=revision)
        engine.observers.suspension("saved")
