"""Text → tokens: the compiler's lexer.

Owns what a token is and every rule by which characters become tokens. Refuses to judge their order.

A token is a tuple `(kind, text, start, end)`; kinds are the terminal names of `constellation.lark`, and `BAD` for
what is no token. Two lexers agree on every text: `scan` reads the whole text with one regular expression and covers
interpolations without quotes, braces or comments in them; `scan_exactly` goes token by token, knows where a string
resumes after `${ … }` and asks the parser where a plain quoted string may stand.

Invariant: both take linear time on any text, and every character outside blanks and comments belongs to a token.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Container, Iterator
from itertools import accumulate, chain

from constellation_grammar.syntax import RESERVED_WORDS

Token = tuple[str, str, int, int]

BAD = "BAD"

OPTION_KINDS: dict[str, str] = {
    "retry": "COUNT_OPTION",
    "concurrency": "COUNT_OPTION",
    "batch": "COUNT_OPTION",
    "timeout": "DURATION_OPTION",
    "delay": "DURATION_OPTION",
    "cache": "DURATION_OPTION",
    "batch_timeout": "DURATION_OPTION",
    "checkpoint": "DURATION_OPTION",
    "throttle": "RATE_OPTION",
    "backoff": "WORD_OPTION",
    "on_error": "WORD_OPTION",
    "priority": "PRIORITY_OPTION",
    "cache_backend": "NAME_OPTION",
    "window": "FORM_OPTION",
    "join": "FORM_OPTION",
    "fallback": "FALLBACK_OPTION",
}
"""The terminal of every option that takes a value. These words are names except where an option may stand."""

_FIXED_KINDS: dict[str, str] = {
    **{word: word.upper() for word in RESERVED_WORDS},
    "@example": "EXAMPLE", "@source": "SOURCE", "@sink": "SINK",
    "=": "EQUALS", "==": "COMPARE", "!=": "COMPARE", "<=": "COMPARE", ">=": "COMPARE", "<": "LESS", ">": "GREATER",
    "+": "PLUS", "-": "MINUS", "*": "STAR", "/": "SLASH", "??": "COALESCE", "->": "THEN", "=>": "ARROW", ":": "COLON",
    ",": "COMMA", ".": "DOT", "|": "BAR", "(": "LPAREN", ")": "RPAREN", "[": "LBRACKET", "]": "RBRACKET",
    "{": "LBRACE", "}": "RBRACE",
}  # fmt: skip

OPENERS = {"LPAREN": "RPAREN", "LBRACKET": "RBRACKET", "LBRACE": "RBRACE", "STRING_START": "STRING_END"}
CLOSERS = {closer: opener for opener, closer in OPENERS.items()}
DECLARATION_STARTS = frozenset({"IN", "OUT", "TYPE", "USE", "EXAMPLE", "SOURCE", "SINK"})

TRIVIA = r"(?:[ \t\r\n]++|#[^\n]*+)*+"
WORD = r"[A-Za-z_][A-Za-z0-9_]*+(?:-++[A-Za-z0-9_]++)*+"
WORD_END = r"(?![A-Za-z0-9_]|-+[A-Za-z0-9_])"
_NUMBER = r"[0-9]++(?:\.[0-9]++(?:[eE][+-]?[0-9]++)?+)?+[A-Za-z0-9_]*+"
_SIGNS = r"==|=>|->|!=|<=|>=|\?\?|[=(),.:{}\[\]+\-*/<>|]"
_STRING = r'"(?:[^"\\$]++|\\.|\$(?!\{)|\$\{[^{}"#\\]*+\})*+"?+'
_MASTER = re.compile(rf"({TRIVIA})({WORD}|{_SIGNS}|{_STRING}|{_NUMBER}|@{WORD}|\Z|.)", re.S)
NEXT = re.compile(rf"({TRIVIA})({WORD}|{_SIGNS}|{_NUMBER}|@{WORD}|\Z|.)", re.S)
"""Blanks and comments, and the next word, sign, number or annotation behind them; of a string only its quote."""
_PIECE = re.compile(r'((?:[^"\\$]++|\\.|\$(?!\{))*+(?:"|\$\{))(?:([^{}"#\\]*+)\})?+', re.S)
_STRING_PART = re.compile(r'(?:[^"\\$]++|\\.|\$(?!\{))*+("|\$\{)?+', re.S)
QUOTED = re.compile(r'"[^"]*+"')
"""A plain quoted string."""
_DURATION = re.compile(r"[0-9]+(?:ms|s|min|h|d)")
_FLOAT = re.compile(r"[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?")
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_DIGITS = frozenset("0123456789")
_REMEMBERED_WORDS = 20_000


class _Kinds(dict[str, str]):
    """Token text → kind; words and numbers are added as they are met, up to a bound."""

    def __missing__(self, text: str) -> str:
        first = text[0]
        if first in _LETTERS:
            kind = "NAME"
        elif first in _DIGITS:
            kind = _number_kind(text)
        elif first == '"':
            return "STRING" if len(text) > 1 and text[-1] == '"' and _ends_string(text) else BAD
        else:
            return BAD
        if len(self) < _REMEMBERED_WORDS and len(text) < 100:
            self[text] = kind
        return kind


def _ends_string(text: str) -> bool:
    """Whether the final quote of a scanned string is its end: not one an odd run of backslashes escapes."""
    if text[-2] != "\\":
        return True
    return (len(text) - 1 - len(text[:-1].rstrip("\\"))) % 2 == 0


def _number_kind(text: str) -> str:
    if text.isdigit():
        return "INTEGER"
    if _FLOAT.fullmatch(text):
        return "FLOAT"
    return "DURATION" if _DURATION.fullmatch(text) else BAD


_KINDS = _Kinds(_FIXED_KINDS)
kind_of: Callable[[str], str] = _KINDS.__getitem__
"""The kind of a token by its text."""


def scan(text: str) -> list[Token] | None:
    """All tokens; None when only `scan_exactly` can tell them."""
    tokens = _scan_words(text, 0)
    if tokens is not None and "with" in text:
        mark_commas(tokens)
    return tokens


def _scan_words(text: str, base: int) -> list[Token] | None:
    """The tokens with positions counted from `base`, commas not told apart yet."""
    pairs: list[tuple[str, str]] = _MASTER.findall(text)
    while pairs and not pairs[-1][1]:
        pairs.pop()
    words = [pair[1] for pair in pairs]
    edges = list(accumulate(map(len, chain.from_iterable(pairs)), initial=base))
    kinds = list(map(kind_of, words))
    if BAD in kinds and '"' in text and any(k == BAD and w[0] == '"' for k, w in zip(kinds, words, strict=True)):
        return None
    tokens = list(zip(kinds, words, edges[1::2], edges[2::2], strict=False))
    if "${" not in text:
        return tokens
    expanded: list[Token] = []
    done = 0
    for index in [i for i, word in enumerate(words) if word[0] == '"' and "${" in word]:
        expanded += tokens[done:index]
        _expand(tokens[index], expanded)
        done = index + 1
    expanded += tokens[done:]
    return expanded


def _expand(token: Token, out: list[Token]) -> None:
    """A scanned string as tokens, its interpolations taken apart."""
    _, text, start, _ = token
    at, lead = 1, '"'
    while match := _PIECE.match(text, at):
        piece, inner = match[1], match[2]
        first = start + at - 1
        last = first + 1 + len(piece)
        if inner is None:
            out.append(("STRING_END" if lead == "}" else "STRING", lead + piece, first, last))
            return
        out.append(("STRING_MIDDLE" if lead == "}" else "STRING_START", lead + piece, first, last))
        out += _scan_words(inner, last) or ()
        at, lead = match.end(), "}"


def mark_commas(tokens: list[Token]) -> None:
    """Tell apart, in place, the commas that go on with call options and the one behind a declaration's last option."""
    last = len(tokens) - 1
    closing: list[int] = []
    for index in [i for i, token in enumerate(tokens) if token[1] == ","]:
        ahead = tokens[index + 1] if index < last else None
        further = tokens[index + 2] if index + 1 < last else None
        kind = _comma_kind(ahead, further)
        if kind == "CLOSING_COMMA":
            closing.append(index)
        elif kind != "COMMA":
            tokens[index] = (kind, *tokens[index][1:])
    depth, at = 0, 0
    for index in closing:
        kinds = [token[0] for token in tokens[at:index]]
        depth += sum(map(kinds.count, OPENERS)) - sum(map(kinds.count, CLOSERS))
        at = index
        if depth == 0:
            tokens[index] = ("CLOSING_COMMA", *tokens[index][1:])


