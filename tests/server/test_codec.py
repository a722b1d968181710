"""JSON in and out of the server."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constellation_server.codec import MAX_DEPTH, JsonError, dumps, loads

TEXTS = st.text(st.characters(codec="utf-8"))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@given(DOCUMENTS)
def test_what_is_written_reads_back(document: object) -> None:
    assert loads(dumps(document)) == document


@pytest.mark.parametrize("text", [b"", b"{not json", b"[1,2", b'"\xff"', b"NaN", b'{"a":1}x', b'"\\ud800"'])
def test_malformed_documents_are_refused_with_a_sentence(text: bytes) -> None:
    with pytest.raises(JsonError, match="Malformed JSON"):
        loads(text)


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 1000, 2000, 100_000])
def test_deep_documents_are_refused(depth: int) -> None:
    with pytest.raises(JsonError, match="nested more than 128 levels"):
        loads(b"[" * depth + b"]" * depth)


def test_the_deepest_accepted_document() -> None:
    assert loads(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None
    mixed = b'{"a":' * 64 + b"[" * 64 + b"]" * 64 + b"}" * 64
    assert "a" in loads(mixed)


def test_wide_documents_are_not_deep() -> None:
    assert len(loads(json.dumps([[]] * 1000))) == 1000


def test_of_duplicate_keys_the_last_wins() -> None:
    assert loads(b'{"a":1,"a":2}') == {"a": 2}


def test_values_beyond_the_fast_encoder_are_written_too() -> None:
    assert json.loads(dumps({"lone": "\ud800", "big": 2**70})) == {"lone": "\ud800", "big": 2**70}
