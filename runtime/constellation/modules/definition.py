"""From a decorated function to a `Module`: signature from annotations, checks, conversions around the body.

Owns the rules of a definition and their wording. Refuses to register anything.

Invariant: `define` raises `ModuleDefinitionError` with every problem of the function, each naming the module and,
where one is to blame, the parameter.
"""

from __future__ import annotations

import functools
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from constellation.modules.binding import Body, bind_body
from constellation.modules.context import ModuleContext
from constellation.modules.decorator import Duration, Example, ModuleOptions, options_of
from constellation.modules.docstrings import read_docstring
from constellation.modules.errors import ModuleDefinitionError
from constellation.modules.module import Execution, Module
from constellation.types.conversion import Conversion
from constellation.types.hints import HintError, conversion_of, description_of
from constellation.types.relations import is_generic
from constellation.types.signature import FunctionSpec, Parameter, Signature
from constellation_grammar.syntax import RESERVED_WORDS

IDENTIFIER: Final = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")
_VERSION: Final = re.compile(r"(\d+)\.(\d+)")


def pascal_case(name: str) -> str:
    """`keyword_density` → `KeywordDensity`; words already mixed keep their capitals."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[_-]+", name) if part)


def define(function: Callable[..., Any], options: ModuleOptions | None = None) -> Module:
    """The module a decorated function (or bound method) stands for. Raises `ModuleDefinitionError`."""
    found = options or options_of(function)
    if found is None:
        name = getattr(function, "__name__", repr(function))
        raise ModuleDefinitionError([f"{name} is no module; decorate it with @module"])
    return _Definition(function, found).build()


def split_name(name: str, namespace: str | None) -> tuple[str, str]:
    """Namespace and last segment of a name that may itself be dotted."""
    full = f"{namespace}.{name}" if namespace else name
    prefix, _, last = full.rpartition(".")
    return prefix, last


def name_problems(name: str, namespace: str) -> list[str]:
    """What is wrong with a module's name, in sentences."""
    problems: list[str] = []
    for part in [*(namespace.split(".") if namespace else ()), name]:
        if not IDENTIFIER.fullmatch(part):
            problems.append(f"'{part}' is not a name (letters, digits, _ and inner hyphens)")
    if name in RESERVED_WORDS and not namespace:
        problems.append(f"'{name}' is a reserved word")
    if namespace == "stdlib" or namespace.startswith("stdlib."):
        problems.append("the namespace stdlib belongs to the standard library")
    return problems


@dataclass(slots=True)
class _Found:
    parameter: Parameter
    conversion: Conversion
    keyword: bool