def _comma_kind(ahead: Token | None, further: Token | None) -> str:
    """The kind of a comma from the two tokens behind it."""
    if ahead is None:
        return "CLOSING_COMMA"
    kind = ahead[0]
    if kind == "LAZY":
        return "OPTION_COMMA"
    if kind == "NAME" and further is not None:
        if further[0] == "COLON" and ahead[1] in OPTION_KINDS:
            return "OPTION_COMMA"
        if further[0] == "EQUALS":
            return "CLOSING_COMMA"
    elif kind in DECLARATION_STARTS and (further is None or further[0] != "COLON"):
        return "CLOSING_COMMA"
    return "COMMA"


_OPTION_AHEAD = re.compile(rf"{TRIVIA}(?:lazy{WORD_END}|(?:{'|'.join(OPTION_KINDS)}){WORD_END}{TRIVIA}:)")
_RESERVED = rf"(?:{'|'.join(sorted(RESERVED_WORDS))}){WORD_END}"
_DECLARATION_AHEAD = re.compile(
    rf"{TRIVIA}(?:\Z|@|(?:in|out|type|use){WORD_END}(?!{TRIVIA}:)|(?!{_RESERVED}){WORD}{TRIVIA}=(?![=>]))"
)


def scan_exactly(text: str, acceptable: Callable[[], Container[str]]) -> Iterator[Token]:
    """The tokens one by one. `acceptable` is asked which kinds the parser could take next.

    An unterminated string is the last token, with the kind `BAD`.
    """
    at, depth = 0, 0
    braces: list[int] = []  # one entry per open interpolation: the braces open inside it
    match = NEXT.match
    while found := match(text, at):
        start, word = found.start(2), found[2]
        if not word:
            return
        if word == '"' or (word == "}" and braces and braces[-1] == 0):
            token = _string_token(text, start, word, acceptable)
            kind = token[0]
            yield token
            if kind == BAD:
                return
            at = token[3]
            if kind == "STRING_START":
                braces.append(0)
                depth += 1
            elif kind == "STRING_END":
                braces.pop()
                depth -= 1
            continue
        at = found.end()
        kind = kind_of(word)
        if kind in OPENERS:
            depth += 1
            if kind == "LBRACE" and braces:
                braces[-1] += 1
        elif kind in CLOSERS:
            depth -= 1
            if kind == "RBRACE" and braces:
                braces[-1] -= 1
        elif kind == "COMMA":
            if _OPTION_AHEAD.match(text, at):
                kind = "OPTION_COMMA"
            elif depth == 0 and _DECLARATION_AHEAD.match(text, at):
                kind = "CLOSING_COMMA"
        yield kind, word, start, at


