"""`@module`: what becomes of a function, and every way a definition can be wrong."""

# What a lambda passed as Any takes and gives is unknown to pyright; these tests are about values.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, TypedDict

import pytest

from constellation.modules.binding import ProcessImplementation
from constellation.modules.context import ModuleContext
from constellation.modules.decorator import module
from constellation.modules.definition import define, pascal_case
from constellation.modules.errors import ModuleDefinitionError
from constellation.modules.module import Execution, Module
from constellation.types.conversion import ConversionError
from constellation.types.hints import Doc, T
from constellation.types.model import INT
from constellation.types.values import NONE, Some


def call(made: Module, *values: Any) -> Any:
    """Calls a module with language values, as the engine would."""
    signature = made.spec.overloads[0]
    return made.bind(0, tuple(p.type for p in signature.parameters), signature.returns)(*values)


@module(tags=("text", "nlp"), version="1.2")
def keyword_density(text: str, keyword: str) -> float:
    """Share of words equal to the keyword.

    Case does not matter.

    Args:
        text: Document to inspect.
        keyword: Word to look for,
            compared without regard to case.

    Returns:
        A number from 0 to 1.
    """
    words = text.lower().split()
    return words.count(keyword.lower()) / len(words) if words else 0.0


@dataclass(frozen=True)
class Sentiment:
    """A record."""

    label: str
    confidence: float


class Review(TypedDict):
    """Another."""

    author: str
    text: str


@module
async def analyze(review: Review) -> Sentiment:
    """Sentiment of a review."""
    return Sentiment("positive" if "great" in review["text"] else "neutral", 0.5)


@module(blocking="process")
def heavy(numbers: list[int]) -> int:
    """Runs elsewhere."""
    return sum(numbers)


def test_the_decorated_object_is_the_plain_function() -> None:
    assert keyword_density("a b", "a") == 0.5
    assert pickle.loads(pickle.dumps(keyword_density)) is keyword_density


def test_everything_is_read_off_the_function() -> None:
    made = define(keyword_density)
    assert made.signature == "KeywordDensity(text: String, keyword: String) -> Float"
    assert (made.name, made.version, made.tags, made.published) == ("KeywordDensity", "1.2", ("text", "nlp"), False)
    assert made.description == "Share of words equal to the keyword.\n\nCase does not matter."
    assert [p.description for p in made.spec.overloads[0].parameters] == [
        "Document to inspect.",
        "Word to look for, compared without regard to case.",
    ]
    assert made.execution is Execution.INLINE
    assert call(made, "a b A", "a") == pytest.approx(2 / 3)


async def test_records_arrive_as_their_class_and_leave_as_dicts() -> None:
    made = define(analyze)
    assert made.signature == "analyze".capitalize() + (
        "(review: { author: String, text: String }) -> { label: String, confidence: Float }"
    )
    assert made.execution is Execution.ASYNC
    result = await call(made, {"author": "a", "text": "great"})
    assert result == {"label": "positive", "confidence": 0.5}


@pytest.mark.parametrize(
    ("name", "pascal"),
    [("keyword_density", "KeywordDensity"), ("shout", "Shout"), ("parseJSON", "ParseJSON"), ("_x_y", "XY")],
)
def test_names_in_pascal_case(name: str, pascal: str) -> None:
    assert pascal_case(name) == pascal


def test_options_reach_the_module() -> None:
    def by_url(inputs: Any) -> str:
        return str(inputs["url"])

    @module(
        name="fetch-page",
        namespace="acme.web",
        aliases=("Fetch",),
        timeout=timedelta(seconds=2),
        inputs_timeout=5,
        effectful=True,
        cacheable=False,
        cache_key=by_url,
        cache_ttl=300,
        http=True,
        blocking=True,
        circuit_breaker=False,
        examples=[{"inputs": {"url": "x"}}],
        deprecated="use fetch-all",
        description="Own words.",
    )
    def fetch(url: Annotated[str, Doc("Where it is")]) -> str:
        """Words of the docstring."""
        return url

    made = define(fetch)
    assert made.name == "acme.web.fetch-page" and made.spec.namespace == "acme.web"
    assert made.spec.spellings == ("fetch-page", "Fetch")
    assert (made.timeout, made.inputs_timeout, made.cache_ttl) == (2.0, 5.0, 300.0)
    assert made.spec.effectful and not made.cacheable and made.published and made.cache_key is by_url
    assert made.execution is Execution.THREAD and made.circuit_breaker is False
    assert made.spec.deprecated == "use fetch-all" and made.spec.examples == ('{"inputs": {"url": "x"}}',)
    assert made.description == "Own words." and made.spec.overloads[0].parameters[0].description == "Where it is"


def test_a_dotted_name_is_a_namespace_and_milliseconds_are_understood() -> None:
    @module(name="acme.text.shout", timeout_ms=1500)
    def anything(text: str) -> str:
        return text

    made = define(anything)
    assert (made.spec.namespace, made.spec.name, made.timeout) == ("acme.text", "shout", 1.5)


