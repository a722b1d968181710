"""Checking a source text in one line: what the tests of this folder are written with.

Owns tables of functions made from signature texts on top of the standard library. A report is compared as
`(code, line, text under the span)`, so that a test shows what a reader of the message sees.
"""

from __future__ import annotations

from functools import cache

from constellation.compiler.checked import CheckedProgram
from constellation.compiler.checker import Checker
from constellation.compiler.diagnostics import Diagnostic
from constellation.stdlib import NAMESPACE_ALIASES, NAMESPACE_MEMBERS, load
from constellation.types.functions import FunctionTable
from constellation.types.notation import parse_function, parse_type
from constellation.types.signature import FunctionSpec
from constellation_grammar.parser import parse

Report = tuple[str, int, str]


@cache
def standard() -> tuple[FunctionSpec, ...]:
    """The standard library's functions."""
    return tuple(module.spec for module in load())


@cache
def table(*functions: str) -> FunctionTable:
    """The standard library and host functions given as signatures."""
    specs = [*standard(), *(parse_function(text) for text in functions)]
    names = {spec.qualified_name for spec in specs}
    members = {ns: tuple(n for n in found if n in names) for ns, found in NAMESPACE_MEMBERS.items()}
    return FunctionTable(specs, NAMESPACE_ALIASES, members)


@cache
def checker(*functions: str) -> Checker:
    """A checker of the standard library and those functions."""
    return Checker(table(*functions))


def check(source: str, *functions: str) -> CheckedProgram:
    """The checked program of a source text."""
    return checker(*functions).check(parse(source), text=source)


def report(source: str, found: Diagnostic) -> Report:
    """A diagnostic as a test shows it."""
    return found.code, source.count("\n", 0, found.start) + 1, source[found.start : found.end]


def errors(source: str, *functions: str) -> list[Report]:
    """The errors of a source text."""
    return [report(source, found) for found in check(source, *functions).errors]


def warnings(source: str, *functions: str) -> list[Report]:
    """The warnings of a source text that has no errors."""
    checked = check(source, *functions)
    assert not checked.errors, [e.message for e in checked.errors]
    return [report(source, found) for found in checked.warnings]


def message(source: str, *functions: str) -> str:
    """The message of the only error of a source text."""
    found = check(source, *functions).errors
    assert len(found) == 1, [e.message for e in found]
    return found[0].message


def suggestions(source: str, *functions: str) -> tuple[str, ...]:
    """The suggestions of the only error of a source text."""
    found = check(source, *functions).errors
    assert len(found) == 1, [e.message for e in found]
    return found[0].suggestions


def type_of(name: str, source: str, *functions: str) -> str:
    """The printed type of a variable at the end of a program that has no errors."""
    checked = check(source, *functions)
    assert not checked.errors, [e.message for e in checked.errors]
    return str(checked.variables_before(len(checked.statements))[name].type)


def accepts(source: str, *functions: str) -> bool:
    """Whether a source text compiles; shows why when it does not."""
    found = check(source, *functions)
    assert not found.errors, [(report(source, e), e.message) for e in found.errors]
    return found.graph is not None


def same_type(left: str, right: str) -> bool:
    """Whether two texts denote one type."""
    return parse_type(left) == parse_type(right)
