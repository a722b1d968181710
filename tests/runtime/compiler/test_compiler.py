"""The compiler and its cache: which level answers, for how long, and that the answer is the same."""

from __future__ import annotations

from constellation.compiler.cache import CompileCache
from constellation.compiler.compiler import Compilation, Compiler
from constellation_grammar.parser import Parser
from tests.runtime.compiler.judged import table

SOURCE = "in n: Int\ntwice = add(n, n)\nout twice\n"
LAYOUT = "# doubled\nin n : Int\n\ntwice = add( n,n )\nout twice"


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_same_text_and_the_same_tokens_are_found_again() -> None:
    compiler = Compiler(table())
    first = compiler.compile(SOURCE)
    again = compiler.compile(SOURCE)
    similar = compiler.compile(LAYOUT)
    assert [c.cached for c in (first, again, similar)] == [None, "text", "tokens"]
    assert first.image is not None
    assert similar.image is not None
    assert again.image is first.image
    assert similar.image.structural_hash == first.image.structural_hash
    assert similar.image.syntactic_hash == similar.text_hash != first.text_hash
    assert similar.token_hash == first.token_hash
    assert compiler.compile(LAYOUT).cached == "text"


def test_a_cached_result_is_the_one_compiling_would_give() -> None:
    for source in (SOURCE, LAYOUT, "in n: Int\nspare = n\nout nope\n", "", "x = ="):
        warm = Compiler(table())
        warm.compile(source)
        found, fresh = warm.compile(source), Compiler(table()).compile(source)
        assert found.diagnostics == fresh.diagnostics
        assert (found.image is None) == (fresh.image is None)
        assert found.image is None or (fresh.image is not None and found.image.graph == fresh.image.graph)


def test_diagnostics_stand_where_they_are_in_the_text_that_was_asked_for() -> None:
    compiler = Compiler(table())
    compiler.compile("in n: Int\nout nope\n")
    moved = compiler.compile("# one\n# two\nin n: Int\nout nope\n")
    assert moved.cached == "tokens"
    assert [d.start for d in moved.errors] == [len("# one\n# two\nin n: Int\nout ")]


def test_failures_are_kept_too() -> None:
    compiler = Compiler(table())
    assert compiler.compile("out nope\n").image is None
    again = compiler.compile("out nope\n")
    assert again.cached == "text"
    assert [d.code for d in again.errors] == ["E001"]


def test_another_function_table_is_another_key() -> None:
    cache: CompileCache[Compilation] = CompileCache()
    source = "in s: String\nr = Shout(s)\nout r\n"
    without = Compiler(table(), cache=cache).compile(source)
    having = Compiler(table("Shout(s: String) -> String"), cache=cache).compile(source)
    assert without.image is None
    assert having.image is not None
    assert having.cached is None


def test_the_oldest_unused_entry_leaves_first() -> None:
    compiler = Compiler(table(), cache=CompileCache(max_entries=2))
    one, two, three = (f"x = {n}\nout x\n" for n in range(3))
    compiler.compile(one)
    compiler.compile(two)
    compiler.compile(one)
    compiler.compile(three)
    assert [compiler.compile(s).cached for s in (one, three)] == ["text", "text"]
    assert compiler.compile(two).cached is None
    assert compiler.statistics()["entries"] == 2


def test_entries_grow_old() -> None:
    clock = Clock()
    compiler = Compiler(table(), cache=CompileCache(max_age=60.0, clock=clock))
    compiler.compile(SOURCE)
    clock.now = 59.0
    assert compiler.compile(SOURCE).cached == "text"
    clock.now = 61.0
    assert compiler.compile(SOURCE).cached is None


def test_statistics() -> None:
    compiler = Compiler(table())
    compiler.compile(SOURCE)
    compiler.compile(SOURCE)
    compiler.compile(LAYOUT)
    assert compiler.statistics() == {
        "hits": 2,
        "misses": 1,
        "hitRate": 2 / 3,
        "missRate": 1 / 3,
        "size": 2,
        "entries": 2,
        "evictions": 0,
        "evictionCount": 0,
        "loadCount": 1,
        "l2Hits": 1,
        "storeHits": 0,
    }
    assert CompileCache[int]().statistics()["hitRate"] == 0.0


def test_entries_can_be_forgotten() -> None:
    compiler = Compiler(table())
    compiler.compile(SOURCE)
    compiler.compile("x = 1\nout x\n")
    assert compiler.cache.invalidate(lambda c: c.text == SOURCE) == 1
    assert compiler.compile(SOURCE).cached is None
    assert compiler.cache.invalidate() == 2
    assert len(compiler.cache) == 0


def test_the_checked_program_of_a_cached_result_fits_the_text() -> None:
    compiler = Compiler(table(), parser=Parser())
    compiler.compile(SOURCE)
    checked = compiler.compile(LAYOUT).checked
    assert checked.program.length == len(LAYOUT)
    assert str(checked.type_at(LAYOUT.index("twice"))) == "Int"


def test_the_image_names_the_versions_it_was_compiled_against() -> None:
    image = Compiler(table()).compile(SOURCE).image
    assert image is not None
    assert dict(image.versions) == {"stdlib.math.add": (1, 0)}
