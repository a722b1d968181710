"""The HTTP server and the command line of Constellation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from constellation_server.config import ServerConfig
    from constellation_server.server import Server

__all__ = ["Server", "ServerConfig"]


def __getattr__(name: str) -> object:
    if name == "Server":
        from constellation_server.server import Server

        return Server
    if name == "ServerConfig":
        from constellation_server.config import ServerConfig

        return ServerConfig
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
