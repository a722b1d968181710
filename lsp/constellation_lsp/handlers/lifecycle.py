"""initialize, settings and documents."""

from __future__ import annotations

import logging
import uuid
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types as t

from constellation_lsp.capabilities import position_encoding, server_capabilities
from constellation_lsp.handlers.workspace import folders_of
from constellation_lsp.settings import Settings, read_settings

if TYPE_CHECKING:
    from constellation_lsp.session import Session

logger = logging.getLogger(__name__)
SERVER_INSTANCE = uuid.uuid4().hex
"""Random per process: a client can tell a restarted server from a lost connection."""


def server_version() -> str:
    """The version of the installed distribution."""
    try:
        return version("constellation-engine")
    except PackageNotFoundError:
        return "0"


def initialize(session: Session, params: t.InitializeParams) -> t.InitializeResult:
    """The handshake: what the client can do, what we can."""
    session.capabilities = params.capabilities
    session.encoding = position_encoding(params.capabilities)
    folders_of(session, params)
    use_settings(session, read_settings(_section(params.initialization_options)))
    custom: object = _get(params.capabilities.experimental, "constellation")
    session.knows_protocol = custom is not None
    wanted: object = _get(custom, "notifications")
    if isinstance(wanted, list):
        session.notifications = frozenset(str(name) for name in cast("list[object]", wanted))
    return t.InitializeResult(
        server_capabilities(session.encoding, session.pulls, session.method_names, SERVER_INSTANCE),
        t.ServerInfo("constellation", server_version()),
    )


def _get(value: object, name: str) -> object:
    if isinstance(value, dict):
        return cast("dict[str, object]", value).get(name)
    return getattr(value, name, None)


def _section(options: object) -> object:
    """`initializationOptions` may be the settings or hold them under `constellation`."""
    inside = _get(options, "constellation")
    return inside if inside is not None else options


def use_settings(session: Session, settings: Settings) -> None:
    """Takes settings over and names those that could not be used."""
    session.settings = settings
    text = session.capabilities.text_document
    can_pull = text is not None and text.diagnostic is not None
    session.pulls = settings.diagnostics_mode == "pull" or (settings.diagnostics_mode == "auto" and can_pull)
    for complaint in settings.complaints:
        session.protocol.notify(t.WINDOW_LOG_MESSAGE, t.LogMessageParams(t.MessageType.Warning, complaint))


def initialized(session: Session, params: t.InitializedParams) -> None:
    """Asks for what only a ready client gives: watched files and its settings."""
    if "constellation/serverStatus" in session.notifications:
        session.notify("constellation/serverStatus", {"state": "ready"})
    workspace = session.capabilities.workspace
    if workspace is None:
        return
    registrations: list[t.Registration] = []
    watched = workspace.did_change_watched_files
    if watched is not None and watched.dynamic_registration:
        session.files.watched = True
        watchers = [t.FileSystemWatcher(pattern) for pattern in ("**/*.cst", "**/constellation.toml")]
        options = t.DidChangeWatchedFilesRegistrationOptions(watchers)
        registrations.append(t.Registration("watched-files", t.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
    configuration = workspace.did_change_configuration
    if configuration is not None and configuration.dynamic_registration:
        section = t.DidChangeConfigurationRegistrationOptions("constellation")
        registrations.append(t.Registration("configuration", t.WORKSPACE_DID_CHANGE_CONFIGURATION, section))
    if registrations:
        session.protocol.ask(t.CLIENT_REGISTER_CAPABILITY, t.RegistrationParams(registrations))
    pull_settings(session)


def pull_settings(session: Session) -> None:
    """Asks the client for its settings where it supports that."""
    workspace = session.capabilities.workspace
    if workspace is None or not workspace.configuration:
        return

    def take(answer: Any) -> None:
        given = cast("list[object]", answer) if isinstance(answer, list) else []
        if len(given) == 1 and given[0] is not None and not session.closed:
            use_settings(session, read_settings(given[0]))
            session.publisher.refresh()

    item = t.ConfigurationItem(section="constellation")
    session.protocol.ask(t.WORKSPACE_CONFIGURATION, t.ConfigurationParams([item]), take)


def configuration_changed(session: Session, params: t.DidChangeConfigurationParams) -> None:
    """The settings changed: pushed ones are taken, else they are asked for."""
    pushed = _get(params.settings, "constellation")
    if pushed is not None:
        use_settings(session, read_settings(pushed))
        session.publisher.refresh()
    else:
        pull_settings(session)


def shutdown(session: Session, params: object) -> None:
    """Everything running for this client ends; the process goes on."""
    session.work.close()


def did_open(session: Session, params: t.DidOpenTextDocumentParams) -> None:
    """A document is in the client's hands now."""
    given = params.text_document
    replaced = session.documents.get(given.uri)
    if replaced is not None:
        session.publisher.drop(replaced)
    document = session.documents.open(given.uri, given.version, given.text, session.encoding)
    session.publisher.changed(document, at_once=True)


def did_change(session: Session, params: t.DidChangeTextDocumentParams) -> None:
    """An edit: applied at once, diagnosed a little later."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        logger.info("a change of a document that is not open was ignored: %s", params.text_document.uri)
        return
    if params.text_document.version < document.version:
        logger.info("the version of %s went back", params.text_document.uri)
    document.change(params.text_document.version, params.content_changes)
    session.publisher.changed(document)


def did_save(session: Session, params: t.DidSaveTextDocumentParams) -> None:
    """Diagnoses at once, and lets the compiler's parser have its say."""
    document = session.documents.get(params.text_document.uri)
    if document is not None:
        if not document.is_busy and not document.is_long and document.analysis is not None:
            document.analysis.cross_check()
        session.publisher.changed(document, at_once=True)


def did_close(session: Session, params: t.DidCloseTextDocumentParams) -> None:
    """The document is forgotten and its diagnostics go."""
    document = session.documents.forget(params.text_document.uri)
    if document is not None:
        session.publisher.forget(document)


def ignore(session: Session, params: object) -> None:
    """A notification that asks for nothing."""
