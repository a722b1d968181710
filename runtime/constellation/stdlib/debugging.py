"""`stdlib` and `stdlib.debug`: the value itself, and looking at values as they pass.

Invariant: nothing here writes to standard output.
"""

from __future__ import annotations

from typing import Any, Final

from constellation.stdlib.ambient import surroundings
from constellation.stdlib.declare import Namespace
from constellation.stdlib.limits import text_form

root = Namespace("stdlib")
namespace = Namespace("stdlib.debug")

LOGGER: Final = "constellation.lang"


@root.standard("identity", "(value: T) -> T")
def identity(value: Any) -> Any:
    """The value itself."""
    return value


@namespace.standard("log", "(message: T) -> T", effectful=True)
def log(message: Any) -> Any:
    """Writes the text form of a value to the log and gives the value back. Listeners of the run hear of it too."""
    import logging

    text = text_form(message)
    logging.getLogger(LOGGER).info("[constellation-lang] %s", text)
    around = surroundings.get()
    if around is not None and around.listener is not None:
        around.listener(text)
    return message
