"""Quick fixes of syntax errors (E020).

Owns the edits for what is missing, misspelled, misplaced, or written as in another language. Refuses rewrites that
would have to guess what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from constellation_grammar import syntax
from constellation_grammar.spelling import similar
from constellation_grammar.tokens import scan_exactly
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.code_actions import Action
from constellation_lsp.features.diagnostics import Problem, own_span
from constellation_lsp.features.edits import Edit, above, at_end, line_span
from constellation_lsp.features.type_fixes import case_lead, texts_of, zero_value
from constellation_lsp.syntax_walk import path_to, walk

_QUICKFIX = "quickfix"
_BRACKET = re.compile(r"Missing '(.)'")
_GUESS = re.compile(r"[Dd]id you mean '([^']+)'")
_DURATIONS = re.compile(r"Did you mean (\w+) or (\w+)\?")
_WORD = re.compile(r"@?\w+")
_CHOICES = re.compile(r"(?:: [Uu]se|touches its number:|\. Use|without a blank:) (.+)$")
_INSTEAD = re.compile(r"^(?:Use|Two record types are joined with) '([^']+)'(?: instead of '([^']+)'| between|:)")
_PLAIN = re.compile(r"(?:written small:|: write) (\w+)$")
_TYPE = re.compile(r"type is written (\w+<(\w+)>)$")
_OPERAND_BEFORE = re.compile(r"[\w.-]+(?=\[$)")
_OURS = {
    "&&": "and", "&": "and", "||": "or", "!": "not", "<>": "!=", "===": "==", "!==": "!=", ":=": "=", "=>": "->",
    "->": "=>",
}  # fmt: skip
_NOTHING = {"then": "then", ";": ";", "\\": "\\"}
_QUOTES = "'`“”"


def _change(problem: Problem, text: str, *, preferred: bool = True) -> Action:
    start, end = own_span(problem)
    return Action(f"Change to '{text}'", _QUICKFIX, ((start, end, text),), problem, preferred)


def _bracket(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    found = _BRACKET.search(problem.message)
    if found:
        at = own_span(problem)[0]
        yield Action(f"Insert '{found[1]}'", _QUICKFIX, ((at, at, found[1]),), problem, True)


# ------------------------------------------------------------------------------------- cases and branches


def _otherwise(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """One more case behind the last, with a value of the type the others have."""
    found = _lacking(analysis, problem, syntax.Branch)
    if found is None:
        return
    index, offset, branch = found
    assert isinstance(branch, syntax.Branch)
    if not branch.cases:
        return
    last = branch.cases[-1]
    value = zero_value(analysis.type_of(index, last.value))
    at = last.end + offset
    behind = re.compile(r"\s*,").match(analysis.text, at)
    lead = case_lead(analysis.text, last.start + offset)
    if behind:
        at, lead = behind.end(), lead.removeprefix(",")
    edit: Edit = (at, at, f"{lead}otherwise -> {value}")
    yield Action("Add 'otherwise' case", _QUICKFIX, (edit,), problem, True)


def _else(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    found = _lacking(analysis, problem, syntax.If)
    type_ = None
    if found is not None:
        index, _, node = found
        assert isinstance(node, syntax.If)
        type_ = analysis.type_of(index, node.then)
    at, value = own_span(problem)[0], zero_value(type_)
    edit, snippet = (at, at, f" else {value}"), (at, at, f" else ${{1:{value}}}")
    yield Action("Add 'else'", _QUICKFIX, (edit,), problem, True, snippets=(snippet,))


def _lacking(
    analysis: Analysis, problem: Problem, kind: type[syntax.If | syntax.Branch]
) -> tuple[int, int, syntax.Node] | None:
    """The innermost construct of a kind around the problem whose last part is a hole."""
    at = own_span(problem)[0]
    index = analysis.index_before(at)
    statement = analysis.program.statements[index]
    around: list[syntax.Node] = []
    for node in walk(statement.node):
        last = (
            node.otherwise if isinstance(node, syntax.Branch) else node.orelse if isinstance(node, syntax.If) else None
        )
        if isinstance(node, kind) and isinstance(last, syntax.Hole) and node.start + statement.offset <= at:
            around.append(node)
    inner = max(around, key=lambda n: n.start, default=None)
    return (index, statement.offset, inner) if inner is not None else None


# --------------------------------------------------------------------------------- words and annotations


def _meant(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """Unknown options, annotations and words: the message names what was meant, or what there is."""
    start, end = own_span(problem)
    written = analysis.text[start:end]
    texts = texts_of(problem.data.get("replacements")) or tuple(_GUESS.findall(problem.message))
    if not texts:
        pair, choices = _DURATIONS.search(problem.message), _CHOICES.search(problem.message.partition("\n")[0])
        if pair:
            texts = (pair[1], pair[2])
        elif choices:
            texts = tuple(text for text in re.split(r", | or ", choices[1]) if _WORD.fullmatch(text))
            texts = tuple(similar(written, texts, 1)) or texts
    if not written.startswith("@") and analysis.text[start - 1 : start] == "@":
        texts = tuple(text.removeprefix("@") for text in texts)
    for text in texts:
        yield _change(problem, text, preferred=len(texts) == 1)


def _misplaced(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """An annotation of the declaration above goes there; any can be removed."""
    text, start = analysis.text, own_span(problem)[0]
    end = _annotation_end(text, start)
    written = text[start:end]
    kind = syntax.Output if written.startswith("@sink") else syntax.Input
    index = analysis.index_before(start)
    removal: Edit = (*line_span(text, start, end), "")
    before = analysis.program.statements[index - 1] if index > 0 else None
    if before is not None and isinstance(before.node, kind):
        name = before.node.name.text if isinstance(before.node, syntax.Input) else "out"
        keyword = "in " if isinstance(before.node, syntax.Input) else ""
        title = f"Move '{written.partition('(')[0]}' above '{keyword}{name}'"
        yield Action(title, _QUICKFIX, (above(text, before, written), removal), problem, True)
    yield Action(f"Remove '{written.partition('(')[0]}'", _QUICKFIX, (removal,), problem)


def _annotation_end(text: str, start: int) -> int:
    """Behind the closing parenthesis of the annotation that starts at a position."""
    depth, last = 0, start
    for kind, _, _, end in scan_exactly(text[start:], tuple):
        depth += kind == "LPAREN"
        depth -= kind == "RPAREN"
        last = start + end
        if kind == "RPAREN" and depth == 0:
            break
    return last


def _reserved(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, end = own_span(problem)
    yield _change(problem, f"{analysis.text[start:end]}_")


# ----------------------------------------------------------------------------------- other languages


def _foreign(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, end = own_span(problem)
    text = analysis.text
    written = text[start:end]
    if written.startswith(("//", "/*")):
        closing: tuple[Edit, ...] = ((end - 2, end, ""),) if written.endswith("*/") else ()
        yield Action("Change to '#'", _QUICKFIX, ((start, start + 2, "#"), *closing), problem, True)
    elif (instead := _replacement(problem.message, written)) and written != "=":
        yield _change(problem, instead)
    elif _TYPE.search(problem.message):
        yield from _type(analysis, problem)
    elif written in _NOTHING:
        yield Action(f"Remove '{written}'", _QUICKFIX, ((start, _blank_end(text, end), ""),), problem, True)
    elif written[:1] in _QUOTES and len(written) > 1:
        yield _change(problem, '"' + written[1:-1].replace('"', '\\"') + '"')
    elif written == "=":
        yield from _equals(analysis, problem)
    elif f"'{_OURS.get(written)}'" in problem.message:
        blank = " " if written == "!" and not text[end : end + 1].isspace() else ""
        edit: Edit = (start, end, _OURS[written] + blank)
        yield Action(f"Change to '{_OURS[written]}'", _QUICKFIX, (edit,), problem, True)
    elif "without quotes" in problem.message and written[:1] == '"':
        yield _change(problem, written.strip('"'))
    elif "without names" in problem.message:
        yield Action(f"Remove '{written}'", _QUICKFIX, ((start, _blank_end(text, end), ""),), problem, True)
    elif written == "0" and text[end : end + 1] == "]":
        yield from _first(analysis, problem)


def _replacement(message: str, written: str) -> str:
    """What a message tells to write in the place of what is written; nothing when it does not say."""
    instead, plain = _INSTEAD.search(message), _PLAIN.search(message)
    if instead is not None and instead[2] in (None, written) and not written.startswith("!"):
        return instead[1]
    return plain[1] if plain is not None else ""


def _type(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """`Int?`, `Int[]` and `[Int]` as we write them."""
    start, end = own_span(problem)
    found = _TYPE.search(problem.message)
    assert found is not None
    text, new, name = analysis.text, found[1], found[2]
    if text[start:end] == "?" and text[:start].endswith(name):
        start -= len(name)
    elif text[start:end] == "[" and text.startswith(f"[{name}]", start):
        end = start + len(name) + 2
    if name in text[start:end]:
        yield Action(f"Change to '{new}'", _QUICKFIX, ((start, end, new),), problem, True)


def _blank_end(text: str, end: int) -> int:
    """Behind the blanks that follow a position, but not behind the line."""
    while text[end : end + 1] in (" ", "\t"):
        end += 1
    return end


def _equals(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, end = own_span(problem)
    if "'=='" in problem.message:
        yield _change(problem, "==")
    elif problem.message.startswith("Use ':'"):
        first = start
        while analysis.text[first - 1 : first] == " ":
            first -= 1
        yield Action("Change to ':'", _QUICKFIX, ((first, end, ":"),), problem, True)


def _first(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """`xs[0]` is the first element."""
    start, end = own_span(problem)
    operand = _OPERAND_BEFORE.search(analysis.text, max(0, start - 200), start)
    if operand and analysis.imports(analysis.index_before(start)).resolve("list-first").function is not None:
        new = f"list-first({operand[0]})"
        yield Action(f"Change to '{new}'", _QUICKFIX, ((operand.start(), end + 1, new),), problem)


# -------------------------------------------------------------------------------------------- the rest


def _delete(title: str) -> Callable[[Analysis, Problem], Iterator[Action]]:
    def fix(analysis: Analysis, problem: Problem) -> Iterator[Action]:
        start, end = own_span(problem)
        yield Action(title, _QUICKFIX, ((start, end, ""),), problem, True)

    return fix


def _no_output(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    declared = [s.node for s in analysis.program.statements if isinstance(s.node, syntax.Assignment | syntax.Input)]
    if declared:
        line = f"out {declared[-1].name.text}"
        yield Action(f"Add '{line}'", _QUICKFIX, (at_end(analysis.text, line),), problem, True)


def _unnamed_output(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    end = own_span(problem)[1]
    taken = {p.occurrence.name for p in analysis.occurrences.everything()}
    name = next(n for n in ("result", *(f"result{i}" for i in range(2, len(taken) + 3))) if n not in taken)
    edits, slots = ((end, end, f" as {name}"),), ((end, end, f" as ${{1:{name}}}"),)
    yield Action(f"Name it: as {name}", _QUICKFIX, edits, problem, True, snippets=slots)


def _method(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """`x.trim()` is `trim(x)`."""
    start = own_span(problem)[0]
    index = analysis.index_before(start)
    statement = analysis.program.statements[index]
    name = str(problem.data.get("function", ""))
    path = path_to(statement.node, start - statement.offset)
    call = next((n for n in reversed(path) if isinstance(n, syntax.Call)), None)
    if call is None or not name or analysis.imports(index).resolve(name).function is None:
        return
    subject = call.function.text.rpartition(".")[0]
    at, end = call.function.start + statement.offset, call.function.end + statement.offset
    opened = analysis.text.index("(", end) + 1
    comma = ", " if call.arguments else ""
    edit: Edit = (at, opened, f"{name}({subject}{comma}")
    yield Action(f"Change to '{name}({subject}{comma.strip() and ', …'})'", _QUICKFIX, (edit,), problem, True)


SYNTAX_FIXES: dict[str, Callable[[Analysis, Problem], Iterator[Action]]] = {
    "unclosed-bracket": _bracket,
    "missing-otherwise": _otherwise,
    "missing-else": _else,
    "trailing-comma": _delete("Remove the trailing comma"),
    "unexpected-closing": _delete("Remove the bracket"),
    "unknown-option": _meant,
    "unknown-annotation": _meant,
    "bad-option-value": _meant,
    "misplaced-annotation": _misplaced,
    "reserved-name": _reserved,
    "foreign-syntax": _foreign,
    "no-output": _no_output,
    "unnamed-output": _unnamed_output,
    "undefined-namespace": _method,
}
"""The fixes by the slug of what they answer."""
