"""What the server says it can do."""

from __future__ import annotations

from collections.abc import Iterable

from lsprotocol import types as t

from constellation_lsp.convert import LEGEND
from constellation_lsp.features.workspace_symbols import MODULE_SCHEME

COMPLETION_TRIGGERS = ("(", ",", " ", ".", ":", "@", "{", "[", '"', "/", "$")
CODE_ACTION_KINDS = (
    "quickfix", "refactor.extract", "refactor.inline", "refactor.rewrite", "source.organizeImports",
    "source.fixAll.constellation",
)  # fmt: skip
SERVER_COMMANDS = (
    "constellation.server.run", "constellation.server.schema", "constellation.server.dag",
    "constellation.server.render", "constellation.server.restartAnalysis",
)  # fmt: skip
PROTOCOL = 2


def position_encoding(client: t.ClientCapabilities) -> str:
    """The first encoding of the client's list that is supported, UTF-16 when it has none."""
    offered = client.general.position_encodings if client.general else None
    for encoding in offered or ():
        name = encoding.value if isinstance(encoding, t.PositionEncodingKind) else str(encoding)
        if name in ("utf-8", "utf-16", "utf-32"):
            return name
    return "utf-16"


def server_capabilities(encoding: str, pulls: bool, methods: Iterable[str], instance: str) -> t.ServerCapabilities:
    """The capabilities in the negotiated encoding; diagnostics can be pulled only when they are not pushed."""
    custom = sorted(name for name in methods if name.startswith("constellation/"))
    return t.ServerCapabilities(
        position_encoding=encoding,
        text_document_sync=t.TextDocumentSyncOptions(
            open_close=True, change=t.TextDocumentSyncKind.Incremental, save=t.SaveOptions(include_text=False)
        ),
        completion_provider=t.CompletionOptions(
            trigger_characters=list(COMPLETION_TRIGGERS),
            resolve_provider=True,
            completion_item=t.ServerCompletionItemOptions(label_details_support=True),
        ),
        hover_provider=True,
        signature_help_provider=t.SignatureHelpOptions(["(", ","], [")"]),
        definition_provider=True,
        type_definition_provider=True,
        declaration_provider=True,
        references_provider=True,
        document_highlight_provider=True,
        document_symbol_provider=t.DocumentSymbolOptions(label="constellation"),
        workspace_symbol_provider=True,
        code_action_provider=t.CodeActionOptions(list(CODE_ACTION_KINDS), resolve_provider=True),
        code_lens_provider=t.CodeLensOptions(resolve_provider=False),
        document_formatting_provider=True,
        document_range_formatting_provider=True,
        document_on_type_formatting_provider=t.DocumentOnTypeFormattingOptions("}", ["\n"]),
        document_link_provider=t.DocumentLinkOptions(),
        call_hierarchy_provider=True,
        rename_provider=t.RenameOptions(prepare_provider=True),
        folding_range_provider=True,
        selection_range_provider=True,
        inlay_hint_provider=t.InlayHintOptions(resolve_provider=False),
        semantic_tokens_provider=t.SemanticTokensOptions(
            LEGEND, range=True, full=t.SemanticTokensFullDelta(delta=True)
        ),
        diagnostic_provider=t.DiagnosticOptions(False, True, "constellation") if pulls else None,
        execute_command_provider=t.ExecuteCommandOptions(list(SERVER_COMMANDS)),
        workspace=t.WorkspaceOptions(
            t.WorkspaceFoldersServerCapabilities(True, True),
            text_document_content=t.TextDocumentContentOptions([MODULE_SCHEME]),
        ),
        experimental={"constellation": {"protocol": PROTOCOL, "methods": custom, "serverInstance": instance}},
    )
