"""Annotations as types, with their conversions both ways, and the sentences for those that have none."""

# What a lambda passed as Any takes and gives is unknown to pyright; these tests are about values.
# pyright: reportUnknownLambdaType=false

from __future__ import annotations

import collections.abc
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any, Literal, NamedTuple, NewType, NotRequired, Optional, TypedDict, TypeVar, Union
from uuid import UUID

import attrs
import msgspec
import pydantic
import pytest

from constellation import codecs
from constellation.types.codecs import register_type, unregister_type
from constellation.types.conversion import ConversionError
from constellation.types.hints import Doc, HintError, N, Ord, Seq, T, conversion_of, description_of, type_of
from constellation.types.model import INT
from constellation.types.values import NONE, Some, Variant


@dataclass(frozen=True)
class Sentiment:
    """A dataclass."""

    label: str
    confidence: float


class Review(TypedDict):
    """A TypedDict with a field that may be missing."""

    author: str
    stars: NotRequired[int]


class Span(NamedTuple):
    """A named tuple."""

    start: int
    end: int


class Line(msgspec.Struct, rename="camel"):
    """A msgspec Struct with renamed fields."""

    unit_price: int
    note: str | None = None


@attrs.define
class Box:
    """An attrs class with a private field."""

    _inside: int
    label: str = "box"


class Customer(pydantic.BaseModel):
    """A pydantic model with a described and a renamed field."""

    name: str = pydantic.Field(description="Full name", min_length=1)
    tier: str = pydantic.Field(default="basic", alias="customerTier")


@dataclass
class Basket:
    """Records inside records, with defaults."""

    owner: Customer
    spans: list[Span]
    tags: list[str] = field(default_factory=list[str])
    best: Span | None = None


class Colour(StrEnum):
    """Texts."""

    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    """Integers."""

    LOW = 1
    HIGH = 2


class Mixed(Enum):
    """Neither."""

    A = 1
    B = "b"


class Node(TypedDict):
    """Contains itself."""

    children: list[Node]


class Opaque:
    """A class without codec."""


LIST_OF_T: Any = list[T]  # type: ignore[valid-type]  # pyright: ignore
PREDICATE: Any = Callable[[T, int], bool]  # pyright: ignore
LATER: Any = Callable[[T], Awaitable[bool]]  # pyright: ignore
UserId = NewType("UserId", str)
Number = TypeVar("Number", bound=int | float)


@pytest.mark.parametrize(
    ("annotation", "type_"),
    [
        (str, "String"),
        (int, "Int"),
        (float, "Float"),
        (bool, "Boolean"),
        (UserId, "String"),
        (list[int], "List<Int>"),
        (tuple[str, ...], "List<String>"),
        (Sequence[float], "List<Float>"),
        (Seq[int], "Seq<Int>"),
        (dict[str, int], "Map<String, Int>"),
        (Mapping[int, bool], "Map<Int, Boolean>"),
        (int | None, "Optional<Int>"),
        (Optional[str], "Optional<String>"),  # noqa: UP045
        (int | str, "Int | String"),
        (Union[int, Sentiment, None], "Optional<Int | { label: String, confidence: Float }>"),
        (Sentiment, "{ label: String, confidence: Float }"),
        (Review, "{ author: String, stars: Optional<Int> }"),
        (Span, "{ start: Int, end: Int }"),
        (Line, "{ unitPrice: Int, note: Optional<String> }"),
        (Box, "{ _inside: Int, label: Optional<String> }"),
        (Customer, "{ name: String, customerTier: Optional<String> }"),
        (Literal["a", "b"], "String"),
        (Literal[1, 2], "Int"),
        (Colour, "String"),
        (Level, "Int"),
        (Annotated[int, Doc("how many")], "Int"),
        (list[Sentiment | None], "List<Optional<{ label: String, confidence: Float }>>"),
        (T, "T"),
        (LIST_OF_T, "List<T>"),
        (N, "Int or Float"),
        (Ord, "Int, Float, String or Boolean"),
        (Number, "Int or Float"),
    ],
)
def test_types(annotation: Any, type_: str) -> None:
    assert str(type_of(annotation)) == type_


