"""How the standard library declares its functions.

Owns `@standard`, the small reader of signature texts, and the collection of what was declared. Refuses to hold any
function itself.

Invariant: an implementation works on language values directly (`constellation.types.values`), so binding one costs
no conversion. One that takes lambdas carries its awaiting twin as the attribute `asynchronous`: same arguments, the
callables return awaitables, the result is awaited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from constellation.modules.module import Execution, Implementation, Module
from constellation.types.model import Type
from constellation.types.notation import parse_signature
from constellation.types.relations import is_generic
from constellation.types.signature import FunctionSpec, Signature

F = TypeVar("F", bound=Callable[..., Any])


class StandardError(Exception):
    """A standard function cannot produce a value; the text is exactly what its documentation says."""


@dataclass(frozen=True, slots=True)
class Site:
    """One resolved call of a function: which overload, with which concrete types."""

    overload: int
    parameter_types: tuple[Type, ...]
    returns: Type


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declared function. `binder` says that `implementation` makes the implementation for a `Site`."""

    namespace: str
    name: str
    signatures: tuple[str, ...]
    aliases: tuple[str, ...]
    implementation: Callable[..., Any]
    binder: bool
    effectful: bool
    execution: Execution
    tier: str
    description: str


@dataclass(slots=True)
class Namespace:
    """The declarations of one namespace, in one file."""

    name: str
    declared: list[Declaration] = field(default_factory=list[Declaration])

    def standard(
        self,
        name: str,
        *signatures: str,
        aliases: Iterable[str] = (),
        binder: bool = False,
        effectful: bool = False,
        execution: Execution = Execution.INLINE,
        tier: str = "core",
    ) -> Callable[[F], F]:
        """Declare the decorated function under a kebab-case name.

        A signature reads `(a: N, b: List<T>) -> Optional<T>`; a leading `last` marks an overload tried after all
        others. `binder=True`: the function takes a `Site` and returns the implementation for it.
        """

        def declare(function: F) -> F:
            text = (function.__doc__ or "").strip()
            self.declared.append(
                Declaration(self.name, name, signatures, tuple(aliases), function, binder, effectful, execution,
                            tier, text)
            )  # fmt: skip
            return function

        return declare


def extended(declared: Namespace) -> Callable[..., Callable[[F], F]]:
    """`standard` of a namespace for functions beyond the core set."""

    def standard(name: str, *signatures: str, **options: Any) -> Callable[[F], F]:
        return declared.standard(name, *signatures, tier="extended", **options)

    return standard


def twin(asynchronous: Callable[..., Any]) -> Callable[[F], F]:
    """Give an implementation that takes lambdas the variant whose lambdas are awaited."""

    def attach(function: F) -> F:
        setattr(function, "asynchronous", asynchronous)  # noqa: B010
        return function

    return attach


def pascal(name: str) -> str:
    """The twin spelling: `list-length` → `ListLength`."""
    return "".join(part[:1].upper() + part[1:] for part in name.split("-"))


def to_module(declaration: Declaration) -> Module:
    """The module a declaration stands for."""
    names = (declaration.name, *declaration.aliases)
    signatures = tuple(map(parse, declaration.signatures))
    implementation = declaration.implementation
    spec = FunctionSpec(
        qualified_name=f"{declaration.namespace}.{declaration.name}",
        namespace=declaration.namespace,
        name=declaration.name,
        overloads=signatures,
        spellings=tuple(dict.fromkeys([*names, *map(pascal, names)])),
        description=declaration.description,
        tags=("stdlib", declaration.tier),
        pure=not declaration.effectful,
        effectful=declaration.effectful,
        prelude=True,
        generic=any(is_generic(s.returns) or any(is_generic(p.type) for p in s.parameters) for s in signatures),
    )
    return Module(
        spec=spec,
        bind=_bind_per_site(implementation) if declaration.binder else _bind_always(implementation),
        execution=declaration.execution,
        cacheable=not declaration.effectful,
        function=implementation,
    )


def _bind_always(implementation: Implementation) -> Callable[[int, tuple[Type, ...], Type], Implementation]:
    return lambda overload, parameter_types, returns: implementation


def _bind_per_site(
    binder: Callable[[Site], Implementation],
) -> Callable[[int, tuple[Type, ...], Type], Implementation]:
    return lambda overload, parameter_types, returns: binder(Site(overload, parameter_types, returns))


def parse(text: str) -> Signature:
    """The signature of a declaration's text."""
    last = text.startswith("last ")
    _, signature = parse_signature("f" + text.removeprefix("last "), last)
    return signature