class _Definition:
    """One definition under examination."""

    def __init__(self, function: Callable[..., Any], options: ModuleOptions) -> None:
        self._function = function
        self._options = options
        own = options.name or pascal_case(getattr(function, "__name__", ""))
        self._namespace, self._name = split_name(own, options.namespace)
        self._problems: list[str] = []
        self._description, self._described = read_docstring(function.__doc__)
        self._parameters: list[_Found] = []
        self._context: str | None = None

    def build(self) -> Module:
        self._check_options()
        hints = self._hints()
        result: Conversion | None = None
        if hints is not None:
            self._read_parameters(hints)
            result = self._read_result(hints)
        if self._problems or result is None:
            shown = f"{self._namespace}.{self._name}".lstrip(".")
            raise ModuleDefinitionError(f"Module '{shown}': {p}" for p in self._problems)
        return self._module(result)

    def _check_options(self) -> None:
        options = self._options
        self._problems += name_problems(self._name, self._namespace)
        for alias in options.aliases:
            if not IDENTIFIER.fullmatch(alias):
                self._problems.append(f"alias '{alias}' is not a name")
            elif alias in RESERVED_WORDS:
                self._problems.append(f"alias '{alias}' is a reserved word")
        if not _VERSION.fullmatch(options.version):
            self._problems.append(f"version '{options.version}' is not written major.minor")
        if options.pure and options.effectful:
            self._problems.append("is marked pure and effectful; choose one")
        if options.blocking and inspect.iscoroutinefunction(self._function):
            self._problems.append("is async and blocking; a blocking module is a plain def")
        for label, duration in (("timeout", options.timeout), ("inputs_timeout", options.inputs_timeout),
                                ("cache_ttl", options.cache_ttl)):  # fmt: skip
            if duration is not None and (_seconds(duration) or 0) <= 0:
                self._problems.append(f"{label} must be positive")

    def _hints(self) -> dict[str, Any] | None:
        target = inspect.unwrap(getattr(self._function, "__func__", self._function))
        scope = {**self._options.names, **_enclosed(target)}
        try:
            return typing.get_type_hints(target, localns=scope, include_extras=True)
        except NameError as error:
            self._problems.append(f"an annotation cannot be read: {error}")
        except TypeError as error:
            self._problems.append(f"annotations cannot be read: {error}")
        return None

    def _read_parameters(self, hints: Mapping[str, Any]) -> None:
        for name, parameter in inspect.signature(self._function).parameters.items():
            label = f"parameter '{name}'"
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                stars = "*" if parameter.kind is parameter.VAR_POSITIONAL else "**"
                self._problems.append(f"{label}: {stars}{name} is not possible; name every parameter")
            elif name not in hints:
                self._problems.append(f"{label} has no annotation")
            elif _is_context(hints[name]):
                self._context = name
            elif parameter.default is not parameter.empty and parameter.default is not None:
                self._problems.append(
                    f"{label} has a default value; the language has no default arguments. Annotate it as optional "
                    f"(X | None), or define two modules"
                )
            else:
                self._read_parameter(name, hints[name], parameter)

    def _read_parameter(self, name: str, hint: Any, parameter: inspect.Parameter) -> None:
        label = f"parameter '{name}'"
        try:
            conversion = conversion_of(hint, parameter=True, names=self._options.names)
        except HintError as error:
            self._problems.append(f"{label}: {error}")
            return
        if name in RESERVED_WORDS:
            self._problems.append(f"{label} is a reserved word")
        described = description_of(hint) or self._described.get(name, "")
        keyword = parameter.kind is parameter.KEYWORD_ONLY
        self._parameters.append(_Found(Parameter(name, conversion.type, described), conversion, keyword))

    def _read_result(self, hints: Mapping[str, Any]) -> Conversion | None:
        if "return" not in hints:
            self._problems.append("has no return annotation")
            return None
        try:
            return conversion_of(hints["return"], names=self._options.names)
        except HintError as error:
            self._problems.append(f"result: {error}")
            return None

    def _module(self, result: Conversion) -> Module:
        options = self._options
        signature = Signature(tuple(f.parameter for f in self._parameters), result.type)
        major, minor = (int(n) for n in options.version.split("."))
        spec = FunctionSpec(
            qualified_name=f"{self._namespace}.{self._name}".lstrip("."),
            namespace=self._namespace,
            name=self._name,
            overloads=(signature,),
            spellings=(self._name, *options.aliases),
            description=options.description if options.description is not None else self._description,
            version=(major, minor),
            tags=options.tags,
            pure=options.pure,
            effectful=options.effectful,
            deprecated=options.deprecated,
            examples=tuple(map(_example_text, options.examples)),
            generic=is_generic(result.type) or any(is_generic(f.parameter.type) for f in self._parameters),
        )
        body = Body(
            function=self._function,
            names=tuple(f.parameter.name for f in self._parameters),
            keywords=any(f.keyword for f in self._parameters),
            context=self._context,
            incoming=tuple(f.conversion.from_value for f in self._parameters),
            outgoing=result.to_value,
        )
        execution = self._execution()
        bound = functools.cache(lambda: bind_body(body, execution))
        return Module(
            spec=spec,
            bind=lambda overload, parameter_types, returns: bound(),
            execution=execution,
            wants_context=self._context is not None,
            timeout=_seconds(options.timeout),
            inputs_timeout=_seconds(options.inputs_timeout),
            cacheable=options.cacheable,
            cache_key=options.cache_key,
            cache_ttl=_seconds(options.cache_ttl),
            http=options.http,
            circuit_breaker=options.circuit_breaker,
            function=self._function,
            definition_context=options.definition_context,
        )

    def _execution(self) -> Execution:
        if inspect.iscoroutinefunction(inspect.unwrap(self._function)):
            return Execution.ASYNC
        if self._options.blocking == "process":
            return Execution.PROCESS
        return Execution.THREAD if self._options.blocking else Execution.INLINE


def _is_context(hint: Any) -> bool:
    return hint is ModuleContext or ModuleContext in typing.get_args(hint)


def _seconds(duration: Duration | None) -> float | None:
    if duration is None:
        return None
    return duration.total_seconds() if isinstance(duration, timedelta) else float(duration)


def _enclosed(function: Any) -> dict[str, Any]:
    """The free variables of a nested function: names its annotations may use."""
    code, cells = getattr(function, "__code__", None), getattr(function, "__closure__", None)
    found: dict[str, Any] = {}
    for name, cell in zip(code.co_freevars if code else (), cells or (), strict=False):
        try:
            found[name] = cell.cell_contents
        except ValueError:
            continue
    return found


def _example_text(example: Example) -> str:
    if isinstance(example, str):
        return example
    import json

    return json.dumps(dict(example), ensure_ascii=False, default=str)
