"""The library as a whole: sets, spellings, descriptions, the example modules, the opt-in namespaces."""

from __future__ import annotations

import subprocess
import sys
from random import Random
from typing import Any

import pytest

from constellation.modules.module import Module
from constellation.modules.registry import ModuleRegistry
from constellation.stdlib import NAMESPACE_ALIASES, NAMESPACE_MEMBERS, OPT_IN, OPT_IN_FUNCTIONS, SETS, ambient, load
from constellation.stdlib.declare import StandardError
from constellation.stdlib.demo import demo_modules
from constellation.stdlib.http import HttpPolicy, check_url
from tests.runtime.stdlib.calling import REGISTRY, call

ALL = load(SETS)


@pytest.mark.parametrize("module", ALL, ids=lambda m: m.name)
def test_every_function_is_documented_and_spelled_twice(module: Module) -> None:
    spec = module.spec
    assert spec.description and spec.prelude and spec.overloads
    assert spec.spellings[0] == spec.name
    for spelling in spec.spellings:
        assert "".join(p[:1].upper() + p[1:] for p in spelling.split("-")) in spec.spellings
    assert spec.pure is not spec.effectful


def test_spellings_are_unique_in_the_whole_library() -> None:
    spellings = [s for module in ALL for s in module.spec.spellings]
    assert len(spellings) == len(set(spellings))


def test_sets() -> None:
    core = {m.name for m in load(["core"])}
    default = {m.name for m in load()}
    assert core < default
    assert "stdlib.math.add" in core and "stdlib.math.sqrt" not in core
    assert {m.name for m in load(["http"])} - default == {"stdlib.http.http-get", "stdlib.http.http-request"}
    assert not any(n.startswith(("stdlib.http", "stdlib.random")) for n in default)
    with pytest.raises(ValueError, match="unknown standard library set 'htpp'"):
        load(["htpp"])


def test_the_spellings_of_opt_in_functions_are_known_without_loading_them() -> None:
    found = {s: m.spec.tags[1] for m in ALL if m.spec.tags[1] in OPT_IN for s in m.spec.spellings}
    assert found == OPT_IN_FUNCTIONS


def test_namespace_aliases_and_virtual_namespaces() -> None:
    table = ModuleRegistry([load()], NAMESPACE_ALIASES, NAMESPACE_MEMBERS).table
    found = table.in_namespace("stdlib.text", "trim")
    assert found is not None and found.qualified_name == "stdlib.string.trim"
    assert table.in_namespace("stdlib.util", "identity") is not None
    assert table.in_namespace("stdlib.data", "SumList") is not None


def test_loading_the_library_imports_nothing_heavy() -> None:
    heavy = "asyncio", "aiohttp", "re2", "hashlib", "decimal", "json.decoder", "logging"
    code = f"import sys; from constellation.stdlib import load; load(); print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_log_reaches_the_listener_and_the_log(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []
    token = ambient.surroundings.set(ambient.Surroundings(lambda: 0.0, Random(), seen.append))
    caplog.set_level("INFO", "constellation.lang")
    assert call("log", [1, 2]) == [1, 2]
    ambient.surroundings.reset(token)
    assert seen == ["[1, 2]"] and caplog.messages == ["[constellation-lang] [1, 2]"]


def test_a_seeded_generator_repeats_itself() -> None:
    def draws() -> list[Any]:
        token = ambient.surroundings.set(ambient.Surroundings(lambda: 0.0, Random(7)))
        try:
            return [call("random-int", 1, 6), call("random-float"), call("random-choice", ["a", "b"]), call("uuid4")]
        finally:
            ambient.surroundings.reset(token)

    assert draws() == draws()
    assert draws()[3][14] == "4"


@pytest.mark.parametrize(
    ("url", "hosts", "message"),
    [
        ("https://api.example.com/x", (), "host 'api.example.com' is not allowed"),
        ("https://api.example.com/x", ("api.example.com",), ""),
        ("https://API.example.com./x", ("api.example.com",), ""),
        ("https://a.b.example.com", ("*.example.com",), ""),
        ("https://example.com", ("*.example.com",), "host 'example.com' is not allowed"),
        ("https://evilexample.com", ("*.example.com",), "is not allowed"),
        ("file:///etc/passwd", ("*",), "only http and https URLs are possible"),
        ("http://127.0.0.1/", (), "host '127.0.0.1' is not allowed"),
        ("http://127.0.0.1/", ("127.0.0.1",), ""),
        ("http://10.1.2.3/", ("10.0.0.0/8",), ""),
        ("http://[::1]/", ("127.0.0.1",), "is not allowed"),
        ("http://a:99999/", ("a",), "invalid URL"),
    ],
)
def test_only_named_hosts_may_be_asked(url: str, hosts: tuple[str, ...], message: str) -> None:
    if not message:
        check_url(url, HttpPolicy(hosts))
        return
    with pytest.raises(StandardError, match=message):
        check_url(url, HttpPolicy(hosts))


def test_a_name_may_not_lead_to_a_private_address() -> None:
    policy = HttpPolicy(("internal.example", "192.168.7.0/24"))
    assert policy.allows_address("93.184.216.34")
    assert policy.allows_address("192.168.7.9")
    for private in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fe80::1"):
        assert not policy.allows_address(private)


async def test_http_get_is_refused_without_named_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONSTELLATION_HTTP_HOSTS", raising=False)
    with pytest.raises(StandardError, match=r"host 'example\.com' is not allowed"):
        await call("http-get", "http://example.com/")


async def test_examples() -> None:
    examples = ModuleRegistry([demo_modules(0.0)])
    assert await run(examples, "GetUser", "user-123") == {
        "id": "user-123",
        "name": "Alice",
        "email": "alice@example.com",
    }
    assert (await run(examples, "GetOrder", "ORD-123"))["status"] == "shipped"
    assert await run(examples, "ExpensiveCompute", "x") == "Computed: X"
    assert await run(examples, "QuickCheck", "A COMPLEX case") == "needs-deep-analysis"
    assert run(examples, "PlusOne", 1) == 2
    for name, argument, message in (
        ("GetUser", "nobody", "user not found"),
        ("GetOrder", "none", "order not found"),
        ("AlwaysFailsService", "r", "Service failed for: r"),
        ("AlwaysFails", 1, "This module always fails with random latency"),
        ("FlakyService", "r", "Service temporarily unavailable (attempt 1)"),
    ):
        with pytest.raises(Exception) as caught:
            await run(examples, name, argument)
        assert str(caught.value) == message


def run(registry: ModuleRegistry, name: str, *arguments: Any) -> Any:
    """What a module without overloads returns (an awaitable, for an asynchronous one)."""
    signature = registry[name].spec.overloads[0]
    types = tuple(p.type for p in signature.parameters)
    return registry[name].bind(0, types, signature.returns)(*arguments)


async def test_every_set_of_examples_counts_for_itself() -> None:
    for _ in range(2):
        examples = ModuleRegistry([demo_modules(0.0)])
        outcomes: list[str] = []
        for _ in range(3):
            try:
                outcomes.append(await run(examples, "FlakyService", "r"))
            except RuntimeError as error:
                outcomes.append(str(error))
        assert outcomes[2] == "Success for: r"
        assert outcomes[1] == "Service temporarily unavailable (attempt 2)"


def test_the_registry_of_these_tests_is_complete() -> None:
    assert len(REGISTRY) == len(ALL)
