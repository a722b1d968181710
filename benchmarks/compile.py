"""Compiling: cold, after a one-statement edit, and from the caches, for simple and dense programs."""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.timing import Row, anchor_us, median_us, table
from constellation.compiler.checker import Checker
from constellation.engine.constellation import Constellation
from constellation_grammar.document import Document

_fresh = itertools.count()
_SIMPLE = {10: 1500.0, 50: 4000.0, 100: 8000.0}
_DENSE = {10: 2500.0, 50: 8000.0, 100: 16000.0}
_EDIT = {100: 2000.0, 1000: 12000.0}


def simple(count: int, prefix: str) -> str:
    """`n7 = Uppercase(n6)`, count times."""
    steps = "".join(f"{prefix}{i + 1} = Uppercase({prefix}{i})\n" for i in range(count))
    return f"in {prefix}0: String\n{steps}out {prefix}{count}\n"


def dense(count: int, prefix: str) -> str:
    """Nested calls, records and lists, about 21 tokens a line."""
    p = prefix
    line = "{p}{j} = {{ a: add({p}{i}.a, {i}), b: [multiply({p}{i}.a, 2), {i}] }}\n"
    steps = "".join(line.format(p=p, i=i, j=i + 1) for i in range(count))
    return f"in {prefix}0: {{ a: Int, b: List<Int> }}\n{steps}out {prefix}{count}\n"


def _name() -> str:
    return f"v{next(_fresh)}_"


def _cold(engine: Constellation, make: Callable[[int, str], str], count: int) -> float:
    return median_us(lambda: engine.compile_result(make(count, _name())))


def _edited(engine: Constellation, count: int) -> float:
    name = _name()
    text = simple(count, name)
    engine.compile_result(text)
    middle = f"{name}{count // 2} = Uppercase("
    numbers = itertools.count()
    return median_us(lambda: engine.compile_result(text.replace(middle, f'x{next(numbers)} = "a"\n{middle}')))


def _editor(engine: Constellation, count: int) -> tuple[float, float, float]:
    """Microseconds of one edit: the program again, checking it again, and the tree alone."""
    document = Document(simple(count, _name()))
    checker = Checker(engine.modules.table)
    checked = checker.check(document.program)
    line = count // 2
    _ = document.tree
    program: list[float] = []
    check: list[float] = []
    tree: list[float] = []
    for _round in range(15):
        started = time.perf_counter()
        document.apply((line, 0), (line, 0), "a")
        current = document.program
        middle = time.perf_counter()
        checked = checker.check(current, checked)
        end = time.perf_counter()
        _ = document.tree
        tree.append((time.perf_counter() - end) * 1e6)
        program.append((middle - started) * 1e6)
        check.append((end - middle) * 1e6)
    return statistics.median(program), statistics.median(check), statistics.median(tree)


def main() -> None:
    """Measure and print."""
    anchor = anchor_us()
    with tempfile.TemporaryDirectory() as folder:
        engine = Constellation(name=Path(folder).name)
        _cold(engine, simple, 100)
        rows = [Row(f"cold, {n} simple statements", _cold(engine, simple, n), goal) for n, goal in _SIMPLE.items()]
        rows += [Row(f"cold, {n} dense statements", _cold(engine, dense, n), goal) for n, goal in _DENSE.items()]
        rows += [Row(f"after a one-statement edit, {n} statements", _edited(engine, n), g) for n, g in _EDIT.items()]
        for count in (100, 1000):
            program, check, tree = _editor(engine, count)
            rows.append(Row(f"editor, one edit in {count} statements: program", program))
            rows.append(Row(f"editor, one edit in {count} statements: check", check))
            rows.append(Row(f"editor, one edit in {count} statements: tree-sitter re-parse", tree))
        text = simple(100, _name())
        engine.compile_result(text)
        rows.append(Row("cache hit in memory", median_us(lambda: engine.compile_result(text), 31, 100), 20.0))
        table(rows, anchor)


if __name__ == "__main__":
    main()
