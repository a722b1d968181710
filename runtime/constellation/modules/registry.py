"""The registry: which modules exist right now.

Owns registering, replacing, removing and finding modules, and the function table made of them. Refuses to run any.

Invariant: a change is all or nothing, and makes a new `FunctionTable`; tables and modules handed out never change.
"""

from __future__ import annotations

import difflib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from constellation.modules.decorator import options_of
from constellation.modules.definition import define
from constellation.modules.errors import DuplicateModule, ModuleDefinitionError
from constellation.modules.library import Library
from constellation.modules.module import Module
from constellation.types.functions import FunctionTable
from constellation.types.kinds import is_items

Registrable = Module | Library | Callable[..., Any] | Iterable[Any]


class ModuleRegistry:
    """A thread-safe set of modules, unique by qualified name.

    `generation` counts changes; `table` is the compiler's view, made anew after each.
    """

    def __init__(
        self,
        modules: Iterable[Registrable] = (),
        namespace_aliases: Mapping[str, str] | None = None,
        namespace_members: Mapping[str, tuple[str, ...]] | None = None,
        opt_in: Mapping[str, str] | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self._modules: dict[str, Module] = {}
        self._libraries: list[Library] = []
        self._aliases = dict(namespace_aliases or {})
        self._members = dict(namespace_members or {})
        self._opt_in = dict(opt_in or {})
        self._table: FunctionTable | None = None
        self._watchers: tuple[Callable[[], None], ...] = ()
        self.generation = 0
        given = list(modules)
        if given:
            self.register(*given)

    def register(self, *modules: Registrable, replace: bool = True) -> list[str]:
        """Add modules, decorated functions, libraries or lists of these; returns their qualified names.

        A module already there is replaced, or with `replace=False` refused (`DuplicateModule`). Two of one name in
        one call are always refused. Raises `ModuleDefinitionError` with every problem of everything given; nothing
        is registered then.
        """
        found, libraries, problems = _collect(modules)
        fresh: dict[str, Module] = {}
        for module in found:
            if module.name in fresh:
                raise DuplicateModule(module.name, f"Module '{module.name}' is given twice")
            fresh[module.name] = module
        with self._lock:
            if not replace:
                for name in fresh:
                    if name in self._modules:
                        raise DuplicateModule(name)
            merged = {**self._modules, **fresh}
            problems += _spelling_clashes(merged, fresh)
            if problems:
                raise ModuleDefinitionError(problems)
            self._modules = merged
            self._libraries += libraries
            self._changed()
        self._tell()
        return list(fresh)

    def unregister(self, name: str) -> Module:
        """Remove a module by qualified (or unique short) name and return it. Raises `KeyError`."""
        module = self[name]
        with self._lock:
            self._modules = {n: m for n, m in self._modules.items() if n != module.name}
            self._changed()
        self._tell()
        return module

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Calls back after every change, in the thread that made it; call the result to end that.

        The callback must not raise, nor change the registry.
        """
        with self._lock:
            self._watchers = (*self._watchers, callback)

        def end() -> None:
            with self._lock:
                self._watchers = tuple(known for known in self._watchers if known is not callback)

        return end

    def _changed(self) -> None:
        self._table = None
        self.generation += 1

    def _tell(self) -> None:
        for callback in self._watchers:
            callback()

    @property
    def table(self) -> FunctionTable:
        """The functions as the compiler sees them."""
        with self._lock:
            if self._table is None:
                known = self._modules
                members = {n: tuple(f for f in names if f in known) for n, names in self._members.items()}
                self._table = FunctionTable((m.spec for m in known.values()), self._aliases, members, self._opt_in)
            return self._table

    @property
    def libraries(self) -> tuple[Library, ...]:
        """The libraries registered, whose lifespans the engine holds."""
        return tuple(self._libraries)

    def get(self, name: str) -> Module | None:
        """The module of that qualified name, else the one a unique short name stands for, else None.

        Raises `DuplicateModule` when a short name stands for several.
        """
        modules = self._modules
        exact = modules.get(name)
        if exact is not None:
            return exact
        found = [m for m in modules.values() if name in m.spec.spellings]
        if len(found) > 1:
            names = ", ".join(sorted(m.name for m in found))
            raise DuplicateModule(name, f"Module '{name}' is ambiguous: {names}")
        return found[0] if found else None

    def find(self, *, tag: str | None = None, namespace: str | None = None) -> list[Module]:
        """The modules with that tag, or directly in that namespace, in order of registration."""
        return [
            m
            for m in self._modules.values()
            if (tag is None or tag in m.spec.tags) and (namespace is None or m.spec.namespace == namespace)
        ]

    def published(self) -> list[Module]:
        """The modules with an HTTP endpoint of their own."""
        return [m for m in self._modules.values() if m.http]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __getitem__(self, name: str) -> Module:
        found = self.get(name)
        if found is None:
            close = difflib.get_close_matches(name, list(self._modules), n=1)
            hint = f"; did you mean '{close[0]}'?" if close else ""
            raise KeyError(f"no module '{name}'{hint}")
        return found

    def __iter__(self) -> Iterator[Module]:
        return iter(tuple(self._modules.values()))

    def __len__(self) -> int:
        return len(self._modules)


def _collect(given: Iterable[Registrable]) -> tuple[list[Module], list[Library], list[str]]:
    modules: list[Module] = []
    libraries: list[Library] = []
    problems: list[str] = []
    for item in given:
        if isinstance(item, Module):
            modules.append(item)
        elif isinstance(item, Library):
            modules += item.modules
            libraries.append(item)
        elif is_items(item):
            inner = _collect(item)
            modules += inner[0]
            libraries += inner[1]
            problems += inner[2]
        elif callable(item) and options_of(item) is not None:
            try:
                modules.append(define(item))
            except ModuleDefinitionError as error:
                problems += error.problems
        else:
            name = getattr(item, "__name__", type(item).__name__)
            problems.append(f"{name} is no module; decorate it with @module, or collect a library with library(…)")
    return modules, libraries, problems


def _spelling_clashes(merged: Mapping[str, Module], fresh: Mapping[str, Module]) -> list[str]:
    """Sentences about modules of one namespace that answer to the same name."""
    namespaces = {m.spec.namespace for m in fresh.values()}
    owners: dict[tuple[str, str], str] = {}
    problems: list[str] = []
    for module in merged.values():
        namespace = module.spec.namespace
        if namespace not in namespaces:
            continue
        for spelling in module.spec.spellings:
            other = owners.setdefault((namespace, spelling), module.name)
            if other != module.name:
                problems.append(f"Module '{module.name}': the name '{spelling}' already belongs to '{other}'")
    return problems