def test_functions_are_parameters_only() -> None:
    assert str(conversion_of(PREDICATE, parameter=True).type) == "(T, Int) => Boolean"
    assert str(conversion_of(LATER, parameter=True).type) == "(T) => Boolean"
    with pytest.raises(HintError, match="only as a parameter"):
        conversion_of(Callable[[int], int])


@pytest.mark.parametrize(
    ("annotation", "sentence"),
    [
        (Any, "Any has no type in the language; name the type"),
        (object, "object has no type in the language; name the type"),
        (list, "list does not say what it holds; write list[T]"),
        (dict, "dict does not say what it holds; write dict[K, V]"),
        (tuple, "tuple does not say what it holds; write tuple[T, ...]"),
        (tuple[int, str], "tuple[int, str] is no list; write tuple[T, ...], or a NamedTuple for a record"),
        (list[Any], "Any has no type in the language; name the type"),
        (None, "None alone has no type in the language; return a value"),
        (type(None), "None alone has no type in the language; return a value"),
        (datetime, "class datetime has no codec; register one"),
        (Opaque, "class Opaque has no codec; register one"),
        (Mixed, "enumeration Mixed needs members that are all texts or all integers"),
        (Literal["a", 1], "mixes kinds"),
        (list[int] | list[str], "members List<Int> and List<String> cannot be told apart"),
        (dict[float, int], "keys must be String, Int or Boolean, not Float"),
        (Node, "field 'children' of Node: class Node contains itself; the language has no recursive types"),
        (set[int], "set[int] has no type in the language"),
        (collections.abc.Callable, "write Callable[[A], B]"),
    ],
)
def test_rejected(annotation: Any, sentence: str) -> None:
    with pytest.raises(HintError) as caught:
        conversion_of(annotation, parameter=True)
    assert sentence in str(caught.value)


CASES: list[tuple[Any, Any, Any]] = [
    (int, 3, 3),
    (float, 2, 2.0),
    (list[int], [1, 2], [1, 2]),
    (tuple[int, ...], (1, 2), [1, 2]),
    (dict[str, float], {"a": 1.5}, {"a": 1.5}),
    (int | None, None, NONE),
    (int | None, 1, Some(1)),
    (int | str, "x", Variant("String", "x")),
    (Sentiment, Sentiment("a", 0.5), {"label": "a", "confidence": 0.5}),
    (Sentiment | int, 3, Variant("Int", 3)),
    (Review, {"author": "a"}, {"author": "a", "stars": NONE}),
    (Review, {"author": "a", "stars": 3}, {"author": "a", "stars": Some(3)}),
    (Span, Span(1, 2), {"start": 1, "end": 2}),
    (Line, Line(5, "n"), {"unitPrice": 5, "note": Some("n")}),
    (Box, Box(1, "l"), {"_inside": 1, "label": Some("l")}),
    (Customer, Customer(name="n", customerTier="gold"), {"name": "n", "customerTier": Some("gold")}),
    (
        Basket,
        Basket(Customer(name="n"), [Span(1, 2)], ["t"], Span(3, 4)),
        {
            "owner": {"name": "n", "customerTier": Some("basic")},
            "spans": [{"start": 1, "end": 2}],
            "tags": Some(["t"]),
            "best": Some({"start": 3, "end": 4}),
        },
    ),
    (Colour, Colour.RED, "red"),
    (Level, Level.HIGH, 2),
    (Literal["a", "b"], "a", "a"),
]


@pytest.mark.parametrize(("annotation", "python", "value"), CASES)
def test_conversions_are_inverse(annotation: Any, python: Any, value: Any) -> None:
    conversion = conversion_of(annotation)
    assert conversion.to_value is not None
    assert conversion.to_value(python) == value
    back = value if conversion.from_value is None else conversion.from_value(value)
    assert back == python and type(back) is (float if annotation is float else type(python))


def test_fields_left_out_take_the_class_defaults() -> None:
    conversion = conversion_of(Basket)
    assert conversion.from_value is not None
    value: Any = {"owner": {"name": "n", "customerTier": NONE}, "spans": [], "tags": NONE, "best": NONE}
    assert conversion.from_value(value) == Basket(Customer(name="n"), [])