def test_the_context_is_injected_and_invisible() -> None:
    @module
    def where(text: str, ctx: ModuleContext, times: int) -> str:
        ctx.note(seen=text)
        return f"{ctx.execution_id}:{text * times}"

    made = define(where)
    context = ModuleContext("run-1", "Where", attempt=2, deadline=12.0, clock=lambda: 10.5)
    assert made.wants_context and made.signature == "Where(text: String, times: Int) -> String"
    assert call(made, context, "ab", 2) == "run-1:abab"
    assert context.notes == {"seen": "ab"} and context.time_left() == 1.5


def test_cancellation_is_seen_by_long_bodies() -> None:
    context = ModuleContext("run-1", "Long", cancelled=lambda: True)
    with pytest.raises(asyncio.CancelledError):
        context.check_cancelled()
    ModuleContext("run-1", "Long").check_cancelled()


def test_keyword_only_parameters_and_optionals() -> None:
    @module
    def greet(name: str, *, title: str | None) -> str | None:
        return f"{title} {name}" if title else None

    assert call(define(greet), "Ada", Some("Dr")) == Some("Dr Ada")
    assert call(define(greet), "Ada", NONE) is NONE


async def test_lambdas_are_callables() -> None:
    @module(pure=True)
    def first_matching(items: list[T], test: Callable[[T], bool], default: T) -> T:
        return next((x for x in items if test(x)), default)

    @module
    async def keep(items: list[int], test: Callable[[int], Awaitable[bool]]) -> list[int]:
        return [x for x in items if await test(x)]

    made = define(first_matching)
    assert made.spec.generic and made.signature == (
        "FirstMatching(items: List<T>, test: (T) => Boolean, default: T) -> T"
    )
    assert call(made, [1, 2, 3], lambda x: x > 1, 0) == 2

    async def odd(x: int) -> bool:
        return x % 2 == 1

    bound = define(keep).bind(0, (), INT)
    assert await bound([1, 2, 3], odd) == [1, 3]
    assert getattr(bound, "asynchronous") is bound  # noqa: B009


def test_a_process_module_gives_its_parts() -> None:
    bound = define(heavy).bind(0, (), INT)
    assert isinstance(bound, ProcessImplementation)
    assert pickle.loads(pickle.dumps(bound.function)) is heavy
    assert bound.result(bound.function(*bound.arguments(((1, 2),)))) == bound((1, 2)) == 3


def test_a_result_that_breaks_its_promise_is_refused() -> None:
    @module
    def lie(x: int) -> list[int]:
        return [x, "two"]  # type: ignore[list-item]

    with pytest.raises(ConversionError) as caught:
        call(define(lie), 1)
    assert caught.value.message == "returned value does not match declared type: result[1]: expected Int, got str"


def test_local_classes_are_understood() -> None:
    @dataclass
    class Local:
        x: int

    @module
    def make(x: int) -> list[Local]:
        return [Local(x)]

    assert define(make).signature == "Make(x: Int) -> List<{ x: Int }>"


def test_all_problems_are_listed_with_their_parameter() -> None:
    @module(name="in", version="two", pure=True, effectful=True, timeout=0, aliases=("a b",))
    def broken(a, b: list, c: int = 3, *rest: int, d: Any, **more: int):  # type: ignore[no-untyped-def,type-arg]  # noqa: ANN
        """Wrong in every way."""

    with pytest.raises(ModuleDefinitionError) as caught:
        define(broken)
    assert [p.removeprefix("Module 'in': ") for p in caught.value.problems] == [
        "'in' is a reserved word",
        "alias 'a b' is not a name",
        "version 'two' is not written major.minor",
        "is marked pure and effectful; choose one",
        "timeout must be positive",
        "parameter 'a' has no annotation",
        "parameter 'b': list does not say what it holds; write list[T]",
        "parameter 'c' has a default value; the language has no default arguments. Annotate it as optional (X | None), "
        "or define two modules",
        "parameter 'rest': *rest is not possible; name every parameter",
        "parameter 'd': Any has no type in the language; name the type",
        "parameter 'more': **more is not possible; name every parameter",
        "has no return annotation",
    ]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"namespace": "stdlib.math"}, "the namespace stdlib belongs to the standard library"),
        ({"name": "9lives"}, "'9lives' is not a name"),
        ({"name": "ends-"}, "'ends-' is not a name"),
        ({"aliases": ("when",)}, "alias 'when' is a reserved word"),
    ],
)
def test_names_that_cannot_be_called(options: dict[str, Any], problem: str) -> None:
    @module(**options)
    def anything(x: int) -> int:
        return x

    with pytest.raises(ModuleDefinitionError, match=problem):
        define(anything)


def test_async_and_blocking_exclude_each_other() -> None:
    @module(blocking=True)
    async def confused(x: int) -> int:
        return x

    with pytest.raises(ModuleDefinitionError, match="async and blocking"):
        define(confused)


def test_an_annotation_that_names_nothing() -> None:
    @module
    def lost(x: Nowhere) -> int:  # type: ignore[name-defined]  # noqa: F821
        return 1

    with pytest.raises(ModuleDefinitionError, match="an annotation cannot be read: name 'Nowhere' is not defined"):
        define(lost)


def test_what_is_not_decorated_is_no_module() -> None:
    with pytest.raises(ModuleDefinitionError, match="len is no module; decorate it with @module"):
        define(len)
