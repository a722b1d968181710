"""Every Python script in the book runs and prints what the text block after it says."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.book import DOCS, blocks, build, written


def scripts() -> Iterator[tuple[str, str, str | None]]:
    """Page and number, script, and what it prints if the page says so."""
    shown = {**written(), "reference/python.md": build()["python_api"].fragment("python")}
    pages = {**shown, "README.md": (DOCS.parent / "README.md").read_text(encoding="utf-8")}
    for name, text in pages.items():
        found = blocks(text)
        for number, block in enumerate(found):
            if block.info == "python":
                following = found[number + 1] if number + 1 < len(found) else None
                yield f"{name}-{number}", block.body, following.body if following and following.info == "text" else None


SCRIPTS = list(scripts())


@pytest.mark.parametrize(("script", "printed"), [s[1:] for s in SCRIPTS], ids=[s[0] for s in SCRIPTS])
def test_script(
    script: str,
    printed: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "script.py"
    path.write_text(script, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(path), run_name="script_of_the_book")
    if printed is not None:
        assert capsys.readouterr().out == printed
