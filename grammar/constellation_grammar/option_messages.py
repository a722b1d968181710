"""Words for mistakes in `with` clauses and annotations.

Each rule answers with a problem or None for "not my case". Invariant: a message names the option and the kind of value
it takes.
"""

from __future__ import annotations

import re

from constellation_grammar.options import OPTION_VALUES, OPTION_WORDS, wrong_word
from constellation_grammar.situation import COMMAS, Situation, shown, span_of
from constellation_grammar.spelling import similar
from constellation_grammar.syntax import OPTION_NAMES, SyntaxProblem
from constellation_grammar.tokens import BAD, CLOSERS, OPTION_KINDS, Token

_NUMBER_WITH_UNIT = re.compile(r"([0-9.]+)([A-Za-z]+)")
_VALUES = frozenset({"INTEGER", "DURATION", "NAME", "STRING", "MINUS", "TRUE", "FALSE"})
_ELSEWHERE = {
    "retries": "retry", "max_retries": "retry", "maxretries": "retry", "attempts": "retry", "ttl": "cache",
    "default": "fallback", "otherwise": "fallback", "rate_limit": "throttle", "ratelimit": "throttle",
    "parallel": "concurrency", "max_concurrency": "concurrency", "wait": "delay", "deadline": "timeout",
}  # fmt: skip
"""What other tools call our options."""

_UNITS = {
    "m": "min", "mins": "min", "minute": "min", "minutes": "min", "sec": "s", "secs": "s", "second": "s",
    "seconds": "s", "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d", "days": "d", "msec": "ms",
    "millis": "ms", "H": "h", "M": "min", "S": "s", "D": "d", "MS": "ms",
}  # fmt: skip


def missing_option(s: Situation) -> SyntaxProblem | None:
    """`with` and nothing that could be an option behind it."""
    if s.previous[0] != "WITH":
        return None
    if s.found[0] == "LBRACE":
        return s.problem(s.here(), "foreign-syntax", "Options follow 'with' without braces: f(x) with retry: 3")
    if s.found[0] == "LPAREN":
        return s.problem(s.here(), "foreign-syntax", "Options follow 'with' without parentheses: f(x) with retry: 3")
    if s.found[0] == "NAME" and not s.starts_line:
        return unknown_option(s, s.found)
    return s.problem(s.missing(), "missing-option", "Expected an option such as 'retry: 3' after 'with'")


def later_option(s: Situation) -> SyntaxProblem | None:
    """A word behind an option's comma that is no option, or has no value."""
    if s.found[0] in COMMAS and s.at(1)[0] == "NAME" and _in_options(s):
        name = s.at(1)
        if name[1] in OPTION_KINDS and s.at(2)[0] != "COLON":
            return _missing_value(s, name, span_of(name, name))
        if s.at(2)[0] == "COLON" and name[1] not in OPTION_KINDS:
            return unknown_option(s, name)
    if s.found[0] == "COLON" and s.previous[1] in OPTION_KINDS and s.at(-2)[0] == "AND" and _in_options(s):
        return s.problem(span_of(s.at(-2), s.at(-2)), "foreign-syntax", "Use ',' between two options")
    if s.found[0] in COMMAS and s.at(1)[0] == "WITH" and _in_options(s):
        return s.problem(span_of(s.at(1), s.at(1)), "foreign-syntax", "One 'with' is enough for all options")
    if s.found[0] == "COLON" and s.previous[0] == "NAME" and s.at(-2)[0] in COMMAS and _in_options(s):
        return unknown_option(s, s.previous)
    return None


def _in_options(s: Situation) -> bool:
    return any(token[0] == "WITH" for token in s.level())


def unknown_option(s: Situation, name: Token) -> SyntaxProblem:
    """A name that is no option's."""
    guesses = similar(name[1], OPTION_NAMES, 1) or tuple(w for w in (_ELSEWHERE.get(name[1].lower()),) if w)
    hint = f". Did you mean '{guesses[0]}'?" if guesses else ""
    suggestions = () if guesses else ("The options are " + ", ".join(OPTION_NAMES),)
    message = f"Unknown option '{shown(name)}'{hint}"
    return s.problem((name[2], name[3]), "unknown-option", message, *suggestions)


def option_without_value(s: Situation) -> SyntaxProblem | None:
    """`with retry`, `with retry 3`."""
    is_option = s.previous[1] in OPTION_KINDS and s.at(-2)[0] in ("WITH", *COMMAS)
    if not is_option or not s.accepts("COLON") or s.found[0] == "EQUALS":
        return None
    if not s.starts_line and s.found[0] in _VALUES:
        message = f"Expected ':' between '{s.previous[1]}' and its value"
        return s.problem(s.gap(), "missing-option-value", message)
    return _missing_value(s, s.previous, s.missing())


def _missing_value(s: Situation, name: Token, span: tuple[int, int]) -> SyntaxProblem:
    message = f"Expected a value for '{name[1]}' ({OPTION_VALUES[name[1]]})"
    return s.problem(span, "missing-option-value", message)


def option_value(s: Situation) -> SyntaxProblem | None:
    """A missing value, or one of another kind than the option takes."""
    name = s.option
    if name[1] in OPTION_VALUES:
        if s.starts_line or s.found[0] in CLOSERS or s.found[0] in COMMAS:
            return _missing_value(s, name, s.gap())
        return _bad_value(s, name[1])
    if s.previous[0] == "INTEGER" and s.at(-3)[1] == "throttle" and s.accepts("SLASH"):
        span = span_of(s.previous, s.previous)
        return s.problem(span, "bad-option-value", "Expected a rate such as 100/1min")
    if s.previous[0] == "SLASH" and s.at(-4)[1] == "throttle" and s.accepts("DURATION"):
        return _bad_duration(s)
    if s.opener[0] == "LPAREN" and s.accepts("DURATION"):
        return _bad_duration(s)
    return None


