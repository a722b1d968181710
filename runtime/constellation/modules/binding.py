"""The body of a module between conversions: language values in, language values out.

Owns the wrappers around a user's function. Refuses to know options, retries or scheduling.

Invariant: a body whose values need no conversion and no check is called directly, without a wrapper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from constellation.modules.module import Execution, Implementation
from constellation.types.conversion import ConversionError, Converter, ReturnedValueError


@dataclass(frozen=True, slots=True)
class Body:
    """A function with the converters of its parameters and result.

    `keywords` says that arguments must be passed by name; `context` names the parameter the context goes to, or with
    `positional` says that it comes first.
    """

    function: Callable[..., Any]
    names: tuple[str, ...]
    keywords: bool
    context: str | None
    incoming: tuple[Converter | None, ...]
    outgoing: Converter | None
    positional: bool = False


class ProcessImplementation:
    """What runs in a process pool: `function(*arguments(values))` there, `result(returned)` here.

    Called directly it does all three in this process.
    """

    __slots__ = ("_incoming", "_outgoing", "function")

    def __init__(self, function: Callable[..., Any], body: Body) -> None:
        self.function = function
        self._incoming = body.incoming
        self._outgoing = body.outgoing

    def arguments(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """Language values as the Python objects the function takes."""
        return tuple(v if c is None else c(v) for c, v in zip(self._incoming, values, strict=True))

    def result(self, returned: Any) -> Any:
        """What the function returned as a language value."""
        return returned if self._outgoing is None else _checked(self._outgoing, returned)

    def __call__(self, *values: Any) -> Any:
        return self.result(self.function(*self.arguments(values)))


def bind_body(body: Body, execution: Execution) -> Implementation:
    """The implementation over language values. An asynchronous one also takes lambdas that await: it is its own
    `asynchronous` twin (see `constellation.stdlib.declare`)."""
    if execution is Execution.PROCESS:
        return ProcessImplementation(body.function, body)
    if execution is Execution.ASYNC:
        made = _asynchronous(body)
        setattr(made, "asynchronous", made)  # noqa: B010
        return made
    return _synchronous(body)


def _checked(outgoing: Converter, returned: Any) -> Any:
    try:
        return outgoing(returned)
    except ConversionError as error:
        raise ReturnedValueError(error) from None


def _prepared(body: Body) -> Callable[[tuple[Any, ...]], tuple[tuple[Any, ...], dict[str, Any]]]:
    """Splits the values of a call into positional and named arguments, converted, the context in its place."""
    incoming, names, context = body.incoming, body.names, body.context

    def prepare(values: tuple[Any, ...]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        if body.positional and context is not None:
            converted = [v if c is None else c(v) for c, v in zip(incoming, values[1:], strict=True)]
            return (values[0], *converted), {}
        named: dict[str, Any] = {}
        if context is not None:
            named[context], values = values[0], values[1:]
        converted = [v if c is None else c(v) for c, v in zip(incoming, values, strict=True)]
        if body.keywords or context is not None:
            named.update(zip(names, converted, strict=True))
            return (), named
        return tuple(converted), named

    return prepare


def _is_direct(body: Body) -> bool:
    return body.context is None and not body.keywords and not any(body.incoming)


def _synchronous(body: Body) -> Implementation:
    function, outgoing = body.function, body.outgoing
    if _is_direct(body):
        if outgoing is None:
            return function

        def direct(*values: Any) -> Any:
            return _checked(outgoing, function(*values))

        return direct
    prepare = _prepared(body)

    def converted(*values: Any) -> Any:
        positional, named = prepare(values)
        returned = function(*positional, **named)
        return returned if outgoing is None else _checked(outgoing, returned)

    return converted


def _asynchronous(body: Body) -> Implementation:
    function, outgoing = body.function, body.outgoing
    if _is_direct(body):

        async def direct(*values: Any) -> Any:
            returned = await function(*values)
            return returned if outgoing is None else _checked(outgoing, returned)

        return direct
    prepare = _prepared(body)

    async def converted(*values: Any) -> Any:
        positional, named = prepare(values)
        returned = await function(*positional, **named)
        return returned if outgoing is None else _checked(outgoing, returned)

    return converted
