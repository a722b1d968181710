"""A compiled pipeline in an engine: its image, its shape, and its plans.

Owns choosing and renewing plans when modules change. Refuses to run: that is the engine's.

Invariant: a run uses one plan from start to end; registering a module affects runs started afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from constellation.engine.inputs import InputReader
from constellation.engine.options import ExecutionOptions
from constellation.engine.plan import Plan
from constellation.engine.schema import object_schema
from constellation.image.image import PipelineImage
from constellation.types.model import OptionalType

if TYPE_CHECKING:
    from constellation.engine.constellation import Constellation
    from constellation.engine.result import ExecutionResult


class Pipeline:
    """What `engine.compile` returns: run it, look at its shape, store its image."""

    def __init__(
        self,
        image: PipelineImage,
        engine: Constellation,
        warnings: tuple[Any, ...] = (),
        *,
        like: Pipeline | None = None,
    ) -> None:
        self.image = image
        self.warnings = warnings
        self._engine = engine
        self._plans: dict[tuple[bool, bool], tuple[int, Plan]] = {}
        optional = engine.suspend_on_missing_optional
        self.reader = InputReader(image.graph.inputs, suspend_on_missing_optional=optional)
        if like is not None and like.image.graph is image.graph:
            self._plans = like._plans

    # --- shape ---

    @property
    def pipeline(self) -> Pipeline:
        """Itself."""
        return self

    @property
    def engine(self) -> Constellation:
        """The engine it runs in."""
        return self._engine

    @property
    def name(self) -> str | None:
        """The name it was compiled under."""
        return self.image.name

    @property
    def inputs(self) -> dict[str, str]:
        """Input name → type."""
        return self.image.inputs

    @property
    def outputs(self) -> dict[str, str]:
        """Output name → type."""
        return self.image.outputs

    @property
    def structural_hash(self) -> str:
        """The program's identity."""
        return self.image.structural_hash

    @property
    def syntactic_hash(self) -> str:
        """SHA-256 of the source text."""
        return self.image.syntactic_hash

    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the inputs object."""
        graph = self.image.graph
        required = [spec.name for spec in graph.inputs if not isinstance(spec.type, OptionalType)]
        return object_schema({spec.name: spec.type for spec in graph.inputs}, required)

    def output_schema(self) -> dict[str, Any]:
        """JSON Schema of the outputs object."""
        graph = self.image.graph
        return object_schema({spec.name: spec.type for spec in graph.outputs}, [spec.name for spec in graph.outputs])

    def to_dict(self) -> dict[str, Any]:
        """The pipeline as a drawing: nodes and edges."""
        from constellation.image.dag import build_dag

        dag = build_dag(self.image.graph)
        return {
            "nodes": [
                {"id": n.id, "kind": n.kind, "label": n.label, "type": str(n.type), "declaration": n.declaration}
                for n in dag.nodes
            ],
            "edges": [
                {"id": e.id, "source": e.source, "target": e.target, "label": e.label, "kind": e.kind}
                for e in dag.edges
            ],
        }

    def to_mermaid(self) -> str:
        """The pipeline as a Mermaid flowchart."""
        return self._drawn("mermaid")

    def to_dot(self) -> str:
        """The pipeline in Graphviz' language."""
        return self._drawn("dot")

    def _drawn(self, notation: str) -> str:
        from constellation.image.dag import build_dag
        from constellation.image.dag_render import render

        return render(build_dag(self.image.graph), notation)

    # --- running ---

    async def run(
        self, inputs: Mapping[str, Any] | None = None, /, *, options: ExecutionOptions | None = None, **named: Any
    ) -> ExecutionResult:
        """Run it, with a mapping of inputs or inputs by name."""
        return await self._engine.run(self, {**(inputs or {}), **named}, options)

    def plan(self, *, guarded: bool, timed: bool) -> Plan:
        """The plan for the modules registered now. Raises when one is missing or has changed its signature."""
        engine = self._engine
        generation = engine.modules.generation
        found = self._plans.get((guarded, timed))
        if found is not None:
            if found[0] == generation:
                return found[1]
            if all(engine.modules.get(site.module.name) is site.module for site in found[1].sites):
                self._plans[guarded, timed] = generation, found[1]
                return found[1]
        plan = Plan(self.image.graph, engine.modules, engine.offload, guarded=guarded, timed=timed)
        self._plans[guarded, timed] = generation, plan
        return plan

    def __repr__(self) -> str:
        return f"<Pipeline {self.name or ''} {self.structural_hash[:12]}>"
