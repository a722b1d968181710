"""Conversion, optionals, maps, records, regular expressions, JSON, time, hashes, validation and features."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
import zlib
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constellation.stdlib import ambient
from constellation.stdlib.regex import is_valid
from constellation.types.model import FLOAT, INT, STRING, ListType, OptionalType, RecordType, UnionType
from constellation.types.values import NONE, Some, Variant
from tests.runtime.stdlib.calling import REGISTRY, bound, call, fails

texts = st.text(max_size=20)
floats = st.floats(allow_nan=False, allow_infinity=False)
MILLIS = st.integers(-62_135_596_800_000, 253_402_300_799_999)


@given(st.integers(-(2**63), 2**63 - 1))
def test_integers_survive_text(value: int) -> None:
    assert call("to-int", call("to-string", value)) == value
    assert call("to-int", f" +{value} " if value >= 0 else f"{value}\n") == value
    assert call("parse-int", str(value)) == Some(value)


@given(floats)
def test_floats_survive_text(value: float) -> None:
    text = call("to-string", value)
    assert call("to-float", text) == value
    assert call("parse-float", text) == Some(value)
    assert "." in text or "e" in text


@pytest.mark.parametrize("text", ["", "1.0", "1_000", "0x1", "٣", "- 1", "1e3", "one"])
def test_to_int_takes_plain_digits_only(text: str) -> None:
    fails(f"cannot convert '{text}' to Int", "to-int", text)
    assert call("parse-int", text) is NONE


@pytest.mark.parametrize("text", ["", "nan", "inf", "Infinity", "1e999", "1_0", ".", "0x1p3"])
def test_to_float_takes_plain_decimals_only(text: str) -> None:
    fails(f"cannot convert '{text}' to Float", "to-float", text)
    assert call("parse-float", text) is NONE


def test_to_int_of_numbers() -> None:
    assert call("to-int", -2.9) == -2
    assert call("to-int", 7) == 7
    fails("integer overflow", "to-int", 1e19)
    fails("integer overflow", "to-int", "9223372036854775808")
    fails("integer overflow", "to-int", "9" * 10_000)
    assert call("to-int", "0" * 10_000 + "7") == 7


def test_parse_bool() -> None:
    assert call("parse-bool", " TRUE ") == Some(True)
    assert call("parse-bool", "False") == Some(False)
    assert call("parse-bool", "yes") is NONE


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((1234567,), "1,234,567"),
        ((-1234,), "-1,234"),
        ((999,), "999"),
        ((1234.5,), "1,234.5"),
        ((1e20,), "100,000,000,000,000,000,000.0"),
        ((1.5e-7,), "0.00000015"),
        ((1234.5, 2), "1,234.50"),
        ((2.5, 0), "2"),
        ((0.125, 2), "0.12"),
        ((1000, 2), "1,000.00"),
    ],
)
def test_format_number(arguments: tuple[Any, ...], text: str) -> None:
    assert call("format-number", *arguments) == text


def test_format_number_limits_decimals() -> None:
    fails("decimals must be between 0 and 20", "format-number", 1.0, 21)


def test_text_form_of_everything() -> None:
    value = {"name": "Ada", "tags": ["a", "b"], "score": 2.0, "ok": True, "gone": NONE, "here": Some(3)}
    assert call("to-string", value) == "{name: Ada, tags: [a, b], score: 2.0, ok: true, gone: , here: 3}"


def test_optionals() -> None:
    assert call("coalesce", Some(1), 2) == 1 and call("or-else", NONE, 2) == 2
    assert call("is-some", Some(1)) and call("exists", Some(1)) and not call("is-some", NONE)
    assert call("is-none", NONE) and not call("is-none", Some(1))
    assert call("is-empty", NONE) and not call("is-empty", Some(1))
    assert call("some", Some(1)) == Some(Some(1))
    assert call("require", Some(1), "no") == 1
    fails("customer id is mandatory", "require", NONE, "customer id is mandatory")
    assert call("first-some", [NONE, Some(2), Some(3)]) == Some(2)
    assert call("compact", [Some(1), NONE, Some(3)]) == [1, 3]


def test_booleans() -> None:
    for a in (True, False):
        assert call("not", a) is (not a)
        for b in (True, False):
            assert (call("and", a, b), call("or", a, b), call("xor", a, b)) == (a and b, a or b, a != b)
    assert call("all-true", []) and not call("any-true", [])


entries = st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9), min_size=1)


@given(entries, st.sampled_from("abcdx"), st.integers(0, 9), entries)
def test_maps(entries: dict[str, int], key: str, value: int, other: dict[str, int]) -> None:
    before = dict(entries)
    assert call("map-get", entries, key) == (Some(entries[key]) if key in entries else NONE)
    assert call("map-get-or", entries, key, value) == entries.get(key, value)
    assert call("map-contains-key", entries, key) == (key in entries)
    put = call("map-put", entries, key, value)
    assert put == {**entries, key: value} and list(put)[: len(entries)] == list(entries)
    assert call("map-remove", entries, key) == {k: v for k, v in entries.items() if k != key}
    assert call("map-merge", entries, other) == {**entries, **other}
    assert call("map-keys", entries) == list(entries) and call("map-values", entries) == list(entries.values())
    assert call("map-size", entries) == call("length", entries) == len(entries)
    assert call("map-from-entries", call("map-entries", entries)) == entries
    assert call("build-map", list(entries), list(entries.values())) == entries
    assert entries == before


def test_build_map_needs_lists_of_one_length() -> None:
    assert call("build-map", ["a", "a"], [1, 2]) == {"a": 2}
    fails("keys and values have different lengths", "build-map", ["a"], [1, 2])


def test_records() -> None:
    person = RecordType((("name", STRING), ("age", INT)))
    without = RecordType((("name", STRING),))
    omit = REGISTRY["omit"].bind(0, (person, STRING), without)
    assert omit({"name": "Ada", "age": 36}, "age") == {"name": "Ada"}
    omit_each = REGISTRY["omit"].bind(0, (ListType(person), STRING), ListType(without))
    assert omit_each([{"name": "Ada", "age": 36}], "age") == [{"name": "Ada"}]
    renamed = RecordType((("title", STRING), ("age", INT)))
    rename = REGISTRY["rename"].bind(0, (person, STRING, STRING), renamed)
    assert rename({"name": "Ada", "age": 36}, "name", "title") == {"title": "Ada", "age": 36}
    has = REGISTRY["has-field"].bind(0, (person, STRING), person)
    assert has({"name": "Ada", "age": 36}, "age") and not has({"name": "Ada", "age": 36}, "nope")
    either = UnionType((person, without))
    has = REGISTRY["has-field"].bind(0, (either, STRING), person)
    assert has(Variant(person.key, {}), "age") and not has(Variant(without.key, {}), "age")


def test_regular_expressions() -> None:
    assert call("regex-matches", "abc", "a.c") and not call("regex-matches", "abcd", "a.c")
    assert call("regex-test", "xabcx", "a.c")
    assert call("regex-find", "a1b22", "[0-9]+") == Some("1") and call("regex-find", "ab", "[0-9]") is NONE
    assert call("regex-find-all", "a1b22", "[0-9]+") == ["1", "22"]
    assert call("regex-groups", "k=v", "(\\w)=(\\w)(x)?") == Some(["k", "v", ""])
    assert call("regex-replace", "k=v, a=b", "(\\w)=(\\w)", "$2:$1$$") == "v:k$, b:a$"
    assert call("regex-replace", "ab", "b", "$x$") == "a$x$"
    assert call("regex-split", "a, b,c", ",\\s*") == ["a", "b", "c"]
    assert call("regex-split", "ab", "") == ["ab"]
    assert is_valid("a+") and not is_valid("a(")
    fails("invalid regular expression", "regex-test", "a", "(")
    fails("invalid regular expression", "regex-test", "a", "(?=a)")


def test_a_regular_expression_takes_linear_time() -> None:
    assert not call("regex-matches", "a" * 50_000 + "!", "(a+)+")


@given(st.dictionaries(texts, st.integers() | floats | st.booleans() | texts | st.none() | st.lists(texts)))
def test_json_paths(document: dict[str, Any]) -> None:
    text = json.dumps({"here": list(document.values())})
    for index, value in enumerate(document.values()):
        found = call("json-get", text, f"here[{index}]")
        if value is None:
            assert found is NONE
        elif isinstance(value, str):
            assert found == Some(value)
        elif isinstance(value, list):
            assert json.loads(found.value) == value
    fails("invalid JSON", "json-get", text + "}", "here")


def test_json_of_kinds() -> None:
    text = '{"a": {"b": [1, 2.5, true, "x"]}, "n": null}'
    assert call("json-get-int", text, "a.b[0]") == Some(1)
    assert call("json-get-int", text, "a.b[1]") is NONE
    assert call("json-get-float", text, "a.b[0]") == Some(1.0)
    assert call("json-get-bool", text, "a.b[2]") == Some(True)
    assert call("json-get", text, "a.b[-1]") == Some("x")
    assert call("json-get", text, "a.b[9]") is NONE and call("json-get", text, "a..b") is NONE
    assert call("json-get", text, "a") == Some('{"b":[1,2.5,true,"x"]}')
    fails("invalid JSON", "json-get", "[NaN]", "[0]")
    fails("invalid JSON", "json-get", "[" * 100_000, "[0]")


def test_to_json_keeps_order_and_letters() -> None:
    record = RecordType((("b", OptionalType(INT)), ("a", ListType(FLOAT)), ("é", STRING)))
    written = bound("to-json", record)({"b": NONE, "a": [1.0, 0.5], "é": "ü"})
    assert written == '{"b":null,"a":[1.0,0.5],"é":"ü"}'


@given(MILLIS)
def test_instants(millis: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millis)
    assert call("parse-time", call("format-time", millis)) == millis
    assert call("iso-date", millis) == moment.date().isoformat()
    parts = [call(n, millis) for n in ("year", "month", "day", "hour", "minute", "second")]
    assert parts == [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second]
    assert call("day-of-week", millis) == moment.isoweekday()
    assert call("is-weekend", millis) == (moment.isoweekday() > 5)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2024-02-29T12:30:00Z", "2024-02-29T12:30:00.000Z"),
        ("2024-02-29T12:30:00+02:00", "2024-02-29T10:30:00.000Z"),
        ("2024-02-29 12:30", "2024-02-29T12:30:00.000Z"),
        ("2024-02-29", "2024-02-29T00:00:00.000Z"),
        ("2024-02-29T12:30:00.123456-0130", "2024-02-29T14:00:00.123Z"),
        ("20240229T143000.5+0200", "2024-02-29T12:30:00.500Z"),
        ("20240229", "2024-02-29T00:00:00.000Z"),
    ],
)
def test_timestamps_are_read_in_utc(text: str, iso: str) -> None:
    assert call("format-time", call("parse-time", text)) == iso


@pytest.mark.parametrize("text", ["", "yesterday", "2023-02-29", "2024-01-01T25:00:00", "2024-01-01T00:00:00+25:00"])
def test_other_timestamps_are_refused(text: str) -> None:
    fails(f"invalid timestamp '{text}'", "parse-time", text)


def test_time_arithmetic() -> None:
    day = 86_400_000
    assert call("add-days", 0, 2) == 2 * day and call("add-seconds", 0, -1) == -1000
    assert call("days-between", 0, day + day // 2) == 1 and call("days-between", day // 2, 0) == 0
    assert call("seconds-between", 1500, 0) == -1
    fails("integer overflow", "add-days", 2**62, 2**62)


def test_now_is_the_instant_of_the_run() -> None:
    readings = iter((1234.5, 9999.0))
    token = ambient.surroundings.set(ambient.Surroundings(lambda: next(readings), Random()))
    try:
        assert call("now") == call("now") == 1_234_500
    finally:
        ambient.surroundings.reset(token)


@given(texts, texts)
def test_digests(text: str, key: str) -> None:
    data = text.encode()
    assert call("sha256", text) == hashlib.sha256(data).hexdigest()
    assert call("md5", text) == hashlib.md5(data).hexdigest()
    assert call("hmac-sha256", key, text) == hmac.new(key.encode(), data, "sha256").hexdigest()
    assert call("crc32", text) == zlib.crc32(data)
    assert call("base64-encode", text) == base64.b64encode(data).decode()
    assert call("base64-decode", call("base64-encode", text)) == text
    assert 0 <= call("hash-bucket", text, 7) < 7


def test_digest_failures() -> None:
    fails("invalid base64 text", "base64-decode", "a")
    fails("invalid base64 text", "base64-decode", "/////w==")
    fails("buckets must be positive", "hash-bucket", "a", 0)


def test_validation() -> None:
    assert call("in-range", 3, 1, 5) == 3
    fails("value 9 is outside [1, 5]", "in-range", 9, 1, 5)
    assert call("one-of", "a", ["a", "b"]) == "a"
    fails("value 'c' is not one of: a, b", "one-of", "c", ["a", "b"])
    assert call("not-blank", " x ") == " x "
    fails("value is blank", "not-blank", " \n")
    assert call("validate-length", [1, 2], 1, 2) == [1, 2]
    fails("list has 3 elements, expected 1 to 2", "validate-length", [1, 2, 3], 1, 2)


def test_features() -> None:
    assert call("normalize", 7, 5, 2) == 1.0 and call("normalize", 7, 5, 0) == 0.0
    assert call("min-max-scale", 7, 5, 9) == 0.5 and call("min-max-scale", 99, 5, 9) == 1.0
    assert call("min-max-scale", 1, 5, 5) == 0.5
    assert call("discretize", 5, [3, 5, 8]) == 2 and call("discretize", 9, [3, 5, 8]) == 3
    assert call("one-hot-encode", "b", ["a", "b"]) == [0.0, 1.0]
    assert call("label-encode", "z", ["a", "b"]) == -1
    assert call("log-transform", 0, 1) == 0.0
    fails("logarithm of a non-positive number", "log-transform", -1, 1)
    quarter = call("cyclical-encode", 6, 24)
    assert quarter["sin"] == pytest.approx(1.0) and quarter["cos"] == pytest.approx(0.0)
    fails("division by zero", "cyclical-encode", 1, 0)
    assert call("pad-or-truncate", [1, 2], 4, 0) == [1, 2, 0, 0] and call("pad-or-truncate", [1, 2], 1, 0) == [1]
    fails("negative length", "pad-or-truncate", [1], -1, 0)
    assert call("n-grams", ["a", "b", "c"], 2) == ["a b", "b c"]
    fails("n must be positive", "n-grams", ["a"], 0)


vectors = st.integers(1, 5).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(-99, 99), min_size=n, max_size=n) for _ in "ab"])
)


@given(vectors)
def test_vectors(pair: tuple[list[int], list[int]]) -> None:
    a, b = pair
    assert call("vector-add", a, b) == [x + y for x, y in zip(a, b, strict=True)]
    assert call("vector-subtract", a, b) == [x - y for x, y in zip(a, b, strict=True)]
    assert call("dot-product", a, b) == sum(x * y for x, y in zip(a, b, strict=True))
    assert call("euclidean-distance", a, b) == pytest.approx(math.dist(a, b))
    assert -1.0 <= call("cosine-similarity", a, b) <= 1.0
    fails("vectors have different lengths", "dot-product", a, [*b, 1])
    assert call("vector-scale", a, 3) == [3 * x for x in a]
