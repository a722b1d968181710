"""An engine in this process for a command: standard library, project settings, the user's modules, the demo library."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constellation.modules.imports import ModuleImportError, import_modules
from constellation.project import ProjectError, ProjectSettings, load_project
from constellation_server.cli.console import Console
from constellation_server.cli.outcome import usage_error

if TYPE_CHECKING:
    from constellation.engine.constellation import Constellation


def project_settings(console: Console, start: Path | None = None) -> ProjectSettings:
    """The settings of the folder we are in; their warnings go to stderr."""
    try:
        settings = load_project((start or Path.cwd()).resolve())
    except ProjectError as problem:
        raise usage_error(str(problem)) from None
    for warning in settings.warnings:
        console.note(f"{console.mark('warning')} {warning}")
    return settings


def local_engine(console: Console, modules: Iterable[str], demo: bool, **options: Any) -> Constellation:
    """A new engine with everything the command line and the project settings ask for."""
    settings = project_settings(console)
    folders = [settings.root / p for p in settings.python_path] + [Path.cwd()]
    try:
        found = import_modules([*settings.modules, *modules], folders)
    except ModuleImportError as problem:
        raise usage_error(str(problem)) from None
    if demo or settings.demo:
        from constellation.stdlib.demo import demo_modules

        found += demo_modules()
    from constellation.engine.constellation import Constellation
    from constellation.modules.errors import DuplicateModule, ModuleDefinitionError
    from constellation.stdlib import OPT_IN, SETS

    unknown = [name for name in settings.stdlib if name not in SETS]
    if unknown:
        raise usage_error(f"The project settings ask for stdlib '{unknown[0]}'; there are {' and '.join(OPT_IN)}")
    sets = ("core", "extended", *settings.stdlib, *console.enable)
    try:
        return Constellation(modules=found, stdlib=sets, **options)
    except (ModuleDefinitionError, DuplicateModule) as problem:
        raise usage_error(f"A module cannot be registered: {problem.message}") from None
