"""How clients may spell references and names."""

from __future__ import annotations

import pytest

from constellation_server.references import (
    BadName,
    BadReference,
    HashRef,
    NameRef,
    check_name,
    parse_hash,
    parse_ref,
)

DIGEST = "ab" * 32


@pytest.mark.parametrize("text", [DIGEST, DIGEST.upper(), f"sha256:{DIGEST}", f"SHA256:{DIGEST.upper()}"])
def test_every_spelling_of_a_hash(text: str) -> None:
    assert parse_ref(text) == HashRef(DIGEST)
    assert parse_hash(text) == DIGEST


def test_names_and_versions() -> None:
    assert parse_ref("scoring") == NameRef("scoring")
    assert parse_ref("team/scoring@v12") == NameRef("team/scoring@v12", "team/scoring", 12)
    assert parse_ref("scoring@v0") == NameRef("scoring@v0")
    assert parse_ref("z" * 64) == NameRef("z" * 64)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "blank"),
        ("  ", "blank"),
        ("x" * 257, "too long: 257 characters"),
        ("a\nb", "control character"),
        ("a\\b", "backslash"),
        ("sha256:abc", "Invalid hash format"),
        (f"sha256:{DIGEST}0", "Invalid hash format"),
    ],
)
def test_what_cannot_be_a_reference(text: str, reason: str) -> None:
    with pytest.raises(BadReference, match=reason):
        parse_ref(text)


@pytest.mark.parametrize("name", ["shout", "team/shout", "ä ö", "v1", "a@b", "...", "x" * 256])
def test_names_a_client_may_choose(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "  ", " a", "a ", "x" * 257, "a\tb", "a\\b", "a//b", "/a", "a/", "a/../b", ".", DIGEST, "sha256:x", "a@v1"],
)
def test_names_a_client_may_not_choose(name: str) -> None:
    with pytest.raises(BadName):
        check_name(name)
