"""Stepping through a program batch by batch.

Owns the split of a program into steps, and the state of one walk through them. Each step runs as a small program of
its own on the engine, so call options and failures mean what they mean in a normal run.

Invariant: a step runs at most once, after everything it reads; what depends on a failure is skipped.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from constellation.engine.constellation import Constellation
from constellation.engine.options import ExecutionOptions
from constellation.engine.pipeline import Pipeline
from constellation.engine.result import Status
from constellation.image import graph as g
from constellation.image.dag import label_of, unconverted, walk
from constellation.image.image import build_image
from constellation.types.json import encode
from constellation.types.model import Type
from constellation_lsp.previews import preview

IDLE_SECONDS = 30 * 60
_OPTIONS = ExecutionOptions(save_suspension=False)


@dataclass(slots=True)
class Step:
    """A node that is run on its own. `reads` are ids of inputs and steps; `expression` refers to them as inputs."""

    id: str
    name: str
    type: Type
    expression: g.GraphExpression
    reads: tuple[str, ...]
    level: int
    offset: int
    status: str = "pending"
    value: Any = None
    error: str = ""
    duration_ms: float | None = None


class _Splitter:
    """Cuts a graph into steps: every call in a strict position, and every binding."""

    def __init__(self, graph: g.Graph) -> None:
        self.steps: dict[str, Step] = {}
        self.sources: dict[str, str] = {f"in:{i.name}": f"in:{i.name}" for i in graph.inputs}
        self.outputs: dict[str, str] = {}
        seen: dict[str, int] = {}
        for binding in graph.bindings:
            seen[binding.name] = seen.get(binding.name, 0) + 1
            suffix = f"#{seen[binding.name]}" if seen[binding.name] > 1 else ""
            root = f"v:{binding.name}{suffix}"
            self.sources[binding.key] = self._root(binding.expression, root, binding.name, binding.offset)
        for output in graph.outputs:
            self.outputs[output.name] = self._root(
                output.expression, f"out:{output.name}/0", output.name, output.offset
            )

    def _root(self, expression: g.GraphExpression, identifier: str, name: str, offset: int) -> str:
        reference = self._reference(unconverted(expression))
        if reference is not None and unconverted(expression) is expression:
            return reference
        self._step(expression, identifier, name, offset)
        return identifier

    def _reference(self, node: g.GraphExpression) -> str | None:
        if isinstance(node, g.InputRef):
            return f"in:{node.name}"
        return self.sources.get(node.key) if isinstance(node, g.BindingRef) else None

    def _step(self, expression: g.GraphExpression, identifier: str, name: str, offset: int) -> None:
        inner = unconverted(expression)
        if isinstance(inner, g.CallNode):
            arguments: list[g.Argument] = []
            for position, argument in enumerate(inner.arguments):
                call = unconverted(argument.value)
                if isinstance(call, g.CallNode):
                    child = f"{identifier}/{position}"
                    self._step(argument.value, child, name, offset)
                    value: g.GraphExpression = g.InputRef(argument.value.type, call.start, call.end, child)
                    argument = g.Argument(argument.name, value)
                arguments.append(argument)
            changed = msgspec.structs.replace(inner, arguments=tuple(arguments))
            expression = _rewrapped(expression, inner, changed)
        reads: list[str] = []
        for node in walk(expression):
            if isinstance(node, g.InputRef):
                reads.append(node.name if node.name in self.steps else f"in:{node.name}")
            elif isinstance(node, g.BindingRef):
                reads.append(self.sources[node.key])
        distinct = tuple(dict.fromkeys(reads))
        level = 1 + max((self.steps[r].level for r in distinct if r in self.steps), default=0)
        shown = label_of(inner)[1] if isinstance(inner, g.CallNode) else name
        self.steps[identifier] = Step(identifier, shown, expression.type, expression, distinct, level, offset)


def _rewrapped(outer: g.GraphExpression, old: g.GraphExpression, new: g.GraphExpression) -> g.GraphExpression:
    """The same conversions around another expression."""
    if outer is old:
        return new
    assert isinstance(outer, g.ConvertNode)
    return msgspec.structs.replace(outer, value=_rewrapped(outer.value, old, new))


def _isolated(node: Any, sources: Mapping[str, str], steps: Mapping[str, Step]) -> Any:
    """An expression whose references are inputs named by ids."""
    if isinstance(node, g.InputRef):
        identifier = node.name if node.name in steps else f"in:{node.name}"
        return msgspec.structs.replace(node, name=identifier)
    if isinstance(node, g.BindingRef):
        return g.InputRef(node.type, node.start, node.end, sources[node.key])
    if isinstance(node, tuple):
        return tuple(_isolated(item, sources, steps) for item in node)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if isinstance(node, msgspec.Struct):
        changes = {name: _isolated(getattr(node, name), sources, steps) for name in node.__struct_fields__}
        return msgspec.structs.replace(node, **changes)
    return node


@dataclass(slots=True)
class StepSession:
    """One walk through a program. `values` are language values with their types by id."""

    engine: Constellation
    graph: g.Graph
    inputs: dict[str, tuple[Type, Any]]
    uri: str
    version: int
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    used: float = field(default_factory=time.monotonic)
    started: float = field(default_factory=time.perf_counter)
    batch: int = 1
    _sources: dict[str, str] = field(init=False)
    _steps: dict[str, Step] = field(init=False)
    _outputs: dict[str, str] = field(init=False)
    _values: dict[str, tuple[Type, Any]] = field(init=False)

    def __post_init__(self) -> None:
        split = _Splitter(self.graph)
        self._sources, self._steps, self._outputs = split.sources, split.steps, split.outputs
        self._values = dict(self.inputs)

    @property
    def total(self) -> int:
        """How many batches there are, the inputs' one included."""
        return 1 + max((s.level for s in self._steps.values()), default=0)

    @property
    def is_complete(self) -> bool:
        """Whether no batch is left."""
        return self.batch >= self.total

    def ranges(self) -> dict[str, tuple[int, int]]:
        """The absolute span of every step."""
        return {s.id: (s.expression.start + s.offset, s.expression.end + s.offset) for s in self._steps.values()}

    async def next(self) -> None:
        """Runs the steps of the current batch in parallel, then goes on to the next batch."""
        self.used = time.monotonic()
        if self.is_complete:
            return
        batch = [s for s in self._steps.values() if s.level == self.batch]
        self.batch += 1
        await asyncio.gather(*(self._run(step) for step in batch))

    async def finish(self) -> None:
        """Runs every batch that is left."""
        while not self.is_complete:
            await self.next()

    async def _run(self, step: Step) -> None:
        if any(r not in self._values for r in step.reads):
            step.status = "skipped"
            return
        expression = _isolated(step.expression, self._sources, self._steps)
        specs = tuple(g.InputSpec(r, self._values[r][0]) for r in step.reads)
        output = g.OutputSpec("value", expression, 0)
        pipeline = Pipeline(build_image(g.Graph(specs, (), (output,))), self.engine)
        inputs = {r: encode(self._values[r][0])(self._values[r][1]) for r in step.reads}
        begun = time.perf_counter()
        result = await self.engine.run(pipeline, inputs, _OPTIONS)
        step.duration_ms = (time.perf_counter() - begun) * 1000
        if result.status is Status.COMPLETED:
            step.status, step.value = "completed", result.typed_outputs["value"][1]
            self._values[step.id] = (step.type, step.value)
        else:
            step.status, step.error = "failed", result.error or result.status.value

    def outputs(self) -> dict[str, Any]:
        """The outputs that have a value, as JSON."""
        found = {name: self._values.get(source) for name, source in self._outputs.items()}
        return {name: encode(v[0])(v[1]) for name, v in found.items() if v is not None}

    def inspect(self, identifier: str) -> dict[str, Any] | None:
        """Everything about one node; None for an id there is not."""
        step = self._steps.get(identifier)
        value = self._values.get(identifier)
        if step is None and value is None:
            return None
        answer: dict[str, Any] = {"success": True}
        if value is not None:
            answer |= {"value": encode(value[0])(value[1]), "type": str(value[0])}
        if step is not None:
            known = {r: self._values[r] for r in step.reads if r in self._values}
            answer["inputs"] = {r: encode(v[0])(v[1]) for r, v in known.items()}
            answer |= {"type": str(step.type)}
            if step.duration_ms is not None:
                answer["durationMs"] = step.duration_ms
            if step.error:
                answer |= {"error": step.error}
        return answer

    def state(self) -> dict[str, Any]:
        """The state as clients show it."""
        shown = min(self.batch, self.total - 1)
        if shown == 0:
            batch_nodes = list(self.inputs)
        else:
            batch_nodes = [s.id for s in self._steps.values() if s.level == shown]
        completed: list[dict[str, Any]] = [
            {"nodeId": name, "nodeName": name.partition(":")[2], "nodeType": "data", "valuePreview": preview(*typed)}
            for name, typed in self.inputs.items()
        ]
        completed += [
            {"nodeId": s.id, "nodeName": s.name, "nodeType": "module", "valuePreview": preview(s.type, s.value),
             "durationMs": s.duration_ms}
            for s in self._steps.values() if s.status == "completed"
        ]  # fmt: skip
        return {
            "currentBatch": self.batch,
            "totalBatches": self.total,
            "batchNodes": batch_nodes,
            "completedNodes": completed,
            "pendingNodes": [s.id for s in self._steps.values() if s.status == "pending"],
            "failedNodes": [
                {"nodeId": s.id, "nodeName": s.name, "error": s.error}
                for s in self._steps.values() if s.status == "failed"
            ],
            "skippedNodes": [s.id for s in self._steps.values() if s.status == "skipped"],
        }  # fmt: skip


__all__ = ["IDLE_SECONDS", "Step", "StepSession"]
