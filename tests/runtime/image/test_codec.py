"""Images as JSON: nothing is lost, nothing wrong is loaded."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
import yaml

from constellation.engine.constellation import Constellation
from constellation.image.canonical import structural_hash
from constellation.image.codec import CodecError, CorruptImage, decode_image, encode_image
from constellation.image.image import PipelineImage
from constellation.stdlib.demo import demo_modules

CASES = Path(__file__).parents[2] / "conformance"


def sources() -> list[str]:
    """Every program of the cookbook and the language cases: together they use every construct."""
    found: list[str] = []
    for name in ("cookbook", "language", "stdlib"):
        for case in yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8")):
            if isinstance(case.get("source"), str):
                found.append(case["source"])
    return found


@pytest.fixture(scope="module")
def images() -> list[PipelineImage]:
    engine = Constellation(modules=demo_modules())
    compiled = [engine.compile_result(source).image for source in sources()]
    return [image for image in compiled if image is not None]


def test_every_image_survives_json_byte_for_byte(images: list[PipelineImage]) -> None:
    assert len(images) > 200
    for image in images:
        data = encode_image(image)
        again = decode_image(data)
        assert again == image
        assert encode_image(again) == data
        assert again.requires == image.requires


def test_an_image_can_be_pickled(images: list[PipelineImage]) -> None:
    for image in images[:30]:
        assert pickle.loads(pickle.dumps(image)) == image


async def test_a_loaded_image_runs_like_the_compiled_one() -> None:
    async with Constellation() as engine:
        image = engine.compile(
            'in xs: List<Int>\nin k: Int\nr = map(xs, (x) => if (x > k) x * 2 else 0)\ns = "${r}!"\nout s\n'
        ).image
    async with Constellation() as other:
        loaded = decode_image(encode_image(image))
        assert (await other.run(loaded, {"xs": [1, 5], "k": 2}))["s"] == "[0, 10]!"


def test_an_image_that_was_tampered_with_is_refused(images: list[PipelineImage]) -> None:
    data = orjson.loads(encode_image(images[0]))
    data["structuralHash"] = "0" * 64
    with pytest.raises(
        CorruptImage, match=f"image corrupted: expected {'0' * 64}, computed {images[0].structural_hash}"
    ):
        decode_image(orjson.dumps(data))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{", "Failed to parse JSON"),
        (b"[]", "not an object"),
        (b"{}", "not a Constellation image"),
        (b'{"format":"constellation-image","formatVersion":99}', "unsupported image format 99"),
        (b'{"format":"constellation-image","formatVersion":1}', "Failed to decode image"),
        (b'{"format":"constellation-image","formatVersion":1,"types":[],"ir":["nope"]}', "Failed to decode image"),
    ],
)
def test_what_is_no_image_is_refused_with_a_reason(data: bytes, message: str) -> None:
    with pytest.raises(CodecError, match=message):
        decode_image(data)


def test_the_deepest_program_is_stored() -> None:
    deep = "1"
    for _ in range(230):
        deep = f"if (x > 0) {deep} else 2"
    image = Constellation().compile(f"in x: Int\nr = {deep}\nout r\n").image
    assert decode_image(encode_image(image)) == image


def test_whatever_is_changed_in_an_image_is_read_or_refused(images: list[PipelineImage], seed: int, slow: bool) -> None:
    random = Random(seed)
    for _ in range(20_000 if slow else 300):
        document = json.loads(encode_image(random.choice(images)))
        holder, key = random.choice(list(places(document)))
        holder[key] = random.choice([None, 5, -1, True, "zz", [], {}, [["x"]], {"t": 99}, {"l": 3}, ["ref", 1], 0.5])
        try:
            image = decode_image(json.dumps(document))
        except CodecError:
            continue
        assert image.structural_hash == structural_hash(image.graph)


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document: what holds it, and where."""
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], dict | list):
            yield from places(node[key])
