"""A compiled pipeline as data: immutable, content-addressed, self-sufficient.

Owns what an image carries and how one is made of a checked graph. Refuses to hold code, module implementations or
anything of the machine it was compiled on.

Invariant: the image has everything a run needs besides the modules, and `structural_hash` is the hash of its graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from msgspec import Struct

from constellation.image.canonical import structural_hash
from constellation.image.graph import CallNode, Graph, GraphExpression
from constellation.image.identity_memo import IdentityMemo

FORMAT: Final = "constellation-image"
FORMAT_VERSION: Final = 1
COMPILER_VERSION: Final = "1"


class Requirement(Struct, frozen=True):
    """A function the program calls: its qualified name, the version compiled against, and the signature used."""

    name: str
    major: int
    minor: int
    params: tuple[str, ...]
    returns: str


@dataclass(frozen=True, slots=True)
class PipelineImage:
    """What is stored and run. `name` and `source` are informative and no part of its identity."""

    structural_hash: str
    syntactic_hash: str
    registry_hash: str
    graph: Graph
    token_hash: str = ""
    name: str | None = None
    source: str | None = None
    compiled_at: str = ""
    compiler_version: str = COMPILER_VERSION
    optimizer: str = ""
    versions: Mapping[str, tuple[int, int]] = field(
        default_factory=dict[str, tuple[int, int]], compare=False, repr=False
    )

    @property
    def requires(self) -> tuple[Requirement, ...]:
        """Every distinct call signature in the program with the version it was compiled against."""
        return requirements(self.graph, self.versions)

    @property
    def inputs(self) -> dict[str, str]:
        """Input name → type as the language spells it, in declaration order."""
        return {spec.name: str(spec.type) for spec in self.graph.inputs}

    @property
    def outputs(self) -> dict[str, str]:
        """Output name → type as the language spells it, in declaration order."""
        return {spec.name: str(spec.type) for spec in self.graph.outputs}

    def to_json(self) -> dict[str, Any]:
        """The image as a JSON object."""
        from constellation.image.codec import image_to_json

        return image_to_json(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> PipelineImage:
        """The image of a JSON object; its hash is verified."""
        from constellation.image.codec import image_from_json

        return image_from_json(data)


def build_image(
    graph: Graph,
    *,
    source: str | None = None,
    text_hash: str = "",
    token_hash: str = "",
    registry_hash: str = "",
    name: str | None = None,
    versions: Mapping[str, tuple[int, int]] | None = None,
    compiled_at: datetime | None = None,
) -> PipelineImage:
    """The image of a checked graph. `versions` are the called functions' versions by qualified name."""
    moment = compiled_at or datetime.now(UTC)
    return PipelineImage(
        structural_hash=structural_hash(graph),
        syntactic_hash=text_hash,
        token_hash=token_hash,
        registry_hash=registry_hash,
        graph=graph,
        name=name,
        source=source,
        compiled_at=moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z",
        versions=versions or {},
    )


def requirements(graph: Graph, versions: Mapping[str, tuple[int, int]]) -> tuple[Requirement, ...]:
    """Every distinct call signature in the graph, ordered by name and signature."""
    found: dict[tuple[str, tuple[str, ...], str], Requirement] = {}
    for call in calls_of(graph):
        params = tuple(map(str, call.parameter_types))
        key = (call.function, params, str(call.returns))
        if key not in found:
            major, minor = versions.get(call.function, (1, 0))
            found[key] = Requirement(call.function, major, minor, params, str(call.returns))
    return tuple(found[key] for key in sorted(found))


def calls_of(graph: Graph) -> Iterator[CallNode]:
    """Every call in the graph, wherever it stands, outermost first."""
    for binding in graph.bindings:
        yield from calls_in(binding.expression)
    for spec in graph.outputs:
        yield from calls_in(spec.expression)


def _calls(root: GraphExpression) -> tuple[CallNode, ...]:
    found: list[CallNode] = []
    pending: list[Any] = [root]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple):
            pending.extend(reversed(item))  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(item, Struct):
            if isinstance(item, CallNode):
                found.append(item)
            pending.extend(reversed([getattr(item, name) for name in item.__struct_fields__]))
    return tuple(found)


calls_in: Final = IdentityMemo(_calls)
"""Every call in an expression, outermost first."""