def options_without_with(s: Situation) -> SyntaxProblem | None:
    """`f(x), retry: 3`."""
    name = s.at(1)
    if s.found[0] not in COMMAS or s.openers or name[1] not in OPTION_KINDS or s.at(2)[0] != "COLON":
        return None
    return s.problem(s.here(), "foreign-syntax", f"Options follow 'with': f(x) with {name[1]}: …")


def _bad_value(s: Situation, option: str) -> SyntaxProblem | None:
    kind, word = s.found[0], s.found[1]
    if option in OPTION_WORDS and kind == "STRING" and word[1:-1] in OPTION_WORDS[option]:
        return s.problem(s.here(), "bad-option-value", f"This word is written without quotes: {word[1:-1]}")
    if option in OPTION_WORDS and kind not in ("INTEGER", "MINUS", BAD) and word.isidentifier():
        return wrong_word(option, shown(s.found), s.found[2], s.found[3]).problem
    if s.accepts("DURATION"):
        return _bad_duration(s)
    if option == "fallback":
        return None
    if s.found[0] == "MINUS" and option == "throttle":
        return s.problem(s.here(), "bad-option-value", "A rate cannot be negative")
    return s.problem(s.here(), "bad-option-value", f"Expected {OPTION_VALUES[option]}")


def _bad_duration(s: Situation) -> SyntaxProblem:
    """Not a duration: name the right unit where the wrong one is clear."""
    expected = "Expected a duration such as 30s (units: ms, s, min, h, d)"
    found = _NUMBER_WITH_UNIT.fullmatch(s.found[1])
    if found and found[2] in _UNITS and found[1].isdigit():
        unit = _UNITS[found[2]]
        return s.problem(s.here(), "bad-option-value", f"Unknown unit '{found[2]}': use {found[1]}{unit}")
    if found and "." in found[1]:
        return s.problem(s.here(), "bad-option-value", "A duration has no fraction: use a smaller unit, such as 1500ms")
    if s.found[0] == "MINUS":
        return s.problem(s.here(), "bad-option-value", "A duration cannot be negative")
    unit = _UNITS.get(s.found[1], s.found[1])
    if s.previous[0] == "SLASH" and unit in _UNITS.values():
        message = f"A rate says in how much time: {s.at(-2)[1]}/1{unit}"
        return s.problem(s.here(), "bad-option-value", message)
    if s.found[0] == "INTEGER":
        following = s.at(1)
        if following[1] in ("ms", "s", "min", "h", "d"):
            span = span_of(s.found, following)
            message = f"A duration's unit touches its number: {s.found[1]}{following[1]}"
            return s.problem(span, "bad-option-value", message)
        message = f"{expected}, not a bare number"
        return s.problem(s.here(), "bad-option-value", message, f"Did you mean {s.found[1]}s or {s.found[1]}ms?")
    return s.problem(s.missing(), "bad-option-value", expected)


def misplaced_options(s: Situation) -> SyntaxProblem | None:
    """`with` behind something that is no call."""
    if s.found[0] != "WITH":
        return None
    return s.problem(s.here(), "misplaced-with", "'with' options belong to a function call")


# ----------------------------------------------------------------------------------------------- annotations


def misplaced_annotation(s: Situation) -> SyntaxProblem | None:
    """`@example` before `out`, `@sink` before `in`, or an annotation with nothing behind it."""
    notes = [token for token in s.tokens[: s.index] if token[0] in ("EXAMPLE", "SOURCE", "SINK")]
    if s.found[0] in ("EXAMPLE", "SOURCE", "SINK"):
        wrong = s.found if not notes or s.openers else notes[0]
        if not notes and not s.openers:
            return None
        return _misplaced(s, wrong if s.openers else s.found, notes)
    if not notes or s.openers or s.previous[0] != "RPAREN" or not s.accepts("IN", "OUT"):
        return None
    if s.found[0] == "OUT" or s.found[0] == "IN" or s.starts_line or s.ended:
        return _misplaced(s, notes[0], notes)
    return None


def _misplaced(s: Situation, note: Token, notes: list[Token]) -> SyntaxProblem:
    belongs = "'out'" if note[0] == "SINK" else "'in'"
    return s.problem(
        (note[2], note[3]), "misplaced-annotation", f"'{note[1]}' belongs before the {belongs} declaration"
    )


def annotation_arguments(s: Situation) -> SyntaxProblem | None:
    """What stands in an annotation's parentheses."""
    if s.previous[0] in ("EXAMPLE", "SOURCE", "SINK") and s.found[0] != "LPAREN":
        sample = f"{s.previous[1]}(value)" if s.previous[0] == "EXAMPLE" else f'{s.previous[1]}("connector")'
        return s.problem(s.missing(), "unexpected-token", f"Expected '(' after '{s.previous[1]}': {sample}")
    if s.opener[0] != "LPAREN":
        return None
    note = s.before_opener()
    if note[0] in ("SOURCE", "SINK") and s.previous[0] == "LPAREN":
        return s.problem(s.missing(), "unexpected-token", "Expected the connector's name in double quotes")
    if note[0] == "EXAMPLE" and s.found[0] in COMMAS and s.at(1)[0] != "RPAREN":
        return s.problem(s.here(), "unexpected-token", "'@example' takes exactly one value")
    return None
