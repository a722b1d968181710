"""`constellation server` (alias `serve`): start the HTTP server in the foreground."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from constellation_server.cli.console import Console
from constellation_server.cli.local import local_engine
from constellation_server.cli.options import engine_options, global_options
from constellation_server.cli.outcome import Exit, usage_error

if TYPE_CHECKING:
    from constellation.engine.constellation import Constellation
    from constellation_server.config import ServerConfig


@click.command("server")
@click.argument("action", required=False, type=click.Choice(["start"]))
@click.option("--host", help="Address to listen on (default 127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (default 8080; 0 picks a free one).")
@click.option(
    "--pipeline-store", type=click.Path(path_type=Path), help="Keep images, names and versions in this folder."
)
@click.option("--pipeline-dir", type=click.Path(path_type=Path), help="Deploy the programs of this folder at start-up.")
@click.option("--recursive", "pipeline_recursive", is_flag=True, default=None, help="… and of the folders below.")
@click.option("--watch", "pipeline_watch", is_flag=True, default=None, help="… and again whenever one changes.")
@click.option("--fail-on-error", "pipeline_fail_on_error", is_flag=True, default=None,
              help="Do not start when one of them does not compile.")  # fmt: skip
@click.option("--health-detail", is_flag=True, default=None, help="Serve GET /health/detail.")
@click.option("--check", is_flag=True, help="Validate the configuration, then exit without listening.")
@engine_options
@global_options
@click.pass_obj
def command(
    console: Console,
    /,
    action: str | None,
    check: bool,
    modules: tuple[str, ...],
    demo: bool,
    **flags: Any,
) -> int:
    """Start the HTTP server; stop it with Ctrl+C or SIGTERM, which drains running executions first.

    Every setting also has an environment variable, CONSTELLATION_PORT for example; an option wins over it.

    Example: constellation server --port 8080 --modules shop.modules
    """
    from constellation.stores.protocols import StoreError
    from constellation_server.config import ConfigurationError, ServerConfig
    from constellation_server.engine_settings import engine_arguments

    try:
        config = ServerConfig.from_environment(os.environ, **flags)
        arguments = engine_arguments(config.replace(pipeline_store=None) if check else config)
        engine = local_engine(console, modules, demo, **arguments)
        return _check(console, engine, config) if check else _serve(console, engine, config)
    except (ConfigurationError, StoreError) as problem:
        raise usage_error(getattr(problem, "message", str(problem))) from None


def _check(console: Console, engine: Constellation, config: ServerConfig) -> int:
    """Load everything as a server would, with a store in memory, and say what there is."""
    from constellation_server.server import Server

    stored = "memory" if config.pipeline_store is None else _stored(config.pipeline_store)
    loaded = asyncio.run(Server(engine, config.replace(pipeline_watch=False)).check())
    modules = len(list(engine.modules))
    console.out(
        f"{console.mark('success')} The configuration is valid "
        f"(modules: {modules}, pipelines: {loaded} loaded, store: {stored})"
    )
    return Exit.SUCCESS


def _stored(folder: Path) -> str:
    from constellation.stores.files import FileSystemPipelineStore

    if not folder.exists():
        return f"{folder}, to be made"
    if not folder.is_dir():
        raise usage_error(f"The pipeline store {folder} is not a folder")
    found = asyncio.run(FileSystemPipelineStore(folder, read_only=True).list_hashes())
    return f"{folder}, {len(found)} images"


def _serve(console: Console, engine: Constellation, config: ServerConfig) -> int:
    from constellation_server.server import Server

    try:
        import uvloop
    except ImportError:
        runner = asyncio.run
    else:
        runner = uvloop.run
    try:
        runner(Server(engine, config).serve())
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise usage_error(f"Port {config.port} is already in use") from None
        raise usage_error(f"Cannot listen on {config.host}:{config.port}: {problem.strerror or problem}") from None
    return Exit.SUCCESS
