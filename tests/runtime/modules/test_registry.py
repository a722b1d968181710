"""Registering, replacing, removing and finding modules; libraries; the builder."""

# What a lambda passed as Any takes and gives is unknown to pyright; these tests are about values.
# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

import pytest

from constellation.modules.builder import ModuleBuilder
from constellation.modules.context import ModuleContext
from constellation.modules.decorator import module
from constellation.modules.errors import DuplicateModule, ModuleDefinitionError
from constellation.modules.library import library
from constellation.modules.registry import ModuleRegistry
from constellation.types.model import INT


@module(tags=("text",))
def shout(text: str) -> str:
    """Loud."""
    return text.upper()


@module(name="Shout", namespace="acme.text")
def other(text: str) -> str:
    """Another of the same short name."""
    return text


@module(http=True)
def add_one(n: int) -> int:
    """The next."""
    return n + 1


def test_registering_returns_names_and_makes_a_new_table() -> None:
    registry = ModuleRegistry()
    before = registry.table
    assert registry.register(shout, [add_one]) == ["Shout", "AddOne"]
    assert registry.generation == 1
    assert "Shout" not in before.functions and "Shout" in registry.table.functions
    assert registry.table is registry.table
    assert before.hash != registry.table.hash
    assert "Shout" in registry and len(registry) == 2 and [m.name for m in registry] == ["Shout", "AddOne"]
    assert [m.name for m in registry.find(tag="text")] == ["Shout"]
    assert [m.name for m in registry.published()] == ["AddOne"]


def test_replacing_and_refusing_to() -> None:
    registry = ModuleRegistry([shout])
    old = registry["Shout"]

    @module(name="Shout")
    def louder(text: str) -> str:
        return text.upper() + "!"

    with pytest.raises(DuplicateModule) as caught:
        registry.register(louder, replace=False)
    assert caught.value.name == "Shout" and registry["Shout"] is old
    registry.register(louder)
    assert registry["Shout"].function is louder


def test_two_of_one_name_in_one_call_are_always_refused() -> None:
    with pytest.raises(DuplicateModule, match="Module 'Shout' is given twice"):
        ModuleRegistry([shout, shout])


def test_a_failed_registration_changes_nothing_and_lists_everything() -> None:
    @module
    def bad(x) -> int:  # type: ignore[no-untyped-def]
        return 1

    @module
    def worse(x: int):  # type: ignore[no-untyped-def]
        return x

    registry = ModuleRegistry([shout])
    with pytest.raises(ModuleDefinitionError) as caught:
        registry.register(add_one, bad, worse, print)
    assert caught.value.problems == (
        "Module 'Bad': parameter 'x' has no annotation",
        "Module 'Worse': has no return annotation",
        "print is no module; decorate it with @module, or collect a library with library(…)",
    )
    assert [m.name for m in registry] == ["Shout"] and registry.generation == 1


def test_two_modules_cannot_share_a_spelling() -> None:
    @module(aliases=("Shout",))
    def yell(text: str) -> str:
        return text

    with pytest.raises(ModuleDefinitionError, match="the name 'Shout' already belongs to 'Shout'"):
        ModuleRegistry([shout]).register(yell)


def test_short_names_must_be_unique() -> None:
    registry = ModuleRegistry([other])
    assert registry["Shout"].name == "acme.text.Shout"
    registry.register(shout)
    assert registry["Shout"].name == "Shout"
    registry.unregister("Shout")
    registry.register(
        ModuleBuilder.metadata("acme.more.Shout").implementation_pure(str).build(inputs={"x": int}, output=str)
    )
    with pytest.raises(DuplicateModule, match=r"'Shout' is ambiguous: acme\.more\.Shout, acme\.text\.Shout"):
        registry.get("Shout")


def test_removing() -> None:
    registry = ModuleRegistry([shout])
    assert registry.unregister("Shout").name == "Shout"
    assert "Shout" not in registry and registry.get("Shout") is None
    with pytest.raises(KeyError, match="no module 'Shot'; did you mean 'Shout'"):
        ModuleRegistry([shout])["Shot"]


