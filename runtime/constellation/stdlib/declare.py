"""How the standard library declares its functions.

Owns `@standard`, the small reader of signature texts, and the collection of what was declared. Refuses to hold any
function itself.

Invariant: an implementation works on language values directly (`constellation.types.values`), so binding one costs
no conversion. One that takes lambdas carries its awaiting twin as the attribute `asynchronous`: same arguments, the
callables return awaitables, the result is awaited.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, TypeVar

from constellation.modules.module import Execution, Implementation, Module
from constellation.types.model import (
    BOOLEAN,
    FLOAT,
    INT,
    PRIMITIVES,
    STRING,
    FunctionType,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    Type,
    TypeVariable,
)
from constellation.types.signature import FunctionSpec, Parameter, Signature

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
        generic=any(_OPEN.search(text) is not None for text in declaration.signatures),
    )
    return Module(
        spec=spec,
        bind=_bind_per_site(implementation) if declaration.binder else _bind_always(implementation),
        execution=declaration.execution,
        cacheable=not declaration.effectful,
        function=implementation,
    )


_OPEN: Final = re.compile(r"\b(?:[TUVWKNOA]|Record)\b|=>")


def _bind_always(implementation: Implementation) -> Callable[[int, tuple[Type, ...], Type], Implementation]:
    return lambda overload, parameter_types, returns: implementation


def _bind_per_site(
    binder: Callable[[Site], Implementation],
) -> Callable[[int, tuple[Type, ...], Type], Implementation]:
    return lambda overload, parameter_types, returns: binder(Site(overload, parameter_types, returns))


_NAMES: Final[dict[str, Type]] = {
    **PRIMITIVES,
    **{name: TypeVariable(name) for name in ("T", "U", "V", "W", "K", "A")},
    "N": TypeVariable("N", (INT, FLOAT)),
    "O": TypeVariable("O", (INT, FLOAT, STRING, BOOLEAN)),
    "Record": RecordType((), "r"),
}
_TOKEN: Final = re.compile(r"[A-Za-z]\w*|=>|->|[<>(){},:]")


@cache
def parse(text: str) -> Signature:
    """The signature of a text. Raises `ValueError` for a text that is none."""
    last = text.startswith("last ")
    reader = _Reader(_TOKEN.findall(text.removeprefix("last ")))
    reader.expect("(")
    parameters = [Parameter(name, type_) for name, type_ in reader.named(")")]
    reader.expect("->")
    returns = reader.type()
    if reader.tokens:
        raise ValueError(f"unexpected {reader.tokens[0]!r} in {text!r}")
    return Signature(tuple(parameters), returns, last)


class _Reader:
    """Reads types off a list of tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def expect(self, token: str) -> None:
        if self.tokens.pop(0) != token:
            raise ValueError(f"expected {token!r}")

    def named(self, closing: str) -> list[tuple[str, Type]]:
        found: list[tuple[str, Type]] = []
        while self.tokens[0] != closing:
            name = self.tokens.pop(0)
            self.expect(":")
            found.append((name, self.type()))
            if self.tokens[0] == ",":
                self.tokens.pop(0)
        self.tokens.pop(0)
        return found

    def type(self) -> Type:
        token = self.tokens.pop(0)
        if token == "{":
            return RecordType(tuple(self.named("}")))
        if token == "(":
            return self._function()
        if token in _NAMES:
            return _NAMES[token]
        self.expect("<")
        arguments = [self.type()]
        while self.tokens[0] == ",":
            self.tokens.pop(0)
            arguments.append(self.type())
        self.expect(">")
        if token == "Map":
            return MapType(arguments[0], arguments[1])
        return {"List": ListType, "Optional": OptionalType}[token](arguments[0])

    def _function(self) -> Type:
        parameters: list[Type] = []
        while self.tokens[0] != ")":
            parameters.append(self.type())
            if self.tokens[0] == ",":
                self.tokens.pop(0)
        self.tokens.pop(0)
        self.expect("=>")
        return FunctionType(tuple(parameters), self.type())
