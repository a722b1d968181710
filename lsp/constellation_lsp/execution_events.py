"""What happens in an execution, for clients that draw it: which node started, ended, failed or was skipped.

Owns the way from the engine's node keys to the ids of the drawn graph, and the order of the messages. Refuses to
change or delay a run.

Invariant: `seq` has no gaps; `started` comes first and `finished` last.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from constellation.engine.handle import ExecutionHandle
from constellation.engine.layout import children, step
from constellation.engine.observing import Event
from constellation.engine.result import ExecutionResult
from constellation.image import graph as g
from constellation.image.dag import operands, unconverted
from constellation_lsp.previews import preview

METHOD = "constellation/executionEvent"
_KINDS = {
    "module_started": ("nodeStarted", "Running"),
    "module_completed": ("nodeCompleted", "Completed"),
    "module_replayed": ("nodeCompleted", "Completed"),
    "module_failed": ("nodeFailed", "Failed"),
    "module_skipped": ("nodeSkipped", "Skipped"),
}


def node_ids(graph: g.Graph) -> dict[str, str]:
    """The drawn graph's id of each of the engine's node keys."""
    found: dict[str, str] = {}
    seen: dict[str, int] = {}
    for binding in graph.bindings:
        number = seen[binding.name] = seen.get(binding.name, 0) + 1
        identifier = f"v:{binding.name}" if number == 1 else f"v:{binding.name}#{number}"
        found.update(_inside(binding.expression, binding.key, identifier))
    for output in graph.outputs:
        key = f"out:{output.name}"
        found.update(_inside(output.expression, key, f"{key}/0"))
    return found


def _inside(expression: g.GraphExpression, key: str, identifier: str) -> Iterator[tuple[str, str]]:
    yield key, identifier
    if isinstance(expression, g.ConvertNode):
        yield from _inside(expression.value, key, identifier)
        return
    drawn = [unconverted(operand.value) for operand in operands(expression)]
    for part, child, _ in children(expression):
        position = next((n for n, value in enumerate(drawn) if value is unconverted(child)), None)
        if position is not None:
            yield from _inside(child, step(key, part), f"{identifier}/{position}")


class EventStream:
    """Tells one client about one execution."""

    def __init__(self, send: Callable[[str, Any], None], uri: str, execution_id: str, ids: dict[str, str]) -> None:
        self._send = send
        self._about = {"uri": uri, "executionId": execution_id}
        self._ids = ids
        self._next = 0
        self._told: set[str] = set()

    def tell(self, kind: str, **facts: object) -> None:
        """One message; facts that are None are left out."""
        known = {name: value for name, value in facts.items() if value is not None}
        message = {**self._about, "seq": self._next, "type": kind, "timestamp": time.time(), **known}
        self._next += 1
        self._send(METHOD, message)

    async def follow(self, start: Callable[[], ExecutionHandle]) -> ExecutionResult:
        """Starts the execution, tells about it, and gives its result. Cancelling this cancels the execution."""
        handle = start()
        self.tell("started")
        try:
            async for event in handle.events():
                self._tell_node(event)
            result = await handle.result()
        except BaseException:
            handle.cancel()
            raise
        self._tell_rest(result)
        self.tell("finished", state=result.status.value)
        return result

    def _tell_rest(self, result: ExecutionResult) -> None:
        """Nodes the engine does not report one by one, because nobody could tell: pure functions and operators."""
        for name, typed in result.typed_nodes.items():
            node = f"v:{name}"
            if node not in self._told:
                took = result.metadata.node_timings.get(name)
                shown = preview(*typed)
                self.tell("nodeCompleted", nodeId=node, state="Completed", durationMs=took, valuePreview=shown)
        for error in result.errors:
            node = self._ids.get(error.node_key, f"v:{error.node_name}")
            if node not in self._told:
                self.tell("nodeFailed", nodeId=node, state="Failed", error=error.message)

    def _tell_node(self, event: Event) -> None:
        shown = _KINDS.get(event.kind)
        if shown is None or event.node_key is None:
            return
        error = event.metadata.get("message") if event.kind == "module_failed" else None
        node = self._ids.get(event.node_key, event.node_key)
        self._told.add(node)
        self.tell(shown[0], nodeId=node, state=shown[1], durationMs=event.duration, error=error)
