"""Places the drawn graph: layers by longest path, few crossings, always the same picture for the same program.

Owns coordinates. Refuses to know what nodes mean.

Invariant: every node sits in a later layer than everything it reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from constellation.image.dag import Dag

NODE_WIDTH = 180
NODE_HEIGHT = 60
GAP_IN_LAYER = 40
GAP_BETWEEN_LAYERS = 100
_MARGIN = 20
_SWEEPS = 4


class Bounds(Struct, frozen=True, rename="camel"):
    """The smallest box around all nodes, with a margin."""

    min_x: float
    min_y: float
    max_x: float
    max_y: float


class Layout(Struct, frozen=True):
    """Centres of the nodes by id, and their bounds. `direction` is `TB` or `LR`."""

    direction: str
    positions: dict[str, tuple[float, float]]
    bounds: Bounds


def lay_out(dag: Dag, direction: str = "TB", *, compact: bool = False) -> Layout:
    """Positions for every node; `compact` draws left-to-right layers closer together."""
    layers = _ordered(_layers(dag), dag)
    horizontal = direction == "LR"
    pitch = 100 if horizontal and compact else NODE_WIDTH + GAP_IN_LAYER
    step = (NODE_WIDTH if horizontal else NODE_HEIGHT) + GAP_BETWEEN_LAYERS
    positions: dict[str, tuple[float, float]] = {}
    for depth, layer in enumerate(layers):
        for place, identifier in enumerate(layer):
            across = (place - (len(layer) - 1) / 2) * pitch
            along = float(depth * step)
            positions[identifier] = (along, across) if horizontal else (across, along)
    return Layout(direction, positions, _bounds(positions))


def _bounds(positions: Mapping[str, tuple[float, float]]) -> Bounds:
    if not positions:
        return Bounds(0, 0, 0, 0)
    xs = [x for x, _ in positions.values()]
    ys = [y for _, y in positions.values()]
    wide, high = NODE_WIDTH / 2 + _MARGIN, NODE_HEIGHT / 2 + _MARGIN
    return Bounds(min(xs) - wide, min(ys) - high, max(xs) + wide, max(ys) + high)


def _layers(dag: Dag) -> list[list[str]]:
    before: dict[str, list[str]] = {n.id: [] for n in dag.nodes}
    after: dict[str, list[str]] = {n.id: [] for n in dag.nodes}
    for edge in dag.edges:
        if edge.source in before and edge.target in before:
            before[edge.target].append(edge.source)
            after[edge.source].append(edge.target)
    depth: dict[str, int] = {}
    waiting = {identifier: len(sources) for identifier, sources in before.items()}
    ready = [identifier for identifier, count in waiting.items() if count == 0]
    for identifier in ready:
        depth[identifier] = max((depth[source] + 1 for source in before[identifier]), default=0)
        for target in after[identifier]:
            waiting[target] -= 1
            if waiting[target] == 0:
                ready.append(target)
    for identifier, sources in before.items():
        if not sources and after[identifier]:
            depth[identifier] = min(depth[target] for target in after[identifier]) - 1
    layers: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for node in dag.nodes:
        layers[depth.get(node.id, 0)].append(node.id)
    return [layer for layer in layers if layer]


def _ordered(layers: list[list[str]], dag: Dag) -> list[list[str]]:
    rank = {node.id: place for place, node in enumerate(dag.nodes)}
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for edge in dag.edges:
        if edge.source in rank and edge.target in rank:
            before.setdefault(edge.target, []).append(edge.source)
            after.setdefault(edge.source, []).append(edge.target)
    place: dict[str, float] = {}
    for layer in layers:
        layer.sort(key=rank.__getitem__)
        _number(layer, place)
    for _ in range(_SWEEPS):
        for layer in layers[1:]:
            _sort_by_neighbours(layer, before, place, rank)
        for layer in reversed(layers[:-1]):
            _sort_by_neighbours(layer, after, place, rank)
    return layers


def _number(layer: list[str], place: dict[str, float]) -> None:
    for position, identifier in enumerate(layer):
        place[identifier] = position - (len(layer) - 1) / 2


def _sort_by_neighbours(
    layer: list[str], neighbours: Mapping[str, Sequence[str]], place: dict[str, float], rank: Mapping[str, int]
) -> None:
    def weight(identifier: str) -> tuple[float, int]:
        at = [place[n] for n in neighbours.get(identifier, ())]
        return (sum(at) / len(at) if at else place[identifier], rank[identifier])

    layer.sort(key=weight)
    _number(layer, place)