def test_registering_from_many_threads_loses_nothing() -> None:
    registry = ModuleRegistry()

    def register(number: int) -> None:
        registry.register(
            ModuleBuilder.metadata(f"M{number}").implementation_pure(abs).build(inputs={"n": int}, output=int)
        )

    threads = [threading.Thread(target=register, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(registry) == 20 == registry.generation
    assert len(registry.table.functions) == 20


class Crm:
    """Modules that share something."""

    def __init__(self) -> None:
        self.open = False

    @asynccontextmanager
    async def lifespan(self) -> AsyncGenerator[None]:
        """Holds the connection."""
        self.open = True
        yield
        self.open = False

    @module(namespace="crm")
    async def fetch(self, key: str, ctx: ModuleContext) -> str:
        """A record."""
        return f"{key}: {self.open}"

    @staticmethod
    @module(namespace="crm")
    def size(key: str) -> int:
        """Its length."""
        return len(key)

    def plain(self, key: str) -> str:
        """No module."""
        return key


async def test_a_library_is_collected_from_an_object() -> None:
    source = Crm()
    crm = library(source)
    assert [m.signature for m in crm] == ["Fetch(key: String) -> String", "Size(key: String) -> Int"]
    registry = ModuleRegistry([crm])
    assert registry.libraries == (crm,)
    bound = registry["crm.Fetch"].bind(0, (), INT)
    context = ModuleContext("run", "crm.Fetch")
    assert crm.lifespan is not None
    async with crm.lifespan():
        assert await bound(context, "k") == "k: True"
    assert await bound(context, "k") == "k: False"


def test_a_library_is_collected_from_a_python_module() -> None:
    python = ModuleType("acme_modules")
    code = (
        "from constellation import module\n"
        "from tests.runtime.modules.test_registry import shout\n"
        "@module\ndef twice(n: int) -> int:\n    return 2 * n\n"
    )
    exec(code, vars(python))
    assert [m.name for m in library(python)] == ["Twice"]


def test_an_empty_library_and_a_class_are_refused() -> None:
    with pytest.raises(ModuleDefinitionError, match="object has nothing decorated"):
        library(object())
    with pytest.raises(ModuleDefinitionError, match="Crm is a class; pass an instance of it"):
        library(Crm)


async def test_the_builder() -> None:
    async def price(net: int, rate: float) -> float:
        return net * rate

    builder = (
        ModuleBuilder.metadata("billing.Price", "A price.")
        .tags("money")
        .version(2, 1)
        .module_timeout(1.5)
        .inputs_timeout(3)
        .definition_context({"team": "billing"})
        .http_endpoint()
        .implementation(price)
    )
    made = builder.build(inputs={"net": "Int", "rate": float}, output="Float")
    assert made.signature == "Price(net: Int, rate: Float) -> Float"
    assert (made.name, made.version, made.tags, made.timeout, made.inputs_timeout) == (
        "billing.Price",
        "2.1",
        ("money",),
        1.5,
        3.0,
    )
    assert made.published and made.definition_context == {"team": "billing"}
    assert await made.bind(0, (), INT)(10, 1.5) == 15.0
    mapped = builder.contra_map(lambda net, rate: (net * 2, rate)).map(round)
    assert await mapped.build(inputs={"net": int, "rate": float}, output=int).bind(0, (), INT)(10, 1.5) == 30


def test_a_builder_with_facts_and_types_as_text() -> None:
    def measure(item: dict[str, Any]) -> tuple[int, dict[str, object]]:
        return len(item["name"]), {"seen": item["name"]}

    made = (
        ModuleBuilder.metadata("Measure")
        .implementation_with_context(measure)
        .build(inputs={"item": "{ name: String }"}, output="Int")
    )
    context = ModuleContext("run", "Measure")
    assert made.wants_context
    assert made.bind(0, (), INT)(context, {"name": "Ada"}) == 3
    assert context.notes == {"seen": "Ada"}


def test_a_builder_lists_its_problems() -> None:
    with pytest.raises(ModuleDefinitionError) as caught:
        ModuleBuilder.metadata("in").build(inputs={"x": list}, output=int)
    assert caught.value.problems == (
        "Module 'in': 'in' is a reserved word",
        "Module 'in': has no implementation",
        "Module 'in': parameter 'x': list does not say what it holds; write list[T]",
    )
