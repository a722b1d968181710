"""Measuring: interleaved repetitions, medians, and a table of figures with their goal and ratio to an anchor.

Host speed wanders, so every figure is printed beside an anchor measured in the same run.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One measured figure. Times are microseconds; `goal` is the budget, None without one."""

    what: str
    microseconds: float
    goal: float | None = None


def median_us(action: Callable[[], object], repeat: int = 15, number: int = 1) -> float:
    """The median time of one call, over `repeat` batches of `number` calls, garbage collection off."""
    samples: list[float] = []
    enabled = gc.isenabled()
    gc.disable()
    try:
        for _ in range(repeat):
            started = time.perf_counter()
            for _ in range(number):
                action()
            samples.append((time.perf_counter() - started) / number * 1e6)
    finally:
        if enabled:
            gc.enable()
    return statistics.median(samples)


def percentile(samples: Iterable[float], share: float) -> float:
    """The smallest sample that at least `share` of all samples do not exceed."""
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def anchor_us() -> float:
    """The anchor: a thousand calls of a one-line function."""

    def upper(text: str) -> str:
        return text.upper()

    def batch() -> None:
        for _ in range(1000):
            upper("hello")

    return median_us(batch, repeat=31)


def table(rows: Iterable[Row], anchor: float) -> None:
    """Print figures, their goals and their ratio to the anchor (1,000 bare calls)."""
    print(f"{'':58} {'measured':>12} {'goal':>12} {'× anchor':>10}")
    for row in rows:
        goal = "" if row.goal is None else _time(row.goal)
        mark = "" if row.goal is None or row.microseconds <= row.goal else "  over"
        print(f"{row.what:58} {_time(row.microseconds):>12} {goal:>12} {row.microseconds / anchor:>10.2f}{mark}")
    print(f"{'anchor: 1,000 bare function calls':58} {_time(anchor):>12}")


def _time(microseconds: float) -> str:
    return f"{microseconds / 1000:.2f} ms" if microseconds >= 1000 else f"{microseconds:.2f} µs"
