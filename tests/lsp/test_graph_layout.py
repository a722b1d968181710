"""The drawn graph: every node in a layer behind what it reads, none on top of another, always the same picture."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from hypothesis import given
from hypothesis import strategies as st

from constellation.compiler.compiler import Compiler
from constellation.image.dag import Dag, build_dag
from constellation.image.dag_layout import NODE_HEIGHT, NODE_WIDTH, lay_out
from constellation.image.dag_render import render
from tests.conformance.lsp_transports import case_engine

COMPILER = Compiler(case_engine().modules.table)


def dag_of(reads: list[tuple[int, int]]) -> Dag:
    """A program whose n-th variable adds two earlier ones."""
    lines = ["in v0: Int", "in v1: Int"]
    lines += [f"v{n + 2} = add(v{a % (n + 2)}, multiply(v{b % (n + 2)}, {n}))" for n, (a, b) in enumerate(reads)]
    text = "\n".join([*lines, f"out v{len(reads) + 1}", ""])
    image = COMPILER.compile(text).image
    assert image is not None
    return build_dag(image.graph)


PROGRAMS = st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), max_size=15).map(dag_of)


@given(PROGRAMS, st.sampled_from(["TB", "LR"]))
def test_nodes_stand_apart_and_behind_what_they_read(dag: Dag, direction: str) -> None:
    layout = lay_out(dag, direction)
    along = 0 if direction == "LR" else 1
    for edge in dag.edges:
        assert layout.positions[edge.source][along] < layout.positions[edge.target][along]
    places = list(layout.positions.values())
    for number, (x, y) in enumerate(places):
        for other_x, other_y in places[number + 1 :]:
            assert abs(x - other_x) >= NODE_WIDTH or abs(y - other_y) >= NODE_HEIGHT
    assert lay_out(dag, direction) == layout


@given(PROGRAMS)
def test_ids_are_unique_and_edges_join_nodes(dag: Dag) -> None:
    ids = [node.id for node in dag.nodes]
    assert len(set(ids)) == len(ids)
    assert len({edge.id for edge in dag.edges}) == len(dag.edges)
    assert all(edge.source in ids and edge.target in ids for edge in dag.edges)


def test_an_edit_elsewhere_keeps_ids() -> None:
    before = {node.id for node in dag_of([(0, 1), (1, 2)]).nodes}
    after = {node.id for node in dag_of([(0, 1), (1, 2), (3, 3)]).nodes}
    assert before - {"out:v3"} <= after


def test_texts_are_escaped() -> None:
    image = COMPILER.compile('in t: String\nr = concat(t, "<b> & \\"q\\"")\nout r\n').image
    assert image is not None
    dag = build_dag(image.graph)
    drawing = ElementTree.fromstring(render(dag, "svg"))
    assert len([e for e in drawing.iter() if "data-node-id" in e.attrib]) == len(dag.nodes)
    assert "<b>" not in render(dag, "mermaid")
    assert '\\"q\\"' in render(dag, "dot")
