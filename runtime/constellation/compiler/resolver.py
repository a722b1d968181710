"""Which function a call means.

Owns imports and the order in which names are looked up: functions without a namespace and imported ones, then the
standard library, then (while there is no `use`) every other namespace. Refuses to know arguments and types.

Invariant: an `Imports` never changes; the same scope and name always give the same answer, which is remembered.
"""

from __future__ import annotations

from functools import cached_property
from typing import cast

from msgspec import Struct

from constellation.compiler.diagnostics import Diagnostic
from constellation.compiler.suggestions import MOST, similar_names
from constellation.types.functions import FunctionTable
from constellation.types.signature import FunctionSpec
from constellation_grammar.syntax import Use

__all__ = ["Import", "Imports", "Problem", "Resolution", "undefined_namespace"]


_ELSEWHERE = {
    "str": "to-string",
    "string": "to-string",
    "int": "to-int",
    "integer": "to-int",
    "float": "to-float",
    "len": "length",
    "size": "length",
    "upper": "uppercase",
    "touppercase": "uppercase",
    "lower": "lowercase",
    "tolowercase": "lowercase",
    "strip": "trim",
    "substr": "substring",
    "includes": "contains",
    "mod": "modulo",
    "avg": "average",
    "unique": "distinct",
    "uniq": "distinct",
    "sorted": "sort",
    "foldl": "fold",
    "every": "all",
    "push": "append",
}
"""What other languages call functions of the standard library."""


class Problem(Struct, frozen=True):
    """Why a name means no function: a catalogued message and how much of the name it is about."""

    slug: str
    values: dict[str, object]
    suggestions: tuple[str, ...] = ()
    data: dict[str, object] = {}
    namespace_length: int = 0


Candidates = dict[str, tuple[FunctionSpec, tuple[Use, ...]]]


class Resolution(Struct, frozen=True):
    """The function a name means, or the problem; neither when a failed import already explained it.

    `used` are the declarations of the imports that were needed to find it.
    """

    function: FunctionSpec | None = None
    problem: Problem | None = None
    used: tuple[Use, ...] = ()


class Import(Struct, frozen=True):
    """One `use` seen so far; `namespace` is empty when it does not exist."""

    declaration: Use
    namespace: str
    alias: str


