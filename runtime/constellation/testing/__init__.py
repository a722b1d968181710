"""Tools for testing pipelines and modules: virtual time, recorded calls, engines for tests."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from constellation.testing.clock import FakeClock as FakeClock
    from constellation.testing.engines import RecordedCall as RecordedCall
    from constellation.testing.engines import engine_for_tests as engine_for_tests
    from constellation.testing.engines import record_calls as record_calls

_HOMES = {
    "FakeClock": "constellation.testing.clock",
    "RecordedCall": "constellation.testing.engines",
    "engine_for_tests": "constellation.testing.engines",
    "record_calls": "constellation.testing.engines",
}

__all__ = sorted(_HOMES)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'constellation.testing' has no attribute '{name}'")
    return getattr(importlib.import_module(home), name)
