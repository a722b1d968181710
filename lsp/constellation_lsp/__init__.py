"""The language server: the compiler's understanding of a program, offered to editors.

Owns analysis, editor features and the protocol edge. Refuses to type-check anything itself. Importing the package
is cheap: pygls and lsprotocol load with the first session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from constellation_lsp.session import Session, create_session
    from constellation_lsp.transports.stdio import serve_stdio

__all__ = ["Session", "create_session", "serve_stdio"]


def __getattr__(name: str) -> object:
    if name in ("Session", "create_session"):
        from constellation_lsp import session

        return getattr(session, name)
    if name == "serve_stdio":
        from constellation_lsp.transports.stdio import serve_stdio

        return serve_stdio
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
