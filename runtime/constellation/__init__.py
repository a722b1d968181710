"""Constellation: a small typed language for pipelines, and the engine that runs them inside any Python program.

    from constellation import Constellation, module

Names are imported when first used, so that `import constellation` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from constellation.compiler.cache import CompileCache
    from constellation.compiler.compiler import Compilation, Compiler
    from constellation.compiler.diagnostics import Diagnostic
    from constellation.engine.constellation import Constellation
    from constellation.engine.errors import (
        CircuitOpenError,
        CompileFailed,
        ExecutionError,
        ExecutionTimeoutError,
        InputAlreadyProvidedError,
        InputTypeMismatchError,
        InputValidationError,
        MissingInputError,
        ModuleNotFoundError_,
        ModuleSignatureChangedError,
        NodeAlreadyResolvedError,
        NodeTypeMismatchError,
        PipelineChangedError,
        PipelineNotFoundError,
        QueueFullError,
        ResumeError,
        ResumeInProgressError,
        RunCancelled,
        RunFailed,
        ShutdownRejectedError,
        SuspensionNotFoundError,
        UnexpectedInputError,
        UnknownNodeError,
    )
    from constellation.engine.lifecycle import ConstellationLifecycle
    from constellation.engine.options import ExecutionOptions, Priority
    from constellation.engine.pipeline import Pipeline
    from constellation.engine.result import ExecutionResult, Metadata, Status
    from constellation.errors import ConstellationError
    from constellation.image.image import PipelineImage
    from constellation.modules.context import ModuleContext
    from constellation.modules.decorator import module
    from constellation.modules.errors import DuplicateModule, ModuleDefinitionError, ModuleError, NonRetryable
    from constellation.modules.library import library
    from constellation.modules.module import Module
    from constellation.stores.memory import InMemoryPipelineStore, InMemorySuspensionStore
    from constellation.stores.protocols import PipelineInUse, PipelineStore, StoreError, SuspensionStore
    from constellation.stores.suspension import SuspendedExecution

_HOMES = {
    "constellation.compiler.cache": ("CompileCache",),
    "constellation.compiler.compiler": ("Compilation", "Compiler"),
    "constellation.compiler.diagnostics": ("Diagnostic",),
    "constellation.engine.constellation": ("Constellation",),
    "constellation.engine.errors": (
        "CircuitOpenError", "CompileFailed", "ExecutionError", "ExecutionTimeoutError", "InputAlreadyProvidedError",
        "InputTypeMismatchError", "InputValidationError", "MissingInputError", "ModuleNotFoundError_",
        "ModuleSignatureChangedError", "NodeAlreadyResolvedError", "NodeTypeMismatchError", "PipelineChangedError",
        "PipelineNotFoundError", "QueueFullError", "ResumeError", "ResumeInProgressError", "RunCancelled", "RunFailed",
        "ShutdownRejectedError", "SuspensionNotFoundError", "UnexpectedInputError", "UnknownNodeError",
    ),
    "constellation.engine.lifecycle": ("ConstellationLifecycle",),
    "constellation.engine.options": ("ExecutionOptions", "Priority"),
    "constellation.engine.pipeline": ("Pipeline",),
    "constellation.engine.result": ("ExecutionResult", "Metadata", "Status"),
    "constellation.errors": ("ConstellationError",),
    "constellation.image.image": ("PipelineImage",),
    "constellation.modules.context": ("ModuleContext",),
    "constellation.modules.decorator": ("module",),
    "constellation.modules.errors": ("DuplicateModule", "ModuleDefinitionError", "ModuleError", "NonRetryable"),
    "constellation.modules.library": ("library",),
    "constellation.modules.module": ("Module",),
    "constellation.stores.memory": ("InMemoryPipelineStore", "InMemorySuspensionStore"),
    "constellation.stores.protocols": ("PipelineInUse", "PipelineStore", "StoreError", "SuspensionStore"),
    "constellation.stores.suspension": ("SuspendedExecution",),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'constellation' has no attribute '{name}'")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME_OF})
