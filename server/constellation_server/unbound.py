"""Runs that cannot begin because a module the image needs is missing or has another signature now.

Owns what is answered for them: a failed run, as if the call had failed. Invariant: nothing was run, so nothing is kept
and nothing that was kept changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from constellation.engine.errors import ExecutionError, ModuleNotFoundError_, ModuleSignatureChangedError
from constellation.engine.execution import new_execution_id
from constellation.engine.result import ExecutionResult, Metadata, Status
from constellation.image.image import calls_in

if TYPE_CHECKING:
    from constellation.image.image import PipelineImage

UNBINDABLE: Final = (ModuleNotFoundError_, ModuleSignatureChangedError)
Unbindable = ModuleNotFoundError_ | ModuleSignatureChangedError


def unbound_run(
    image: PipelineImage, problem: Unbindable, execution_id: str | None = None, resumption_count: int = 0
) -> ExecutionResult:
    """The failed run of an image that cannot be bound."""
    module = problem.module_name
    failed = ExecutionError(_node_of(image, module), module, problem.message, problem.code)
    return ExecutionResult(
        execution_id or new_execution_id(),
        image.structural_hash,
        Status.FAILED,
        tuple(output.name for output in image.graph.outputs),
        dict,
        {},
        dict,
        {},
        (failed,),
        Metadata(),
        resumption_count,
    )


def _node_of(image: PipelineImage, module: str) -> str:
    """The declaration that calls the module first."""
    for binding in image.graph.bindings:
        if any(call.written == module for call in calls_in(binding.expression)):
            return binding.key.rpartition("#")[0]
    return next(
        (o.name for o in image.graph.outputs if any(c.written == module for c in calls_in(o.expression))), module
    )
