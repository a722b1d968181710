"""Hover on operators and keywords: what they mean, with the types they have where they stand.

Owns the text of one word or sign. Refuses to guess: where a type is not known, only the meaning is said.
"""

from __future__ import annotations

from collections.abc import Sequence

from constellation.types.model import RecordType
from constellation_grammar import syntax as s
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.option_guide import KEYWORDS, OPERATORS


def word_text(analysis: Analysis, index: int, path: Sequence[s.Node], word: str) -> str | None:
    """The Markdown about an operator or keyword that belongs to the innermost fitting node of a path."""
    about = OPERATORS.get(word) or KEYWORDS.get(word)
    if about is None:
        return None
    node = next((n for n in reversed(path) if _is_of(n, word)), None)
    if isinstance(node, s.Arithmetic) and word == "+" and isinstance(analysis.type_of(index, node), RecordType):
        about = OPERATORS["merge"]
    typed = _typed(analysis, index, node, word) if node is not None else None
    return f"```constellation\n{typed or word}\n```\n\n{about}"


def _is_of(node: s.Node, word: str) -> bool:
    match node:
        case s.Arithmetic() | s.Comparison() | s.BooleanOperation():
            return node.operator == word
        case s.Coalesce():
            return word == "??"
        case s.Guard():
            return word == "when"
        case s.Not():
            return word == "not"
        case s.Negation():
            return word == "-"
        case s.If():
            return word in ("if", "else")
        case s.Branch():
            return word in ("branch", "otherwise")
        case s.Match():
            return word == "match"
        case _:
            return False


def _typed(analysis: Analysis, index: int, node: s.Node, word: str) -> str | None:
    """The operand types and the type of the whole: `Int + Int -> Int`."""

    def shown(part: s.Node) -> str:
        while isinstance(part, s.Paren):
            part = part.value
        return str(analysis.type_of(index, part) or "?")

    whole = analysis.type_of(index, node)
    if whole is None:
        return None
    match node:
        case s.Arithmetic() | s.Comparison() | s.BooleanOperation() | s.Coalesce():
            return f"{shown(node.left)} {word} {shown(node.right)} -> {whole}"
        case s.Guard():
            return f"{shown(node.value)} when {shown(node.condition)} -> {whole}"
        case s.Not():
            return f"not {shown(node.value)} -> {whole}"
        case s.Negation():
            return f"-{shown(node.value)} -> {whole}"
        case s.If():
            return f"if ({shown(node.condition)}) {shown(node.then)} else {shown(node.orelse)} -> {whole}"
        case s.Branch():
            return f"branch -> {whole}"
        case s.Match():
            return f"match {shown(node.scrutinee)} -> {whole}"
        case _:
            return None
