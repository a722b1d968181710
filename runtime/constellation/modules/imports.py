"""Importing the user's modules by name: `pkg.mod`, or `pkg.mod:attribute`.

Owns the import and the words for its failure. Refuses to register anything. Invariant: a failure names the file and
the line of the user's code where it happened.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any


class ModuleImportError(Exception):
    """A named Python module could not be imported or holds no Constellation module."""


def import_modules(names: Iterable[str], python_path: Iterable[Path]) -> list[Any]:
    """What the names stand for, ready for `Constellation(modules=…)`. `python_path` folders are searched first."""
    for folder in reversed([str(p) for p in python_path]):
        if folder not in sys.path:
            sys.path.insert(0, folder)
    return [_import(name) for name in names]


def _import(name: str) -> Any:
    path, _, attribute = name.partition(":")
    try:
        found: Any = importlib.import_module(path)
    except Exception as problem:
        raise ModuleImportError(f"Cannot import modules from '{name}': {_where(path, problem)}") from problem
    if attribute:
        try:
            found = getattr(found, attribute)
        except AttributeError:
            raise ModuleImportError(f"Cannot import modules from '{name}': '{path}' has no '{attribute}'") from None
    if isinstance(found, ModuleType):
        from constellation.modules.library import library

        return library(found)
    return found


def _where(path: str, problem: BaseException) -> str:
    if isinstance(problem, SyntaxError) and problem.filename:
        return f"{_short(problem.filename)}:{problem.lineno}: SyntaxError: {problem.msg}"
    frames = [f for f in traceback.extract_tb(problem.__traceback__) if not _is_import_machinery(f.filename)]
    if not frames:
        hint = " (is its folder on the Python path? set python_path in the project settings)"
        return f"{problem}{hint if isinstance(problem, ModuleNotFoundError) else ''}"
    last = frames[-1]
    return f"{_short(last.filename)}:{last.lineno}: {type(problem).__name__}: {problem}"


def _is_import_machinery(filename: str) -> bool:
    return filename.startswith("<frozen") or Path(filename) in {Path(__file__), Path(importlib.__file__ or "")}


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