@pytest.mark.parametrize(
    ("annotation", "python", "message"),
    [
        (int, True, "expected Int, got bool"),
        (int, 1.0, "expected Int, got float"),
        (int, 2**63, "expected Int, got an integer outside 64 bits"),
        (str, None, "expected String, got None"),
        (float, "1", "expected Float, got str"),
        (bool, 1, "expected Boolean, got int"),
        (list[int], [1, "x"], "[1]: expected Int, got str"),
        (list[int], "ab", "expected a list, got str"),
        (list[int], {1}, "expected a list, got set"),
        (dict[str, int], {"a": "x"}, "a: expected Int, got str"),
        (Sentiment, {"label": "x"}, "expected Sentiment, got dict"),
        (list[Sentiment], [Sentiment("x", None)], "[0].confidence: expected Float, got None"),  # type: ignore[arg-type]
        (Review, {}, "expected field 'author' of Review, got nothing"),
        (int | str, 1.5, "expected Int | String, got float"),
        (Colour, "green", "expected Colour (one of 'red', 'blue'), got 'green'"),
        (Literal["a"], "b", "expected one of 'a', got 'b'"),
    ],
)
def test_wrong_objects_are_refused_with_the_path(annotation: Any, python: Any, message: str) -> None:
    conversion = conversion_of(annotation)
    assert conversion.to_value is not None
    with pytest.raises(ConversionError) as caught:
        conversion.to_value(python)
    assert caught.value.message == message and caught.value.code == "TYPE_CONVERSION"


def test_validation_of_a_model_applies_to_values_that_come_in() -> None:
    conversion = conversion_of(Customer)
    assert conversion.from_value is not None
    with pytest.raises(pydantic.ValidationError):
        conversion.from_value({"name": "", "customerTier": NONE})


def test_descriptions() -> None:
    assert description_of(Annotated[int, Doc("how many")]) == "how many"
    assert description_of(Annotated[int, "plain"]) == "plain"
    assert description_of(int) == ""


def test_a_registered_class_travels_as_its_type() -> None:
    register_type(Opaque, INT, lambda _: 1, lambda _: Opaque())
    try:
        conversion = conversion_of(list[Opaque])
        assert str(conversion.type) == "List<Int>"
        assert conversion.to_value is not None and conversion.to_value([Opaque()]) == [1]
    finally:
        unregister_type(Opaque)
    with pytest.raises(HintError):
        conversion_of(Opaque)


@pytest.mark.parametrize(
    ("codec", "python", "value"),
    [
        (codecs.DATETIME, datetime(2024, 2, 29, 12, 30, tzinfo=UTC), "2024-02-29T12:30:00+00:00"),
        (codecs.DATE, date(2024, 2, 29), "2024-02-29"),
        (codecs.DECIMAL, Decimal("1.10"), "1.10"),
        (codecs.UUID_TEXT, UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_ready_made_codecs(codec: codecs.Codec, python: Any, value: str) -> None:
    codec.register()
    try:
        conversion = conversion_of(type(python))
        assert conversion.to_value is not None and conversion.from_value is not None
        assert conversion.to_value(python) == value and conversion.from_value(value) == python
    finally:
        unregister_type(codec.cls)


async def test_lambdas_arrive_as_callables_over_python_objects() -> None:
    conversion = conversion_of(Callable[[Span], int | None], parameter=True)
    assert conversion.from_value is not None
    measure = conversion.from_value(lambda record: Some(record["end"] - record["start"]))
    assert measure(Span(2, 5)) == 3

    async def later(value: int) -> int:
        return value + 1

    waiting = conversion_of(Callable[[int], Awaitable[int]], parameter=True).from_value
    assert waiting is not None
    assert await waiting(later)(1) == 2
    assert await waiting(lambda value: value + 1)(1) == 2


def test_nothing_is_wrapped_without_need() -> None:
    assert conversion_of(Callable[[int], bool], parameter=True).from_value is None
    assert conversion_of(str).from_value is None
    assert conversion_of(dict[str, int]).from_value is None
