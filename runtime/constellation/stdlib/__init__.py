"""The standard library: one file per namespace, loaded by set.

Owns which namespaces belong to which set, the aliases of namespaces, and the start-up checks. Refuses to know
registries and engines.

Invariant: every spelling belongs to one function in the whole library, and every function has a description.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from constellation.modules.module import Module
    from constellation.stdlib.declare import Declaration

__all__ = ["DEFAULT_SETS", "NAMESPACE_ALIASES", "NAMESPACE_MEMBERS", "OPT_IN", "OPT_IN_FUNCTIONS", "SETS", "load"]

DEFAULT_SETS: Final = ("core", "extended")
OPT_IN: Final = ("http", "random")
SETS: Final = (*DEFAULT_SETS, *OPT_IN)

OPT_IN_FUNCTIONS: Final = {
    **dict.fromkeys(("http-get", "HttpGet", "http-request", "HttpRequest"), "http"),
    **dict.fromkeys(("random-int", "RandomInt", "random-float", "RandomFloat"), "random"),
    **dict.fromkeys(("random-choice", "RandomChoice", "uuid4", "Uuid4"), "random"),
}
"""The spellings that exist only when an opt-in set is loaded, for the hint on an unknown function."""

NAMESPACE_ALIASES: Final = {
    "stdlib.text": "stdlib.string",
    "stdlib.comparison": "stdlib.compare",
    "stdlib.boolean": "stdlib.bool",
}
NAMESPACE_MEMBERS: Final = {
    "stdlib.util": ("stdlib.identity", "stdlib.debug.log"),
    "stdlib.data": (
        "stdlib.list.list-sum",
        "stdlib.list.average",
        "stdlib.math.max",
        "stdlib.math.min",
        "stdlib.list.filter-greater-than",
        "stdlib.list.multiply-each",
        "stdlib.list.range",
        "stdlib.convert.format-number",
    ),
}

_FILES: Final = (
    "debugging",
    "maths",
    "string",
    "listing",
    "stats",
    "collection",
    "compare",
    "boolean",
    "convert",
    "optionals",
    "mapping",
    "record",
    "regex",
    "jsontext",
    "timing",
    "hashing",
    "validating",
    "learning",
)


def load(sets: Iterable[str] = DEFAULT_SETS) -> list[Module]:
    """The modules of the named sets; naming an opt-in set alone (`["http"]`) adds it to the default ones.

    Raises `ValueError` for a set that does not exist.
    """
    from constellation.stdlib.declare import to_module

    wanted = set(sets)
    unknown = sorted(wanted - set(SETS))
    if unknown:
        raise ValueError(f"unknown standard library set '{unknown[0]}'; there are {', '.join(SETS)}")
    if wanted and wanted <= set(OPT_IN):
        wanted |= set(DEFAULT_SETS)
    found = [d for d in _declarations() if d.tier in wanted]
    for name in OPT_IN:
        if name in wanted:
            found += _of_file(name)
    return [to_module(declaration) for declaration in _checked(tuple(found))]


def _of_file(file: str) -> list[Declaration]:
    from constellation.stdlib.declare import Namespace

    module = import_module(f"constellation.stdlib.{file}")
    return [d for member in vars(module).values() if isinstance(member, Namespace) for d in member.declared]


@cache
def _declarations() -> tuple[Declaration, ...]:
    return tuple(dict.fromkeys(d for file in _FILES for d in _of_file(file)))


@cache
def _checked(declarations: tuple[Declaration, ...]) -> tuple[Declaration, ...]:
    from constellation.stdlib.declare import pascal

    owners: dict[str, str] = {}
    for declaration in declarations:
        name = f"{declaration.namespace}.{declaration.name}"
        if not declaration.description:
            raise RuntimeError(f"{name} has no description")
        for spelling in (declaration.name, *declaration.aliases):
            for written in {spelling, pascal(spelling)}:
                if owners.setdefault(written, name) != name:
                    raise RuntimeError(f"'{written}' is a spelling of both {owners[written]} and {name}")
    return declarations
