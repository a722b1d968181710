"""The example library: modules to try things with, loaded on request only.

Owns their collection. Each `demo_modules()` has counters of its own, so every engine starts fresh. The text and data
functions of the original examples (`Uppercase`, `WordCount`, `Average`, …) are the standard library's own spellings.

Invariant: delays scale with `delay_scale`; at 0 nothing waits.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from constellation.modules.module import Module

__all__ = ["DELAY_SCALE_VARIABLE", "demo_modules"]

DELAY_SCALE_VARIABLE: Final = "CONSTELLATION_DEMO_DELAY_SCALE"


def demo_modules(delay_scale: float | None = None) -> list[Module]:
    """A fresh set of the example modules.

    `delay_scale` multiplies their delays (1.0 = as described, 0 = none); without it the environment variable
    `CONSTELLATION_DEMO_DELAY_SCALE` decides, else 1.0.
    """
    from constellation.modules.library import library
    from constellation.stdlib.demo.data import DataExamples
    from constellation.stdlib.demo.delays import Delays
    from constellation.stdlib.demo.resilience import ResilienceExamples
    from constellation.stdlib.demo.seeds import SeedExamples

    scale = float(os.environ.get(DELAY_SCALE_VARIABLE, "1")) if delay_scale is None else delay_scale
    delays = Delays(scale)
    sources = (SeedExamples(), ResilienceExamples(delays), DataExamples(delays))
    return [module for source in sources for module in library(source)]
