"""The function table: which functions exist, under which names, as seen by the compiler and the editor.

Owns lookup by name, namespace and alias, and the registry hash. Refuses to know what a function does, or which of
several candidates a program means (the resolver's business).

Invariant: a table never changes; a registry makes a new one when its modules change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from constellation.types.signature import FunctionSpec


class FunctionTable:
    """An immutable set of functions.

    `namespace_aliases` maps a whole namespace to the one it stands for (`stdlib.text` → `stdlib.string`).
    `namespace_members` adds functions of other namespaces to a virtual one (`stdlib.util` → its functions).
    `opt_in` maps a name that exists only when asked for to the set that brings it (`http-get` → `http`).
    """

    def __init__(
        self,
        functions: Iterable[FunctionSpec],
        namespace_aliases: Mapping[str, str] | None = None,
        namespace_members: Mapping[str, tuple[str, ...]] | None = None,
        opt_in: Mapping[str, str] | None = None,
    ) -> None:
        self.functions: dict[str, FunctionSpec] = {f.qualified_name: f for f in functions}
        self._aliases = dict(namespace_aliases or {})
        self.opt_in: Mapping[str, str] = opt_in or {}
        self._by_namespace: dict[str, dict[str, FunctionSpec]] = {}
        self._by_spelling: dict[str, list[FunctionSpec]] = {}
        self._prelude: dict[str, FunctionSpec] = {}
        for spec in self.functions.values():
            members = self._by_namespace.setdefault(spec.namespace, {})
            for spelling in spec.spellings:
                members[spelling] = spec
                self._by_spelling.setdefault(spelling, []).append(spec)
                if spec.prelude:
                    self._prelude[spelling] = spec
        for namespace, names in (namespace_members or {}).items():
            members = self._by_namespace.setdefault(namespace, {})
            for name in names:
                spec = self.functions[name]
                members.update(dict.fromkeys(spec.spellings, spec))

    def canonical_namespace(self, namespace: str) -> str:
        """The namespace an alias stands for, else the namespace itself."""
        return self._aliases.get(namespace, namespace)

    @cached_property
    def namespaces(self) -> frozenset[str]:
        """Every namespace that directly holds functions, and every alias of one."""
        return frozenset(n for n in self._by_namespace if n) | frozenset(self._aliases)

    @cached_property
    def namespace_prefixes(self) -> frozenset[str]:
        """Every namespace and every dotted prefix of one: what `use` accepts."""
        found: set[str] = set()
        for namespace in self.namespaces:
            parts = namespace.split(".")
            found.update(".".join(parts[:n]) for n in range(1, len(parts) + 1))
        return frozenset(found)

    def in_namespace(self, namespace: str, name: str) -> FunctionSpec | None:
        """The function `name` (any spelling) directly in a namespace (or an alias of it); "" is the top level."""
        return self._by_namespace.get(self.canonical_namespace(namespace), {}).get(name)

    def members(self, namespace: str) -> Mapping[str, FunctionSpec]:
        """Spelling → function, of everything directly in a namespace."""
        return self._by_namespace.get(self.canonical_namespace(namespace), {})

    def prelude(self, name: str) -> FunctionSpec | None:
        """The standard-library function of that simple name."""
        return self._prelude.get(name)

    def everywhere(self, name: str) -> tuple[FunctionSpec, ...]:
        """Every function of that simple name in any namespace."""
        return tuple(self._by_spelling.get(name, ()))

    @cached_property
    def spellings(self) -> frozenset[str]:
        """Every simple name of every function: what suggestions choose from."""
        return frozenset(self._by_spelling)

    @cached_property
    def hash(self) -> str:
        """The registry hash: SHA-256 over names, versions, signatures and flags, whatever the order of registration."""
        from constellation.types.canonical import registry_hash

        return registry_hash(self.functions.values())
