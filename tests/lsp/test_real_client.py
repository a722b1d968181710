"""A client that is none of ours, from pytest-lsp, talks to `constellation lsp` as an editor would."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator

import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

URI = "file:///project/main.cst"
BROKEN = "in text: String\nresult = Uppercas(text)\nout result\n"


@pytest_lsp.fixture(  # type: ignore[untyped-decorator]
    config=ClientServerConfig(server_command=[sys.executable, "-m", "constellation_server", "lsp", "--demo"])
)
async def client(lsp_client: LanguageClient) -> AsyncGenerator[None]:
    @lsp_client.feature("client/registerCapability")  # type: ignore[untyped-decorator]
    def register(parameters: types.RegistrationParams) -> None:
        """VS Code accepts registrations; this client knows none of them by itself."""

    capabilities = client_capabilities("visual-studio-code")
    await lsp_client.initialize_session(types.InitializeParams(capabilities=capabilities))
    yield
    await lsp_client.shutdown_session()


def open_document(client: LanguageClient, text: str) -> None:
    item = types.TextDocumentItem(URI, "constellation", 1, text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))


async def test_errors_appear_while_typing_and_go_when_they_are_mended(client: LanguageClient) -> None:
    open_document(client, BROKEN)
    await client.wait_for_notification("textDocument/publishDiagnostics")
    assert [d.message.splitlines()[0] for d in client.diagnostics[URI]] == ["Unknown function 'Uppercas'"]
    edit = types.TextDocumentContentChangePartial(types.Range(types.Position(1, 17), types.Position(1, 17)), "e")
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(2, URI), [edit])
    )
    await client.wait_for_notification("textDocument/publishDiagnostics")
    assert list(client.diagnostics[URI]) == []


async def test_completion_and_hover(client: LanguageClient) -> None:
    open_document(client, BROKEN.replace("Uppercas", "Uppercase"))
    document = types.TextDocumentIdentifier(URI)
    hover = await client.text_document_hover_async(types.HoverParams(document, types.Position(1, 12)))
    assert hover is not None
    assert "Uppercase" in str(hover.contents)
    answer = await client.text_document_completion_async(types.CompletionParams(document, types.Position(1, 13)))
    items = answer.items if isinstance(answer, types.CompletionList) else answer or []
    assert "Uppercase" in [item.label for item in items]
