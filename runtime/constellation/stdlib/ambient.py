"""What a few standard functions take from the run around them: its log listener, its instant, its randomness.

Owns the context variable an engine sets for a run. Refuses to set it itself.

Invariant: outside of runs every one has a sensible real source; inside, nothing else is looked at.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from random import Random
from typing import Final


class Surroundings:
    """What one run has around it. `wall` reads its engine's clock, in seconds since 1970; `listener` gets the text of
    every `log` call; `generator` is the engine's source of chance."""

    __slots__ = ("_instant", "_wall", "generator", "listener")

    def __init__(
        self, wall: Callable[[], float], generator: Random, listener: Callable[[str], None] | None = None
    ) -> None:
        self._wall = wall
        self._instant: float | None = None
        self.generator = generator
        self.listener = listener

    def instant(self) -> float:
        """The instant of the run: the same at every call."""
        if self._instant is None:
            self._instant = self._wall()
        return self._instant


surroundings: Final[ContextVar[Surroundings | None]] = ContextVar("constellation_surroundings", default=None)
"""Those of the run this code is part of."""

_unseeded: Final = Random()


def generator() -> Random:
    """Where chance comes from here."""
    around = surroundings.get()
    return _unseeded if around is None else around.generator


def instant() -> float:
    """The present, in seconds since 1970."""
    around = surroundings.get()
    return time.time() if around is None else around.instant()
