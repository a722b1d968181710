"""How standard functions call their lambdas: for each element, until one decides, or as a fold.

Owns the loops, their awaiting twins and the report of the failing element. Refuses to know what a function makes of
the results.

Invariant: elements are started in list order, each once; the failure reported is that of the first failing element,
and elements already started are awaited first. Signals that are no failures must not derive from `Exception`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

from constellation.errors import cause_text
from constellation.modules.errors import ElementError
from constellation.stdlib.declare import Namespace, Site, twin

Lambda = Callable[..., Any]
Finish = Callable[..., Any]

IN_FLIGHT: Final = 256
"""Elements of one call whose lambdas may be awaited at the same time."""


def failed(index: int, error: Exception) -> ElementError:
    """The failure of the call when its lambda failed for an element."""
    return ElementError(index, cause_text(error))


def call_each(function: Lambda, elements: Sequence[Any]) -> list[Any]:
    """The results for all elements, in order. The first `IN_FLIGHT` elements are evaluated whatever becomes of the
    others, as if they were awaited side by side."""
    results: list[Any] = []
    append = results.append
    try:
        for element in elements:
            append(function(element))
    except Exception as error:
        index = len(results)
        for element in elements[index + 1 : IN_FLIGHT]:
            with suppress(Exception):
                function(element)
        raise failed(index, error) from error
    return results


async def await_each(function: Callable[..., Awaitable[Any]], elements: Sequence[Any]) -> list[Any]:
    """The results for all elements, in order; up to `IN_FLIGHT` lambdas are awaited concurrently.

    The first `IN_FLIGHT` elements start whatever becomes of the others, so how many run does not depend on how fast
    one of them fails.
    """
    import asyncio

    results: list[Any] = [None] * len(elements)
    failures: dict[int, Exception] = {}
    waiting = iter(enumerate(elements))

    async def work() -> None:
        for index, element in waiting:
            if failures and index >= IN_FLIGHT:
                return
            try:
                results[index] = await function(element)
            except Exception as error:
                failures[index] = error

    await asyncio.gather(*(work() for _ in range(min(IN_FLIGHT, len(elements)))))
    if failures:
        index = min(failures)
        raise failed(index, failures[index]) from failures[index]
    return results


def first_where(function: Lambda, elements: Sequence[Any], wanted: bool) -> int | None:
    """The first index whose predicate is `wanted`; later elements are not looked at."""
    index = 0
    try:
        for element in elements:
            if function(element) is wanted:
                return index
            index += 1
    except Exception as error:
        raise failed(index, error) from error
    return None


async def await_first_where(
    function: Callable[..., Awaitable[Any]], elements: Sequence[Any], wanted: bool
) -> int | None:
    """The same, one element awaited after the other."""
    for index, element in enumerate(elements):
        try:
            found = await function(element)
        except Exception as error:
            raise failed(index, error) from error
        if found is wanted:
            return index
    return None


def for_each(
    namespace: Namespace,
    name: str,
    signature: str,
    *,
    aliases: Iterable[str] = (),
    tier: str = "extended",
    elements: Callable[..., Sequence[tuple[Any, ...]]] | None = None,
    site: bool = False,
) -> Callable[[Finish], Finish]:
    """Declare a function that calls its lambda (its last argument) for every element of its first argument.

    The decorated function gets the other arguments and the results. `elements` makes the lambda's argument tuples of
    the other arguments, where they are not the elements of a list. With `site=True` the decorated function takes a
    `Site` and returns that function.
    """

    def declare(finish: Finish) -> Finish:
        if site:

            def bind(where: Site) -> Lambda:
                return _each(finish(where), elements)

            bind.__doc__ = finish.__doc__
            namespace.standard(name, signature, aliases=aliases, tier=tier, binder=True)(bind)
        else:
            made = _each(finish, elements)
            made.__doc__ = finish.__doc__
            namespace.standard(name, signature, aliases=aliases, tier=tier)(made)
        return finish

    return declare


def _each(finish: Finish, elements: Callable[..., Sequence[tuple[Any, ...]]] | None) -> Lambda:
    if elements is None:

        async def awaiting(items: Sequence[Any], function: Lambda) -> Any:
            return finish(items, await await_each(function, items))

        @twin(awaiting)
        def calling(items: Sequence[Any], function: Lambda) -> Any:
            return finish(items, call_each(function, items))

        return calling

    async def awaiting_spread(*arguments: Any) -> Any:
        *given, function = arguments
        return finish(*given, await await_each(_spread(function), elements(*given)))

    @twin(awaiting_spread)
    def calling_spread(*arguments: Any) -> Any:
        *given, function = arguments
        return finish(*given, call_each(_spread(function), elements(*given)))

    return calling_spread


def _spread(function: Lambda) -> Lambda:
    """The lambda as a function of a tuple of its arguments."""

    def call(element: tuple[Any, ...]) -> Any:
        return function(*element)

    return call


def until(
    namespace: Namespace,
    name: str,
    signature: str,
    wanted: bool,
    *,
    aliases: Iterable[str] = (),
    tier: str = "extended",
) -> Callable[[Finish], Finish]:
    """Declare a function that looks for the first element whose predicate is `wanted`.

    The decorated function gets the list and that index, or None.
    """

    def declare(finish: Finish) -> Finish:
        async def awaiting(items: Sequence[Any], predicate: Lambda) -> Any:
            return finish(items, await await_first_where(predicate, items, wanted))

        @twin(awaiting)
        def searching(items: Sequence[Any], predicate: Lambda) -> Any:
            return finish(items, first_where(predicate, items, wanted))

        searching.__doc__ = finish.__doc__
        namespace.standard(name, signature, aliases=aliases, tier=tier)(searching)
        return finish

    return declare


def fold(items: Sequence[Any], initial: Any, combine: Lambda) -> Any:
    """The left fold of a list."""
    done = 0
    result = initial
    try:
        for item in items:
            result = combine(result, item)
            done += 1
    except Exception as error:
        raise failed(done, error) from error
    return result


async def await_fold(items: Sequence[Any], initial: Any, combine: Lambda) -> Any:
    """The left fold of a list, each step awaited before the next."""
    result = initial
    for index, item in enumerate(items):
        try:
            result = await combine(result, item)
        except Exception as error:
            raise failed(index, error) from error
    return result
