"""Room for expressions nested as deeply as the language allows.

Owns the one change the package makes to the interpreter: walking an expression takes a few Python calls per level, and
the language allows 250 levels, on top of whatever the host program has on its stack. The limit is about calls between
Python functions, which cost memory, not C stack.

Invariant: the limit is raised when needed and never lowered, so threads cannot take it from one another.
"""

from __future__ import annotations

import sys
from typing import Final

CALLS: Final = 20_000


def allow_deep_expressions() -> None:
    """Make sure that an expression of the greatest allowed depth can be walked from here."""
    if sys.getrecursionlimit() < CALLS:
        sys.setrecursionlimit(CALLS)


allow_deep_expressions()
