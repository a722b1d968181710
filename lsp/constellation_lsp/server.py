"""The table of the protocol's methods.

Owns which method is answered by which handler. Refuses to hold state: a handler gets the session it works for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from lsprotocol import types as t

from constellation_lsp.handlers import (
    actions,
    commands,
    custom,
    editing,
    execution,
    flow,
    language,
    lifecycle,
    looking,
    walking,
    workspace,
)
from constellation_lsp.protocol import Method
from constellation_lsp.run_progress import cancel_progress

if TYPE_CHECKING:
    from constellation_lsp.session import Session

_STANDARD: dict[str, Callable[[Session, Any], Any]] = {
    t.INITIALIZE: lifecycle.initialize,
    t.INITIALIZED: lifecycle.initialized,
    t.SHUTDOWN: lifecycle.shutdown,
    t.SET_TRACE: lifecycle.ignore,
    t.WORKSPACE_DID_CHANGE_CONFIGURATION: lifecycle.configuration_changed,
    t.WORKSPACE_DID_CHANGE_WATCHED_FILES: workspace.files_changed,
    t.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: workspace.folders_changed,
    t.WINDOW_WORK_DONE_PROGRESS_CANCEL: cancel_progress,
    t.TEXT_DOCUMENT_DID_OPEN: lifecycle.did_open,
    t.TEXT_DOCUMENT_DID_CHANGE: lifecycle.did_change,
    t.TEXT_DOCUMENT_DID_SAVE: lifecycle.did_save,
    t.TEXT_DOCUMENT_DID_CLOSE: lifecycle.did_close,
    t.TEXT_DOCUMENT_COMPLETION: language.completion,
    t.COMPLETION_ITEM_RESOLVE: language.resolve_completion,
    t.TEXT_DOCUMENT_HOVER: language.hover,
    t.TEXT_DOCUMENT_SIGNATURE_HELP: language.signature_help,
    t.TEXT_DOCUMENT_DEFINITION: language.definition,
    t.TEXT_DOCUMENT_DECLARATION: language.declaration,
    t.TEXT_DOCUMENT_TYPE_DEFINITION: language.type_definition,
    t.TEXT_DOCUMENT_REFERENCES: language.references,
    t.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT: language.highlights,
    t.TEXT_DOCUMENT_PREPARE_RENAME: editing.prepare_rename,
    t.TEXT_DOCUMENT_RENAME: editing.rename,
    t.TEXT_DOCUMENT_DOCUMENT_SYMBOL: language.document_symbols,
    t.WORKSPACE_SYMBOL: workspace.workspace_symbols,
    t.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL: language.tokens_full,
    t.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL_DELTA: language.tokens_delta,
    t.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE: language.tokens_range,
    t.TEXT_DOCUMENT_INLAY_HINT: language.hints,
    t.TEXT_DOCUMENT_FOLDING_RANGE: language.folds,
    t.TEXT_DOCUMENT_SELECTION_RANGE: language.selections,
    t.TEXT_DOCUMENT_FORMATTING: editing.formatted,
    t.TEXT_DOCUMENT_RANGE_FORMATTING: editing.range_formatted,
    t.TEXT_DOCUMENT_ON_TYPE_FORMATTING: editing.formatted_on_type,
    t.TEXT_DOCUMENT_CODE_LENS: language.code_lenses,
    t.TEXT_DOCUMENT_CODE_ACTION: actions.code_actions,
    t.CODE_ACTION_RESOLVE: actions.resolve_code_action,
    t.TEXT_DOCUMENT_DIAGNOSTIC: workspace.pull_diagnostics,
    t.WORKSPACE_DIAGNOSTIC: workspace.workspace_diagnostics,
    t.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY: flow.prepare,
    t.CALL_HIERARCHY_INCOMING_CALLS: flow.incoming,
    t.CALL_HIERARCHY_OUTGOING_CALLS: flow.outgoing,
    t.TEXT_DOCUMENT_DOCUMENT_LINK: language.links,
    t.WORKSPACE_TEXT_DOCUMENT_CONTENT: workspace.text_content,
    t.WORKSPACE_EXECUTE_COMMAND: commands.execute_command,
}

_CUSTOM: dict[str, tuple[Callable[[Session, Any], Any], type[msgspec.Struct]]] = {
    "constellation/executePipeline": (execution.execute_pipeline, custom.ExecuteParams),
    "constellation/cancelExecution": (execution.cancel_execution, custom.ExecutionParams),
    "constellation/resumeExecution": (execution.resume_execution, custom.ResumeParams),
    "constellation/getInputSchema": (looking.input_schema, custom.DocumentParams),
    "constellation/getDagStructure": (looking.dag_structure, custom.DocumentParams),
    "constellation/getDagVisualization": (looking.dag_visualization, custom.GraphParams),
    "constellation/renderDag": (looking.render_dag, custom.RenderParams),
    "constellation/stepStart": (walking.step_start, custom.ExecuteParams),
    "constellation/stepNext": (walking.step_next, custom.StepParams),
    "constellation/stepContinue": (walking.step_continue, custom.StepParams),
    "constellation/stepStop": (walking.step_stop, custom.StepParams),
    "constellation/stepInspect": (walking.step_inspect, custom.InspectParams),
    "constellation/getCacheStats": (looking.cache_stats, custom.NoParams),
    "constellation/listModules": (looking.list_modules, custom.QueryParams),
    "constellation/syntaxTree": (looking.syntax_tree, custom.SyntaxParams),
}


def methods_of(session: Session) -> dict[str, Method]:
    """The methods of one session."""
    found = {name: Method(partial(handler, session)) for name, handler in _STANDARD.items()}
    for name, (handler, params) in _CUSTOM.items():
        found[name] = Method(partial(handler, session), params)
    return found
