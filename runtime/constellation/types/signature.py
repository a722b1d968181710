"""Signatures: what the compiler and the editor know of a function, and nothing of how it runs.

Invariant: a `FunctionSpec` is immutable data; the registry maps its qualified name to the thing that runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from constellation.types.model import Type


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named, typed parameter with a sentence about it (may be empty)."""

    name: str
    type: Type
    description: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """One overload. `last` marks an overload tried after all others that takes no part in error reports."""

    parameters: tuple[Parameter, ...]
    returns: Type
    last: bool = False

    def __str__(self) -> str:
        inside = ", ".join(f"{p.name}: {p.type}" for p in self.parameters)
        return f"({inside}) -> {self.returns}"


@dataclass(frozen=True, slots=True)
class FunctionSpec:
    """A function as programs see it.

    `qualified_name` is canonical and hashed (`stdlib.math.add`, `Uppercase`, `acme.text.shout`); `namespace` its
    dotted prefix or ""; `name` the last segment. `spellings` are all simple names it answers to inside its
    namespace, the canonical one first (for a host module just its own name, and declared aliases). `prelude` marks
    the standard library: visible unqualified, without `use`. `overloads` has one entry for host modules.
    """

    qualified_name: str
    namespace: str
    name: str
    overloads: tuple[Signature, ...]
    spellings: tuple[str, ...]
    description: str = ""
    version: tuple[int, int] = (1, 0)
    tags: tuple[str, ...] = ()
    pure: bool = False
    effectful: bool = False
    prelude: bool = False
    deprecated: str = ""
    examples: tuple[str, ...] = field(default=())
    generic: bool = False
    """Whether any overload mentions a type variable, a function type or an open record."""
