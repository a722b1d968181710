"""`@module`: marks a Python function as a module.

Owns the options of a definition. Refuses to look at annotations: that happens when the module is registered
(`definition.py`), so that decorating is cheap and forward references work.

Invariant: the decorated object is still the plain function.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import FrameType
from typing import Any, Final, Literal, TypeVar, overload

F = TypeVar("F", bound=Callable[..., Any])

ATTRIBUTE: Final = "__constellation_module__"

Duration = float | int | timedelta
Example = str | Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ModuleOptions:
    """Everything `@module` was told. Durations are seconds or `timedelta`; None means not given."""

    name: str | None = None
    aliases: tuple[str, ...] = ()
    namespace: str | None = None
    version: str = "1.0"
    tags: tuple[str, ...] = ()
    description: str | None = None
    timeout: Duration | None = None
    inputs_timeout: Duration | None = None
    pure: bool = False
    effectful: bool = False
    cacheable: bool = True
    cache_key: Callable[[Mapping[str, object]], str] | None = None
    cache_ttl: Duration | None = None
    blocking: bool | Literal["process"] = False
    http: bool = False
    circuit_breaker: object = None
    examples: tuple[Example, ...] = ()
    deprecated: str = ""
    definition_context: Mapping[str, object] = field(default_factory=dict[str, object])
    names: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Local names visible where the function was decorated, for its annotations."""


@overload
def module(function: F, /) -> F: ...


@overload
def module(
    *,
    name: str | None = None,
    aliases: Sequence[str] = (),
    namespace: str | None = None,
    version: str = "1.0",
    tags: Sequence[str] = (),
    description: str | None = None,
    timeout: Duration | None = None,
    inputs_timeout: Duration | None = None,
    timeout_ms: int | None = None,
    inputs_timeout_ms: int | None = None,
    pure: bool = False,
    effectful: bool = False,
    cacheable: bool = True,
    cache_key: Callable[[Mapping[str, object]], str] | None = None,
    cache_ttl: Duration | None = None,
    blocking: bool | Literal["process"] = False,
    http: bool = False,
    circuit_breaker: object = None,
    examples: Sequence[Example] = (),
    deprecated: str = "",
    definition_context: Mapping[str, object] | None = None,
) -> Callable[[F], F]: ...


def module(
    function: F | None = None,
    /,
    *,
    timeout_ms: int | None = None,
    inputs_timeout_ms: int | None = None,
    aliases: Sequence[str] = (),
    tags: Sequence[str] = (),
    examples: Sequence[Example] = (),
    definition_context: Mapping[str, object] | None = None,
    **options: Any,
) -> F | Callable[[F], F]:
    """Make a function callable from programs.

    The name is the function's in PascalCase unless `name` is given; types come from its annotations, descriptions
    from its docstring. `async def` runs on the event loop; `def` runs inline on it and must not block, unless
    `blocking=True` (a thread) or `blocking="process"` (a process pool; picklable values only). `pure=True` allows
    calls to be merged and folded; `effectful=True` forbids automatic caching and removal.

    Nothing is checked here; registering the module raises `ModuleDefinitionError` with everything that is wrong.
    """
    if timeout_ms is not None:
        options["timeout"] = timeout_ms / 1000
    if inputs_timeout_ms is not None:
        options["inputs_timeout"] = inputs_timeout_ms / 1000
    collected = ModuleOptions(
        aliases=tuple(aliases),
        tags=tuple(tags),
        examples=tuple(examples),
        definition_context=dict(definition_context or {}),
        names=_local_names(inspect.currentframe()),
        **options,
    )

    def mark(marked: F) -> F:
        setattr(marked, ATTRIBUTE, collected)
        return marked

    return mark if function is None else mark(function)


def _local_names(frame: FrameType | None) -> Mapping[str, Any]:
    """The names local to the functions around the caller of this frame, for annotations that are text."""
    names: dict[str, Any] = {}
    caller = frame.f_back if frame is not None else None
    while caller is not None and caller.f_locals is not caller.f_globals and len(names) < 1000:
        names = {**caller.f_locals, **names}
        caller = caller.f_back if "__qualname__" in caller.f_locals else None
    return names


def options_of(function: object) -> ModuleOptions | None:
    """The options of a decorated function (or of the function behind a bound method); None when not decorated."""
    found = getattr(function, ATTRIBUTE, None)
    return found if isinstance(found, ModuleOptions) else None
