"""What people are told about call options and the words that are their values.

Owns the sentences; the options' rules are the compiler's. Invariant: every option of the language has an entry.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OptionGuide:
    """An option's kind of value, meaning, an example, and the options it is used with."""

    type: str
    summary: str
    description: str
    example: str
    related: tuple[str, ...] = ()


OPTIONS: dict[str, OptionGuide] = {
    "retry": OptionGuide(
        "Int", "Maximum retry attempts",
        "How often a failed call is tried again before it counts as failed.",
        "retry: 3", ("delay", "backoff", "timeout", "fallback"),
    ),
    "timeout": OptionGuide(
        "Duration", "Execution timeout", "The longest time one attempt may take.", "timeout: 30s", ("retry", "fallback")
    ),
    "delay": OptionGuide(
        "Duration", "Delay between retries", "The pause before a retry; `backoff` makes it grow.",
        "retry: 3, delay: 1s", ("retry", "backoff"),
    ),
    "backoff": OptionGuide(
        "Strategy", "How the delay grows", "`fixed`, `linear` or `exponential` growth of the delay between retries.",
        "retry: 5, delay: 1s, backoff: exponential", ("retry", "delay"),
    ),
    "fallback": OptionGuide(
        "Expression", "Value when the call fails", "Evaluated only when every attempt has failed; must fit the result.",
        'fallback: "unknown"', ("retry", "on_error"),
    ),
    "cache": OptionGuide(
        "Duration", "Cache TTL", "How long a result is kept and given again for the same arguments.",
        "cache: 5min", ("cache_backend",),
    ),
    "cache_backend": OptionGuide(
        "String", "Where results are cached", "The name of a configured cache backend.",
        'cache: 1h, cache_backend: "redis"', ("cache",),
    ),
    "throttle": OptionGuide(
        "Rate", "Rate limit", "At most so many calls in so much time; further calls wait.",
        "throttle: 100/1min", ("concurrency",),
    ),
    "concurrency": OptionGuide(
        "Int", "Parallel calls allowed", "How many calls of this module may run at the same time.",
        "concurrency: 5", ("throttle",),
    ),
    "on_error": OptionGuide(
        "Strategy", "What a failure does", "`propagate` it, `skip` to the type's zero value, `log` and skip, `wrap`.",
        "on_error: skip", ("fallback", "retry"),
    ),
    "lazy": OptionGuide(
        "Boolean", "Run only when needed", "The call runs when its value is first read, or never.", "lazy"
    ),
    "priority": OptionGuide(
        "Priority", "Scheduling priority", "`critical`, `high`, `normal`, `low`, `background`, or 0 to 100.",
        "priority: high",
    ),
    "batch": OptionGuide(
        "Int", "Batch size", "How many elements of a stream are handled together.", "batch: 100", ("batch_timeout",)
    ),
    "batch_timeout": OptionGuide(
        "Duration", "Longest wait for a full batch", "After this time a batch is handled as it is.",
        "batch: 100, batch_timeout: 1s", ("batch",),
    ),
    "window": OptionGuide(
        "Window", "Window over a stream", "`tumbling(5s)`, `sliding(10s, 1s)` or `count(100)`.", "window: tumbling(5s)"
    ),
    "checkpoint": OptionGuide(
        "Duration", "Checkpoint interval", "How often a stream's progress is saved.", "checkpoint: 30s"
    ),
    "join": OptionGuide(
        "Strategy", "How streams are joined", "`combine_latest`, `zip` or `buffer(1s)`.", "join: zip", ("window",)
    ),
}  # fmt: skip

WORDS: dict[str, dict[str, str]] = {
    "backoff": {
        "fixed": "The delay stays the same.",
        "linear": "The delay grows by itself with every retry: 1s, 2s, 3s.",
        "exponential": "The delay doubles with every retry: 1s, 2s, 4s.",
    },
    "on_error": {
        "propagate": "A failure fails the run.",
        "skip": 'A failure becomes the zero value of the type: `0`, `""`, `[]`, absent.',
        "log": "A failure is logged and becomes the zero value of the type.",
        "wrap": "A failure becomes the zero value of the type; the run's metadata says what went wrong.",
    },
    "priority": {
        "critical": "Before everything else (100).",
        "high": "Before normal work (80).",
        "normal": "The default (50).",
        "low": "After normal work (20).",
        "background": "When nothing else waits (0).",
    },
    "join": {
        "combine_latest": "Pairs the newest values of both streams.",
        "zip": "Pairs values one to one, in order.",
        "buffer": "Pairs values that arrive within a time.",
    },
    "window": {
        "tumbling": "Windows of equal length, one after the other.",
        "sliding": "Windows of equal length that overlap.",
        "count": "Windows of an equal number of elements.",
    },
}

WORD_KINDS = {
    "backoff": "Backoff Strategy",
    "on_error": "Error Strategy",
    "priority": "Priority Level",
    "join": "Join Strategy",
    "window": "Window",
}

UNITS = {"ms": "milliseconds", "s": "seconds", "min": "minutes", "h": "hours", "d": "days"}

OPERATORS: dict[str, str] = {
    "+": "The sum of two numbers; of two records, one with the fields of both.",
    "merge": "Merges two records: a field of the right one replaces one of the same name.",
    "-": "The difference of two numbers, or the negative of one.",
    "*": "The product of two numbers.",
    "/": "The quotient of two numbers; of two `Int`s without its fraction.",
    "==": "Whether two values are equal.",
    "!=": "Whether two values differ.",
    "<": "Whether the left value is smaller.",
    ">": "Whether the left value is larger.",
    "<=": "Whether the left value is smaller or equal.",
    ">=": "Whether the left value is larger or equal.",
    "??": "The left value unless it is absent, else the right one.",
}

KEYWORDS: dict[str, str] = {
    "in": "Declares an input: `in name: Type`.",
    "out": "Declares an output: `out name` or `out expression as name`.",
    "use": "Imports a namespace: `use stdlib.math` or `use stdlib.math as m`.",
    "type": "Names a type: `type Name = Type`.",
    "as": "Gives an import or an output another name.",
    "if": "`if (condition) a else b`: every `if` has a value, so `else` is required.",
    "else": "The value when the condition of `if` is false.",
    "branch": "The value of the first case whose condition holds: `branch { c -> a, otherwise -> b }`.",
    "otherwise": "The value of a `branch` when no condition holds.",
    "match": "Chooses by the shape of a value: `match x { { f } -> f, is Int -> 0, _ -> 1 }`.",
    "is": "A pattern that tests for a type.",
    "when": "`value when condition`: the value if the condition holds, else absent (an Optional).",
    "with": "Options of a call: `f(x) with retry: 3, timeout: 30s`.",
    "lazy": "An option: the call runs only when its value is needed.",
    "and": "True when both operands are; the right one is looked at only if needed.",
    "or": "True when either operand is; the right one is looked at only if needed.",
    "not": "The opposite of a Boolean.",
    "true": "A Boolean.",
    "false": "A Boolean.",
}

BUILTIN_TYPES: dict[str, str] = {
    "String": "Text: any sequence of Unicode characters.",
    "Int": "A whole number of 64 bits.",
    "Float": "A floating point number of 64 bits.",
    "Boolean": "`true` or `false`.",
    "List": "`List<T>`: values of one type, in order.",
    "Seq": "`Seq<T>`: an ordered sequence that may be handled piece by piece.",
    "Map": "`Map<K, V>`: values by key.",
    "Optional": "`Optional<T>`: a value or nothing; `??` gives a default.",
    "Candidates": "Deprecated: write `Seq<T>`.",
}
