"""An editor for tests: a session in this process, a clock that stands still, and the messages it was sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from constellation.engine.constellation import Constellation
from constellation_lsp.session import Session, create_session

JSON = dict[str, Any]
URI = "file:///project/main.cst"


async def settle() -> None:
    """Lets tasks that only wait for each other come to an end."""
    for _ in range(30):
        await asyncio.sleep(0)


class Pending:
    """A scheduled call."""

    def __init__(self, due: float, callback: Callable[[], None]) -> None:
        self.due = due
        self.callback = callback
        self.cancelled_ = False

    def cancel(self) -> None:
        self.cancelled_ = True


class StillClock:
    """A timer on which time passes only when the test says so; `work` is what each reading of the clock costs."""

    def __init__(self) -> None:
        self.now = 0.0
        self.work = 0.0
        self._pending: list[Pending] = []

    def time(self) -> float:
        self.now += self.work
        return self.now

    def call_later(self, delay: float, callback: Callable[[], None]) -> Any:
        made = Pending(self.now + delay, callback)
        self._pending.append(made)
        return made

    def advance(self, seconds: float = 0.0) -> None:
        """Lets time pass and makes the calls that are due, in order."""
        end = self.now + seconds
        while due := sorted((p for p in self._pending if p.due <= end and not p.cancelled_), key=lambda p: p.due):
            self._pending.remove(due[0])
            self.now = max(self.now, due[0].due)
            due[0].callback()
        self.now = max(self.now, end)

    @property
    def waiting(self) -> list[float]:
        """Delays of the calls still to come."""
        return sorted(round(p.due - self.now, 6) for p in self._pending if not p.cancelled_)


@dataclass
class Editor:
    """Sends requests to a session and reads what comes back."""

    engine: Constellation
    options: JSON = field(default_factory=dict[str, Any])
    frames: list[str] = field(default_factory=list[str])
    clock: StillClock = field(default_factory=StillClock)
    closed_with: list[int] = field(default_factory=list[int])
    next_id: int = 0
    version: int = 1

    def __post_init__(self) -> None:
        self.session: Session = create_session(
            self.engine, self.frames.append, on_close=self.closed_with.append, timer=self.clock, **self.options
        )

    def raw(self, frame: str | bytes) -> None:
        """Sends a frame as it is."""
        self.session.receive(frame)

    def send(self, method: str, params: Any = None, identifier: int | str | None = None) -> None:
        """Sends a request (with an identifier) or a notification."""
        message: JSON = {"jsonrpc": "2.0", "method": method, "params": params}
        if identifier is not None:
            message["id"] = identifier
        self.session.receive(json.dumps(message))

    def ask(self, method: str, params: Any = None) -> JSON:
        """The response to a request that is answered at once."""
        self.next_id += 1
        self.send(method, params, self.next_id)
        return self.answers[-1]

    @property
    def messages(self) -> list[JSON]:
        """Everything received."""
        return [json.loads(frame) for frame in self.frames]

    @property
    def answers(self) -> list[JSON]:
        """The responses received."""
        return [m for m in self.messages if "method" not in m]

    def start(self, capabilities: JSON | None = None, options: JSON | None = None) -> Editor:
        """The handshake."""
        self.ask("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities or {},
                                "initializationOptions": options or {}})  # fmt: skip
        self.send("initialized", {})
        return self

    def open(self, text: str, uri: str = URI) -> Editor:
        """Opens a document and lets its diagnostics come."""
        document = {"uri": uri, "languageId": "constellation", "version": 1, "text": text}
        self.send("textDocument/didOpen", {"textDocument": document})
        self.clock.advance()
        return self

    def type(self, line: int, character: int, text: str, *, over: int = 0) -> None:
        """Types a text, replacing `over` characters to the right."""
        self.version += 1
        where = {"start": {"line": line, "character": character}, "end": {"line": line, "character": character + over}}
        identifier = {"uri": URI, "version": self.version}
        change = {"range": where, "text": text}
        self.send("textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]})

    @property
    def published(self) -> list[JSON]:
        """The diagnostics notifications, in order."""
        return [m["params"] for m in self.messages if m.get("method") == "textDocument/publishDiagnostics"]

    @property
    def codes(self) -> list[str]:
        """The codes of the latest diagnostics."""
        return [d["code"] for d in self.published[-1]["diagnostics"]]
