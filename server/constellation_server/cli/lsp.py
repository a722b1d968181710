"""`constellation lsp`: the language server on standard input and output."""

from __future__ import annotations

import click

from constellation_server.cli.console import Console
from constellation_server.cli.local import local_engine
from constellation_server.cli.options import engine_options, global_options


@click.command("lsp")
@click.option("--stdio", is_flag=True, help="Accepted from editors that pass it: the only transport.")
@engine_options
@global_options
@click.pass_obj
def command(console: Console, stdio: bool, modules: tuple[str, ...], demo: bool) -> int:
    """Speak the Language Server Protocol on standard input and output, for editors to start.

    Example: constellation lsp --modules shop.modules
    """
    from constellation_lsp.transports.stdio import serve_stdio

    console.quiet = True
    return serve_stdio(local_engine(console, modules, demo))
