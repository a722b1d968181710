"""The executions the server keeps: suspended ones, and those that failed after having been suspended.

Owns capacity, expiry and the summaries of the API. Refuses to run or resume. Invariant: at most `capacity` executions
are kept, and an expired one is as good as unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from constellation.stores.protocols import SuspensionFilter, SuspensionStore
from constellation.stores.suspension import SuspendedExecution, SuspensionSummary
from constellation_server.bodies import JsonObject, timestamp
from constellation_server.problems import Unavailable

if TYPE_CHECKING:
    from collections.abc import Sequence

_ALL = 1_000_000_000
KEPT = frozenset({"suspended", "failed", "cancelled"})


class ExecutionKeeper:
    """The kept executions of one server, on top of the engine's store."""

    def __init__(
        self,
        store: SuspensionStore,
        *,
        capacity: int,
        ttl: float,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.store = store
        self.capacity = capacity
        self._ttl = timedelta(seconds=ttl) if ttl else None
        self._now = now
        self._kept: set[str] = set()

    async def recover(self) -> None:
        """Learn what a durable store holds from before."""
        self._kept = {row.execution_id for row in await self._rows(None)}

    async def require_room(self) -> None:
        """Refuse when the store is full. Raises Unavailable."""
        if len(self._kept) >= self.capacity:
            await self.expire()
            await self.recover()
            if len(self._kept) >= self.capacity:
                raise Unavailable("Too many suspended executions are stored; resume or delete some",
                                  code="SuspensionStoreFull")  # fmt: skip

    async def keep(self, state: SuspendedExecution, pipeline_name: str | None) -> None:
        """Store a suspended execution."""
        await self.store.save(replace(state, pipeline_name=pipeline_name))
        self._kept.add(state.execution_id)

    def forget(self, execution_id: str) -> None:
        """Note that an execution has left the store."""
        self._kept.discard(execution_id)

    async def load(self, execution_id: str) -> SuspendedExecution | None:
        """A kept execution; None when unknown, expired or finished."""
        state = await self.store.load(execution_id)
        if state is None:
            return None
        if self._expired(state.last_resumed_at or state.created_at):
            await self.delete(execution_id)
            return None
        return state

    async def delete(self, execution_id: str) -> bool:
        """Forget an execution; False when it was unknown."""
        self._kept.discard(execution_id)
        return await self.store.delete(execution_id)

    async def count(self, *, structural_hash: str | None = None) -> int:
        """How many are kept."""
        return len(self._kept) if structural_hash is None else len(await self._rows(structural_hash))

    async def rows(
        self, *, structural_hash: str | None = None, pipeline_name: str | None = None, status: str | None = None
    ) -> list[SuspensionSummary]:
        """Summaries of what matches, newest first."""
        wanted = SuspensionFilter(structural_hash=structural_hash, pipeline_name=pipeline_name, status=status)
        found = await self.store.list(wanted, limit=_ALL)
        return [row for row in found if row.status in KEPT and not self._expired(_changed(row))]

    async def _rows(self, structural_hash: str | None) -> Sequence[SuspensionSummary]:
        return await self.rows(structural_hash=structural_hash)

    async def expire(self) -> int:
        """Delete what has expired."""
        if self._ttl is None:
            return 0
        old = [row.execution_id for row in await self.store.list(limit=_ALL) if self._expired(_changed(row))]
        for execution_id in old:
            await self.delete(execution_id)
        return len(old)

    def _expired(self, changed: str) -> bool:
        return self._ttl is not None and datetime.fromisoformat(changed) + self._ttl <= self._now()

    def times(self, created: str, changed: str) -> JsonObject:
        """`createdAt`, `updatedAt` and, with a limited life, `expiresAt`."""
        updated = datetime.fromisoformat(changed)
        shown = {"createdAt": timestamp(datetime.fromisoformat(created)), "updatedAt": timestamp(updated)}
        if self._ttl is not None:
            shown["expiresAt"] = timestamp(updated + self._ttl)
        return shown


def _changed(row: SuspensionSummary) -> str:
    return row.last_resumed_at or row.created_at


def row_body(keeper: ExecutionKeeper, state: SuspendedExecution) -> JsonObject:
    """An execution as listings show it."""
    body: dict[str, Any] = {
        "executionId": state.execution_id,
        "status": "failed" if state.status == "cancelled" else state.status,
        "structuralHash": state.structural_hash,
    }
    if state.pipeline_name is not None:
        body["pipelineName"] = state.pipeline_name
    body["resumptionCount"] = state.resumption_count
    body["missingInputs"] = dict(state.missing_inputs)
    body["missingInputNames"] = list(state.missing_inputs)
    body["pendingOutputs"] = list(state.pending_outputs)
    body.update(keeper.times(state.created_at, state.last_resumed_at or state.created_at))
    return body
