"""Call options: the static rules of `with`.

Owns their validation, their normal form (`CallOptions`: durations in milliseconds, defaults dropped) and the warnings
about options without effect. What an option does is the engine's business.

Invariant: options that mean the same give equal `CallOptions`; every bad option of a call is reported.
"""

from __future__ import annotations

from collections.abc import Callable

from constellation.compiler.checking.coercion import advice, coerce
from constellation.compiler.checking.option_values import (
    Invalid,
    count,
    duration,
    milliseconds,
    priority,
    rate,
    stream_shape,
    word,
    written,
)
from constellation.compiler.context import Context
from constellation.compiler.diagnostics import RelatedPlace
from constellation.image.graph import CallOptions, ErrorNode, GraphExpression
from constellation.types.model import ERROR, Type
from constellation.types.relations import has_error
from constellation.types.signature import FunctionSpec
from constellation_grammar import syntax

__all__ = ["check_options"]

_FIELDS: dict[str, tuple[str, Callable[[syntax.OptionValue], object]]] = {
    "retry": ("retry", count(0)),
    "timeout": ("timeout_ms", duration),
    "delay": ("delay_ms", duration),
    "backoff": ("backoff", word("fixed", "linear", "exponential")),
    "cache": ("cache_ms", duration),
    "concurrency": ("concurrency", count(1)),
    "on_error": ("on_error", word("propagate", "skip", "log", "wrap")),
    "batch": ("batch", count(1)),
    "batch_timeout": ("batch_timeout_ms", duration),
    "window": ("window", stream_shape({"tumbling": "d", "sliding": "dd", "count": "n"})),
    "checkpoint": ("checkpoint_ms", duration),
    "join": ("join", stream_shape({"combine_latest": "", "zip": "", "buffer": "d"})),
    "priority": ("priority", priority),
}
"""Options whose value stands alone: the field of `CallOptions` and what reads the value."""

_DEFAULTS: dict[str, object] = {"retry": 0, "backoff": "fixed", "on_error": "propagate", "priority": 50}

_DEPENDS = (
    ("delay", "retry"),
    ("backoff", "delay"),
    ("backoff", "retry"),
    ("cache_backend", "cache"),
    ("batch_timeout", "batch"),
)

_STREAMING = ("batch", "batch_timeout", "window", "checkpoint", "join")


def check_options(context: Context, node: syntax.Call, spec: FunctionSpec | None, returns: Type) -> CallOptions | None:
    """The normal form of a call's options, None when they change nothing.

    `spec` is None when the call itself failed; then the fallback's type is not compared.
    """
    fields: dict[str, object] = {}
    given: dict[str, syntax.Option] = {}
    for option in node.options:
        name = option.name.text
        if name in given:
            first = given[name].name
            context.report(
                "duplicate-option",
                option,
                {"option": name},
                related=(RelatedPlace("First given here", first.start, first.end),),
                data={"option": name},
            )
        given.setdefault(name, option)
        if not isinstance(option.value, syntax.Hole):
            _read(context, option, spec, returns, fields)
    if not any(isinstance(option.value, syntax.Hole) for option in node.options):
        _warn(context, given, fields)
    if spec is not None and "throttle_count" in fields:
        _note_throttle(context, spec, given.get("throttle"))
    kept = {name: value for name, value in fields.items() if _DEFAULTS.get(name) != value}
    return CallOptions(**kept) if kept else None  # type: ignore[arg-type]


def _read(
    context: Context, option: syntax.Option, spec: FunctionSpec | None, returns: Type, fields: dict[str, object]
) -> None:
    name, value = option.name.text, option.value
    if name == "fallback":
        fallback = _fallback(context, value, spec, returns)
        if fallback is not None:
            fields["fallback"] = fallback
        return
    try:
        _read_plain(context, option, fields)
    except Invalid as problem:
        if problem.constraint:
            context.report(
                "invalid-option-value",
                option,
                {"option": name, "value": written(value), "constraint": problem.constraint},
                data={"option": name},
            )


def _read_plain(context: Context, option: syntax.Option, fields: dict[str, object]) -> None:
    name, value = option.name.text, option.value
    known = _FIELDS.get(name)
    if known is not None:
        fields[known[0]] = known[1](value)
        if name == "priority":
            _warn_priority(context, option)
    elif name == "throttle":
        fields["throttle_count"], fields["throttle_per_ms"] = rate(value)
    elif name == "lazy":
        if isinstance(value, syntax.BooleanLiteral) and value.value:
            fields["lazy"] = True
    elif name == "cache_backend" and isinstance(value, syntax.Quoted):
        if not value.value:
            raise Invalid("must not be empty")
        fields["cache_backend"] = value.value
        _warn_backend(context, option, value.value)


def _fallback(
    context: Context, value: syntax.OptionValue, spec: FunctionSpec | None, returns: Type
) -> GraphExpression | None:
    if isinstance(value, (syntax.Duration, syntax.Rate, syntax.Word, syntax.Quoted)):
        return None
    node = context.infer(value)
    if spec is None or isinstance(node, ErrorNode) or returns is ERROR:
        return None
    fitting = coerce(node, returns)
    if fitting is None and not has_error(node.type):
        context.report(
            "fallback-type",
            node,
            {"expected": returns, "actual": node.type},
            suggestions=advice(context, returns, node.type),
            data={"expected": str(returns), "actual": str(node.type)},
        )
    return fitting


# ------------------------------------------------------------------------------------------------------ warnings


def _warn(context: Context, given: dict[str, syntax.Option], fields: dict[str, object]) -> None:
    for name, other in _DEPENDS:
        if name in given and other not in given:
            values = {"option": name, "other": other}
            context.report("option-without-effect", given[name], values, data=values)
    if "window" in given and "batch" in given:
        context.report("conflicting-options", given["batch"], data={"option": "batch"})
    attempts = fields.get("retry")
    if isinstance(attempts, int) and attempts > 10:
        context.report("high-retry-count", given["retry"], {"count": attempts}, data={"option": "retry"})
    for name in _STREAMING:
        if (
            name in given
            and not (name == "batch_timeout" and "batch" not in given)
            and not (name == "batch" and "window" in given)
        ):
            context.report("streaming-option", given[name], {"option": name}, data={"option": name})


def _warn_priority(context: Context, option: syntax.Option) -> None:
    value = option.value
    if isinstance(value, syntax.IntLiteral) and not 0 <= value.value <= 100:
        clamped = min(100, max(0, value.value))
        context.report("priority-out-of-range", option, {"value": value.value, "clamped": clamped})


def _warn_backend(context: Context, option: syntax.Option, name: str) -> None:
    known = context.cache_backends
    if known is not None and name not in known:
        listed = f" (there are: {', '.join(sorted(known))})" if known else ""
        context.report("unknown-cache-backend", option, {"name": name, "known": listed}, data={"name": name})


def _note_throttle(context: Context, spec: FunctionSpec, option: syntax.Option | None) -> None:
    if option is not None and isinstance(option.value, syntax.Rate):
        value = option.value
        if value.count > 0 and milliseconds(value.per) > 0:
            shown = written(value)
            context.throttles.append((spec.qualified_name, shown, option.start, option.end))
