"""Semantic tokens: what each name, literal and keyword of a program is.

Owns kinds and modifiers. Operators and comments are left to the editor's grammar. A syntax error empties nothing but,
at most, the declaration it is in.

Invariant: tokens are sorted, do not overlap, and never span a line end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from constellation_grammar.syntax import RESERVED_WORDS
from constellation_grammar.tokens import Token, scan, scan_exactly
from constellation_lsp.analysis import Analysis
from constellation_lsp.occurrences import Occurrence

TOKEN_TYPES = (
    "namespace", "type", "function", "variable", "parameter", "property", "keyword", "string", "number", "operator",
    "comment", "enumMember", "decorator",
)  # fmt: skip
MODIFIERS = ("declaration", "definition", "readonly", "defaultLibrary", "deprecated", "modification")

_STRINGS = frozenset(("STRING", "STRING_START", "STRING_MIDDLE", "STRING_END", "QUOTED"))
_NUMBERS = frozenset(("INTEGER", "FLOAT", "DURATION"))
_ANNOTATIONS = frozenset(("EXAMPLE", "SOURCE", "SINK"))
_KEYWORDS = frozenset(word.upper() for word in RESERVED_WORDS)


@dataclass(frozen=True, slots=True)
class SemanticToken:
    """A token: absolute span, type and modifiers by name."""

    start: int
    end: int
    type: str
    modifiers: tuple[str, ...] = ()


def semantic_tokens(analysis: Analysis, first: int = 0, last: int | None = None) -> list[SemanticToken]:
    """The tokens that meet the span `[first, last)`, by position."""
    text = analysis.text
    stop = len(text) if last is None else last
    found: list[SemanticToken] = []
    for index, statement in enumerate(analysis.program.statements):
        start, end = statement.node.start + statement.offset, statement.node.end + statement.offset
        if end <= first or start >= stop:
            continue
        for token in _of_statement(analysis, index, statement.offset, start, end):
            found.extend(t for t in _lines(token, text) if t.end > first and t.start < stop)
    return found


def _lines(token: SemanticToken, text: str) -> Iterator[SemanticToken]:
    """A token cut at line ends."""
    if token.type != "string" or ("\n" not in text[token.start : token.end] and "\r" not in text):
        yield token
        return
    at = token.start
    for line in text[token.start : token.end].replace("\r", "\n").split("\n"):
        if line:
            yield SemanticToken(at, at + len(line), token.type, token.modifiers)
        at += len(line) + 1


def _of_statement(analysis: Analysis, index: int, offset: int, start: int, end: int) -> Iterator[SemanticToken]:
    names = {o.start + offset: o for o in analysis.occurrences.of(index)}
    covered = -1
    for token in analysis.lexed(index, start, end, _lex):
        kind, word, first, last = token[0], token[1], token[2] + start, token[3] + start
        if first < covered:
            continue
        occurrence = names.get(first)
        if occurrence is not None:
            covered = occurrence.end + offset
            yield from _name(analysis, index, occurrence, first, covered)
        elif kind in _STRINGS:
            yield SemanticToken(first, last, "string")
        elif kind in _NUMBERS:
            yield SemanticToken(first, last, "number")
        elif kind in _ANNOTATIONS:
            yield SemanticToken(first, last, "decorator")
        elif kind in _KEYWORDS and word in RESERVED_WORDS:
            yield SemanticToken(first, last, "keyword")


def _lex(text: str) -> tuple[Token, ...]:
    found = scan(text)
    return tuple(found if found is not None else scan_exactly(text, tuple))


def _name(analysis: Analysis, index: int, name: Occurrence, start: int, end: int) -> Iterator[SemanticToken]:
    match name.kind:
        case "function":
            yield from _function(analysis, index, name, start, end)
        case "variable":
            yield SemanticToken(start, end, *_variable(analysis, index, name))
        case "type":
            yield SemanticToken(start, end, "type", _type_modifiers(analysis, name))
        case "namespace":
            yield SemanticToken(start, end, "namespace")
        case "alias":
            yield SemanticToken(start, end, "namespace", ("declaration",))
        case "field":
            yield SemanticToken(start, end, "property", ("declaration",) if name.role == "definition" else ())
        case "option":
            yield SemanticToken(start, end, "property")
        case "word":
            yield SemanticToken(start, end, "enumMember")
        case "output":
            yield SemanticToken(start, end, "variable")


def _function(analysis: Analysis, index: int, name: Occurrence, start: int, end: int) -> Iterator[SemanticToken]:
    text = analysis.text[start:end]
    at = 0
    *qualifiers, _ = text.split(".")
    for qualifier in qualifiers:
        inner = qualifier.strip()
        first = start + at + qualifier.find(inner)
        yield SemanticToken(first, first + len(inner), "namespace")
        at += len(qualifier) + 1
    last = text[at:]
    first = start + at + len(last) - len(last.lstrip())
    spec = analysis.imports(index).resolve(name.name).function
    modifiers: tuple[str, ...] = ()
    if spec is not None:
        modifiers = ("defaultLibrary", "deprecated") if spec.deprecated else ("defaultLibrary",)
    yield SemanticToken(first, end, "function", modifiers)


def _variable(analysis: Analysis, index: int, name: Occurrence) -> tuple[str, tuple[str, ...]]:
    if name.role == "definition":
        if name.scope == "input":
            return "parameter", ("declaration", "readonly")
        return "parameter" if name.scope == "parameter" else "variable", ("declaration",)
    if name.binder is not None:
        return "parameter" if name.scope == "parameter" else "variable", ()
    return "parameter" if analysis.is_input(index, name.name) else "variable", ()


def _type_modifiers(analysis: Analysis, name: Occurrence) -> tuple[str, ...]:
    if name.role == "definition":
        return ("declaration", "definition")
    if name.name not in analysis.builtin_types:
        return ()
    return ("defaultLibrary", "deprecated") if name.name == "Candidates" else ("defaultLibrary",)