def _string_token(text: str, start: int, word: str, acceptable: Callable[[], Container[str]]) -> Token:
    """A string, or the part of it up to the next interpolation, or a plain quoted string where one may stand."""
    if word == '"' and "QUOTED" in acceptable():
        quoted = QUOTED.match(text, start)
        if quoted:
            return "QUOTED", quoted[0], start, quoted.end()
    end, closer = string_part(text, start)
    return string_kind(word, closer), text[start:end], start, end


def string_part(text: str, start: int) -> tuple[int, str]:
    """Where the string part that opens at `start` ends, and what ends it: `"`, `${`, or nothing, at the text's end."""
    part = _STRING_PART.match(text, start + 1)
    return (len(text), "") if part is None or part[1] is None else (part.end(), part[1])


def string_kind(opener: str, closer: str) -> str:
    """The kind of a string part by the characters at its ends."""
    if not closer:
        return BAD
    if closer == '"':
        return "STRING" if opener == '"' else "STRING_END"
    return "STRING_START" if opener == '"' else "STRING_MIDDLE"


def needs_exact(text: str) -> bool:
    """Whether a plain quoted string in the text might hold what an ordinary string treats specially."""
    return ("\\" in text or "${" in text) and ("cache_backend" in text or "@s" in text)


def text_hash(text: str) -> str:
    """SHA-256 of the exact text in UTF-8: the identity of a source."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def token_hash(text: str) -> str:
    """SHA-256 of the token stream: equal for texts that differ in blanks and comments only.

    Equal hashes mean the same program, but spans differ, so a diagnostic of one text is not one of the other. Blanks
    that carry meaning are part of it: around dots, and between a minus and the number behind it.
    """
    if text[:1] == "\ufeff":
        text = " " + text[1:]
    if "\0" in text or needs_exact(text):
        return hashlib.sha256(b"text\0" + text.encode("utf-8", "surrogatepass")).hexdigest()
    tokens = scan(text)
    if tokens is None:
        tokens = list(scan_exactly(text, tuple))
    words = [token[1] for token in tokens]
    for index in [i for i, word in enumerate(words) if word == "." or word == "-"]:
        _, word, start, end = tokens[index]
        if index + 1 == len(tokens) or tokens[index + 1][2] != end:
            continue
        if words[index + 1][0] in _DIGITS if word == "-" else index > 0 and tokens[index - 1][3] == start:
            words[index] = word + "\1"
    return hashlib.sha256(b"tokens\0" + "\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()
