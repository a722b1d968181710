"""A module: a function's specification together with what runs when it is called.

Invariant: a `Module` is immutable; replacing a module means registering another object under its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from constellation.types.model import Type
from constellation.types.signature import FunctionSpec

Implementation = Callable[..., Any]
"""Takes language values positionally (one per parameter, see `constellation.types.values`), returns one, or an
awaitable of one when the module is asynchronous. With `wants_context` a `ModuleContext` comes first.

A parameter of function type receives a callable over language values; when the lambda's body awaits, that callable
returns an awaitable (only offered to asynchronous modules; the engine refuses or adapts otherwise)."""


class Execution(Enum):
    """Where the body runs."""

    INLINE = "inline"
    ASYNC = "async"
    THREAD = "thread"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Module:
    """What the engine binds a call to.

    `bind(overload, parameter_types, returns)` gives the implementation for one resolved call site, conversions
    between language values and Python objects included; it is called once per site when a plan is made.
    Durations are seconds; None means no limit of its own.
    """

    spec: FunctionSpec
    bind: Callable[[int, tuple[Type, ...], Type], Implementation]
    execution: Execution = Execution.INLINE
    wants_context: bool = False
    timeout: float | None = None
    inputs_timeout: float | None = None
    cacheable: bool = True
    cache_key: Callable[[Mapping[str, object]], str] | None = None
    cache_ttl: float | None = None
    http: bool = False
    circuit_breaker: object = None
    function: Callable[..., Any] | None = None
    definition_context: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def name(self) -> str:
        """The qualified name."""
        return self.spec.qualified_name

    @property
    def signature(self) -> str:
        """The signature as people read it: `Shout(text: String) -> String`; overloads separated by `; `."""
        return "; ".join(f"{self.spec.name}{overload}" for overload in self.spec.overloads)

    @property
    def version(self) -> str:
        """The version as `major.minor`."""
        return "{}.{}".format(*self.spec.version)

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags."""
        return self.spec.tags

    @property
    def description(self) -> str:
        """What it does."""
        return self.spec.description

    @property
    def published(self) -> bool:
        """Whether it has an HTTP endpoint of its own."""
        return self.http
