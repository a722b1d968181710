"""Pipeline images as versioned JSON, and back.

Owns the stored form of every node kind, option, type and span. Refuses to execute or check anything beyond the hash:
an image whose graph does not have the hash it claims is not loaded.

Invariant: `decode_image(encode_image(image))` equals `image`, and encoding that again gives the same bytes.

A node is an array: its kind, then its fields in declaration order. Types are written once, in a table, and referred to
by index, because a program of a thousand statements uses a handful of types ten thousand times.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

import msgspec
import orjson

from constellation.errors import ConstellationError
from constellation.image import graph as g
from constellation.image.canonical import options_canon, structural_hash
from constellation.image.depth import allow_deep_expressions
from constellation.image.image import FORMAT, FORMAT_VERSION, PipelineImage
from constellation.types.model import (
    PRIMITIVES,
    Bottom,
    FunctionType,
    ListType,
    MapType,
    OptionalType,
    Primitive,
    RecordType,
    SeqType,
    Type,
    TypeVariable,
    UnionType,
)

Json = Any


class CodecError(ConstellationError):
    """Stored data that cannot be read or written."""

    default_code = "CODEC"
    default_category = "storage"


class CorruptImage(CodecError):
    """A stored image whose content does not have the hash it is stored under."""

    default_code = "IMAGE_CORRUPT"


class UnsupportedImage(CodecError):
    """An image in a format of a later version of this program."""

    default_code = "IMAGE_FORMAT"


_KINDS: Final[dict[str, type[Any]]] = {
    "in": g.InputRef,
    "ref": g.BindingRef,
    "param": g.ParameterRef,
    "bound": g.BoundRef,
    "lit": g.Literal,
    "call": g.CallNode,
    "op": g.Operation,
    "neg": g.Negate,
    "merge": g.MergeNode,
    "proj": g.ProjectNode,
    "field": g.FieldNode,
    "if": g.IfNode,
    "and": g.AndNode,
    "or": g.OrNode,
    "not": g.NotNode,
    "guard": g.GuardNode,
    "coalesce": g.CoalesceNode,
    "branch": g.BranchNode,
    "match": g.MatchNode,
    "interp": g.InterpolateNode,
    "list": g.ListNode,
    "rec": g.RecordNode,
    "lam": g.LambdaNode,
    "conv": g.ConvertNode,
    "arg": g.Argument,
    "case": g.Case,
    "arm": g.MatchCase,
    "is-record": g.RecordMatch,
    "is-type": g.TypeMatch,
    "is-any": g.AnyMatch,
    "entry": g.FieldValue,
    "options": g.CallOptions,
    "window": g.Window,
    "input": g.InputSpec,
    "let": g.Binding,
    "output": g.OutputSpec,
    "graph": g.Graph,
}
_NAMES: Final[dict[type[Any], str]] = {cls: name for name, cls in _KINDS.items()}
_FIELDS: Final[dict[type[Any], tuple[str, ...]]] = {cls: cls.__struct_fields__ for cls in _NAMES}


class _Encoder:
    """Writes nodes and collects their types in a table."""

    def __init__(self) -> None:
        self.types: list[Json] = []
        self._index: dict[str, int] = {}

    def type(self, type_: Type) -> int:
        spelled = str(type_) + "\0" + type_.key
        found = self._index.get(spelled)
        if found is None:
            found = self._index[spelled] = len(self.types)
            self.types.append(encode_type(type_))
        return found

    def value(self, value: object) -> Json:
        kind = _NAMES.get(type(value))
        if kind is not None:
            if kind == "options":
                return self._options(cast(g.CallOptions, value))
            return [kind, *[self.value(getattr(value, name)) for name in _FIELDS[type(value)]]]
        if isinstance(value, Type):
            return {"t": self.type(value)}
        if isinstance(value, tuple):
            return {"l": [self.value(item) for item in cast("tuple[object, ...]", value)]}
        if isinstance(value, float):
            return {"f": repr(value)}
        if value is None or isinstance(value, str | int | bool):
            return value
        raise CodecError(f"Failed to encode {type(value).__name__}: it is no part of a program")

    def _options(self, options: g.CallOptions) -> Json:
        set_ = {n: self.value(getattr(options, n)) for n in _FIELDS[g.CallOptions] if getattr(options, n) is not None}
        return ["options", set_]


class _Decoder:
    """Reads nodes back, given the table of types."""

    def __init__(self, types: list[Json]) -> None:
        self._types = [decode_type(item) for item in types]

    def value(self, data: Json) -> Any:
        if isinstance(data, list):
            return self._node(data)  # pyright: ignore[reportUnknownArgumentType]
        if isinstance(data, dict):
            return self._special(data)  # pyright: ignore[reportUnknownArgumentType]
        return data

    def _special(self, data: dict[str, Any]) -> Any:
        ((kind, content),) = data.items()
        if kind == "t":
            index: int = content
            return self._types[index]
        return float(content) if kind == "f" else tuple(self.value(item) for item in content)

    def _node(self, data: list[Any]) -> Any:
        kind, *fields = data
        if kind == "options":
            return g.CallOptions(**{name: self.value(item) for name, item in fields[0].items()})
        return _KINDS[kind](*[self.value(item) for item in fields])


def encode_type(type_: Type) -> Json:
    """A type as JSON that keeps the order of record fields and of union members."""
    match type_:
        case Primitive(name=name):
            return name
        case ListType(element=element):
            return ["List", encode_type(element)]
        case SeqType(element=element):
            return ["Seq", encode_type(element)]
        case OptionalType(inner=inner):
            return ["Optional", encode_type(inner)]
        case MapType(key_type=key, value_type=value):
            return ["Map", encode_type(key), encode_type(value)]
        case RecordType(fields=fields, row=row):
            return ["Record", [[name, encode_type(field)] for name, field in fields], row]
        case UnionType(members=members):
            return ["Union", *map(encode_type, members)]
        case FunctionType(parameters=parameters, result=result):
            return ["Function", [encode_type(p) for p in parameters], encode_type(result)]
        case TypeVariable(name=name, bounds=bounds):
            return ["Variable", name, *map(encode_type, bounds)]
        case Bottom():
            return "Nothing"
        case _:
            raise CodecError(f"Failed to encode type {type_}")


_TYPE_READERS: Final[dict[str, Callable[[list[Any]], Type]]] = {
    "List": lambda a: ListType(decode_type(a[0])),
    "Seq": lambda a: SeqType(decode_type(a[0])),
    "Optional": lambda a: OptionalType(decode_type(a[0])),
    "Map": lambda a: MapType(decode_type(a[0]), decode_type(a[1])),
    "Record": lambda a: RecordType(tuple((name, decode_type(t)) for name, t in a[0]), a[1]),
    "Union": lambda a: UnionType(tuple(map(decode_type, a))),
    "Function": lambda a: FunctionType(tuple(map(decode_type, a[0])), decode_type(a[1])),
    "Variable": lambda a: TypeVariable(a[0], tuple(map(decode_type, a[1:]))),
}


def decode_type(data: Json) -> Type:
    """The inverse of `encode_type`; primitives and `Nothing` come back as the shared constants."""
    if isinstance(data, str):
        found = _NAMED_TYPES.get(data)
        if found is None:
            raise CodecError(f"Unknown type: {data}")
        return found
    kind, *rest = cast("list[Any]", data)
    if kind not in _TYPE_READERS:
        raise CodecError(f"Unknown type: {kind}")
    return _TYPE_READERS[kind](rest)


def _named_types() -> dict[str, Type]:
    from constellation.types.model import NOTHING

    return {**PRIMITIVES, "Nothing": NOTHING}


_NAMED_TYPES: Final = _named_types()


def image_to_json(image: PipelineImage) -> dict[str, Json]:
    """The image as one JSON object (see `docs/identity.md`)."""
    allow_deep_expressions()
    encoder = _Encoder()
    ir = encoder.value(image.graph)
    return {
        "format": FORMAT,
        "formatVersion": FORMAT_VERSION,
        "structuralHash": image.structural_hash,
        "syntacticHash": image.syntactic_hash,
        "tokenHash": image.token_hash,
        "registryHash": image.registry_hash,
        "name": image.name,
        "source": image.source,
        "compiledAt": image.compiled_at,
        "compilerVersion": image.compiler_version,
        "optimizer": image.optimizer,
        "inputs": [{"name": i.name, "type": str(i.type), "wire": i.type.wire} for i in image.graph.inputs],
        "outputs": [{"name": o.name, "type": str(o.type), "wire": o.type.wire} for o in image.graph.outputs],
        "types": encoder.types,
        "ir": ir,
        "moduleOptions": _module_options(image.graph),
        "requires": [msgspec.to_builtins(r) for r in image.requires],
    }


def image_from_json(data: dict[str, Json], *, verify: bool = True) -> PipelineImage:
    """The image of a JSON object. Raises `CodecError` for what is no image, `CorruptImage` for a wrong hash."""
    if data.get("format") != FORMAT:
        raise CodecError("Failed to decode image: not a Constellation image")
    allow_deep_expressions()
    version = data.get("formatVersion")
    if not isinstance(version, int):
        raise CodecError(f"unsupported image format {version}")
    if version > FORMAT_VERSION:
        raise UnsupportedImage(f"unsupported image format {version}")
    try:
        image = _read(data)
        computed = structural_hash(image.graph) if verify else image.structural_hash
    except CodecError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise CodecError(f"Failed to decode image: {type(error).__name__}: {error}") from error
    if computed != image.structural_hash:
        raise CorruptImage(f"image corrupted: expected {image.structural_hash}, computed {computed}")
    return image


def _read(data: dict[str, Json]) -> PipelineImage:
    graph = _Decoder(data["types"]).value(data["ir"])
    if not isinstance(graph, g.Graph):
        raise CodecError("Failed to decode image: it holds no program")
    for name in ("structuralHash", "syntacticHash", "registryHash"):
        if not isinstance(data[name], str):
            raise CodecError(f"Failed to decode image: '{name}' is no text")
    return PipelineImage(
        structural_hash=data["structuralHash"],
        syntactic_hash=data["syntacticHash"],
        token_hash=data.get("tokenHash", ""),
        registry_hash=data["registryHash"],
        graph=graph,
        name=data.get("name"),
        source=data.get("source"),
        compiled_at=data.get("compiledAt", ""),
        compiler_version=data.get("compilerVersion", ""),
        optimizer=data.get("optimizer", ""),
        versions={r["name"]: (int(r["major"]), int(r["minor"])) for r in data.get("requires", ())},
    )


def encode_image(image: PipelineImage) -> bytes:
    """The image as JSON bytes with sorted keys: equal images, equal bytes."""
    return orjson.dumps(image_to_json(image), option=orjson.OPT_SORT_KEYS)


def decode_image(data: bytes | str, *, verify: bool = True) -> PipelineImage:
    """The image in JSON bytes; see `image_from_json`."""
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise CodecError(f"Failed to parse JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise CodecError("Failed to decode image: not an object")
    return image_from_json(cast("dict[str, Json]", parsed), verify=verify)


def _module_options(graph: g.Graph) -> dict[str, Json]:
    """Node key → options of every named call that has some: a convenience copy of what is in the program."""
    found: dict[str, Json] = {}
    for binding in graph.bindings:
        node = binding.expression
        while isinstance(node, g.ConvertNode):
            node = node.value
        if isinstance(node, g.CallNode) and node.options is not None:
            options = options_canon(node.options, with_fallback=False)
            if options:
                found[binding.key] = options
    return found
