"""Colours for programs in the pages: a Pygments lexer for `.cst`.

Invariant: it colours any text, also one with mistakes; it decides nothing about validity.
"""

from __future__ import annotations

from typing import ClassVar

from pygments.lexer import RegexLexer, include, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text

__all__ = ["CstLexer"]

_NAME = r"[A-Za-z_][A-Za-z0-9_]*(?:-+[A-Za-z0-9_]+)*"
_END = r"(?![A-Za-z0-9_]|-+[A-Za-z0-9_])"
_DECLARATION = ("type", "in", "out", "use", "as")
_CHOICE = ("if", "else", "branch", "otherwise", "match", "is", "when", "with", "lazy")
_OPTIONS = (
    "retry", "delay", "backoff", "timeout", "fallback", "on_error", "cache", "cache_backend", "throttle", "concurrency",
    "priority", "batch", "batch_timeout", "checkpoint", "window", "join",
)  # fmt: skip
_TYPES = ("String", "Int", "Float", "Boolean", "List", "Seq", "Map", "Optional", "Nothing")


class CstLexer(RegexLexer):
    """Tokens of a program, roughly."""

    name = "Constellation"
    aliases: ClassVar[list[str]] = ["cst"]
    filenames: ClassVar[list[str]] = ["*.cst"]
    tokens: ClassVar[dict[str, list[object]]] = {
        "root": [
            (r"\s+", Text.Whitespace),
            (r"#.*$", Comment.Single),
            (r"@(?:example|source|sink)" + _END, Name.Decorator),
            (r'"', String, "string"),
            (r"[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?", Number.Float),
            (r"[0-9]+(?:ms|s|min|h|d)?" + _END, Number.Integer),
            (words(_OPTIONS, suffix=r"(?=\s*:)"), Keyword.Pseudo),
            (r"(" + _NAME + r")(?=\s*:)", Name.Attribute),
            (words(_DECLARATION, suffix=_END), Keyword.Declaration),
            (words(_CHOICE, suffix=_END), Keyword),
            (words(("and", "or", "not"), suffix=_END), Operator.Word),
            (words(("true", "false"), suffix=_END), Keyword.Constant),
            (words(_TYPES, suffix=_END), Keyword.Type),
            (_NAME + r"(?=\()", Name.Function),
            (_NAME, Name),
            (r"->|=>|==|!=|<=|>=|\?\?|[-+*/<>=|]", Operator),
            (r"[()\[\]{},.:]", Punctuation),
            (r".", Text),
        ],
        "string": [
            (r'"', String, "#pop"),
            (r"\\(?:u\{[0-9A-Fa-f]*\}|.)", String.Escape),
            (r"\$\{", String.Interpol, "interpolation"),
            (r'[^"\\$]+|\$', String),
        ],
        "interpolation": [(r"\}", String.Interpol, "#pop"), (r"\{", Punctuation, "braces"), include("root")],
        "braces": [(r"\}", Punctuation, "#pop"), (r"\{", Punctuation, "#push"), include("root")],
    }
