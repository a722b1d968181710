"""What differs between two programs, in words; and programs written back as text."""

from __future__ import annotations

from random import Random

import pytest

from constellation.image.difference import differences
from constellation.image.graph import Graph
from constellation.image.image import PipelineImage
from constellation.image.source_text import expression_text
from tests.runtime.compiler.typed_programs import TypedPrograms
from tests.runtime.image.test_metamorphic import DIFFERENT, SAME
from tests.runtime.image.vectors import image_of

NORMAL, MANY = 60, 3_000


def compiled(text: str) -> PipelineImage:
    image = image_of(text)
    assert image is not None, text
    return image


def words(before: str, after: str) -> list[str]:
    return [str(change) for change in differences(compiled(before).graph, compiled(after).graph)]


def written(graph: Graph) -> str:
    """The program as text again."""
    inputs = [f"in {i.name}: {i.type}" for i in graph.inputs]
    steps = [f"{b.key.removesuffix('#1')} = {expression_text(b.expression)}" for b in graph.bindings]
    return "\n".join([*inputs, *steps, *(f"out {expression_text(o.expression)} as {o.name}" for o in graph.outputs)])


def test_something_differs_exactly_when_the_hashes_do(seed: int, slow: bool) -> None:
    random = Random(seed)
    for _ in range(MANY if slow else NORMAL):
        text = TypedPrograms(random).text
        one = image_of(text)
        for edit in (*SAME, *DIFFERENT):
            other = image_of(edit(text, random))
            if one is not None and other is not None:
                found = differences(one.graph, other.graph)
                assert bool(found) == (one.structural_hash != other.structural_hash), f"{text}\n{edit.__name__}"


def test_a_program_written_back_as_text_is_the_same_program(seed: int, slow: bool) -> None:
    random = Random(seed)
    for _ in range(MANY if slow else NORMAL):
        one = image_of(TypedPrograms(random).text)
        if one is not None:
            assert compiled(written(one.graph)).structural_hash == one.structural_hash, written(one.graph)


@pytest.mark.parametrize(
    "line",
    [
        r's = "a \${n} $5 ${n} \" \\ \t\n\u{1} \u{A0} 😀"',
        r's = "\${n}"',
        "s = -(7)",
        "s = -7",
        "s = identity(n) with retry: 2, timeout: 1500ms, delay: 5s, backoff: exponential",
        "s = identity(n) with cache: 90s, throttle: 100/1min, concurrency: 4, on_error: log, lazy",
        'x = 1\ns = identity(n) with cache: 1d, cache_backend: "memory", priority: high, fallback: -(x)',
    ],
)
def test_what_is_easily_written_wrongly(line: str) -> None:
    image = compiled(f"in n: Int\n{line}\nout s")
    assert compiled(written(image.graph)).structural_hash == image.structural_hash, written(image.graph)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("in n: Int\nout n", "in n: Float\nout n", ["input n changed: type Int is now Float",
                                                    "output n changed: n is of type Float instead of Int"]),
        ("in n: Int\nout n", "in n: Int\nin m: Int\nout n", ["input m added: Int"]),
        ("in n: Int\nout n", "in n: Int\nout n when n > 1", ["output n changed: n is now n when (n > 1)"]),
        ("in n: Int\nout n as a", "in n: Int\nout n as b", ["output b added: n", "output a removed (was: n)"]),
        ("in n: Int\ny = identity(n) with retry: 2\nout y", "in n: Int\ny = identity(n) with timeout: 5s\nout y",
         ["step y changed: option timeout of stdlib.identity: not set is now 5s; "
          "option retry of stdlib.identity: 2 is now not set"]),
        ('in n: Int\ny = "a${n}"\nout y', 'in n: Int\ny = "a\\${n}${n}"\nout y',
         ['step y changed: "a${n}" is now "a\\${n}${n}"']),
    ],
)  # fmt: skip
def test_in_words(before: str, after: str, expected: list[str]) -> None:
    assert words(before, after) == expected
