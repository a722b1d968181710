"""Restarting with many stored pipelines: start → listening, and the first execution of one of them."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from benchmarks.timing import Row, anchor_us, median_us, table
from constellation.engine.constellation import Constellation
from constellation.image.codec import decode_image, encode_image
from constellation.stores.files import FileSystemPipelineStore

COUNT = 1_000


def _source(number: int) -> str:
    steps = "".join(f's{i} = Concat(Trim(text), "{number}-{i}")\n' for i in range(8))
    return f"in text: String\n{steps}out s7\n"


async def _fill(folder: Path) -> float:
    store = FileSystemPipelineStore(folder)
    engine = Constellation()
    started = time.perf_counter()
    for number in range(COUNT):
        image = engine.compile_result(_source(number)).image
        assert image is not None
        await store.alias(f"p{number}", await store.store(image))
    return (time.perf_counter() - started) / COUNT * 1e6


def _restart(folder: Path) -> tuple[float, float]:
    """Milliseconds until the server listens, and of the first execution."""
    command = [sys.executable, "-m", "constellation_server", "server", "--port", "0", "--pipeline-store", str(folder)]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        url = ""
        for line in process.stdout:
            if match := re.search(r"listening on (http://\S+)", line):
                url = match[1]
                break
        ready = time.perf_counter() - started
        body = json.dumps({"ref": f"p{COUNT // 2}", "inputs": {"text": "x"}}).encode()
        request = urllib.request.Request(url + "/execute", body, {"Content-Type": "application/json"})
        started = time.perf_counter()
        with urllib.request.urlopen(request) as response:
            assert json.load(response)["success"]
        return ready * 1000, (time.perf_counter() - started) * 1000
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def main() -> None:
    """Measure and print."""
    anchor = anchor_us()
    image = Constellation().compile_result(_source(0)).image
    assert image is not None
    data = encode_image(image)
    with tempfile.TemporaryDirectory() as name:
        each = asyncio.run(_fill(Path(name)))
        ready, first = _restart(Path(name))
    rows = [
        Row("compile, store and alias one pipeline, durably", each),
        Row(f"restart with {COUNT:,} pipelines: start → listening", ready * 1000, 2_000_000),
        Row("… first POST /execute of one of them, no compile", first * 1000),
        Row("read and verify one image", median_us(lambda: decode_image(data)), 1_000),
        Row("write one image as bytes", median_us(lambda: encode_image(image))),
    ]
    table(rows, anchor)


if __name__ == "__main__":
    main()
