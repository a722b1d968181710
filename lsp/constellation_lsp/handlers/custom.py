"""What the custom methods share: their parameters, the document they are about, and the form of a failure.

Invariant: a mistake in a program is an answer, not a protocol error.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from constellation.compiler.compiler import Compilation
from constellation.engine.errors import InputValidationError
from constellation.errors import ConstellationError
from constellation_lsp.analysis import Analysis
from constellation_lsp.documents import LONG_CHARACTERS
from constellation_lsp.features.errors import compile_errors
from constellation_lsp.protocol import FORBIDDEN, RequestError

if TYPE_CHECKING:
    from constellation_lsp.session import Session

Answer = dict[str, Any]
NOT_FOUND: Answer = {"success": False, "error": "Document not found"}


class NoParams(msgspec.Struct):
    """Parameters of methods that need none."""


class DocumentParams(msgspec.Struct):
    """An open document."""

    uri: str


class ExecuteParams(msgspec.Struct, rename="camel"):
    """A run of the open buffer."""

    uri: str
    inputs: dict[str, Any] = {}
    execution_id: str | None = None
    use_examples: bool | None = None
    work_done_token: str | int | None = None
    until_node: str | None = None


class ExecutionParams(msgspec.Struct, rename="camel"):
    """An execution."""

    execution_id: str


class ResumeParams(msgspec.Struct, rename="camel"):
    """New inputs for a suspended execution."""

    execution_id: str
    inputs: dict[str, Any] = {}


class GraphParams(msgspec.Struct, rename="camel"):
    """How to lay a graph out."""

    uri: str
    direction: str = "TB"
    compact: bool = False
    execution_id: str | None = None


class Range(msgspec.Struct):
    """A range of a document on the wire."""

    start: dict[str, int]
    end: dict[str, int]


class SyntaxParams(msgspec.Struct):
    """An open document, or a part of it."""

    uri: str
    range: Range | None = None


class RenderParams(msgspec.Struct):
    """How to draw a graph."""

    uri: str
    format: str
    direction: str = "TB"


class StepParams(msgspec.Struct, rename="camel"):
    """A walk through a program."""

    session_id: str


class InspectParams(msgspec.Struct, rename="camel"):
    """A node of a walk."""

    session_id: str
    node_id: str


class QueryParams(msgspec.Struct):
    """A filter by name."""

    query: str = ""


def require_execute(session: Session) -> None:
    """Refuses clients that may look but not run."""
    if not session.may_execute:
        data = {"error": "Forbidden", "required": "Execute"}
        raise RequestError(FORBIDDEN, "This key may look but not run: it needs the role Execute", data)


def open_analysis(session: Session, uri: str) -> Analysis | None:
    """The analysis of an open document; None when it is not open or too large."""
    document = session.documents.get(uri)
    return document.analysis if document is not None else None


def failure(errors: list[Answer], fallback: str) -> Answer:
    """The answer that lists errors; `error` is the first one's message."""
    message = str(errors[0]["message"]) if errors else fallback
    return {"success": False, "error": message, "errors": errors}


async def compiled(session: Session, text: str) -> Compilation:
    """The text compiled, or taken from the cache; a long one beside the event loop."""
    if len(text) <= LONG_CHARACTERS:
        return session.engine.compile_result(text)
    return await asyncio.to_thread(session.engine.compile_result, text)


def refused(problem: ConstellationError) -> Answer:
    """The answer for a run that could not start: one error for each thing that is wrong."""
    texts = [p.message for p in problem.problems] if isinstance(problem, InputValidationError) else []
    errors = [{"category": "runtime", "message": m, "code": problem.code} for m in texts or [problem.message]]
    return failure(errors, problem.message)


def uncompiled(analysis: Analysis) -> Answer:
    """The answer for a program with errors."""
    return failure(compile_errors(analysis, analysis.checked_diagnostics), "The pipeline does not compile")
