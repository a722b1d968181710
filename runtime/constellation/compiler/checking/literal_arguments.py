"""Functions whose type depends on literal arguments.

Owns their typing rules, by canonical name. Refuses every other call (`calls.py`).

Invariant: a rule either gives a `CallNode` or reports.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from constellation.compiler.context import Context
from constellation.image.graph import GraphExpression
from constellation.types.signature import FunctionSpec
from constellation_grammar import syntax

__all__ = ["LITERAL_RULES"]

Rule = Callable[[Context, syntax.Call, FunctionSpec], GraphExpression]

LITERAL_RULES: Final[dict[str, Rule]] = {}
