"""Project settings: the `[tool.constellation]` table of `pyproject.toml`, or the same keys in `constellation.toml`.

Owns finding and validating them. Refuses to act on them. Invariant: settings without a file are the defaults, and a
file with a mistake is named together with the key.
"""

from __future__ import annotations

import difflib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast


class ProjectError(Exception):
    """The settings file cannot be used; the text names the file, the key and what is allowed."""


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """What a project folder says about itself. `root` is the folder of the file, else the start folder."""

    root: Path
    modules: tuple[str, ...] = ()
    """Python modules to import, by name."""
    stdlib: tuple[str, ...] = ()
    """Extra sets of the standard library: `http`, `random`."""
    pipelines: str | None = None
    """Folder of the project's programs."""
    server_url: str | None = None
    """A running server."""
    store: str | None = None
    """Folder of the pipeline store."""
    demo: bool = False
    """Whether to load the demo library."""
    python_path: tuple[str, ...] = ()
    """Folders to import modules from, relative to the settings file."""
    warnings: tuple[str, ...] = field(default=())


_LISTS = ("modules", "stdlib", "python_path")
_TEXTS = ("pipelines", "server_url", "store")
_KEYS = (*_LISTS, *_TEXTS, "demo")


def load_project(start: Path) -> ProjectSettings:
    """The settings that hold in a folder: of the nearest settings file at or above it."""
    for folder in (start, *start.parents):
        for name in ("constellation.toml", "pyproject.toml"):
            path = folder / name
            if path.is_file():
                table = _table(path)
                if table is not None:
                    return _validated(path, table)
    return ProjectSettings(start)


def _table(path: Path) -> dict[str, Any] | None:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        if path.name == "pyproject.toml":
            return None
        raise ProjectError(f"{path}: {problem}") from None
    if path.name == "constellation.toml":
        return content
    table: object = content.get("tool", {}).get("constellation")
    if table is not None and not isinstance(table, dict):
        raise ProjectError(f"{path}: [tool.constellation] must be a table")
    return cast("dict[str, Any] | None", table)


def _validated(path: Path, table: dict[str, Any]) -> ProjectSettings:
    values: dict[str, Any] = {}
    warnings: list[str] = []
    for key, value in table.items():
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(_KEYS)}"
            warnings.append(f"{path}: unknown key '{key}' in the constellation settings; {hint}")
        elif key in _LISTS:
            if not isinstance(value, list) or not all(isinstance(v, str) for v in cast("list[object]", value)):
                raise ProjectError(f"{path}: '{key}' must be a list of strings")
            values[key] = tuple(cast("list[str]", value))
        elif not isinstance(value, bool if key == "demo" else str):
            raise ProjectError(f"{path}: '{key}' must be {'true or false' if key == 'demo' else 'a string'}")
        else:
            values[key] = value
    return ProjectSettings(path.parent, warnings=tuple(warnings), **values)
