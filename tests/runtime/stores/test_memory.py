"""The stores in memory: references, names, eviction, revisions, leases, expiry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constellation.engine.constellation import Constellation
from constellation.image.codec import CodecError
from constellation.image.image import PipelineImage
from constellation.stores.memory import InMemoryPipelineStore, InMemorySuspensionStore
from constellation.stores.protocols import (
    PipelineInUse,
    PipelineStore,
    RevisionConflict,
    StoreError,
    SuspensionFilter,
    SuspensionStore,
    UnknownImageError,
)
from constellation.stores.references import InvalidReference
from constellation.stores.suspension import SuspendedExecution, TypedValue
from constellation.types.model import INT, STRING, ListType, OptionalType, RecordType, Type, UnionType
from constellation.types.values import NONE, Some, Variant


def image(number: int) -> PipelineImage:
    return Constellation().compile(f"in x: Int\nr = x + {number}\nout r\n").image


def state(execution_id: str, **fields: object) -> SuspendedExecution:
    values: dict[str, object] = {
        "structural_hash": "0" * 64,
        "status": "suspended",
        "created_at": "2026-01-01T00:00:00.000Z",
        **fields,
    }
    return SuspendedExecution(execution_id, **values)  # type: ignore[arg-type]


async def test_references_and_names() -> None:
    store: PipelineStore = InMemoryPipelineStore()
    one = image(1)
    digest = await store.store(one)
    assert digest == one.structural_hash == await store.store(one)
    await store.alias("sum", digest)
    for ref in ("sum", digest, digest.upper(), f"sha256:{digest}"):
        assert await store.resolve_ref(ref) == digest
    assert await store.resolve_ref("sha256:" + "0" * 64) is None
    assert await store.get_by_name("sum") == one
    assert await store.list_aliases() == {"sum": digest}
    assert [s.structural_hash for s in await store.list_images()] == [digest]
    with pytest.raises(UnknownImageError):
        await store.alias("other", "0" * 64)
    for bad in ("", "x" * 257, "a\nb", "f" * 64):
        with pytest.raises(InvalidReference):
            await store.alias(bad, digest)
    assert await store.unalias("sum")
    assert not await store.unalias("sum")


async def test_a_name_moves_only_if_it_is_where_the_caller_thinks() -> None:
    store = InMemoryPipelineStore()
    one, two = await store.store(image(1)), await store.store(image(2))
    await store.alias("sum", one, expect=None)
    with pytest.raises(StoreError):
        await store.alias("sum", two, expect=None)
    await store.alias("sum", two, expect=one)
    assert await store.resolve("sum") == two


async def test_an_image_in_use_is_not_removed() -> None:
    store = InMemoryPipelineStore()
    digest = await store.store(image(1))
    await store.index_syntactic("text", "registry", digest)
    await store.alias("sum", digest)
    store.roots.append(lambda: [(digest, "execution 7")])
    with pytest.raises(PipelineInUse) as caught:
        await store.remove(digest)
    assert caught.value.users == ("alias 'sum'", "execution 7")
    assert await store.lookup_syntactic("text", "registry") == digest
    assert await store.remove(digest, force=True)
    assert not await store.remove(digest)
    assert await store.list_aliases() == {}
    assert await store.lookup_syntactic("text", "registry") is None


async def test_eviction_spares_what_is_referred_to() -> None:
    store = InMemoryPipelineStore(max_images=2)
    kept, gone, new = [await store.store(image(n)) for n in (1, 2, 3)]
    assert await store.get(kept) is None
    await store.alias("keep", gone)
    await store.store(image(4))
    await store.store(image(5))
    assert await store.get(gone) is not None
    assert await store.get(new) is None
    assert (await store.stats())["images"] == 2


async def test_saving_compares_the_revision() -> None:
    store: SuspensionStore = InMemorySuspensionStore()
    assert await store.save(state("a"), expected_revision=0) == 1
    with pytest.raises(RevisionConflict):
        await store.save(state("a"), expected_revision=0)
    assert await store.save(state("a", resumption_count=1), expected_revision=1) == 2
    with pytest.raises(RevisionConflict):
        await store.delete("a", expected_revision=1)
    loaded = await store.load("a")
    assert loaded is not None
    assert (loaded.revision, loaded.resumption_count) == (2, 1)
    assert await store.delete("a", expected_revision=2)
    assert not await store.delete("a")


async def test_leases_exclude_until_they_expire() -> None:
    now = 0.0
    store = InMemorySuspensionStore(monotonic=lambda: now)
    assert await store.acquire("a", "one", ttl=10)
    assert not await store.acquire("a", "two", ttl=10)
    now = 9
    assert await store.renew("a", "one", ttl=10)
    now = 15
    assert not await store.acquire("a", "two")
    now = 20
    assert await store.acquire("a", "two")
    assert not await store.renew("a", "one")
    await store.release("a", "one")
    assert not await store.acquire("a", "one")
    await store.release("a", "two")
    assert await store.acquire("a", "one")


async def test_listing_filters_and_pages() -> None:
    store = InMemorySuspensionStore()
    for i in range(5):
        await store.save(
            state(
                f"e{i}",
                created_at=f"2026-01-0{i + 1}T00:00:00.000Z",
                pipeline_name="odd" if i % 2 else "even",
                resumption_count=i,
                status="failed" if i == 4 else "suspended",
            )
        )

    async def ids(filter: SuspensionFilter | None = None, **page: object) -> list[str]:
        return [s.execution_id for s in await store.list(filter, **page)]  # type: ignore[arg-type]

    assert await ids() == ["e4", "e3", "e2", "e1", "e0"]
    assert await ids(limit=2) == ["e4", "e3"]
    assert await ids(limit=2, cursor="e3") == ["e2", "e1"]
    assert await ids(SuspensionFilter(pipeline_name="even", status="suspended")) == ["e2", "e0"]
    assert await ids(SuspensionFilter(min_resumption_count=1, max_resumption_count=2)) == ["e2", "e1"]
    assert await ids(SuspensionFilter(created_after="2026-01-03T12:00:00.000Z")) == ["e4", "e3"]


async def test_states_expire_and_the_oldest_make_room() -> None:
    now = 1_767_225_600.0
    store = InMemorySuspensionStore(default_ttl=60, max_entries=2, now=lambda: now)
    await store.save(state("a"))
    loaded = await store.load("a")
    assert loaded is not None
    assert loaded.expires_at == "2026-01-01T00:01:00.000Z"
    now += 61
    assert await store.load("a") is None
    assert list(await store.list()) == []
    for name in "bcd":
        await store.save(state(name))
    assert [s.execution_id for s in await store.list()] == ["d", "c"]


def typed_values() -> st.SearchStrategy[TypedValue]:
    """A type with one of its values."""

    def wider(inner: st.SearchStrategy[TypedValue]) -> st.SearchStrategy[TypedValue]:
        return st.one_of(
            inner.map(lambda v: TypedValue(OptionalType(v.type), Some(v.value))),
            inner.map(lambda v: TypedValue(OptionalType(v.type), NONE)),
            inner.map(lambda v: TypedValue(ListType(v.type), [v.value, v.value])),
            st.tuples(inner, inner).map(
                lambda v: TypedValue(
                    RecordType((("z", v[0].type), ("a", v[1].type))), {"z": v[0].value, "a": v[1].value}
                )
            ),
        )

    union: Type = UnionType((INT, STRING))
    base: st.SearchStrategy[TypedValue] = st.one_of(
        st.integers(-(2**63), 2**63 - 1).map(lambda v: TypedValue(INT, v)),
        st.text().map(lambda v: TypedValue(STRING, v)),
        st.integers(0, 5).map(lambda v: TypedValue(union, Variant("Int", v))),
    )
    return st.recursive(base, wider, max_leaves=6)


@given(st.dictionaries(st.text(min_size=1), typed_values(), max_size=4), st.text())
def test_a_state_survives_json(values: dict[str, TypedValue], name: str) -> None:
    before = state("a", provided_inputs=values, computed=values, pipeline_name=name, pending_outputs=("x",))
    after = SuspendedExecution.from_bytes(before.to_bytes())
    assert after == before
    assert after.to_bytes() == before.to_bytes()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"nope", "Failed to parse JSON"),
        (b"[1]", "Failed to decode SuspendedExecution: not an object"),
        (b"{}", "Failed to decode SuspendedExecution: unknown format"),
        (b'{"format":"constellation-suspension","formatVersion":1}', "Failed to decode SuspendedExecution: KeyError"),
    ],
)
def test_what_is_no_state_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(CodecError, match=message):
        SuspendedExecution.from_bytes(data)
