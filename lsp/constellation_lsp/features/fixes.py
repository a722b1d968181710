"""Quick fixes: the edits that answer a diagnostic.

Owns the way from a diagnostic's slug to its fixes, and the fixes of names. Those of types, syntax and options stand in
`type_fixes.py`, `syntax_fixes.py` and `option_fixes.py`. Refuses edits that would need a guess about meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.code_actions import Action
from constellation_lsp.features.diagnostics import Problem, own_span
from constellation_lsp.features.edits import Edit, above, below, line_span, removal, span_of
from constellation_lsp.features.imports import import_edit
from constellation_lsp.features.navigation import references
from constellation_lsp.features.option_fixes import OPTION_FIXES
from constellation_lsp.features.syntax_fixes import SYNTAX_FIXES
from constellation_lsp.features.type_fixes import TYPE_FIXES, texts_of
from constellation_lsp.features.wanted import wanted_at

_QUICKFIX = "quickfix"
_Fix = Callable[[Analysis, Problem], Iterator[Action]]


def fixes(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """The actions that answer a diagnostic."""
    for fix in (_BY_SLUG.get(str(problem.data.get("slug", ""))), _BY_CODE.get(problem.code)):
        if fix is not None:
            yield from fix(analysis, problem)


def _replacements(problem: Problem) -> tuple[str, ...]:
    return texts_of(problem.data.get("replacements"))


def _change_to(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, end = own_span(problem)
    texts = _replacements(problem)
    for text in texts:
        yield Action(f"Change to '{text}'", _QUICKFIX, ((start, end, text),), problem, len(texts) == 1)


# ------------------------------------------------------------------------------------------------ variables


def _undefined_variable(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    yield from _change_to(analysis, problem)
    name = str(problem.data.get("name", ""))
    place = analysis.occurrences.at(own_span(problem)[0])
    if not name or place is None:
        return
    later = [d for d in analysis.occurrences.definitions("variable", name) if d.statement > place.statement]
    if later:
        yield from _move_up(analysis, problem, name, later[0].statement, place.statement)
        return
    wanted = wanted_at(analysis, place)
    declaration = f"in {name}: {wanted if wanted is not None else 'String'}"
    title = f"Declare input: {declaration}"
    yield Action(title, _QUICKFIX, (_new_input(analysis, declaration),), problem)


def _new_input(analysis: Analysis, line: str) -> Edit:
    """A new input goes below the last input, else below imports and types, else to the top."""
    statements = analysis.program.statements
    inputs = [s for s in statements if isinstance(s.node, syntax.Input)]
    heads = [s for s in statements if isinstance(s.node, syntax.Use | syntax.TypeDefinition)]
    anchors = inputs or heads
    return below(analysis.text, anchors[-1], line) if anchors else above(analysis.text, statements[0], line)


def _move_up(analysis: Analysis, problem: Problem, name: str, later: int, use: int) -> Iterator[Action]:
    statements, text = analysis.program.statements, analysis.text
    start, end = line_span(text, *span_of(statements[later]))
    at = line_span(text, *span_of(statements[use]))[0]
    block = text[start:end] if text[start:end].endswith("\n") else text[start:end] + "\n"
    title = f"Move the declaration of '{name}' above this use"
    yield Action(title, _QUICKFIX, ((at, at, block), (start, end, "")), problem, True)


def _defined_twice(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """The later definition gets a name of its own, or the earlier one goes when nothing reads it."""
    start, _ = own_span(problem)
    place = analysis.occurrences.at(start)
    if place is None or place.occurrence.role != "definition" or place.occurrence.kind not in ("variable", "type"):
        return
    name, kind = place.occurrence.name, place.occurrence.kind
    fresh = analysis.occurrences.free_name(name, (name,))
    edits = tuple((r.start, r.end, fresh) for r in references(analysis, place.start))
    yield Action("Rename this definition", _QUICKFIX, edits, problem)
    earlier = [d for d in analysis.occurrences.definitions(kind, name) if d.statement < place.statement]
    if earlier and not analysis.occurrences.uses(earlier[-1]):
        first = analysis.program.statements[earlier[-1].statement]
        yield Action("Remove the first definition", _QUICKFIX, (removal(analysis.text, first),), problem)


def _field_twice(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, end = own_span(problem)
    name = str(problem.data.get("name", ""))
    fresh = analysis.occurrences.free_name(name, (name,))
    yield Action("Rename this definition", _QUICKFIX, ((start, end, fresh),), problem)


def _output_twice(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """Two values under one output name: the later one gets another name, or the first output goes."""
    start, _ = own_span(problem)
    index = analysis.index_before(start)
    statements, name = analysis.program.statements, str(problem.data.get("name", ""))
    node = statements[index].node
    if not isinstance(node, syntax.Output):
        return
    fresh, offset = analysis.occurrences.free_name(name, (name,)), statements[index].offset
    if node.alias is not None:
        edit: Edit = (node.alias.start + offset, node.alias.end + offset, fresh)
    else:
        edit = (node.end + offset, node.end + offset, f" as {fresh}")
    yield Action("Rename this definition", _QUICKFIX, (edit,), problem)
    names = [c.analysis.output_name for c in analysis.checked.statements[:index]]
    if name in names:
        first = statements[names.index(name)]
        yield Action("Remove the first definition", _QUICKFIX, (removal(analysis.text, first),), problem)


# ------------------------------------------------------------------------------------------------ functions


def _undefined_function(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, end = own_span(problem)
    texts = _replacements(problem)
    name = str(problem.data.get("name", ""))
    qualified = [t for t in texts if "." in t and "." not in name]
    similar = [t for t in texts if t not in qualified]
    clear = not qualified and len({text.lower() for text in similar}) == 1
    for number, text in enumerate(similar):
        yield Action(f"Change to '{text}'", _QUICKFIX, ((start, end, text),), problem, clear and number == 0)
    for text in qualified:
        namespace = text.rpartition(".")[0]
        edit = import_edit(analysis, namespace)
        yield Action(f"Add 'use {namespace}'", _QUICKFIX, (edit,), problem, len(qualified) == 1)
    for text in qualified:
        yield Action(f"Use '{text}'", _QUICKFIX, ((start, end, text),), problem)


def _ambiguous(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, end = own_span(problem)
    for text in _replacements(problem):
        yield Action(f"Use '{text}'", _QUICKFIX, ((start, end, text),), problem)


_BY_SLUG: dict[str, _Fix] = {
    "undefined-variable": _undefined_variable,
    "undefined-function": _undefined_function,
    "ambiguous-function": _ambiguous,
    "rebinding": _defined_twice,
    "duplicate-definition": _defined_twice,
    "duplicate-field": _field_twice,
    "duplicate-output-name": _output_twice,
    **TYPE_FIXES,
    **SYNTAX_FIXES,
    **OPTION_FIXES,
}
_BY_CODE: dict[str, _Fix] = dict.fromkeys(("E003", "E004", "E006", "E007"), _change_to)
