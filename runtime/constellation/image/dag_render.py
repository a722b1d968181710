"""The drawn graph as text: Mermaid, DOT, SVG and plain characters.

Owns the four notations. Refuses to place nodes except through `dag_layout.py`.

Invariant: every text of a program is escaped for the notation it stands in; SVG needs nothing from outside.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Final

from constellation.image.dag import Dag, DagNode, type_signature
from constellation.image.dag_layout import NODE_HEIGHT, NODE_WIDTH, lay_out

MIME_TYPES: Final = {
    "svg": "image/svg+xml",
    "mermaid": "text/vnd.mermaid",
    "dot": "text/vnd.graphviz",
    "ascii": "text/plain",
}

_COLOURS: Final = {
    "Input": "#c8e6c9", "Output": "#bbdefb", "Literal": "#eeeeee", "Conditional": "#fff9c4", "Guard": "#fff9c4",
    "Branch": "#fff9c4", "Coalesce": "#fff9c4", "HigherOrder": "#e1bee7", "Merge": "#ffe0b2", "Project": "#ffe0b2",
    "FieldAccess": "#ffe0b2",
}  # fmt: skip
_PLAIN: Final = "#ffffff"
_MERMAID: Final = {"Input": ("([", "])"), "Output": ("[[", "]]"), "Conditional": ("{", "}"), "Guard": ("{", "}")}


def render(dag: Dag, notation: str, direction: str = "TB") -> str:
    """The graph in one of `MIME_TYPES`' notations. Raises `KeyError` for another."""
    return _RENDERERS[notation](dag, direction)


def _numbers(dag: Dag) -> dict[str, str]:
    return {node.id: f"n{number}" for number, node in enumerate(dag.nodes)}


def _mermaid(dag: Dag, direction: str) -> str:
    names = _numbers(dag)
    lines = [f"flowchart {direction}"]
    for node in dag.nodes:
        left, right = _MERMAID.get(node.kind, ("[", "]"))
        label = escape(f"{node.label}: {type_signature(node.type)}").replace("|", "#124;")
        lines.append(f'  {names[node.id]}{left}"{label}"{right}')
    for edge in dag.edges:
        arrow = "-.->" if edge.kind != "Data" else "-->"
        label = f'|"{escape(edge.label)}"|' if edge.label else ""
        lines.append(f"  {names[edge.source]} {arrow}{label} {names[edge.target]}")
    return "\n".join(lines) + "\n"


def _dot(dag: Dag, direction: str) -> str:
    names = _numbers(dag)
    lines = ["digraph pipeline {", f"  rankdir={direction};", "  node [shape=box, style=filled];"]
    for node in dag.nodes:
        label = _quoted(f"{node.label}\n{type_signature(node.type)}")
        colour = _COLOURS.get(node.kind, _PLAIN)
        lines.append(f'  {names[node.id]} [label={label}, fillcolor="{colour}"];')
    for edge in dag.edges:
        style = ", style=dashed" if edge.kind != "Data" else ""
        lines.append(f"  {names[edge.source]} -> {names[edge.target]} [label={_quoted(edge.label)}{style}];")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _ascii(dag: Dag, direction: str) -> str:
    labels = {node.id: node.label for node in dag.nodes}
    reads: dict[str, list[str]] = {}
    for edge in dag.edges:
        shown = f"{edge.label}: " if edge.label else ""
        reads.setdefault(edge.target, []).append(f"{shown}{labels.get(edge.source, edge.source)}")
    lines: list[str] = []
    for node in dag.nodes:
        lines.append(f"[{node.label}] {type_signature(node.type)}")
        lines.extend(f"  <- {source}" for source in reads.get(node.id, ()))
    return "\n".join(lines) + "\n"


def _svg(dag: Dag, direction: str) -> str:
    layout = lay_out(dag, direction)
    box = layout.bounds
    size = f"{box.min_x:g} {box.min_y:g} {box.max_x - box.min_x:g} {box.max_y - box.min_y:g}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" font-family="sans-serif" font-size="12">',
        '<defs><marker id="a" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="#555"/></marker></defs>',
    ]
    for edge in dag.edges:
        if edge.source in layout.positions and edge.target in layout.positions:
            lines.append(_svg_edge(layout.positions[edge.source], layout.positions[edge.target], edge.kind, direction))
    lines.extend(_svg_node(node, layout.positions[node.id]) for node in dag.nodes)
    return "\n".join([*lines, "</svg>"]) + "\n"


def _svg_edge(start: tuple[float, float], end: tuple[float, float], kind: str, direction: str) -> str:
    wide, high = NODE_WIDTH / 2, NODE_HEIGHT / 2
    if direction == "LR":
        a, b, c, d = start[0] + wide, start[1], end[0] - wide, end[1]
    else:
        a, b, c, d = start[0], start[1] + high, end[0], end[1] - high
    dash = ' stroke-dasharray="4 3"' if kind != "Data" else ""
    return f'<line x1="{a:g}" y1="{b:g}" x2="{c:g}" y2="{d:g}" stroke="#555"{dash} marker-end="url(#a)"/>'


def _svg_node(node: DagNode, at: tuple[float, float]) -> str:
    x, y = at[0] - NODE_WIDTH / 2, at[1] - NODE_HEIGHT / 2
    colour = _COLOURS.get(node.kind, _PLAIN)
    title = escape(f"{node.label}: {node.type}")
    label, type_ = escape(_cut(node.label, 24)), escape(_cut(type_signature(node.type), 28))
    return (
        f'<g data-node-id="{escape(node.id)}"><title>{title}</title>'
        f'<rect x="{x:g}" y="{y:g}" width="{NODE_WIDTH}" height="{NODE_HEIGHT}" rx="6" fill="{colour}" stroke="#555"/>'
        f'<text x="{at[0]:g}" y="{at[1] - 4:g}" text-anchor="middle" font-weight="bold">{label}</text>'
        f'<text x="{at[0]:g}" y="{at[1] + 14:g}" text-anchor="middle" fill="#555">{type_}</text></g>'
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


_RENDERERS: Final[dict[str, Callable[[Dag, str], str]]] = {
    "svg": _svg,
    "mermaid": _mermaid,
    "dot": _dot,
    "ascii": _ascii,
}
