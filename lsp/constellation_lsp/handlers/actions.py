"""textDocument/codeAction and codeAction/resolve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as t

from constellation_lsp import convert
from constellation_lsp.documents import OpenDocument
from constellation_lsp.features.code_actions import Action
from constellation_lsp.features.code_actions import code_actions as find_actions
from constellation_lsp.features.diagnostics import diagnose

if TYPE_CHECKING:
    from constellation_lsp.session import Session


def code_actions(session: Session, params: t.CodeActionParams) -> list[t.CodeAction]:
    """The actions for a range; diagnostics are the session's own, whatever the client sends back."""
    document = session.documents.get(params.text_document.uri)
    if document is None or document.analysis is None:
        return []
    analysis = document.analysis
    start, end = convert.span(analysis, params.range)
    only = params.context.only
    kinds = [k.value if isinstance(k, t.CodeActionKind) else str(k) for k in only] if only is not None else None
    automatic = params.context.trigger_kind == t.CodeActionTriggerKind.Automatic
    problems = diagnose(analysis, session.settings.lint)
    found = find_actions(analysis, start, end, problems, kinds, automatic=automatic)
    return [
        t.CodeAction(
            action.title,
            action.kind,
            [convert.diagnostic(document, action.fixes)] if action.fixes is not None else None,
            action.preferred or None,
            edit=_edit(session, document, action),
        )
        for action in found
    ]


def _edit(session: Session, document: OpenDocument, action: Action) -> t.WorkspaceEdit:
    analysis = document.analysis
    assert analysis is not None
    if action.snippets and session.snippet_edits:
        return convert.snippet_edit(document, action.snippets)
    edits = [convert.edit(analysis, *edit) for edit in action.edits]
    return convert.workspace_edit(document, edits, session.versioned_edits)


def resolve_code_action(session: Session, params: t.CodeAction) -> t.CodeAction:
    """codeAction/resolve: actions are complete already."""
    return params
