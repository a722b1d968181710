"""What goes wrong while running, as exceptions and as data.

Owns the classes and texts of run-time and resume errors. Refuses to know compile errors (diagnostics) and storage
errors (the stores').

Invariant: a message names what failed and why in one sentence; traces stay in `__cause__`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from constellation.errors import ConstellationError, cause_text
from constellation.types.problems import InputProblem

if TYPE_CHECKING:
    from constellation.compiler.diagnostics import Diagnostic
    from constellation.engine.result import ExecutionResult


@dataclass(frozen=True, slots=True)
class ExecutionError:
    """One failed node of a run. `cause` is the original exception, with its traceback."""

    node_name: str
    module_name: str | None
    message: str
    code: str
    node_key: str = ""
    attempts: int = 1
    errors_per_attempt: tuple[str, ...] = ()
    cause: BaseException | None = field(default=None, compare=False)

    def to_json(self) -> dict[str, object]:
        """The error for a response: no traceback, no class names of the host program."""
        return {
            "code": self.code,
            "message": self.message,
            "node": self.node_name,
            "module": self.module_name,
            "attempts": self.attempts,
        }


class ModuleExecutionError(ConstellationError):
    """`Module 'X' execution failed: …`."""

    default_code = "MODULE_EXECUTION"

    def __init__(self, module_name: str, cause: BaseException) -> None:
        super().__init__(f"Module '{module_name}' execution failed: {cause_text(cause)}", context={})
        self.module_name = module_name
        self.__cause__ = cause


class OperatorFailure(ArithmeticError):
    """An operator has no result for its operands."""


class OperatorError(ConstellationError):
    """`Operation failed in 'x': …`."""

    default_code = "OPERATION_FAILED"

    def __init__(self, variable: str, cause: BaseException) -> None:
        super().__init__(f"Operation failed in '{variable}': {cause_text(cause)}")
        self.__cause__ = cause


class ModuleNotFoundError_(ConstellationError):
    """A program calls a module that is not registered (any more)."""

    default_code = "MODULE_NOT_FOUND"

    def __init__(self, name: str) -> None:
        super().__init__(f"Module '{name}' not found in namespace", context={"module": name})
        self.module_name = name


class ModuleSignatureChangedError(ConstellationError):
    """A module is registered with another signature than the program was compiled against."""

    default_code = "MODULE_SIGNATURE_CHANGED"

    def __init__(self, name: str, expected: str, found: str) -> None:
        super().__init__(
            f"Module '{name}' changed its signature: the pipeline was compiled against {expected}, "
            f"the registered one is {found}; compile the source again",
            context={"module": name},
        )
        self.module_name = name


class RetryExhaustedError(ConstellationError):
    """Every attempt of a call with `retry` failed."""

    default_code = "RETRY_EXHAUSTED"

    def __init__(self, module_name: str, attempts: int, errors: Sequence[str]) -> None:
        first = attempts - len(errors) + 1
        lines = [f"  Attempt {first + i}: {text}" for i, text in enumerate(errors)]
        super().__init__("\n".join([f"{module_name} failed after {attempts} attempts:", *lines]))
        self.module_name = module_name
        self.attempts = attempts
        self.errors = tuple(errors)


class ModuleTimeoutError(ConstellationError):
    """An attempt took longer than its limit."""

    default_code = "MODULE_TIMEOUT"

    def __init__(self, module_name: str, limit: str, waiting: bool = False) -> None:
        doing = "timed out waiting for inputs after" if waiting else "timed out after"
        super().__init__(f"Module {module_name} {doing} {limit}")


class CircuitOpenError(ConstellationError):
    """A module failed too often; its calls are refused for a while."""

    default_code = "CIRCUIT_OPEN"

    def __init__(self, module_name: str) -> None:
        super().__init__(f"Circuit breaker open for module '{module_name}'")


class QueueFullError(ConstellationError):
    """The scheduler's queue has no room."""

    default_code = "QUEUE_FULL"

    def __init__(self, queued: int, limit: int) -> None:
        super().__init__(f"Scheduler queue is full ({queued}/{limit})")


class SchedulerShutdownError(ConstellationError):
    """The scheduler takes no more work."""

    default_code = "SHUTDOWN"

    def __init__(self) -> None:
        super().__init__("Scheduler is shutting down")


@dataclass(frozen=True, slots=True)
class CompileError:
    """One error of a program that does not compile. `line` and `column` count from 1."""

    code: str
    message: str
    line: int
    column: int
    suggestions: tuple[str, ...]
    diagnostic: Diagnostic

    def __str__(self) -> str:
        return f"Line {self.line}: {self.message}"


class CompileFailed(ConstellationError):
    """A program has errors; `errors` lists them in the order of the text, `diagnostics` is what the compiler said."""

    default_code = "COMPILATION_FAILED"
    default_category = "compiler"

    def __init__(self, diagnostics: Sequence[Diagnostic], source: str = "") -> None:
        self.diagnostics = tuple(diagnostics)
        self.source = source
        self.errors = tuple(_compile_error(diagnostic, source) for diagnostic in diagnostics)
        first = self.errors[0].message if self.errors else "unknown error"
        more = f" (and {len(self.errors) - 1} more)" if len(self.errors) > 1 else ""
        super().__init__(f"Compilation failed: {first}{more}")

    def __str__(self) -> str:
        return self.message

    def render(self, color: bool = False) -> str:
        """The errors for people: source excerpts with carets."""
        from constellation.compiler.rendering import render_all

        return render_all(self.diagnostics, self.source, colour=color)


