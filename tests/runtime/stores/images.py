"""Small real images for store tests."""

from __future__ import annotations

from functools import cache

from constellation.compiler.checker import Checker
from constellation.image.image import PipelineImage, build_image
from constellation.types.functions import FunctionTable
from constellation_grammar.parser import parse, text_hash


@cache
def image_of(number: int) -> PipelineImage:
    """An image that differs from those of other numbers."""
    source = f'in x: Int\ny = x + {number}\nline = "${{x}} and ${{y}}" when y > {number}\nout line\n'
    graph = Checker(FunctionTable([])).check(parse(source)).graph
    assert graph is not None
    return build_image(graph, source=source, text_hash=text_hash(source), registry_hash="0" * 64)
