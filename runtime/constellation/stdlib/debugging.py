"""`stdlib` and `stdlib.debug`: the value itself, and looking at values as they pass.

Invariant: nothing here writes to standard output.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from constellation.stdlib.declare import Namespace
from constellation.types.text import render_text

root = Namespace("stdlib")
namespace = Namespace("stdlib.debug")

LOGGER: Final = "constellation.lang"

on_log: ContextVar[Callable[[str], None] | None] = ContextVar("constellation_on_log", default=None)
"""Set by an engine around a run: gets the text of every `log` call, for the run's listener."""


@root.standard("identity", "(value: T) -> T")
def identity(value: Any) -> Any:
    """The value itself."""
    return value


@namespace.standard("log", "(message: T) -> T", effectful=True)
def log(message: Any) -> Any:
    """Writes the text form of a value to the log and gives the value back."""
    import logging

    text = render_text(message)
    logging.getLogger(LOGGER).info("[constellation-lang] %s", text)
    listener = on_log.get()
    if listener is not None:
        listener(text)
    return message
