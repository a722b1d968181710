"""Call options: which values fit which option.

Owns the option vocabulary as the grammar knows it: words, windows, join forms. Knows no constraint on numbers (that
zero is no concurrency is the checker's business). Used by both front ends. Invariant: `check_option` accepts exactly
the values the specification of the option names.
"""

from __future__ import annotations

from constellation_grammar.literals import Mistake
from constellation_grammar.syntax import Duration, IntLiteral, Option, Word

OPTION_WORDS: dict[str, tuple[str, ...]] = {
    "backoff": ("fixed", "linear", "exponential"),
    "on_error": ("propagate", "skip", "log", "wrap"),
    "priority": ("critical", "high", "normal", "low", "background"),
}
"""The words an option takes."""

OPTION_FORMS: dict[str, dict[str, tuple[type, ...] | None]] = {
    "window": {"tumbling": (Duration,), "sliding": (Duration, Duration), "count": (IntLiteral,)},
    "join": {"combine_latest": None, "zip": None, "buffer": (Duration,)},
}
"""The forms an option takes, with the kinds of their arguments; None: a word without parentheses."""

OPTION_VALUES: dict[str, str] = {
    "retry": "an integer",
    "timeout": "a duration such as 30s",
    "delay": "a duration such as 100ms",
    "backoff": "fixed, linear or exponential",
    "fallback": "an expression",
    "cache": "a duration such as 5min",
    "cache_backend": 'a name in double quotes such as "redis"',
    "throttle": "a rate such as 100/1min",
    "concurrency": "an integer",
    "on_error": "propagate, skip, log or wrap",
    "lazy": "true or false",
    "priority": "critical, high, normal, low, background or an integer",
    "batch": "an integer",
    "batch_timeout": "a duration such as 5s",
    "window": "tumbling(5min), sliding(5min, 1min) or count(10)",
    "checkpoint": "a duration such as 10s",
    "join": "combine_latest, zip or buffer(5s)",
}
"""What to write behind each option's colon, in words."""

_WORD_KINDS = {"backoff": "a backoff strategy", "on_error": "an error strategy", "priority": "a priority"}
_FORM_EXAMPLES = {
    "tumbling": "tumbling(5min)",
    "sliding": "sliding(5min, 1min)",
    "count": "count(10)",
    "combine_latest": "combine_latest",
    "zip": "zip",
    "buffer": "buffer(5s)",
}


def check_option(option: Option) -> Option:
    """The option itself if its word or form belongs to it; raises `Mistake` otherwise."""
    value = option.value
    if not isinstance(value, Word):
        return option
    name = option.name.text
    words = OPTION_WORDS.get(name)
    if words is not None:
        if value.arguments is not None or value.name not in words:
            raise wrong_word(name, value.name, value.start, value.end)
        return option
    forms = OPTION_FORMS[name]
    if value.name not in forms:
        kind = "window" if name == "window" else "join strategy"
        message = f"'{value.name}' is not a {kind}: use {OPTION_VALUES[name]}"
        raise Mistake(value.start, value.end, "bad-option-value", message)
    wanted = forms[value.name]
    given = None if value.arguments is None else tuple(type(argument) for argument in value.arguments)
    if wanted != given:
        message = f"Expected {_FORM_EXAMPLES[value.name]}"
        raise Mistake(value.start, value.end, "bad-option-value", message)
    return option


def wrong_word(option: str, word: str, start: int, end: int) -> Mistake:
    """The mistake of a word that is none of the option's."""
    message = f"'{word}' is not {_WORD_KINDS[option]}: use {OPTION_VALUES[option]}"
    return Mistake(start, end, "bad-option-value", message)
