"""The editor's figures: keystroke → diagnostics, completion and hover at two sizes, and start → first diagnostics.

A keystroke is measured from the frame that brings it to the frame that carries its diagnostics, JSON included, with no
debounce in between. The start is a real `constellation lsp` process.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from constellation.engine.constellation import Constellation
from constellation.stdlib.demo import demo_modules
from constellation_lsp.session import Session, create_session
from constellation_lsp.transports.framing import FrameReader, FramingError, with_headers

URI = "file:///bench.cst"
SIZES = (100, 1000)
KEYSTROKES = 400
GOALS = {
    ("keystroke", 100): 10.0, ("keystroke", 1000): 25.0, ("completion", 100): 10.0, ("completion", 1000): 10.0,
    ("hover", 100): 5.0, ("hover", 1000): 5.0,
}  # fmt: skip
START_GOAL = 700.0


def program(statements: int) -> str:
    """A chain of calls with a record, a condition and an interpolation here and there."""
    lines = ["in text: String", "n0 = Trim(text)"]
    for number in range(1, statements - 2):
        before = f"n{number - 1}"
        kinds = (f"Uppercase({before})", f"Lowercase({before})", f'"${{{before}}}!"', f"Trim(Uppercase({before}))")
        lines.append(f"n{number} = {kinds[number % 4]}")
    return "\n".join([*lines, f"out n{statements - 3}", ""])


class AtOnce:
    """A timer that calls back on request: the debounce is left out."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def time(self) -> float:
        return time.perf_counter()

    def call_later(self, delay: float, callback: Callable[[], None]) -> Any:
        self.due.append(callback)
        return self

    def cancel(self) -> None:
        """Only the newest call is made."""

    def run(self) -> None:
        """Makes the newest call."""
        callback = self.due.pop()
        self.due.clear()
        callback()


class Bench:
    """A session with one open document."""

    def __init__(self, engine: Constellation, statements: int) -> None:
        self.frames: list[str] = []
        self.timer = AtOnce()
        self.session: Session = create_session(engine, self.frames.append, timer=self.timer)
        self.statements = statements
        self.version = 1
        self._send(
            {"id": 0, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}}
        )
        document = {"uri": URI, "languageId": "constellation", "version": 1, "text": program(statements)}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        self.timer.run()

    def _send(self, message: dict[str, Any]) -> None:
        self.session.receive(json.dumps({"jsonrpc": "2.0", **message}))

    def keystroke(self, number: int) -> None:
        """Types a letter into, or deletes it from, a function name in the middle of the text."""
        self.version += 1
        line = self.statements // 2 + number // 2 % 7
        at = {"line": line, "character": 3}
        end = {"line": line, "character": 4 if number % 2 else 3}
        change = {"range": {"start": at, "end": end}, "text": "" if number % 2 else "x"}
        identifier = {"uri": URI, "version": self.version}
        self._send(
            {"method": "textDocument/didChange", "params": {"textDocument": identifier, "contentChanges": [change]}}
        )
        self.timer.run()

    def ask(self, method: str, line: int, character: int) -> None:
        """A request at a position."""
        params = {"textDocument": {"uri": URI}, "position": {"line": line, "character": character}}
        self._send({"id": 1, "method": method, "params": params})


def milliseconds(work: Callable[[], None]) -> float:
    """How long one call takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def percentile(values: list[float], share: float) -> float:
    """The value below which that share lies."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def keystrokes(bench: Bench, count: int = KEYSTROKES) -> list[float]:
    """Times from edit to diagnostics."""
    return [milliseconds(lambda n=number: bench.keystroke(n)) for number in range(count)]  # type: ignore[misc]


def requests(bench: Bench, method: str, count: int = KEYSTROKES) -> list[float]:
    """Times of requests, each after an edit of another declaration so that nothing is remembered whole."""
    found: list[float] = []
    for number in range(count):
        bench.keystroke(number)
        line = 2 + number * 7 % (bench.statements - 4)
        found.append(milliseconds(lambda at=line: bench.ask(method, at, 8)))  # type: ignore[misc]
    return found


def start_to_first_diagnostics() -> float:
    """Milliseconds from starting `constellation lsp` to the diagnostics of the first document."""
    command = [sys.executable, "-m", "constellation_server", "lsp", "--stdio", "--demo"]
    begun = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        document = {"uri": URI, "languageId": "constellation", "version": 1, "text": program(100)}
        for message in (
            {"id": 0, "method": "initialize", "params": {"processId": None, "rootUri": None, "capabilities": {}}},
            {"method": "textDocument/didOpen", "params": {"textDocument": document}},
        ):
            process.stdin.write(with_headers(json.dumps({"jsonrpc": "2.0", **message}).encode()))
        process.stdin.flush()
        reader = FrameReader()
        took = 0.0
        while not took and (chunk := process.stdout.read1(65536)):  # type: ignore[attr-defined]
            for found in reader.feed(chunk):
                if not isinstance(found, FramingError) and b"publishDiagnostics" in found:
                    took = (time.perf_counter() - begun) * 1000
        process.stdin.close()
    return took


def row(name: str, size: int, values: list[float], share: float) -> str:
    """A line of the table."""
    measured = percentile(values, share)
    goal = GOALS[name, size]
    p50 = percentile(values, 0.5)
    verdict = "ok" if measured <= goal else "OVER"
    return f"{name:<12}{size:>12,}{p50:>10.2f}{measured:>10.2f}  p{share * 100:.0f}{goal:>10.1f}  {verdict}"


async def measure() -> list[str]:
    """The table's lines."""
    lines = [f"{'':<12}{'statements':>12}{'p50 ms':>10}{'high ms':>10}     {'goal ms':>9}"]
    gc.collect()
    gc.freeze()  # as `constellation lsp` does
    async with Constellation(modules=demo_modules()) as engine:
        for size in SIZES:
            bench = Bench(engine, size)
            keystrokes(bench, 20)
            lines.append(row("keystroke", size, keystrokes(bench), 0.95))
            lines.append(row("completion", size, requests(bench, "textDocument/completion"), 0.99))
            lines.append(row("hover", size, requests(bench, "textDocument/hover"), 0.99))
            bench.session.close()
    starts = sorted(start_to_first_diagnostics() for _ in range(5))
    verdict = "ok" if starts[2] <= START_GOAL else "OVER"
    lines.append(f"{'start':<12}{'':>12}{starts[2]:>10.0f}{starts[-1]:>10.0f}  max{START_GOAL:>9.0f}  {verdict}")
    return lines


def main() -> None:
    """Print the table."""
    print("\n".join(asyncio.run(measure())))


if __name__ == "__main__":
    main()
