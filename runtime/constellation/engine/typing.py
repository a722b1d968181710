"""Pipelines as typed Python functions, and results as typed Python objects.

Owns comparing Python shapes with a pipeline's. Refuses to convert by hand: `constellation.types.hints` does.

Invariant: a `TypedPipeline` that could be made never fails because of shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from constellation.errors import ConstellationError
from constellation.types.hints import conversion_of
from constellation.types.model import OptionalType, RecordType, Type
from constellation.types.relations import is_subtype

if TYPE_CHECKING:
    from constellation.engine.pipeline import Pipeline

I = TypeVar("I")  # noqa: E741
O = TypeVar("O")  # noqa: E741
T = TypeVar("T")


class ShapeMismatch(ConstellationError):
    """A Python class does not fit a pipeline's inputs or outputs; `differences` has one sentence each."""

    default_code = "SHAPE_MISMATCH"
    default_category = "type"

    def __init__(self, differences: list[str]) -> None:
        super().__init__("; ".join(differences))
        self.differences = tuple(differences)


class TypedPipeline(Generic[I, O]):
    """A pipeline from one class to another. Call it with an instance (a dict for a TypedDict)."""

    def __init__(self, pipeline: Pipeline, inputs: type[I], outputs: type[O]) -> None:
        self.pipeline = pipeline
        self._outputs = outputs
        graph = pipeline.image.graph
        declared = {spec.name: spec.type for spec in graph.inputs}
        produced = {spec.name: spec.type for spec in graph.outputs}
        differences = _inputs_differ(_fields(inputs), declared) + _outputs_differ(produced, _fields(outputs))
        if differences:
            raise ShapeMismatch(differences)
        self._names = tuple(declared)

    async def __call__(self, inputs: I, /) -> O:
        """Run it. Raises `RunFailed` when the run does not complete."""
        given: Mapping[str, Any] = (
            cast("Mapping[str, Any]", inputs)
            if isinstance(inputs, Mapping)
            else {name: getattr(inputs, name) for name in self._names}
        )
        result = (await self.pipeline.run(given)).raise_for_status()
        return result.as_(self._outputs)


def typed(pipeline: Pipeline, inputs: type[I], outputs: type[O]) -> TypedPipeline[I, O]:
    """The pipeline as a function between two classes. Raises `ShapeMismatch` listing every difference."""
    return TypedPipeline(pipeline, inputs, outputs)


def build(kind: type[T], values: Mapping[str, tuple[Type, Any]]) -> T:
    """An object of a record class from typed values. Raises `ShapeMismatch`."""
    differences = _outputs_differ({name: type_ for name, (type_, _) in values.items()}, _fields(kind))
    if differences:
        raise ShapeMismatch(differences)
    from constellation.engine.conversion import converter

    conversion = conversion_of(kind)
    wanted = _fields(kind)
    record: dict[str, Any] = {}
    for name, field in wanted.items():
        type_, value = values[name]
        convert = converter(type_, field)
        record[name] = value if convert is None else convert(value)
    made: T = record if conversion.from_value is None else conversion.from_value(record)  # type: ignore[assignment]
    return made


def _fields(kind: type[Any]) -> dict[str, Type]:
    type_ = conversion_of(kind).type
    if not isinstance(type_, RecordType):
        raise ShapeMismatch([f"{kind.__name__} is no record class"])
    return type_.by_name


def _inputs_differ(given: Mapping[str, Type], declared: Mapping[str, Type]) -> list[str]:
    found = [
        f"input '{name}' is missing in the class"
        for name, type_ in declared.items()
        if name not in given and not isinstance(type_, OptionalType)
    ]
    found += [f"the pipeline has no input '{name}'" for name in given if name not in declared]
    found += [
        f"input '{name}' is {declared[name]}, the class has {type_}"
        for name, type_ in given.items()
        if name in declared and not _fits(type_, declared[name])
    ]
    return found


def _outputs_differ(produced: Mapping[str, Type], wanted: Mapping[str, Type]) -> list[str]:
    found = [f"the pipeline has no output '{name}'" for name in wanted if name not in produced]
    found += [
        f"output '{name}' is {produced[name]}, the class has {type_}"
        for name, type_ in wanted.items()
        if name in produced and not _fits(produced[name], type_)
    ]
    return found


def _fits(source: Type, target: Type) -> bool:
    return is_subtype(source, target) or (isinstance(target, OptionalType) and is_subtype(source, target.inner))
