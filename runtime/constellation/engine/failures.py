"""How a failed node is described to people.

Invariant: a call is named as the program wrote it, an operator by the variable it works for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from constellation.engine.errors import (
    ExecutionError,
    ModuleExecutionError,
    ModuleNotFoundError_,
    OperatorError,
    RetryExhaustedError,
)
from constellation.engine.layout import Node, Site

if TYPE_CHECKING:
    from constellation.engine.run_state import RunState


def describe(run: RunState, node: Node, site: Site | None, error: BaseException) -> ExecutionError:
    """The failure of a node: of its call `site`, or of an operator in it."""
    if site is None:
        described = OperatorError(node.variable, error)
        return ExecutionError(node.name, None, described.message, described.code, node.key, cause=error)
    bound = run.plan.sites[site.index]
    wrapped = ModuleExecutionError(bound.written, error)
    code = error.code if isinstance(error, ModuleNotFoundError_) else wrapped.code
    attempts = run.attempts.get(site.key, 1)
    history = error.errors if isinstance(error, RetryExhaustedError) else ()
    return ExecutionError(
        site_name(node, site), bound.written, wrapped.message, code, site.key, attempts, history, error
    )


def site_name(node: Node, site: Site) -> str:
    """What a call is called in results: the variable it is the value of, else its key."""
    return node.name if site.cell == node.cell or site.key == node.key else site.key
