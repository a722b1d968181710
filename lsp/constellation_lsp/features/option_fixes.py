"""Quick fixes of call options and of what is unused, repeated or outdated.

Owns the edits for option warnings and lints. Refuses edits that would change what a program computes, unless the user
picks one of several.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.code_actions import Action
from constellation_lsp.features.diagnostics import Problem, own_span
from constellation_lsp.features.edits import Edit, at_end, line_span, removal
from constellation_lsp.syntax_walk import path_to, walk

_QUICKFIX = "quickfix"
_OPTION_DEFAULTS = {"retry": "3", "delay": "1s", "cache": "5min", "batch": "100"}
_UNUSED = {"LANG002": "variable", "LANG003": "import", "LANG007": "input", "LANG008": "type"}
_SAFE = frozenset(("LANG003", "LANG008"))


# -------------------------------------------------------------------------------------------------- options


def _without_effect(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    option, other = str(problem.data.get("option", "")), str(problem.data.get("other", ""))
    start, end = own_span(problem)
    if other in _OPTION_DEFAULTS:
        added = f"{other}: {_OPTION_DEFAULTS[other]}"
        slot = f"{other}: ${{1:{_OPTION_DEFAULTS[other]}}}, "
        edits, slots = ((start, start, f"{added}, "),), ((start, start, slot),)
        yield Action(f"Add '{added}'", _QUICKFIX, edits, problem, True, snippets=slots)
    yield from _remove_option(analysis, problem, (start, end), f"Remove '{option}'")


def _ignored(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    name = str(problem.data.get("option", ""))
    yield from _remove_option(analysis, problem, own_span(problem), f"Remove '{name}'", preferred=True)


def _repeated(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """An option given twice: the later value is the one people mean."""
    name, span = str(problem.data.get("option", "")), own_span(problem)
    index = analysis.index_before(span[0])
    statement = analysis.program.statements[index]
    options = _options_at(statement, span)
    earlier = [o for o in options if o.name.text == name and o.start + statement.offset < span[0]]
    if earlier:
        first = (earlier[-1].start + statement.offset, earlier[-1].end + statement.offset)
        yield from _remove_option(analysis, problem, first, f"Remove the earlier '{name}'", preferred=True)
    yield from _remove_option(analysis, problem, span, f"Remove this '{name}'")


def _options_at(statement: syntax.Statement, span: tuple[int, int]) -> tuple[syntax.Option, ...]:
    """The options of the call one of whose options stands at a span."""
    for node in walk(statement.node):
        if isinstance(node, syntax.Call) and any(
            (o.start + statement.offset, o.end + statement.offset) == span for o in node.options
        ):
            return node.options
    return ()


def _remove_option(
    analysis: Analysis, problem: Problem, span: tuple[int, int], title: str, *, preferred: bool = False
) -> Iterator[Action]:
    statement = analysis.program.statements[analysis.index_before(span[0])]
    for node in walk(statement.node):
        if not isinstance(node, syntax.Call) or not node.options:
            continue
        spans = [(o.start + statement.offset, o.end + statement.offset) for o in node.options]
        if span not in spans:
            continue
        at = spans.index(span)
        if len(spans) == 1:
            edit: Edit = (node.close + statement.offset, span[1], "")
        elif at + 1 < len(spans):
            edit = (span[0], spans[at + 1][0], "")
        else:
            edit = (spans[at - 1][1], span[1], "")
        yield Action(title, _QUICKFIX, (edit,), problem, preferred)
        return


def _smallest_value(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, end = own_span(problem)
    found = re.match(r"(\s*\w+\s*:\s*)-?\d+", analysis.text[start:end])
    if found:
        value = "0" if problem.data.get("option") == "retry" else "1"
        at = start + len(found[1])
        edit: Edit = (at, start + found.end(), value)
        yield Action("Set to the smallest valid value", _QUICKFIX, (edit,), problem, True)


# ------------------------------------------------------------------------------------------------ the unused


def _unused(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, _ = own_span(problem)
    statement = analysis.program.statements[analysis.index_before(start)]
    name = str(problem.data.get("name", ""))
    title = f"Remove unused {_UNUSED[problem.code]} '{name}'"
    yield Action(title, _QUICKFIX, (removal(analysis.text, statement),), problem, problem.code in _SAFE)
    if problem.code == "LANG002":
        yield Action("Make it an output", _QUICKFIX, (at_end(analysis.text, f"out {name}"),), problem)
        yield Action(f"Rename to '_{name}'", _QUICKFIX, ((start, start + len(name), f"_{name}"),), problem)


def _repeated_output(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    statement = analysis.program.statements[analysis.index_before(own_span(problem)[0])]
    title = f"Remove unused output '{problem.data.get('name', '')}': it is declared twice"
    yield Action(title, _QUICKFIX, (removal(analysis.text, statement),), problem, True)


def _unreachable(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """A case that is never reached goes, with the comma that joins it to its neighbours."""
    span = own_span(problem)
    statement = analysis.program.statements[analysis.index_before(span[0])]
    place = (span[0] - statement.offset, span[1] - statement.offset)
    for node in reversed(path_to(statement.node, place[0])):
        cases: tuple[syntax.Node, ...] = ()
        if isinstance(node, syntax.Match):
            cases = node.arms
        elif isinstance(node, syntax.Branch):
            cases = (*node.cases, node.otherwise)
        at = next((n for n, case in enumerate(cases) if (case.start, case.end) == place), None)
        if at is None or len(cases) < 2:
            continue
        yield Action("Remove unused case", _QUICKFIX, (_case_removal(analysis, statement, cases, at),), problem, True)
        return


def _case_removal(analysis: Analysis, statement: syntax.Statement, cases: tuple[syntax.Node, ...], at: int) -> Edit:
    text, offset = analysis.text, statement.offset
    start, end = cases[at].start + offset, cases[at].end + offset
    if at == len(cases) - 1:
        return cases[at - 1].end + offset, end, ""
    comma = text.index(",", end) + 1
    whole = line_span(text, start, comma)
    if whole != (start, comma):
        return (*whole, "")
    while text[comma : comma + 1] == " ":
        comma += 1
    return start, comma, ""


def _legacy(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, end = own_span(problem)
    written = analysis.text[start:end]
    if written.startswith("Candidates"):
        edit: Edit = (start, start + len("Candidates"), "Seq")
        yield Action("Replace with Seq<…>", _QUICKFIX, (edit,), problem, True)


OPTION_FIXES: dict[str, Callable[[Analysis, Problem], Iterator[Action]]] = {
    "option-without-effect": _without_effect,
    "conflicting-options": _ignored,
    "streaming-option": _ignored,
    "duplicate-option": _repeated,
    "invalid-option-value": _smallest_value,
    "unused-variable": _unused,
    "unused-import": _unused,
    "unused-input": _unused,
    "unused-type": _unused,
    "duplicate-output": _repeated_output,
    "unreachable-case": _unreachable,
    "legacy-candidates": _legacy,
}
"""The fixes by the slug of what they answer."""
