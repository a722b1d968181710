"""The numbered history of names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constellation.versions import Versions

NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)


def versions(limit: int = 100) -> Versions:
    return Versions(max_versions=limit, now=lambda: NOW)


def test_numbers_count_up_and_the_newest_is_active() -> None:
    history = versions()
    assert [history.record("p", h, "compile").version for h in ("a", "b", "c")] == [1, 2, 3]
    active = history.active("p")
    assert active is not None and active.structural_hash == "c"
    assert [v.version for v in history.list_versions("p")] == [3, 2, 1]


def test_the_same_image_again_is_no_new_version() -> None:
    history = versions()
    first = history.record("p", "a", "compile")
    assert history.record("p", "a", "reload") == first
    assert len(history.list_versions("p")) == 1


def test_an_image_that_returns_is_a_new_version() -> None:
    history = versions()
    for digest in ("a", "b", "a"):
        history.record("p", digest, "compile")
    assert [v.structural_hash for v in history.list_versions("p")] == ["a", "b", "a"]


def test_activating_moves_only_the_mark() -> None:
    history = versions()
    history.record("p", "a", "compile")
    history.record("p", "b", "compile")
    assert history.activate("p", 1)
    assert not history.activate("p", 9)
    active = history.active("p")
    assert active is not None and active.version == 1
    assert history.older_than("p", 1) == []


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=30), st.integers(1, 5))
def test_numbers_are_never_reused_and_the_active_survives_pruning(hashes: list[str], limit: int) -> None:
    history = versions(limit)
    seen: list[int] = []
    for digest in hashes:
        seen.append(history.record("p", digest, "compile").version)
        active = history.active("p")
        assert active is not None and active.structural_hash == digest
        assert len(history.list_versions("p")) <= limit
    assert seen == sorted(seen)
    changes = 1 + sum(a != b for a, b in pairwise(hashes))
    assert seen[-1] == changes


class Log:
    """A log in memory that may refuse to write."""

    def __init__(self) -> None:
        self.documents: dict[str, Mapping[str, Any]] = {}
        self.broken = False
        self.aside: list[str] = []

    def load(self) -> Iterable[Mapping[str, Any]]:
        return list(self.documents.values())

    def newer(self, name: str) -> Mapping[str, Any] | None:
        return None

    def set_aside(self, name: str, why: str) -> None:
        self.aside.append(name)

    def locked(self) -> AbstractContextManager[None]:
        return nullcontext()

    def save(self, name: str, document: Mapping[str, Any]) -> None:
        if self.broken:
            raise OSError("no space left")
        self.documents[name] = document


def test_histories_survive_a_restart() -> None:
    log = Log()
    first = Versions(log=log, now=lambda: NOW)
    first.record("p", "a", "compile")
    first.record("p", "b", "reload")
    first.activate("p", 1)
    second = Versions(log=log, now=lambda: NOW)
    assert second.list_versions("p") == first.list_versions("p")
    assert second.active("p") == first.active("p")
    assert second.record("p", "c", "compile").version == 3


def test_a_failed_write_changes_nothing() -> None:
    log = Log()
    history = Versions(log=log, now=lambda: NOW)
    history.record("p", "a", "compile")
    log.broken = True
    with pytest.raises(OSError, match="no space"):
        history.record("p", "b", "compile")
    assert [v.version for v in history.list_versions("p")] == [1]


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        {"versions": 5, "nextVersion": 1},
        {"versions": [{}], "nextVersion": 1},
        {"versions": [], "nextVersion": "x"},
        {"versions": [], "nextVersion": 1, "active": "two"},
        {"versions": [{"version": 1, "structuralHash": "a", "createdAt": "yesterday"}], "nextVersion": 2},
    ],
)
def test_a_document_that_is_no_history_is_set_aside_and_the_others_stay(damaged: dict[str, Any]) -> None:
    log = Log()
    Versions(log=log, now=lambda: NOW).record("good", "a", "compile")
    log.documents["bad"] = {"name": "bad", **damaged}
    history = Versions(log=log, now=lambda: NOW)
    assert log.aside == ["bad"]
    assert history.names() == ["good"]


def test_a_number_in_use_is_not_given_again_whatever_the_document_says() -> None:
    log = Log()
    first = Versions(log=log, now=lambda: NOW)
    first.record("p", "a", "compile")
    log.documents["p"] = {**log.documents["p"], "nextVersion": 1}
    assert Versions(log=log, now=lambda: NOW).record("p", "b", "compile").version == 2
