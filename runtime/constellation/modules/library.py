"""Libraries: modules collected from an object, a Python module or a package, with a lifespan of their own.

Owns collecting. Refuses to enter the lifespan: the engine does, and leaves it after draining.

Invariant: the members of a library are found in the order they are written; nothing undecorated is collected.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from constellation.modules.decorator import options_of
from constellation.modules.definition import define
from constellation.modules.errors import ModuleDefinitionError
from constellation.modules.module import Module


@dataclass(frozen=True, slots=True)
class Library:
    """Modules that belong together. `lifespan()` gives a context manager to hold while they may run, or None."""

    modules: tuple[Module, ...]
    source: object
    lifespan: Callable[[], AbstractAsyncContextManager[object]] | None = None

    def __iter__(self) -> Iterator[Module]:
        return iter(self.modules)

    def __len__(self) -> int:
        return len(self.modules)


def library(source: object) -> Library:
    """Everything decorated with `@module` in a class instance, a Python module or a package.

    A `lifespan` method or function (an async context manager without parameters) is entered with the engine. Raises
    `ModuleDefinitionError` with the problems of all members together.
    """
    functions = _members_of_python(source) if isinstance(source, ModuleType) else _members_of_object(source)
    modules: list[Module] = []
    problems: list[str] = []
    for function in functions:
        try:
            modules.append(define(function))
        except ModuleDefinitionError as error:
            problems += error.problems
    if not functions:
        problems.append(f"{_shown(source)} has nothing decorated with @module")
    if problems:
        raise ModuleDefinitionError(problems)
    lifespan: Any = getattr(source, "lifespan", None)
    return Library(tuple(modules), source, lifespan)


def _members_of_object(source: object) -> list[Callable[..., Any]]:
    if isinstance(source, type):
        raise ModuleDefinitionError([f"{source.__name__} is a class; pass an instance of it"])
    names: dict[str, None] = {}
    for cls in reversed(type(source).__mro__):
        names.update(dict.fromkeys(vars(cls)))
    found: list[Callable[..., Any]] = []
    for name in names:
        static: Any = inspect.getattr_static(source, name, None)
        inner: Any = getattr(static, "__func__", static)
        if options_of(inner) is not None:
            found.append(getattr(source, name))
    return found


def _members_of_python(source: ModuleType) -> list[Callable[..., Any]]:
    found: dict[int, Callable[..., Any]] = {}
    for python in _with_submodules(source):
        for member in vars(python).values():
            if inspect.isfunction(member) and options_of(member) is not None and _belongs(member, source):
                found.setdefault(id(member), member)
    return list(found.values())


def _belongs(member: Any, source: ModuleType) -> bool:
    return bool(member.__module__ == source.__name__ or member.__module__.startswith(source.__name__ + "."))


def _with_submodules(source: ModuleType) -> Iterator[ModuleType]:
    yield source
    paths = getattr(source, "__path__", None)
    if paths is not None:
        for info in pkgutil.walk_packages(paths, source.__name__ + "."):
            yield importlib.import_module(info.name)


def _shown(source: object) -> str:
    return source.__name__ if isinstance(source, ModuleType) else type(source).__name__
