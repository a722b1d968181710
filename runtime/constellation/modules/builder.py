"""Modules built step by step, for those whose signature is known only at run time.

Owns the builder. Refuses nothing the decorator accepts; functions and types go through the same conversions.

Invariant: a builder is immutable; every step gives a new one.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from constellation.modules.binding import Body, bind_body
from constellation.modules.decorator import Duration
from constellation.modules.definition import name_problems, split_name
from constellation.modules.errors import ModuleDefinitionError
from constellation.modules.module import Execution, Module
from constellation.types.conversion import Conversion
from constellation.types.hints import HintError, conversion_of
from constellation.types.json import decode, encode_python
from constellation.types.model import Type
from constellation.types.notation import NotationError, parse_type
from constellation.types.relations import is_generic
from constellation.types.signature import FunctionSpec, Parameter, Signature

TypeLike = Any
"""A Python annotation, a language type, or a type's text such as `List<Int>`."""


@dataclass(frozen=True, slots=True)
class ModuleBuilder:
    """Start with `metadata`, give an implementation, end with `build`."""

    name: str
    description: str = ""
    major: int = 1
    minor: int = 0
    tag_names: tuple[str, ...] = ()
    timeout: float | None = None
    waiting: float | None = None
    context: Mapping[str, object] = field(default_factory=dict[str, object])
    published: bool = False
    function: Callable[..., Any] | None = None
    is_pure: bool = False
    notes_context: bool = False

    @classmethod
    def metadata(
        cls, name: str, description: str = "", major: int = 1, minor: int = 0, tags: tuple[str, ...] = ()
    ) -> ModuleBuilder:
        """A builder of the module `name` (dots separate its namespace)."""
        return cls(name, description, major, minor, tuple(tags))

    def tags(self, *tags: str) -> ModuleBuilder:
        """With these tags."""
        return replace(self, tag_names=tags)

    def version(self, major: int, minor: int) -> ModuleBuilder:
        """With that version."""
        return replace(self, major=major, minor=minor)

    def module_timeout(self, duration: Duration) -> ModuleBuilder:
        """With a limit (seconds or `timedelta`) for one call."""
        return replace(self, timeout=_seconds(duration))

    def inputs_timeout(self, duration: Duration) -> ModuleBuilder:
        """With a limit (seconds or `timedelta`) for waiting until its inputs are there."""
        return replace(self, waiting=_seconds(duration))

    def definition_context(self, facts: Mapping[str, object]) -> ModuleBuilder:
        """With facts shown beside the module."""
        return replace(self, context=dict(facts))

    def http_endpoint(self, published: bool = True) -> ModuleBuilder:
        """With an HTTP endpoint of its own."""
        return replace(self, published=published)

    def implementation(self, function: Callable[..., Awaitable[object]]) -> ModuleBuilder:
        """Run by an asynchronous function of the inputs, in order."""
        return replace(self, function=function, is_pure=False, notes_context=False)

    def implementation_pure(self, function: Callable[..., object]) -> ModuleBuilder:
        """Run by a plain function without effects; calls may be merged and folded."""
        return replace(self, function=function, is_pure=True, notes_context=False)

    def implementation_with_context(self, function: Callable[..., Any]) -> ModuleBuilder:
        """Run by a function that returns the result and facts about the call: `(value, {...})`."""
        return replace(self, function=function, is_pure=False, notes_context=True)

    def map(self, change: Callable[[Any], Any]) -> ModuleBuilder:
        """With every result changed."""
        return replace(self, function=_after(self._given(), change, self.notes_context))

    def contra_map(self, change: Callable[..., tuple[Any, ...]]) -> ModuleBuilder:
        """With the inputs changed before the call: `change(*inputs)` returns the new ones as a tuple."""
        function = self._given()
        if inspect.iscoroutinefunction(function):

            async def awaited(*values: Any) -> Any:
                return await function(*change(*values))

            return replace(self, function=awaited)

        def called(*values: Any) -> Any:
            return function(*change(*values))

        return replace(self, function=called)

    def bi_map(self, before: Callable[..., tuple[Any, ...]], after: Callable[[Any], Any]) -> ModuleBuilder:
        """With inputs changed before the call and the result after it."""
        return self.contra_map(before).map(after)

    def build(self, *, inputs: Mapping[str, TypeLike], output: TypeLike) -> Module:
        """The module with these inputs and that result. Raises `ModuleDefinitionError` with every problem."""
        namespace, name = split_name(self.name, None)
        problems = name_problems(name, namespace)
        if self.function is None:
            problems.append("has no implementation")
        found: dict[str, Conversion] = {}
        for parameter, annotation in {**inputs, "": output}.items():
            try:
                found[parameter] = _conversion(annotation, parameter=parameter != "")
            except (HintError, NotationError) as error:
                problems.append(f"{f'parameter {parameter!r}' if parameter else 'result'}: {error}")
        if problems:
            raise ModuleDefinitionError(f"Module '{self.name}': {problem}" for problem in problems)
        return self._module(namespace, name, found, found.pop(""))

    def _module(self, namespace: str, name: str, inputs: dict[str, Conversion], output: Conversion) -> Module:
        function = self._given()
        signature = Signature(tuple(Parameter(n, c.type) for n, c in inputs.items()), output.type)
        spec = FunctionSpec(
            qualified_name=self.name,
            namespace=namespace,
            name=name,
            overloads=(signature,),
            spellings=(name,),
            description=self.description,
            version=(self.major, self.minor),
            tags=self.tag_names,
            pure=self.is_pure,
            generic=any(is_generic(c.type) for c in (*inputs.values(), output)),
        )
        execution = Execution.ASYNC if inspect.iscoroutinefunction(function) else Execution.INLINE
        body = Body(
            function=_noting(function) if self.notes_context else function,
            names=tuple(inputs),
            keywords=False,
            context="context" if self.notes_context else None,
            incoming=tuple(c.from_value for c in inputs.values()),
            outgoing=output.to_value,
            positional=True,
        )
        bound = bind_body(body, execution)
        return Module(
            spec=spec,
            bind=lambda overload, parameter_types, returns: bound,
            execution=execution,
            wants_context=self.notes_context,
            timeout=self.timeout,
            inputs_timeout=self.waiting,
            http=self.published,
            function=function,
            definition_context=self.context,
        )

    def _given(self) -> Callable[..., Any]:
        if self.function is None:
            raise ModuleDefinitionError([f"Module '{self.name}': has no implementation"])
        return self.function


