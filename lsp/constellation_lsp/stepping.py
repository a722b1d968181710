"""Stepping through a program batch by batch, as clients see it.

Owns the ids and the JSON of one walk. Refuses to evaluate anything: the engine's `Stepper` does.

Invariant: every node shown is one of the drawn graph; what only renames a value is that value's node.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

from constellation.engine.layout import Node, is_reference
from constellation.engine.stepping import NodeState, Stepper
from constellation.image import graph as g
from constellation.image.dag import label_of, unconverted
from constellation.types.json import encode
from constellation.types.model import Type
from constellation_lsp.execution_events import node_ids
from constellation_lsp.previews import preview

IDLE_SECONDS = 30 * 60


class StepSession:
    """One walk through a program."""

    def __init__(self, stepper: Stepper, graph: g.Graph, uri: str, version: int) -> None:
        self.id = uuid.uuid4().hex
        self.uri = uri
        self.version = version
        self.used = time.monotonic()
        self._stepper = stepper
        layout = stepper.layout
        ids = node_ids(graph)
        self._id_of_cell = {cell: f"in:{name}" for name, cell in layout.input_cells.items()}
        self._nodes: dict[str, Node] = {}
        for node in layout.nodes:
            if is_reference(node.expression):
                self._id_of_cell[node.cell] = self._id_of_cell[(*node.strict, *node.soft)[0]]
            else:
                self._id_of_cell[node.cell] = ids[node.key]
                self._nodes[ids[node.key]] = node
        self._cell_of_id = {identifier: cell for cell, identifier in reversed(self._id_of_cell.items())}

    # --- the walk ---

    @property
    def total(self) -> int:
        """How many batches there are, the inputs' one included."""
        return self._stepper.total + 1

    @property
    def is_complete(self) -> bool:
        """Whether no batch is left."""
        return self._stepper.batch >= self.total

    async def next(self) -> None:
        """Runs the current batch, then goes on to the next one."""
        self.used = time.monotonic()
        await self._stepper.step()

    async def finish(self) -> None:
        """Runs every batch that is left."""
        self.used = time.monotonic()
        await self._stepper.step_to_completion()

    def stop(self) -> None:
        """Ends the walk."""
        self._stepper.stop()

    # --- what there is to see ---

    def ranges(self) -> dict[str, tuple[int, int]]:
        """The absolute span of every node."""
        return {
            identifier: (node.position, node.position + node.expression.end - node.expression.start)
            for identifier, node in self._nodes.items()
        }

    def outputs(self) -> dict[str, Any]:
        """The outputs that have a value, as JSON."""
        return {name: encode(type_)(value) for name, (type_, value) in self._stepper.outputs.items()}

    def inspect(self, identifier: str) -> dict[str, Any] | None:
        """Everything about one node; None for an id there is not."""
        cell = self._cell_of_id.get(identifier)
        if cell is None:
            return None
        answer: dict[str, Any] = {"success": True, "type": str(self._type(cell))}
        if self._stepper.has_value(cell):
            answer["value"] = self._json(cell)
        node = self._nodes.get(identifier)
        if node is not None:
            reads = [cell for cell in (*node.strict, *node.soft) if self._stepper.has_value(cell)]
            answer["inputs"] = {self._id_of_cell[cell]: self._json(cell) for cell in reads}
            answer |= self._duration(node)
            if error := self._stepper.error(node):
                answer["error"] = error
        return answer

    def state(self) -> dict[str, Any]:
        """The state as clients show it."""
        batch = min(self._stepper.batch, self._stepper.total)
        batch_nodes = [self._id_of_cell[node.cell] for node in self._stepper.waves[batch] if self._is_shown(node)]
        if not batch:
            batch_nodes = [f"in:{name}" for name in self._stepper.inputs]
        return {
            "currentBatch": self._stepper.batch,
            "totalBatches": self.total,
            "batchNodes": batch_nodes,
            "completedNodes": [*self._inputs(), *self._completed()],
            "pendingNodes": self._in_state(NodeState.PENDING),
            "failedNodes": [
                {"nodeId": i, "nodeName": _shown_name(self._nodes[i]), "error": self._stepper.error(self._nodes[i])}
                for i in self._in_state(NodeState.FAILED)
            ],
            "skippedNodes": self._in_state(NodeState.SKIPPED),
        }

    def _is_shown(self, node: Node) -> bool:
        return not is_reference(node.expression)

    def _in_state(self, state: NodeState) -> list[str]:
        return [identifier for identifier, node in self._nodes.items() if self._stepper.state(node) is state]

    def _inputs(self) -> Iterator[dict[str, Any]]:
        for name, typed in self._stepper.inputs.items():
            yield {"nodeId": f"in:{name}", "nodeName": name, "nodeType": "data", "valuePreview": preview(*typed)}

    def _completed(self) -> Iterator[dict[str, Any]]:
        for identifier in self._in_state(NodeState.COMPLETED):
            node = self._nodes[identifier]
            shown = preview(node.type, self._stepper.value(node.cell))
            known = {"nodeId": identifier, "nodeName": _shown_name(node), "nodeType": "module", "valuePreview": shown}
            yield known | self._duration(node)

    def _duration(self, node: Node) -> dict[str, float]:
        seconds = self._stepper.seconds(node)
        return {} if seconds is None else {"durationMs": seconds * 1000}

    def _type(self, cell: int) -> Type:
        node = self._stepper.layout.producer.get(cell)
        return node.type if node is not None else self._stepper.layout.graph.inputs[cell].type

    def _json(self, cell: int) -> Any:
        return encode(self._type(cell))(self._stepper.value(cell))


def _shown_name(node: Node) -> str:
    """A call by its function, anything else by the variable it is for."""
    inner = unconverted(node.expression)
    return label_of(inner)[1] if isinstance(inner, g.CallNode) or node.owner != node.cell else node.name


__all__ = ["IDLE_SECONDS", "StepSession"]