def _compile_error(diagnostic: Diagnostic, source: str) -> CompileError:
    before = source[: diagnostic.start]
    line, column = before.count("\n") + 1, diagnostic.start - (before.rfind("\n") + 1) + 1
    return CompileError(diagnostic.code, diagnostic.message, line, column, diagnostic.suggestions, diagnostic)


class InputValidationError(ConstellationError):
    """Inputs that cannot be used; nothing ran. `problems` lists all of them."""

    default_code = "INPUT_VALIDATION"

    def __init__(self, message: str, problems: Iterable[InputProblem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class MissingInputError(InputValidationError):
    """A required input is absent and the caller asked for an error instead of a suspension."""

    default_code = "MISSING_INPUT"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__("; ".join(f"Missing required input: '{name}'" for name in names))
        self.names = tuple(names)


class UnexpectedInputError(InputValidationError):
    """Inputs the program does not declare. `problems` lists them and whatever else is wrong with the inputs."""

    default_code = "UNEXPECTED_INPUT"

    def __init__(
        self,
        names: Sequence[str],
        suggestions: Mapping[str, str] | None = None,
        others: Sequence[InputProblem] = (),
    ) -> None:
        texts = [_unexpected(name, (suggestions or {}).get(name)) for name in names]
        unknown = [InputProblem(n, "no such input", "a value", t) for n, t in zip(names, texts, strict=True)]
        problems = (*unknown, *others)
        super().__init__("; ".join(p.message for p in problems), problems)
        self.names = tuple(names)
        self.suggestions = dict(suggestions or {})


def _unexpected(name: str, suggestion: str | None) -> str:
    text = f"Input {name} was unexpected, input name might be misspelled."
    return f"{text} Did you mean '{suggestion}'?" if suggestion else text


class PipelineNotFoundError(ConstellationError):
    """No pipeline has that name or hash."""

    default_code = "PIPELINE_NOT_FOUND"

    def __init__(self, ref: str, suggestions: Sequence[str] = ()) -> None:
        super().__init__(f"Pipeline '{ref}' not found", context={"ref": ref})
        self.ref = ref
        self.suggestions = tuple(suggestions)


class ShutdownRejectedError(ConstellationError):
    """The engine is draining or stopped."""

    default_code = "SHUTDOWN"

    def __init__(self) -> None:
        super().__init__("Constellation is shutting down, rejecting new execution")


class RunFailed(ConstellationError):
    """A run ended without success; `result` has everything that was computed."""

    default_code = "RUN_FAILED"

    def __init__(self, result: ExecutionResult) -> None:
        super().__init__(result.error or f"Execution {result.status.value}")
        self.result = result
        self.errors = result.errors
        for error in result.errors:
            if error.cause is not None:
                self.__cause__ = error.cause
                break

    def __str__(self) -> str:
        return self.message


class ExecutionTimeoutError(RunFailed):
    """The run's own limit expired."""

    default_code = "EXECUTION_TIMEOUT"


class RunCancelled(RunFailed):
    """The run was cancelled."""

    default_code = "CANCELLED"


class ResumeError(ConstellationError):
    """A resume that was refused; nothing changed."""

    default_category = "resume"


class SuspensionNotFoundError(ResumeError):
    """No stored execution has that id, or it has completed."""

    default_code = "SUSPENSION_NOT_FOUND"

    def __init__(self, execution_id: str) -> None:
        super().__init__(f"Suspension not found: {execution_id}")


class UnknownNodeError(ResumeError):
    """A name that is neither an input nor a variable of the pipeline."""

    default_code = "UNKNOWN_NODE"


class InputTypeMismatchError(ResumeError):
    """A new input has the wrong type."""

    default_code = "INPUT_TYPE_MISMATCH"


class InputAlreadyProvidedError(ResumeError):
    """An input was given before, with another value."""

    default_code = "INPUT_ALREADY_PROVIDED"


class NodeTypeMismatchError(ResumeError):
    """A value supplied for a node has the wrong type."""

    default_code = "NODE_TYPE_MISMATCH"


class NodeAlreadyResolvedError(ResumeError):
    """A node supplied by hand has a value already."""

    default_code = "NODE_ALREADY_RESOLVED"


class PipelineChangedError(ResumeError):
    """The name the execution was started by points to another program now."""

    default_code = "PIPELINE_CHANGED"

    def __init__(self, expected: str, found: str | None) -> None:
        super().__init__(f"Pipeline structural hash changed: expected {expected}, got {found}")


class ResumeInProgressError(ResumeError):
    """Somebody else is resuming the same execution."""

    default_code = "RESUME_IN_PROGRESS"

    def __init__(self, execution_id: str) -> None:
        super().__init__(f"Resume operation already in progress for execution {execution_id}")


class StaleStateError(ResumeError):
    """The state given is older than the stored one: the execution has been resumed since."""

    default_code = "STALE_STATE"

    def __init__(self, execution_id: str, given: int, stored: int) -> None:
        super().__init__(
            f"Execution {execution_id} was resumed since: the given state has resumption count {given}, "
            f"the stored one {stored}; resume it by its id"
        )


class NoSuspensionStoreError(ResumeError):
    """The engine keeps no suspended executions."""

    default_code = "NO_SUSPENSION_STORE"

    def __init__(self) -> None:
        super().__init__("No SuspensionStore configured")


class ResumedPipelineNotFoundError(ResumeError):
    """The program of a suspended execution is no longer stored."""

    default_code = "PIPELINE_NOT_FOUND"

    def __init__(self, ref: str) -> None:
        super().__init__(f"Pipeline not found: {ref}")