def _seconds(duration: Duration) -> float:
    return duration.total_seconds() if isinstance(duration, timedelta) else float(duration)


def _conversion(annotation: TypeLike, parameter: bool) -> Conversion:
    type_ = parse_type(annotation) if isinstance(annotation, str) else annotation
    if isinstance(type_, Type):
        if is_generic(type_):
            return Conversion(type_, None, None, lambda _: True)
        return Conversion(type_, decode(type_), encode_python(type_), lambda _: True)
    return conversion_of(annotation, parameter=parameter)


def _after(function: Callable[..., Any], change: Callable[[Any], Any], noting: bool) -> Callable[..., Any]:
    def changed(returned: Any) -> Any:
        return (change(returned[0]), returned[1]) if noting else change(returned)

    if inspect.iscoroutinefunction(function):

        async def awaited(*values: Any) -> Any:
            return changed(await function(*values))

        return awaited

    def called(*values: Any) -> Any:
        return changed(function(*values))

    return called


def _noting(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its facts written into the context, which comes first."""
    if inspect.iscoroutinefunction(function):

        async def awaited(context: Any, *values: Any) -> Any:
            returned, facts = await function(*values)
            context.note(**facts)
            return returned

        return awaited

    def called(context: Any, *values: Any) -> Any:
        returned, facts = function(*values)
        context.note(**facts)
        return returned

    return called
