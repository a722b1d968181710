"""`stdlib.random` (opt-in): values drawn from the engine's generator.

Invariant: never folded, merged or cached; a seeded engine draws the same values again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from constellation.stdlib.ambient import generator
from constellation.stdlib.declare import Namespace, StandardError
from constellation.stdlib.stats import refuse_empty

namespace = Namespace("stdlib.random")
standard = namespace.standard


@standard("random-int", "(low: Int, high: Int) -> Int", effectful=True, tier="random")
def random_int(low: int, high: int) -> int:
    """A random integer between two bounds, both included. Fails with `lower bound exceeds upper bound`."""
    if low > high:
        raise StandardError("lower bound exceeds upper bound")
    return generator().randint(low, high)


@standard("random-float", "() -> Float", effectful=True, tier="random")
def random_float() -> float:
    """A random number from 0.0 up to but without 1.0."""
    return generator().random()


@standard("random-choice", "(list: List<T>) -> T", effectful=True, tier="random")
def random_choice(items: Sequence[Any]) -> Any:
    """A random element. Fails with `list is empty`."""
    refuse_empty(items)
    return generator().choice(items)


@standard("uuid4", "() -> String", effectful=True, tier="random")
def uuid4() -> str:
    """A random UUID (version 4)."""
    from uuid import UUID

    return str(UUID(int=generator().getrandbits(128), version=4))
