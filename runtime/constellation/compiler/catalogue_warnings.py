"""Catalogue entries of warnings: call options without effect (OPTS) and lints (LANG)."""

from __future__ import annotations

from constellation.compiler.catalogue_entry import DiagnosticKind

_LOAD = ("Load(id: Int) -> String",)
_HEAD = "in id: Int\n"


def _option(
    code: str, title: str, messages: dict[str, str], explanation: str, wrong: str, right: str
) -> DiagnosticKind:
    return DiagnosticKind(
        code,
        title,
        "Options",
        messages,
        explanation,
        f"{_HEAD}{wrong}\nout r\n",
        f"{_HEAD}{right}\nout r\n",
        "warning",
        _LOAD,
    )


def _lint(
    code: str, title: str, messages: dict[str, str], explanation: str, wrong: str, right: str, severity: str = "warning"
) -> DiagnosticKind:
    return DiagnosticKind(code, title, "Lint", messages, explanation, wrong, right, severity)


WARNINGS = (
    _option(
        "OPTS001",
        "Option without effect",
        {"option-without-effect": "'{option}' has no effect without '{other}'"},
        "This option only refines another one that is not given.",
        "r = Load(id) with delay: 1s",
        "r = Load(id) with retry: 2, delay: 1s",
    ),
    _option(
        "OPTS002",
        "Conflicting options",
        {"conflicting-options": "'window' and 'batch' cannot be combined; 'batch' is ignored"},
        "A stream is grouped either by a window or in batches.",
        "r = Load(id) with window: count(5), batch: 3",
        "r = Load(id)",
    ),
    _option(
        "OPTS003",
        "High retry count",
        {"high-retry-count": "High retry count ({count}); prefer fewer attempts with backoff: exponential"},
        "Many immediate attempts burden a service that is already in trouble.",
        "r = Load(id) with retry: 50",
        "r = Load(id) with retry: 5, delay: 1s, backoff: exponential",
    ),
    _option(
        "OPTS004",
        "Priority out of range",
        {"priority-out-of-range": "Priority {value} is outside 0-100 and counts as {clamped}"},
        "Priorities go from 0 (background) to 100 (critical).",
        "r = Load(id) with priority: 150",
        "r = Load(id) with priority: critical",
    ),
    DiagnosticKind(
        "OPTS005",
        "Unknown cache backend",
        "Options",
        {"unknown-cache-backend": "No cache backend is called '{name}'{known}"},
        "The engine that compiles this program has no cache store of this name; results are kept in its memory.",
        "",
        "",
        "warning",
        _LOAD,
    ),
    _option(
        "OPTS006",
        "Conflicting throttles",
        {"conflicting-throttles": "'{name}' is throttled to {rate} here and to {other} elsewhere; each counts alone"},
        "Calls of one module share a limit only when their throttle options are the same.",
        "q = Load(id) with throttle: 5/1s\nr = Load(id) with throttle: 9/1s\nout q",
        "q = Load(id) with throttle: 5/1s\nr = Load(id) with throttle: 5/1s\nout q",
    ),
    _option(
        "OPTS007",
        "Streaming option without a stream",
        {"streaming-option": "'{option}' has an effect on streams only"},
        "batch, batch_timeout, window, checkpoint and join shape streams; an ordinary run ignores them.",
        "r = Load(id) with checkpoint: 1h",
        "r = Load(id)",
    ),
    _lint(
        "LANG001",
        "Variable assigned again",
        {"rebinding": "'{name}' is assigned again; the later value counts from here"},
        "A second assignment hides the first from here on. A new name keeps both readable.",
        "in n: Int\nn = n * 10\nout n\n",
        "in n: Int\nscaled = n * 10\nout scaled\n",
    ),
    _lint(
        "LANG002",
        "Unused variable",
        {"unused-variable": "Variable '{name}' is never used"},
        "The value is computed on every run and never read. Remove it, or start its name with _ to keep it.",
        "in n: Int\nspare = n * 2\nout n\n",
        "in n: Int\n_spare = n * 2\nout n\n",
    ),
    _lint(
        "LANG003",
        "Unused import",
        {"unused-import": "Import '{name}' is never used"},
        "Nothing below was found through this import.",
        "use stdlib.math\nin n: Int\nout n\n",
        "in n: Int\nout n\n",
    ),
    _lint(
        "LANG004",
        "Unreachable case",
        {"unreachable-case": "This case can never be reached: the cases above already cover it"},
        "Cases are tried from the top; everything this one matches has been taken before.",
        "in n: Int\nr = branch { true -> n, n > 1 -> 2, otherwise -> 3 }\nout r\n",
        "in n: Int\nr = branch { n > 1 -> 2, otherwise -> 3 }\nout r\n",
    ),
    _lint(
        "LANG005",
        "Output declared twice",
        {"duplicate-output": "Output '{name}' is declared twice"},
        "The second declaration adds nothing.",
        "in n: Int\nout n\nout n\n",
        "in n: Int\nout n\n",
    ),
    _lint(
        "LANG006",
        "Connector property is no literal",
        {"connector-property": "Property '{name}' of a connector should be a literal"},
        "Connector hints are read without running the program, so only literals mean something there.",
        '@source("kafka", topic: name)\nin n: Int\nout n\n',
        '@source("kafka", topic: "orders")\nin n: Int\nout n\n',
    ),
    _lint(
        "LANG007",
        "Unused input",
        {"unused-input": "Input '{name}' is never used"},
        "Callers must supply an input nobody reads.",
        "in n: Int\nin m: Int\nout n\n",
        "in n: Int\nout n\n",
        "hint",
    ),
    _lint(
        "LANG008",
        "Unused type",
        {"unused-type": "Type '{name}' is never used"},
        "Nothing refers to this type.",
        "type Id = Int\nin n: Int\nout n\n",
        "type Id = Int\nin n: Id\nout n\n",
        "hint",
    ),
    _lint(
        "LANG009",
        "Legacy type name",
        {"legacy-candidates": "Candidates<T> is the old name of Seq<T>"},
        "Both mean the same; Seq is the name shown in messages.",
        "in rows: Candidates<Int>\nout rows\n",
        "in rows: Seq<Int>\nout rows\n",
        "hint",
    ),
    _lint(
        "LANG010",
        "Shadowed variable",
        {"shadowing": "'{name}' hides a variable of the same name"},
        "Inside the lambda or the match arm the outer variable cannot be reached.",
        "in n: Int\nin ns: List<Int>\nr = filter(ns, (n) => n > 1)\nout r\nout n\n",
        "in n: Int\nin ns: List<Int>\nr = filter(ns, (m) => m > n)\nout r\nout n\n",
        "hint",
    ),
    _lint(
        "LANG011",
        "Constant condition",
        {"constant-condition": "This condition is always {value}"},
        "The decision is already made.",
        "in n: Int\nr = if (true) n else 2\nout r\n",
        "in n: Int\nr = n\nout r\n",
        "hint",
    ),
    _lint(
        "LANG012",
        "Redundant ??",
        {"redundant-coalesce": "The left side of ?? is never absent here"},
        "A guard with a condition that is always true always gives its value.",
        "in n: Int\nr = (n when true) ?? 2\nout r\n",
        "in n: Int\nr = n\nout r\n",
        "hint",
    ),
)
