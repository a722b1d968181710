"""Golden vectors, bytes written by hand, and a second implementation: what a structural hash is never changes silently."""

from __future__ import annotations

import hashlib
import json
import os
import random
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from constellation.image.canonical import canonical_bytes
from tests.runtime.image.second_identity import canonical_text, float_text, identity
from tests.runtime.image.vectors import image_of, vectors

VECTORS = vectors()
ROOT = Path(__file__).resolve().parents[3]

BY_HAND = {
    "in x: Int\nout x\n": '{"in":{"x":"Int"},"let":{},"out":{"x":{"k":"in","name":"x","t":"Int"}},"v":1}',
    "a = 7\nout a\n": '{"in":{},"let":{"a#1":{"k":"lit","t":"Int","v":7}},"out":{"a":{"b":"a#1","k":"ref","t":"Int"}},"v":1}',
    'a = "é\\n\\"x\\""\nout a\n': (
        '{"in":{},"let":{"a#1":{"k":"lit","t":"String","v":"é\\n\\"x\\""}},"out":{"a":{"b":"a#1","k":"ref","t":"String"}},"v":1}'
    ),
    "a = 2.50\nout a\n": (
        '{"in":{},"let":{"a#1":{"k":"lit","t":"Float","v":{"f":"2.5"}}},"out":{"a":{"b":"a#1","k":"ref","t":"Float"}},"v":1}'
    ),
    "in x: Int\nout -(x + 1) as n\n": (
        '{"in":{"x":"Int"},"let":{},"out":{"n":{"a":{"a":{"k":"in","name":"x","t":"Int"},"b":{"k":"lit","t":"Int","v":1},'
        '"k":"op","o":"+","t":"Int"},"k":"op","o":"neg","t":"Int"}},"v":1}'
    ),
    "in r: {b: Int, a: String}\nout r[b, a] as p\n": (
        '{"in":{"r":{"record":{"a":"String","b":"Int"}}},"let":{},"out":{"p":{"e":{"k":"in","name":"r",'
        '"t":{"record":{"a":"String","b":"Int"}}},"fields":["a","b"],"k":"proj","t":{"record":{"a":"String","b":"Int"}}}},"v":1}'
    ),
    "in x: Int\nin c: Boolean\nout x when c\n": (
        '{"in":{"c":"Boolean","x":"Int"},"let":{},"out":{"x":{"c":{"k":"in","name":"c","t":"Boolean"},'
        '"e":{"k":"in","name":"x","t":"Int"},"k":"guard","t":["Optional","Int"]}},"v":1}'
    ),
    "in t: String\nu = Trim(t) with retry: 0, timeout: 2s\nout u\n": (
        '{"in":{"t":"String"},"let":{"u#1":{"args":{"value":{"k":"in","name":"t","t":"String"}},"fn":"stdlib.string.trim",'
        '"k":"call","opts":{"timeoutMs":2000},"sig":[["String"],"String"],"t":"String"}},'
        '"out":{"u":{"b":"u#1","k":"ref","t":"String"}},"v":1}'
    ),
    "n = 1\nn = n * 10\nout n\n": (
        '{"in":{},"let":{"n#1":{"k":"lit","t":"Int","v":1},"n#2":{"a":{"b":"n#1","k":"ref","t":"Int"},'
        '"b":{"k":"lit","t":"Int","v":10},"k":"op","o":"*","t":"Int"}},"out":{"n":{"b":"n#2","k":"ref","t":"Int"}},"v":1}'
    ),
    "in v: String | Int\nk = match v { is Int -> 1, _ -> 2 }\nout k\n": (
        '{"in":{"v":{"union":["Int","String"]}},"let":{"k#1":{"cases":[[{"is":"Int"},{"k":"lit","t":"Int","v":1}],'
        '[{"any":true},{"k":"lit","t":"Int","v":2}]],"k":"match","s":{"k":"in","name":"v","t":{"union":["Int","String"]}},'
        '"t":"Int"}},"out":{"k":{"b":"k#1","k":"ref","t":"Int"}},"v":1}'
    ),
}


@pytest.mark.parametrize(("source", "expected"), BY_HAND.items(), ids=range(len(BY_HAND)))
def test_bytes_written_by_hand(source: str, expected: str) -> None:
    image = image_of(source)
    assert image is not None
    assert canonical_bytes(image.graph).decode() == expected
    assert image.structural_hash == hashlib.sha256(expected.encode()).hexdigest()


def test_there_are_enough_vectors_and_each_has_an_id_of_its_own() -> None:
    assert len(VECTORS) >= 500
    assert len({v["id"] for v in VECTORS}) == len(VECTORS)


def test_no_golden_hash_changed_and_the_second_implementation_agrees() -> None:
    for vector in VECTORS:
        image = image_of(vector["source"], vector["functions"])
        assert image is not None, vector["id"]
        assert image.structural_hash == vector["hash"], vector["id"]
        stored = json.loads(json.dumps(image.to_json()))
        assert canonical_text(stored).encode("utf-8", "surrogatepass") == canonical_bytes(image.graph), vector["id"]
        assert identity(stored) == vector["hash"], vector["id"]


def test_floats_are_written_as_the_page_says(seed: int) -> None:
    chance = random.Random(seed)
    numbers = [0.0, -0.0, 1.0, 1e15, 1e16, 123456.125, 1e-4, 1e-5, 5e-324, 1.7976931348623157e308]
    for _ in range(5_000):
        value = struct.unpack("d", struct.pack("Q", chance.getrandbits(64)))[0]
        if value == value and abs(value) != float("inf"):
            numbers.append(value)
    assert [float_text(n) for n in numbers] == [repr(n) for n in numbers]


def test_digests_do_not_depend_on_the_hash_seed_of_the_process() -> None:
    script = (
        "import hashlib\nfrom tests.runtime.image.vectors import image_of, library, vectors\n"
        "images = [image_of(v['source'], v['functions']) for v in vectors()[::16]]\n"
        "print(hashlib.sha256((library.hash + ''.join(i.structural_hash for i in images)).encode()).hexdigest())\n"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": number},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for number in ("0", "1", "42", "1234567", "4294967295")
    }
    assert len(digests) == 1
