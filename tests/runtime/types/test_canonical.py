"""Canonical types and the registry hash: what must and must not change them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constellation.types.canonical import canonical_json, registry_hash, type_canon
from constellation.types.model import INT, STRING, RecordType, Type, UnionType
from constellation.types.notation import parse_function, parse_type
from constellation.types.signature import FunctionSpec
from tests.runtime.types.values import types


@pytest.mark.parametrize(
    ("type_", "canon"),
    [
        ("Int", '"Int"'),
        ("List<String>", '["List","String"]'),
        ("Seq<Int>", '["Seq","Int"]'),
        ("Candidates<Int>", '["Seq","Int"]'),
        ("Map<String, Int>", '["Map","String","Int"]'),
        ("Optional<Float>", '["Optional","Float"]'),
        ("{ b: Int, a: String }", '{"record":{"a":"String","b":"Int"}}'),
        ("String | Int", '{"union":["Int","String"]}'),
    ],
)
def test_golden_forms(type_: str, canon: str) -> None:
    assert canonical_json(type_canon(parse_type(type_))) == canon


@given(types(), types())
def test_equal_exactly_for_equal_types(a: Type, b: Type) -> None:
    assert (canonical_json(type_canon(a)) == canonical_json(type_canon(b))) == (a == b)


def test_order_of_fields_and_members_does_not_matter() -> None:
    one, two = RecordType((("a", INT), ("b", STRING))), RecordType((("b", STRING), ("a", INT)))
    assert canonical_json(type_canon(UnionType((one, INT)))) == canonical_json(type_canon(UnionType((INT, two))))


def spec(text: str = "f(a: Int) -> String") -> FunctionSpec:
    """A function specification from its notation."""
    return parse_function(text)


BASE = spec()
OTHER = spec("g(a: Int) -> Int")


@pytest.mark.parametrize(
    "changed",
    [
        dataclasses.replace(BASE, version=(1, 1)),
        dataclasses.replace(BASE, pure=True),
        dataclasses.replace(BASE, effectful=True),
        dataclasses.replace(BASE, spellings=("f", "ff")),
        dataclasses.replace(BASE, deprecated="use g"),
        spec("f(b: Int) -> String"),
        spec("f(a: Float) -> String"),
        spec("f(a: Int) -> Int"),
        spec("f(a: Int, b: Int) -> String"),
    ],
    ids=range(9),
)
def test_what_compiles_differently_hashes_differently(changed: FunctionSpec) -> None:
    assert registry_hash([changed, OTHER]) != registry_hash([BASE, OTHER])


@pytest.mark.parametrize(
    "changed",
    [dataclasses.replace(BASE, description="new words"), dataclasses.replace(BASE, tags=("x",))],
    ids=["description", "tags"],
)
def test_words_do_not_change_the_hash(changed: FunctionSpec) -> None:
    assert registry_hash([changed, OTHER]) == registry_hash([BASE, OTHER])


def test_order_of_registration_does_not_matter() -> None:
    assert registry_hash([BASE, OTHER]) == registry_hash([OTHER, BASE]) != registry_hash([BASE])


def test_the_golden_hash() -> None:
    document = b'[["f","f",1,0,[["a","Int"]],"String",[false,false]]]'
    assert registry_hash([BASE]) == hashlib.sha256(document).hexdigest()
    assert registry_hash([BASE]) == "054dbee82da0d229ceabc0ae470759a3c17fd4b4edce8dbf7c6f8df2fc71ef8d"


@pytest.mark.parametrize("seed", ["0", "1", "42"])
def test_the_standard_library_hashes_alike_in_every_process(seed: str) -> None:
    code = (
        "import json; from constellation.stdlib import load; from constellation.types.canonical import registry_hash;"
        "print(json.dumps(registry_hash(m.spec for m in load())))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
    )
    from constellation.stdlib import load

    assert json.loads(result.stdout) == registry_hash(m.spec for m in load())


@given(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=3)))
def test_canonical_json_is_json(document: dict[str, int | str]) -> None:
    text = canonical_json({**document})
    assert json.loads(text) == document
    assert list(json.loads(text)) == sorted(document)
