"""Quick fixes of call options and of what is unused or outdated.

Owns the edits for option warnings and lints. Refuses edits that would change what a program computes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.code_actions import Action
from constellation_lsp.features.diagnostics import Problem, own_span
from constellation_lsp.features.imports import Edit, line_span
from constellation_lsp.syntax_walk import path_to

_QUICKFIX = "quickfix"
_OPTION_DEFAULTS = {"retry": "3", "delay": "1s", "cache": "5min", "batch": "100"}


def without_effect(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    option, other = str(problem.data.get("option", "")), str(problem.data.get("other", ""))
    start, _ = own_span(problem)
    if other in _OPTION_DEFAULTS:
        added = f"{other}: {_OPTION_DEFAULTS[other]}"
        yield Action(f"Add '{added}'", _QUICKFIX, ((start, start, f"{added}, "),), problem, True)
    yield from _remove_option(analysis, problem, option)


def option_conflict(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    yield from _remove_option(analysis, problem, str(problem.data.get("option", "")))


def _remove_option(analysis: Analysis, problem: Problem, name: str) -> Iterator[Action]:
    start, end = own_span(problem)
    index = analysis.index_before(start)
    statement = analysis.program.statements[index]
    for node in reversed(path_to(statement.node, start - statement.offset)):
        if not isinstance(node, syntax.Call) or not node.options:
            continue
        spans = [(o.start + statement.offset, o.end + statement.offset) for o in node.options]
        if (start, end) not in spans:
            return
        at = spans.index((start, end))
        if len(spans) == 1:
            edit: Edit = (node.close + statement.offset, end, "")
        elif at + 1 < len(spans):
            edit = (start, spans[at + 1][0], "")
        else:
            edit = (spans[at - 1][1], end, "")
        yield Action(f"Remove '{name}'", _QUICKFIX, (edit,), problem)
        return


def smallest_value(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, end = own_span(problem)
    found = re.match(r"(\s*\w+\s*:\s*)-?\d+", analysis.text[start:end])
    if found:
        value = "0" if problem.data.get("option") == "retry" else "1"
        at = start + len(found[1])
        edit: Edit = (at, start + found.end(), value)
        yield Action("Set to the smallest valid value", _QUICKFIX, (edit,), problem, True)


_UNUSED = {"LANG002": "variable", "LANG003": "import", "LANG007": "input", "LANG008": "type"}


def _removal(analysis: Analysis, statement: syntax.Statement) -> Edit:
    """Deletes a declaration with its line."""
    start, end = statement.node.start + statement.offset, statement.node.end + statement.offset
    return (*line_span(analysis.text, start, end), "")


def unused(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, _ = own_span(problem)
    index = analysis.index_before(start)
    statement = analysis.program.statements[index]
    name = str(problem.data.get("name", ""))
    what = _UNUSED[problem.code]
    title = f"Remove unused {what} '{name}'"
    yield Action(title, _QUICKFIX, (_removal(analysis, statement),), problem, what == "import")
    if problem.code == "LANG002":
        end = len(analysis.text)
        lead = "" if analysis.text.endswith("\n") else "\n"
        yield Action("Make it an output", _QUICKFIX, ((end, end, f"{lead}out {name}\n"),), problem)
        yield Action(f"Rename to '_{name}'", _QUICKFIX, ((start, start + len(name), f"_{name}"),), problem)


def duplicate_output(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, _ = own_span(problem)
    statement = analysis.program.statements[analysis.index_before(start)]
    yield Action("Remove duplicate output", _QUICKFIX, (_removal(analysis, statement),), problem, True)


def legacy(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, end = own_span(problem)
    written = analysis.text[start:end]
    if written.startswith("Candidates"):
        edit: Edit = (start, start + len("Candidates"), "Seq")
        yield Action("Replace with Seq<…>", _QUICKFIX, (edit,), problem, True)
