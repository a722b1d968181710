"""The states of drawn nodes after an execution: what ran, what it gave, what failed.

Owns the executions a session remembers. Invariant: at most `MOST_RESULTS`, the oldest is forgotten first; a value
larger than `MOST_BYTES` as JSON is replaced by its preview.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import orjson

from constellation.engine.result import ExecutionResult
from constellation.image.dag import DagNode
from constellation.types.json import encode
from constellation_lsp.previews import preview

MOST_RESULTS = 32
MOST_BYTES = 64 * 1024
State = dict[str, Any]


class Remembered:
    """The latest results by execution id."""

    def __init__(self) -> None:
        self._results: OrderedDict[str, ExecutionResult] = OrderedDict()

    def keep(self, result: ExecutionResult) -> None:
        """Remembers a result."""
        self._results[result.execution_id] = result
        self._results.move_to_end(result.execution_id)
        while len(self._results) > MOST_RESULTS:
            self._results.popitem(last=False)

    def get(self, execution_id: str) -> ExecutionResult | None:
        """A remembered result."""
        return self._results.get(execution_id)


def node_state(node: DagNode, result: ExecutionResult) -> State | None:
    """The state of a node that the result knows by name; None for a part of a declaration."""
    kind, _, name = node.id.partition(":")
    if "/" in name:
        return None
    if kind == "in":
        found = name in result.all_inputs
        return {"status": "Completed", **_plain(result.all_inputs[name])} if found else {"status": "Pending"}
    failed = next((e for e in result.errors if e.node_name == name), None)
    if failed is not None and kind == "v":
        return {"status": "Failed", "error": failed.message}
    values = result.typed_outputs if kind == "out" else result.typed_nodes
    if name in values:
        state: State = {"status": "Completed", **_shown(*values[name])}
        if kind == "v" and name in result.metadata.node_timings:
            state["durationMs"] = result.metadata.node_timings[name]
        return state
    return {"status": "Pending" if result.missing_inputs else "Skipped"}


def _shown(type_: Any, value: Any) -> State:
    state = _plain(encode(type_)(value))
    return {**state, "value": preview(type_, value)} if state.get("truncated") else state


def _plain(value: Any) -> State:
    if len(orjson.dumps(value, default=str)) > MOST_BYTES:
        return {"value": None, "truncated": True}
    return {"value": value}
