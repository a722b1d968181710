"""What a few standard functions take from the run around them: its log listener, its instant, its randomness.

Owns the context variables an engine sets for a run. Refuses to set them itself.

Invariant: unset, every one has a sensible real source; set, nothing else is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from random import Random
from typing import Final

log_listener: Final[ContextVar[Callable[[str], None] | None]] = ContextVar("constellation_log_listener", default=None)
"""Gets the text of every `log` call of the run."""

run_clock: Final[ContextVar[Callable[[], float] | None]] = ContextVar("constellation_run_clock", default=None)
"""The instant of the run, in seconds since 1970: the same at every call."""

_unseeded: Final = Random()
generator: Final[ContextVar[Random]] = ContextVar("constellation_generator", default=_unseeded)
"""The engine's random generator; seeded, it makes runs repeatable."""
