"""Constellation: a small typed language for pipelines, and the engine that runs them inside any Python program.

    from constellation import Constellation, module

Names are imported when first used, so that `import constellation` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from constellation.compiler.cache import CompileCache as CompileCache
    from constellation.compiler.compiler import Compilation as Compilation
    from constellation.compiler.compiler import Compiler as Compiler
    from constellation.compiler.diagnostics import Diagnostic as Diagnostic
    from constellation.engine.breaker import CircuitBreakerConfig as CircuitBreakerConfig
    from constellation.engine.constellation import Constellation as Constellation
    from constellation.engine.current import CurrentExecution as CurrentExecution
    from constellation.engine.current import ExecutionIdFilter as ExecutionIdFilter
    from constellation.engine.current import current_execution as current_execution
    from constellation.engine.errors import CircuitOpenError as CircuitOpenError
    from constellation.engine.errors import CompileFailed as CompileFailed
    from constellation.engine.errors import ExecutionError as ExecutionError
    from constellation.engine.errors import ExecutionTimeoutError as ExecutionTimeoutError
    from constellation.engine.errors import InputAlreadyProvidedError as InputAlreadyProvidedError
    from constellation.engine.errors import InputTypeMismatchError as InputTypeMismatchError
    from constellation.engine.errors import InputValidationError as InputValidationError
    from constellation.engine.errors import MissingInputError as MissingInputError
    from constellation.engine.errors import ModuleNotFoundError_ as ModuleNotFoundError_
    from constellation.engine.errors import ModuleSignatureChangedError as ModuleSignatureChangedError
    from constellation.engine.errors import NodeAlreadyResolvedError as NodeAlreadyResolvedError
    from constellation.engine.errors import NodeTypeMismatchError as NodeTypeMismatchError
    from constellation.engine.errors import PipelineChangedError as PipelineChangedError
    from constellation.engine.errors import PipelineNotFoundError as PipelineNotFoundError
    from constellation.engine.errors import QueueFullError as QueueFullError
    from constellation.engine.errors import ResumeError as ResumeError
    from constellation.engine.errors import ResumeInProgressError as ResumeInProgressError
    from constellation.engine.errors import RunCancelled as RunCancelled
    from constellation.engine.errors import RunFailed as RunFailed
    from constellation.engine.errors import ShutdownRejectedError as ShutdownRejectedError
    from constellation.engine.errors import SuspensionNotFoundError as SuspensionNotFoundError
    from constellation.engine.errors import UnexpectedInputError as UnexpectedInputError
    from constellation.engine.errors import UnknownNodeError as UnknownNodeError
    from constellation.engine.handle import ExecutionHandle as ExecutionHandle
    from constellation.engine.lifecycle import ConstellationLifecycle as ConstellationLifecycle
    from constellation.engine.observing import ConstellationBackends as ConstellationBackends
    from constellation.engine.observing import Event as Event
    from constellation.engine.observing import ExecutionListener as ExecutionListener
    from constellation.engine.observing import MetricsProvider as MetricsProvider
    from constellation.engine.observing import TracerProvider as TracerProvider
    from constellation.engine.options import ExecutionOptions as ExecutionOptions
    from constellation.engine.options import Priority as Priority
    from constellation.engine.pipeline import Pipeline as Pipeline
    from constellation.engine.result import ExecutionResult as ExecutionResult
    from constellation.engine.result import Metadata as Metadata
    from constellation.engine.result import Status as Status
    from constellation.engine.result_cache import CacheBackend as CacheBackend
    from constellation.engine.result_cache import CacheEntry as CacheEntry
    from constellation.engine.result_cache import CacheStats as CacheStats
    from constellation.engine.result_cache import InMemoryCache as InMemoryCache
    from constellation.engine.scheduler import GlobalScheduler as GlobalScheduler
    from constellation.engine.typing import ShapeMismatch as ShapeMismatch
    from constellation.engine.typing import TypedPipeline as TypedPipeline
    from constellation.engine.typing import typed as typed
    from constellation.errors import ConstellationError as ConstellationError
    from constellation.image.image import PipelineImage as PipelineImage
    from constellation.modules.context import ModuleContext as ModuleContext
    from constellation.modules.decorator import module as module
    from constellation.modules.errors import DuplicateModule as DuplicateModule
    from constellation.modules.errors import ModuleDefinitionError as ModuleDefinitionError
    from constellation.modules.errors import ModuleError as ModuleError
    from constellation.modules.errors import NonRetryable as NonRetryable
    from constellation.modules.library import library as library
    from constellation.modules.module import Module as Module
    from constellation.stores.files import FileSystemPipelineStore as FileSystemPipelineStore
    from constellation.stores.memory import InMemoryPipelineStore as InMemoryPipelineStore
    from constellation.stores.memory import InMemorySuspensionStore as InMemorySuspensionStore
    from constellation.stores.protocols import PipelineInUse as PipelineInUse
    from constellation.stores.protocols import PipelineStore as PipelineStore
    from constellation.stores.protocols import StoreError as StoreError
    from constellation.stores.protocols import SuspensionStore as SuspensionStore
    from constellation.stores.suspension import SuspendedExecution as SuspendedExecution
    from constellation.types.codecs import register_type as register_type
    from constellation.types.hints import Doc as Doc
    from constellation.types.hints import N as N
    from constellation.types.hints import Ord as Ord
    from constellation.types.hints import Seq as Seq
    from constellation.versions import CanaryConfig as CanaryConfig

_HOMES = {
    "constellation.compiler.cache": ("CompileCache",),
    "constellation.compiler.compiler": (
        "Compilation",
        "Compiler",
    ),
    "constellation.compiler.diagnostics": ("Diagnostic",),
    "constellation.engine.breaker": ("CircuitBreakerConfig",),
    "constellation.engine.constellation": ("Constellation",),
    "constellation.engine.current": ("CurrentExecution", "ExecutionIdFilter", "current_execution"),
    "constellation.engine.errors": (
        "CircuitOpenError",
        "CompileFailed",
        "ExecutionError",
        "ExecutionTimeoutError",
        "InputAlreadyProvidedError",
        "InputTypeMismatchError",
        "InputValidationError",
        "MissingInputError",
        "ModuleNotFoundError_",
        "ModuleSignatureChangedError",
        "NodeAlreadyResolvedError",
        "NodeTypeMismatchError",
        "PipelineChangedError",
        "PipelineNotFoundError",
        "QueueFullError",
        "ResumeError",
        "ResumeInProgressError",
        "RunCancelled",
        "RunFailed",
        "ShutdownRejectedError",
        "SuspensionNotFoundError",
        "UnexpectedInputError",
        "UnknownNodeError",
    ),
    "constellation.engine.handle": ("ExecutionHandle",),
    "constellation.engine.lifecycle": ("ConstellationLifecycle",),
    "constellation.engine.observing": (
        "ConstellationBackends",
        "Event",
        "ExecutionListener",
        "MetricsProvider",
        "TracerProvider",
    ),
    "constellation.engine.options": (
        "ExecutionOptions",
        "Priority",
    ),
    "constellation.engine.pipeline": ("Pipeline",),
    "constellation.engine.result": (
        "ExecutionResult",
        "Metadata",
        "Status",
    ),
    "constellation.engine.result_cache": (
        "CacheBackend",
        "CacheEntry",
        "CacheStats",
        "InMemoryCache",
    ),
    "constellation.engine.scheduler": ("GlobalScheduler",),
    "constellation.engine.typing": (
        "ShapeMismatch",
        "TypedPipeline",
        "typed",
    ),
    "constellation.errors": ("ConstellationError",),
    "constellation.image.image": ("PipelineImage",),
    "constellation.modules.context": ("ModuleContext",),
    "constellation.modules.decorator": ("module",),
    "constellation.modules.errors": (
        "DuplicateModule",
        "ModuleDefinitionError",
        "ModuleError",
        "NonRetryable",
    ),
    "constellation.modules.library": ("library",),
    "constellation.modules.module": ("Module",),
    "constellation.stores.files": ("FileSystemPipelineStore",),
    "constellation.stores.memory": (
        "InMemoryPipelineStore",
        "InMemorySuspensionStore",
    ),
    "constellation.stores.protocols": (
        "PipelineInUse",
        "PipelineStore",
        "StoreError",
        "SuspensionStore",
    ),
    "constellation.stores.suspension": ("SuspendedExecution",),
    "constellation.types.codecs": ("register_type",),
    "constellation.types.hints": (
        "Doc",
        "N",
        "Ord",
        "Seq",
    ),
    "constellation.versions": ("CanaryConfig",),
}
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
