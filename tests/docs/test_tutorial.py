"""The tutorial works as printed: its shell blocks are run in order, in an empty folder, and what it shows appears."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs" / "tutorial"
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.M | re.S)


def test_from_the_first_program_to_a_module_of_ones_own(tmp_path: Path) -> None:
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NO_COLOR": "1",
        "PYTHONIOENCODING": "utf-8",
    }
    printed = ""
    for page in ("first-program.md", "own-module.md"):
        for kind, body in BLOCK.findall((DOCS / page).read_text(encoding="utf-8")):
            if kind == "text":
                for line in body.splitlines():
                    assert line in printed, f"{page}: {line!r} is not in\n{printed}"
                continue
            if body.startswith("./dev setup"):
                continue
            script = "set -e\n" + body.replace("mkdir -p my-pipelines && cd my-pipelines\n", "")
            done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
            printed = done.stdout + done.stderr
            assert done.returncode == 0, f"{page}:\n{body}\n{printed}"