class Imports:
    """The imports visible at one point of a program."""

    def __init__(self, table: FunctionTable, entries: tuple[Import, ...] = ()) -> None:
        self.table = table
        self.entries = entries
        self.aliases = {entry.alias: entry for entry in entries if entry.alias}
        self._resolved: dict[str, Resolution] = {}

    def importing(self, declaration: Use, namespace: str) -> Imports:
        """The scope after a `use`; `namespace` is empty when it was an error."""
        alias = declaration.alias.text if declaration.alias else ""
        return Imports(self.table, (*self.entries, Import(declaration, namespace, alias)))

    def resolve(self, name: str) -> Resolution:
        """What a called name means, simple or qualified."""
        found = self._resolved.get(name)
        if found is None:
            namespace, _, simple = name.rpartition(".")
            found = self._qualified(name, namespace, simple) if namespace else self._simple(name)
            self._resolved[name] = found
        return found

    # ------------------------------------------------------------------------------------------ simple names

    def _simple(self, name: str) -> Resolution:
        if name in self.aliases:
            return Resolution(problem=Problem("alias-is-no-function", {"name": name}, data={"name": name}))
        candidates = self._imported(name)
        if candidates:
            own = {q: c for q, c in candidates.items() if not c[0].prelude}
            return self._chosen(name, own or candidates)
        standard = self.table.prelude(name)
        if standard is not None:
            return Resolution(standard)
        elsewhere: Candidates = {f.qualified_name: (f, ()) for f in self.table.everywhere(name)}
        if not self.entries and elsewhere:
            return self._chosen(name, elsewhere)
        failed = tuple(entry.declaration for entry in self.entries if not entry.namespace and not entry.alias)
        if failed and elsewhere:
            return Resolution(used=failed)  # the import that failed would have brought it, as far as one can tell
        return Resolution(problem=self._unknown(name, name, tuple(sorted(elsewhere))))

    def _imported(self, name: str) -> Candidates:
        """Functions without namespace and of imported namespaces, by canonical name, with the imports they need."""
        found: Candidates = {}
        top = self.table.in_namespace("", name)
        if top is not None:
            found[top.qualified_name] = (top, ())
        for entry in self.entries:
            if entry.alias or not entry.namespace:
                continue
            spec = self.table.in_namespace(entry.namespace, name)
            if spec is not None:
                known = found.get(spec.qualified_name)
                found[spec.qualified_name] = (spec, (*(known[1] if known else ()), entry.declaration))
        return found

    def _chosen(self, name: str, candidates: Candidates) -> Resolution:
        if len(candidates) == 1:
            spec, used = next(iter(candidates.values()))
            return Resolution(spec, used=used)
        names = sorted(candidates)
        problem = Problem(
            "ambiguous-function",
            {"name": name, "candidates": ", ".join(names)},
            tuple(f"Use '{qualified}' for the specific function" for qualified in names[:3]),
            {"name": name, "replacements": tuple(names)},
        )
        return Resolution(problem=problem, used=tuple(use for _, uses in candidates.values() for use in uses))

    # --------------------------------------------------------------------------------------- qualified names

    def _qualified(self, name: str, namespace: str, simple: str) -> Resolution:
        head, _, rest = namespace.partition(".")
        alias = self.aliases.get(head)
        if alias is not None:
            if not alias.namespace:
                return Resolution(used=(alias.declaration,))
            real = f"{alias.namespace}.{rest}" if rest else alias.namespace
            spec = self.table.in_namespace(real, simple)
            if spec is not None:
                return Resolution(spec, used=(alias.declaration,))
            return Resolution(problem=self._unknown(name, simple, (), real), used=(alias.declaration,))
        spec = self.table.in_namespace(namespace, simple)
        if spec is not None:
            return Resolution(spec)
        if namespace in self.table.namespaces:
            return Resolution(problem=self._unknown(name, simple, (), namespace))
        return self._through_last_segment(name, namespace, simple, head, rest)

    def _through_last_segment(self, name: str, namespace: str, simple: str, head: str, rest: str) -> Resolution:
        """After `use a.math`, `math.f` is `a.math.f`."""
        for entry in reversed(self.entries):
            if entry.alias or entry.declaration.path.text.rpartition(".")[2] != head:
                continue
            if not entry.namespace:
                return Resolution(used=(entry.declaration,))
            real = f"{entry.namespace}.{rest}" if rest else entry.namespace
            spec = self.table.in_namespace(real, simple)
            if spec is not None:
                return Resolution(spec, used=(entry.declaration,))
            return Resolution(problem=self._unknown(name, simple, (), real), used=(entry.declaration,))
        if self._disabled(simple, namespace):
            return Resolution(problem=self._unknown(name, simple, (), namespace))
        return Resolution(problem=undefined_namespace(self.table, namespace, simple))

    # ----------------------------------------------------------------------------------------------- failures

    def _unknown(self, written: str, simple: str, importable: tuple[str, ...], namespace: str = "") -> Problem:
        hint = f" (did you mean to import {' or '.join(importable)}?)" if importable else ""
        absent = self._disabled(simple, namespace)
        if absent:
            hint = _disabled_hint(absent)
        data: dict[str, object] = {"name": written, "importable": importable, "namespace": namespace}
        return Problem("undefined-function", {"name": written, "hint": hint}, (), data)

    def _disabled(self, simple: str, namespace: str) -> str:
        """The opt-in set the function belongs to, when it is not loaded; else nothing."""
        found = self.table.opt_in.get(simple, "")
        return found if found and namespace in ("", f"stdlib.{found}") else ""

    def suggestions_for(self, found: Diagnostic) -> tuple[tuple[str, ...], dict[str, object]]:
        """What to try instead of an unknown function or namespace: sentences, and data for tools."""
        name = str(found.data.get("name", ""))
        if found.slug == "undefined-namespace":
            return self._suggested_namespaces(name, str(found.data.get("function", "")))
        simple = name.rpartition(".")[2]
        namespace = str(found.data.get("namespace", ""))
        pool = sorted(self.table.members(namespace)) if namespace else self._visible_spellings
        meant = _ELSEWHERE.get(simple.lower(), "")
        prefix = name[: len(name) - len(simple)]
        replacements = [prefix + close for close in similar_names(simple, pool)]
        if not prefix and self.table.prelude(meant) is not None and meant not in replacements:
            replacements = [meant, *replacements][:MOST]
        if prefix and not replacements:
            replacements = [spec.qualified_name for spec in self.table.everywhere(simple)][:MOST]
        suggestions = [f"Did you mean '{text}'?" for text in replacements]
        namespaces = [] if namespace else self._namespaces_with(simple)
        suggestions.extend(f"Try adding: use {found}" for found in namespaces[:2])
        more = cast("tuple[str, ...]", found.data.get("importable", ()))
        return tuple(suggestions), {"replacements": (*replacements, *more), "imports": tuple(namespaces)}

    def _suggested_namespaces(self, name: str, function: str) -> tuple[tuple[str, ...], dict[str, object]]:
        similar = similar_names(name, sorted(self.table.namespace_prefixes))
        replacements = list(dict.fromkeys([*self._longer_paths(name, function), *similar]))[:MOST]
        suggestions = [f"Did you mean '{close}'?" for close in replacements]
        known = sorted(self.table.namespaces)
        if known:
            shown = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
            suggestions.append(f"Available namespaces: {shown}")
        return tuple(suggestions), {"replacements": tuple(replacements)}

    def _longer_paths(self, name: str, function: str) -> list[str]:
        """Namespaces whose path goes on before or behind the name (`string` for `stdlib.string`).

        Those that have the called function come alone, if there are any.
        """
        lowered = name.lower()
        paths = [n for n in sorted(self.table.namespaces) if f".{n.lower()}.".find(f".{lowered}.") >= 0 and n != name]
        return [path for path in paths if self.table.in_namespace(path, function) is not None] or paths

    def _namespaces_with(self, simple: str) -> list[str]:
        """Host namespaces that have a function of this name, whatever its case."""
        wanted = simple.lower()
        return sorted(
            {
                spec.namespace
                for spelling in self.table.spellings
                if spelling.lower() == wanted
                for spec in self.table.everywhere(spelling)
                if spec.namespace and not spec.prelude
            }
        )

    @cached_property
    def _visible_spellings(self) -> list[str]:
        """Names a simple call could have meant: user functions first, then the rest, alphabetically."""
        own = sorted(self.table.members(""))
        return [*own, *sorted(self.table.spellings.difference(own))]


def undefined_namespace(table: FunctionTable, namespace: str, function: str = "") -> Problem:
    """The problem of a namespace that does not exist, or not unless the host asks for it."""
    absent = namespace.removeprefix("stdlib.")
    hint = _disabled_hint(absent) if namespace != absent and absent in table.opt_in.values() else ""
    data: dict[str, object] = {"name": namespace, "function": function}
    return Problem("undefined-namespace", {"name": namespace, "hint": hint}, (), data, len(namespace))


def _disabled_hint(name: str) -> str:
    return f' (the namespace stdlib.{name} is disabled; enable it with --enable {name} or stdlib=["{name}"])'
