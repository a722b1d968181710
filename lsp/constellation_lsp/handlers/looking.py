"""Looking at programs and the engine: schema, graphs, modules, cache, syntax tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constellation.image.dag import build_dag
from constellation_lsp import graphs
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.errors import compile_errors
from constellation_lsp.features.input_schema import input_fields, inputs_json_schema, output_fields
from constellation_lsp.handlers.custom import (
    NOT_FOUND,
    Answer,
    DocumentParams,
    GraphParams,
    NoParams,
    QueryParams,
    RenderParams,
    SyntaxParams,
    failure,
    open_analysis,
    uncompiled,
)
from constellation_lsp.protocol import INVALID_PARAMS, RequestError

if TYPE_CHECKING:
    from constellation_lsp.session import Session


def input_schema(session: Session, params: DocumentParams) -> Answer:
    """constellation/getInputSchema"""
    analysis = open_analysis(session, params.uri)
    if analysis is None:
        return dict(NOT_FOUND)
    inputs = input_fields(analysis)
    broken = [d for d in analysis.checked_diagnostics if d.code == "E020" and d.slug != "no-output"]
    if broken:
        return {**failure(compile_errors(analysis, broken), ""), "inputs": inputs}
    schema = inputs_json_schema(analysis)
    return {"success": True, "inputs": inputs, "outputs": output_fields(analysis), "jsonSchema": schema}


def dag_structure(session: Session, params: DocumentParams) -> Answer:
    """constellation/getDagStructure"""
    analysis = open_analysis(session, params.uri)
    if analysis is None:
        return dict(NOT_FOUND)
    graph = analysis.checked.graph
    if graph is None:
        return uncompiled(analysis)
    return {"success": True, "dag": graphs.structure(build_dag(graph), [o.name for o in graph.outputs])}


def dag_visualization(session: Session, params: GraphParams) -> Answer:
    """constellation/getDagVisualization"""
    _require_direction(params.direction)
    analysis = open_analysis(session, params.uri)
    if analysis is None:
        return dict(NOT_FOUND)
    graph = analysis.checked.graph
    if graph is None:
        return uncompiled(analysis)
    title = params.uri.rpartition("/")[2]
    result = session.work.results.get(params.execution_id) if params.execution_id is not None else None
    if params.execution_id is not None and result is None:
        return {"success": False, "error": f"Execution not found: {params.execution_id}"}
    drawn = graphs.visualization(analysis, graph, title, params.direction, params.compact, result)
    return {"success": True, "dag": drawn}


def render_dag(session: Session, params: RenderParams) -> Answer:
    """constellation/renderDag"""
    from constellation.image.dag_render import MIME_TYPES, render

    _require_direction(params.direction)
    if params.format not in MIME_TYPES:
        raise RequestError(INVALID_PARAMS, f"format must be one of {', '.join(MIME_TYPES)}")
    analysis = open_analysis(session, params.uri)
    if analysis is None:
        return dict(NOT_FOUND)
    graph = analysis.checked.graph
    if graph is None:
        return uncompiled(analysis)
    content = render(build_dag(graph), params.format, params.direction)
    return {"success": True, "content": content, "mimeType": MIME_TYPES[params.format]}


def _require_direction(direction: str) -> None:
    if direction not in ("TB", "LR"):
        raise RequestError(INVALID_PARAMS, "direction must be TB or LR")


def cache_stats(session: Session, params: NoParams) -> Answer:
    """constellation/getCacheStats"""
    counts = session.engine.compile_cache.statistics()
    names = ("hits", "misses", "hitRate", "evictions", "entries")
    return {
        "success": True,
        "cachingEnabled": session.engine.compile_caching,
        "stats": {name: counts[name] for name in names},
    }


def list_modules(session: Session, params: QueryParams) -> Answer:
    """constellation/listModules"""
    wanted = params.query.lower()
    found: list[Answer] = []
    for spec in session.engine.modules.table.functions.values():
        if wanted and wanted not in spec.qualified_name.lower():
            continue
        first = spec.overloads[0] if spec.overloads else None
        entry: Answer = {
            "name": spec.name,
            "qualifiedName": spec.qualified_name,
            "description": spec.description,
            "version": f"{spec.version[0]}.{spec.version[1]}",
            "params": [{"name": p.name, "type": str(p.type)} for p in first.parameters] if first else [],
            "returns": str(first.returns) if first else "",
            "tags": list(spec.tags),
        }
        if spec.namespace:
            entry["namespace"] = spec.namespace
        found.append(entry)
    return {"modules": found}


def syntax_tree(session: Session, params: SyntaxParams) -> Answer:
    """constellation/syntaxTree: the whole tree, or the smallest node around a range"""
    analysis = open_analysis(session, params.uri)
    if analysis is None:
        return {"tree": None}
    node = analysis.document.tree.root_node
    if params.range is not None:
        first, last = (_bytes_before(analysis, at) for at in (params.range.start, params.range.end))
        node = node.descendant_for_byte_range(first, max(first, last)) or node
    return {"tree": str(node)}


def _bytes_before(analysis: Analysis, at: dict[str, int]) -> int:
    offset = analysis.document.offset_at(at.get("line", 0), at.get("character", 0))
    return len(analysis.text[:offset].encode("utf-8", "surrogatepass"))
