"""Quick fixes: the edits that answer a diagnostic.

Owns one function per kind of mistake, found by its slug or code. Refuses edits that would need a guess about meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import cast

from constellation.types.model import BOOLEAN, FLOAT, INT, ListType, OptionalType, RecordType, SeqType, Type
from constellation_grammar import syntax
from constellation_grammar.tokens import scan_exactly
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.code_actions import Action
from constellation_lsp.features.diagnostics import Problem, own_span
from constellation_lsp.features.imports import Edit, import_edit, line_span
from constellation_lsp.features.option_fixes import (
    duplicate_output,
    legacy,
    option_conflict,
    smallest_value,
    unused,
    without_effect,
)
from constellation_lsp.features.patterns import missing_patterns
from constellation_lsp.features.wanted import wanted_at
from constellation_lsp.syntax_walk import path_to

_QUICKFIX = "quickfix"
_RELATED_BRACKET = re.compile(r"Missing '(.)'")
_FOREIGN = {"&&": "and", "||": "or", "//": "#"}


def fixes(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """The actions that answer a diagnostic."""
    slug = str(problem.data.get("slug", ""))
    fix = _BY_SLUG.get(slug) or _BY_CODE.get(problem.code)
    if fix is not None:
        yield from fix(analysis, problem)


def zero_value(type_: Type | None) -> str:
    """A literal of a type, to be replaced."""
    if type_ == INT:
        return "0"
    if type_ == FLOAT:
        return "0.0"
    if type_ == BOOLEAN:
        return "false"
    if isinstance(type_, ListType | SeqType):
        return "[]"
    if isinstance(type_, RecordType):
        return "{ " + ", ".join(f"{n}: {zero_value(t)}" for n, t in type_.fields) + " }"
    return '""'


def _replacements(problem: Problem) -> tuple[str, ...]:
    return _texts(problem.data.get("replacements"))


def _texts(found: object) -> tuple[str, ...]:
    """A sequence from a diagnostic's data."""
    return tuple(map(str, cast("tuple[object, ...]", found))) if isinstance(found, tuple | list) else ()


