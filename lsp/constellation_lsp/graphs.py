"""The drawn graph as the custom methods report it."""

from __future__ import annotations

from typing import Any

from constellation.engine.result import ExecutionResult
from constellation.image.dag import Dag, build_dag, type_signature
from constellation.image.dag_layout import lay_out
from constellation.image.graph import Graph
from constellation_lsp.analysis import Analysis
from constellation_lsp.convert import range_of
from constellation_lsp.overlay import node_state

_SOURCES = frozenset(("Input", "Literal"))
COLLAPSE_ABOVE = 60


def structure(dag: Dag, outputs: list[str]) -> dict[str, Any]:
    """Modules and data nodes: every box that computes is a module, what it gives is a data node."""
    modules: dict[str, Any] = {}
    data: dict[str, Any] = {}
    gives: dict[str, str] = {}
    for node in dag.nodes:
        if node.kind == "Output":
            continue
        is_source = node.kind in _SOURCES
        gives[node.id] = node.id if is_source else f"{node.id}:value"
        data[gives[node.id]] = {
            "name": node.declaration if node.kind != "Literal" else node.label,
            "cType": node.type.wire,
        }
        if not is_source:
            modules[node.id] = {"name": node.label, "consumes": {}, "produces": {"value": node.type.wire}}
    in_edges: list[list[str]] = []
    types = {node.id: node.type.wire for node in dag.nodes}
    for edge in dag.edges:
        if edge.target in modules and edge.source in gives:
            modules[edge.target]["consumes"][edge.label or "value"] = types[edge.source]
            in_edges.append([gives[edge.source], edge.target])
    out_edges = [[module, gives[module]] for module in modules]
    return {"modules": modules, "data": data, "inEdges": in_edges, "outEdges": out_edges, "declaredOutputs": outputs}


def visualization(
    analysis: Analysis,
    graph: Graph,
    title: str,
    direction: str,
    compact: bool,
    result: ExecutionResult | None = None,
) -> dict[str, Any]:
    """Boxes with places, arrows, groups and the bounds of the drawing; with a result also the states of nodes."""
    dag = build_dag(graph)
    layout = lay_out(dag, direction, compact=compact)
    collapsed = len(dag.nodes) > COLLAPSE_ABOVE
    nodes: list[dict[str, Any]] = []
    for node in dag.nodes:
        x, y = layout.positions[node.id]
        span = (node.start, node.end) if node.start >= 0 else _input_span(analysis, node.declaration)
        nodes.append(
            {
                "id": node.id,
                "kind": node.kind,
                "label": node.label,
                "typeSignature": type_signature(node.type),
                "position": {"x": x, "y": y},
                "declaration": node.declaration,
                "range": range_of(analysis, *span),
            }
        )
        state = node_state(node, result) if result is not None else None
        if state is not None:
            nodes[-1]["executionState"] = state
    edges = [
        {"id": e.id, "source": e.source, "target": e.target, "kind": e.kind, **({"label": e.label} if e.label else {})}
        for e in dag.edges
    ]
    groups = [
        {"id": f"g:{root}", "label": root.removeprefix("v:"), "nodeIds": list(ids), "collapsed": collapsed}
        for root, ids in dag.groups.items()
    ]
    bounds = layout.bounds
    shown = {"minX": bounds.min_x, "minY": bounds.min_y, "maxX": bounds.max_x, "maxY": bounds.max_y}
    metadata = {"title": title, "layoutDirection": direction, "bounds": shown}
    return {"nodes": nodes, "edges": edges, "groups": groups, "metadata": metadata}


def _input_span(analysis: Analysis, name: str) -> tuple[int, int]:
    definitions = analysis.occurrences.definitions("variable", name)
    return (definitions[0].start, definitions[0].end) if definitions else (0, 0)
