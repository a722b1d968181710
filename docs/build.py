"""Builds the documentation site:  ./dev docs [--serve]

Copies the hand-written pages of this folder to build/docs-source, writes the reference pages that come from the code
beside them (errors, functions, commands, settings), and runs mkdocs on the result. Invariant: a generated page is never
edited or committed; its text lives in docstrings and catalogues.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "docs"
TARGET = ROOT / "build" / "docs-source"


def errors_page() -> Iterator[str]:
    """Every code of the catalogue, with a wrong and a right example."""
    from constellation.compiler.diagnostics import CATALOGUE

    yield "# Errors and warnings\n\nEvery diagnostic has a stable code; `constellation explain CODE` prints its entry."
    for code, kind in CATALOGUE.items():
        yield f"## {code}: {kind.title}\n\n*{kind.category}.* {kind.explanation}\n"
        if kind.functions:
            yield "The examples call " + ", ".join(f"`{signature}`" for signature in kind.functions) + ".\n"
        if kind.wrong:
            yield f"```cst wrong {code}\n{kind.wrong.strip()}\n```\n"
        if kind.right:
            yield f"```cst\n{kind.right.strip()}\n```\n"


def functions_page() -> Iterator[str]:
    """The standard library, by namespace, from the functions themselves."""
    from constellation.stdlib import load

    by_namespace: dict[str, list[str]] = {}
    for module in load(("core", "extended", "http", "random")):
        spec = module.spec
        signatures = "\n".join(f"{spec.name}{signature}" for signature in spec.overloads)
        others = ", ".join(f"`{s}`" for s in spec.spellings[1:])
        entry = f"### {spec.name}\n\n```text\n{signatures}\n```\n\n{spec.description}\n"
        by_namespace.setdefault(spec.namespace, []).append(entry + (f"\nAlso written {others}.\n" if others else ""))
    yield "# Functions\n\nThe standard library. Every function is visible without `use`, under each of its spellings.\n"
    for namespace in sorted(by_namespace):
        yield f"## {namespace}\n"
        yield from sorted(by_namespace[namespace])


def commands_page() -> Iterator[str]:
    """Every command's help, from the command line itself."""
    import click

    from constellation_server.cli.main import cli
    from constellation_server.cli.options import COMMANDS

    yield "# Commands\n"
    with click.Context(cli, info_name="constellation") as ctx:
        yield f"```text\n{cli.get_help(ctx)}\n```\n"
        for name in sorted(COMMANDS):
            command = cli.get_command(ctx, name)
            assert command is not None
            with click.Context(command, info_name=name, parent=ctx) as inner:
                yield f"## constellation {name}\n\n```text\n{command.get_help(inner)}\n```\n"


def settings_page() -> Iterator[str]:
    """The server's environment variables and the project's settings."""
    from constellation_server.config import ServerConfig

    yield "# Settings\n\n## Environment variables of the server\n"
    yield "| variable | default |\n|---|---|"
    for known in fields(ServerConfig):
        variable = known.metadata.get("variable")
        if variable:
            default = "not set" if known.default is None else f"`{known.default}`"
            yield f"| `{variable}` | {default} |"
    yield "\n## Project settings\n\nThe table `[tool.constellation]` of `pyproject.toml`, or the same keys in"
    yield "`constellation.toml`.\n\n| key | means |\n|---|---|"
    yield "| `modules` | Python modules to import |\n| `stdlib` | extra sets: `http`, `random` |"
    yield "| `pipelines` | folder of the project's programs |\n| `server_url` | a running server |"
    yield "| `store` | folder of the pipeline store |\n| `demo` | load the demo library |"
    yield "| `python_path` | folders to import modules from |"


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "reference/errors.md": errors_page,
    "reference/functions.md": functions_page,
    "reference/commands.md": commands_page,
    "reference/settings.md": settings_page,
}


def write_pages(target: Path) -> None:
    """Put hand-written and generated pages into a folder."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(SOURCE, target, ignore=shutil.ignore_patterns("*.py", "*.yml", "__pycache__"))
    for name, page in PAGES.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(page()), encoding="utf-8")


def main() -> int:
    """Build the site; with --serve show it on a local port."""
    write_pages(TARGET)
    command = [sys.executable, "-m", "mkdocs", "serve" if "--serve" in sys.argv else "build", "-q", "--strict"]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    code = subprocess.call([*command, "-f", str(SOURCE / "mkdocs.yml")], env=environment)
    if code == 0:
        print(f"docs: {ROOT / 'build' / 'site' / 'index.html'}")
    return code


if __name__ == "__main__":
    sys.exit(main())