def _change_to(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, end = own_span(problem)
    texts = _replacements(problem)
    for text in texts:
        yield Action(f"Change to '{text}'", _QUICKFIX, ((start, end, text),), problem, len(texts) == 1)


# ---------------------------------------------------------------------------------------------------- names


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
    at = _after_inputs(analysis)
    yield Action(f"Declare input: {declaration}", _QUICKFIX, ((at, at, f"{declaration}\n"),), problem)


def _after_inputs(analysis: Analysis) -> int:
    """Where a new input goes: below the last input, else below imports and types, else at the top."""
    statements = analysis.program.statements
    inputs = [s for s in statements if isinstance(s.node, syntax.Input)]
    heads = [s for s in statements if isinstance(s.node, syntax.Use | syntax.TypeDefinition)]
    anchor = inputs[-1] if inputs else heads[-1] if heads else None
    if anchor is None:
        return statements[0].node.start + statements[0].offset if statements else 0
    end = analysis.text.find("\n", anchor.node.end + anchor.offset)
    return len(analysis.text) if end < 0 else end + 1


def _move_up(analysis: Analysis, problem: Problem, name: str, later: int, use: int) -> Iterator[Action]:
    statements, text = analysis.program.statements, analysis.text
    moved, target = statements[later], statements[use]
    start, end = line_span(text, moved.node.start + moved.offset, moved.node.end + moved.offset)
    at = line_span(text, target.node.start + target.offset, target.node.end + target.offset)[0]
    block = text[start:end] if text[start:end].endswith("\n") else text[start:end] + "\n"
    title = f"Move the declaration of '{name}' above this use"
    yield Action(title, _QUICKFIX, ((at, at, block), (start, end, "")), problem, True)


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


# ---------------------------------------------------------------------------------------------------- types


def _string_plus(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    if problem.data.get("left") != "String" and problem.data.get("right") != "String":
        return
    start, _ = own_span(problem)
    index = analysis.index_before(start)
    statement = analysis.program.statements[index]
    path = path_to(statement.node, start - statement.offset)
    whole = next((n for n in path if isinstance(n, syntax.Arithmetic) and n.operator == "+"), None)
    if whole is None:
        return
    text = "".join(_interpolated(analysis.text, statement.offset, part) for part in _operands(whole))
    edit: Edit = (whole.start + statement.offset, whole.end + statement.offset, f'"{text}"')
    yield Action("Use string interpolation", _QUICKFIX, (edit,), problem, True)


def _operands(node: syntax.Expression) -> Iterator[syntax.Expression]:
    if isinstance(node, syntax.Arithmetic) and node.operator == "+":
        yield from _operands(node.left)
        yield from _operands(node.right)
    else:
        yield node


def _interpolated(text: str, offset: int, node: syntax.Expression) -> str:
    written = text[node.start + offset : node.end + offset]
    if isinstance(node, syntax.StringLiteral | syntax.Interpolation):
        return written[1:-1]
    return f"${{{written}}}"


def _mismatch(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """An Optional where its content is wanted: give a default."""
    start, end = own_span(problem)
    type_ = analysis.type_of_span(start, end)
    if isinstance(type_, OptionalType) and str(type_.inner) == problem.data.get("expected"):
        default = zero_value(type_.inner)
        written = analysis.text[start:end]
        yield Action(f"Provide a default: {written} ?? {default}", _QUICKFIX, ((end, end, f" ?? {default}"),), problem)


def _missing_cases(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, _ = own_span(problem)
    index = analysis.index_before(start)
    statement = analysis.program.statements[index]
    path = path_to(statement.node, start - statement.offset)
    node = next((n for n in reversed(path) if isinstance(n, syntax.Match)), None)
    if node is None or not node.arms:
        return
    text, base = analysis.text, statement.offset
    covered = [text[a.pattern.start + base : a.pattern.end + base] for a in node.arms]
    scrutinee = analysis.type_of(index, node.scrutinee)
    value = zero_value(analysis.type_of(index, node.arms[0].value))
    last = node.arms[-1].end + base
    indent = _indent(text, node.arms[-1].start + base)
    cases = "".join(f",\n{indent}{pattern} -> {value}" for pattern in missing_patterns(scrutinee, covered))
    if cases:
        yield Action("Add missing cases", _QUICKFIX, ((last, last, cases),), problem, True)
    yield Action("Add '_ -> …'", _QUICKFIX, ((last, last, f",\n{indent}_ -> {value}"),), problem)


def _indent(text: str, offset: int) -> str:
    line = text[text.rfind("\n", 0, offset) + 1 : offset]
    return line[: len(line) - len(line.lstrip())] if line.strip() == "" else "  "


def _missing_fields(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, end = own_span(problem)
    names = _texts(problem.data.get("fields"))
    if not names or analysis.text[end - 1 : end] != "}":
        return
    wanted = analysis.example_type(start)
    types = wanted.by_name if isinstance(wanted, RecordType) else {}
    inside = analysis.text[start + 1 : end - 1].rstrip()
    added = ", ".join(f"{name}: {zero_value(types.get(name))}" for name in names)
    at = start + 1 + len(inside)
    lead = ", " if inside.strip() and not inside.endswith(",") else " "
    yield Action("Add missing fields", _QUICKFIX, ((at, end - 1, f"{lead}{added} "),), problem, True)


# --------------------------------------------------------------------------------------------------- syntax


def _bracket(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    found = _RELATED_BRACKET.search(problem.message)
    if found:
        at = own_span(problem)[0]
        yield Action(f"Insert '{found[1]}'", _QUICKFIX, ((at, at, found[1]),), problem, True)


def _otherwise(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """Insert an `otherwise` case behind the last case of the branch."""
    start = analysis.declaration_start(own_span(problem)[0])
    index = analysis.index_before(own_span(problem)[0])
    following = analysis.program.statements[index + 1 :]
    stop = following[0].node.start + following[0].offset if following else len(analysis.text)
    tokens = list(scan_exactly(analysis.text[start:stop], tuple))
    opened = next((n for n, t in enumerate(tokens) if t[0] == "BRANCH"), None)
    if opened is None:
        return
    depth, last, value = 0, None, '""'
    for number in range(opened + 1, len(tokens)):
        kind = tokens[number][0]
        depth += kind in ("LBRACE", "LPAREN", "LBRACKET")
        depth -= kind in ("RBRACE", "RPAREN", "RBRACKET")
        if kind == "THEN" and depth == 1 and number + 1 < len(tokens):
            value = {"INTEGER": "0", "FLOAT": "0.0", "TRUE": "false", "FALSE": "false"}.get(tokens[number + 1][0], '""')
        if depth == 0:
            break
        last = number
    if last is None:
        return
    at = start + tokens[last][3]
    comma = "" if tokens[last][0].endswith("COMMA") else ","
    edit: Edit = (at, at, f"{comma}\n  otherwise -> {value}")
    yield Action("Add 'otherwise' case", _QUICKFIX, (edit,), problem, True)


def _else(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    at = own_span(problem)[0]
    yield Action("Add 'else'", _QUICKFIX, ((at, at, ' else ""'),), problem, True)


def _delete(title: str) -> Callable[[Analysis, Problem], Iterator[Action]]:
    def fix(analysis: Analysis, problem: Problem) -> Iterator[Action]:
        start, end = own_span(problem)
        yield Action(title, _QUICKFIX, ((start, end, ""),), problem, True)

    return fix


def _quoted_suggestion(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """Unknown options, annotations and words: the message or a suggestion names what was meant."""
    texts = _replacements(problem) or tuple(re.findall(r"[Dd]id you mean '([^']+)'", problem.message))
    start, end = own_span(problem)
    for text in texts:
        yield Action(f"Change to '{text}'", _QUICKFIX, ((start, end, text),), problem, len(texts) == 1)


def _foreign(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, end = own_span(problem)
    ours = _FOREIGN.get(analysis.text[start:end]) or _FOREIGN.get(analysis.text[start : start + 2])
    if ours:
        yield Action(f"Change to '{ours}'", _QUICKFIX, ((start, max(end, start + 2), ours),), problem, True)


def _no_output(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    names = [
        s.node.name.text for s in analysis.program.statements if isinstance(s.node, syntax.Assignment | syntax.Input)
    ]
    if names:
        lead = "" if analysis.text.endswith("\n") or not analysis.text else "\n"
        end = len(analysis.text)
        edit: Edit = (end, end, f"{lead}out {names[-1]}\n")
        yield Action(f"Add 'out {names[-1]}'", _QUICKFIX, (edit,), problem, True)


_Fix = Callable[[Analysis, Problem], Iterator[Action]]

_BY_SLUG: dict[str, _Fix] = {
    "undefined-variable": _undefined_variable,
    "undefined-function": _undefined_function,
    "ambiguous-function": _ambiguous,
    "unsupported-arithmetic": _string_plus,
    "type-mismatch": _mismatch,
    "argument-type": _mismatch,
    "non-exhaustive-match": _missing_cases,
    "missing-fields": _missing_fields,
    "unclosed-bracket": _bracket,
    "missing-otherwise": _otherwise,
    "missing-else": _else,
    "trailing-comma": _delete("Remove the trailing comma"),
    "unexpected-closing": _delete("Remove the bracket"),
    "unknown-option": _quoted_suggestion,
    "unknown-annotation": _quoted_suggestion,
    "bad-option-value": _quoted_suggestion,
    "foreign-syntax": _foreign,
    "no-output": _no_output,
    "option-without-effect": without_effect,
    "conflicting-options": option_conflict,
    "duplicate-option": option_conflict,
    "invalid-option-value": smallest_value,
    "duplicate-output": duplicate_output,
    "legacy-candidates": legacy,
}
_BY_CODE: dict[str, _Fix] = {
    "E003": _change_to, "E004": _change_to, "E006": _change_to, "E007": _change_to,
    "LANG002": unused, "LANG003": unused, "LANG007": unused, "LANG008": unused,
}  # fmt: skip
