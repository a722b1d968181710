"""`name@vN` names a version everywhere a reference is taken, also after a restart on a durable store."""

from __future__ import annotations

from pathlib import Path

import pytest

from constellation import Constellation, FileSystemPipelineStore
from constellation.engine.errors import PipelineNotFoundError

ONE = "in n: Int\nout n + 1 as r\n"
TWO = "in n: Int\nout n + 2 as r\n"


async def test_every_version_of_a_name_can_be_run(tmp_path: Path) -> None:
    async with Constellation(pipeline_store=FileSystemPipelineStore(tmp_path)) as engine:
        await engine.deploy(ONE, "calc")
        await engine.deploy(TWO, "calc")
        assert (await engine.run("calc@v1", {"n": 1})).outputs == {"r": 2}
        assert (await engine.run("calc@v2", {"n": 1})).outputs == {"r": 3}
        assert (await engine.start("calc@v1", {"n": 1}).result()).outputs == {"r": 2}
        with pytest.raises(PipelineNotFoundError):
            await engine.run("calc@v3", {"n": 1})
    async with Constellation(pipeline_store=FileSystemPipelineStore(tmp_path)) as again:
        assert (await again.run("calc@v1", {"n": 1})).outputs == {"r": 2}
        assert [v.version for v in await again.versions.list_versions("calc")] == [2, 1]
