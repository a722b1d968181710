"""`constellation stdlib [NAME]`: the standard library's functions, with spellings, signatures and failures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import indent, wrap
from typing import TYPE_CHECKING, Any

import click

from constellation_server.cli.console import Console
from constellation_server.cli.options import global_options
from constellation_server.cli.outcome import CommandFailed, Exit

if TYPE_CHECKING:
    from constellation.types.signature import FunctionSpec

_WIDTH = 88
_FAILURES = re.compile(r"Fails with (.*?)(?:\.\s|\.?\Z)")
_MESSAGE = re.compile(r"`([^`]+)`")


@click.command("stdlib")
@click.argument("name", required=False)
@global_options
@click.pass_obj
def command(console: Console, name: str | None) -> None:
    """Print what the standard library knows about NAME (a function in any spelling, or a namespace); without one, list
    all functions.

    Exit code 5 for an unknown name.

    Example: constellation stdlib list-length
    """
    from constellation.stdlib import SETS, load

    functions = [module.spec for module in load(SETS)]
    found = _named(functions, name) if name else functions
    if console.json:
        console.document({"success": True, "functions": [_entry(function) for function in found]})
    elif name and name.rpartition(".")[2] in found[0].spellings:
        console.out("\n\n".join(_page(found[0])))
    else:
        console.out("\n".join(_list(found)))


def _named(functions: list[FunctionSpec], name: str) -> list[FunctionSpec]:
    """The function a name means, or those of a namespace."""
    from constellation.stdlib import NAMESPACE_ALIASES
    from constellation_grammar.spelling import similar

    namespace, _, simple = name.rpartition(".")
    namespace = NAMESPACE_ALIASES.get(namespace, namespace)
    found = [f for f in functions if simple in f.spellings and namespace in ("", f.namespace)]
    whole = NAMESPACE_ALIASES.get(name, name)
    found = found or [f for f in functions if f.namespace == whole]
    if not found:
        near = similar(simple, [spelling for f in functions for spelling in f.spellings])
        hint = f"; did you mean '{near[0]}'?" if near else "; 'constellation stdlib' lists all functions"
        raise CommandFailed(Exit.NOT_FOUND, "unknown_function", f"The standard library has no '{name}'{hint}")
    return found


def _entry(function: FunctionSpec) -> dict[str, Any]:
    return {
        "name": function.qualified_name,
        "spellings": list(function.spellings),
        "signatures": [str(overload) for overload in function.overloads],
        "description": _description(function),
        "errors": _errors(function),
        "pure": function.pure,
        "tier": function.tags[-1],
    }


def _description(function: FunctionSpec) -> str:
    return " ".join(function.description.split())


def _errors(function: FunctionSpec) -> list[str]:
    """The messages a function's description says it fails with."""
    clauses = _FAILURES.findall(_description(function))
    return [message for clause in clauses for message in _MESSAGE.findall(clause)]


def _list(functions: list[FunctionSpec]) -> Iterator[str]:
    """Every function with its signatures, namespace by namespace."""
    namespaces: dict[str, list[FunctionSpec]] = {}
    for function in functions:
        namespaces.setdefault(function.namespace, []).append(function)
    for namespace in sorted(namespaces):
        yield namespace
        for function in sorted(namespaces[namespace], key=lambda f: f.name):
            yield from (f"  {function.name}{overload}" for overload in function.overloads)


def _page(function: FunctionSpec) -> Iterator[str]:
    """The parts of a function's page."""
    from constellation.stdlib import OPT_IN

    yield "\n".join(f"{function.qualified_name}{overload}" for overload in function.overloads)
    yield "\n".join(wrap(_description(function), _WIDTH))
    others = [spelling for spelling in function.spellings if spelling != function.name]
    if others:
        yield f"Also written: {', '.join(others)}"
    errors = _errors(function)
    if errors:
        yield "Fails with:\n" + indent("\n".join(errors), "    ")
    if not function.pure:
        yield "Has an effect: its calls are never merged, cached or made in advance."
    if function.tags[-1] in OPT_IN:
        yield f"Opt-in: load it with --enable {function.tags[-1]}."
