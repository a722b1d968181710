"""Every link in the book leads somewhere: to a page that exists, and to a heading or mark on it."""

from __future__ import annotations

import posixpath
import re
from functools import cache

import pytest

from tests.docs.book import FENCE, everything

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*?)(?: \{ #([\w.-]+) \})?$", re.M)


@cache
def marks(page: str) -> set[str]:
    """The anchors of a page."""
    text = FENCE.sub("", everything()[page])
    found = set(re.findall(r'id="([\w.-]+)"', text))
    for title, mark in HEADING.findall(text):
        found.add(mark or slug(title))
    return found


def slug(title: str) -> str:
    """A heading's anchor as the site makes it."""
    kept = re.sub(r"[^\w\s-]", "", title.replace("`", "").lower()).strip()
    return re.sub(r"[-\s]+", "-", kept)


@pytest.mark.parametrize("page", sorted(everything()))
def test_links(page: str) -> None:
    text = FENCE.sub("", everything()[page])
    for target in LINK.findall(re.sub(r"`[^`]*`", "", text)):
        if "://" in target:
            continue
        path, _, mark = target.partition("#")
        goal = posixpath.normpath(posixpath.join(posixpath.dirname(page), path)) if path else page
        assert goal in everything(), f"{page}: {target}"
        assert not mark or mark in marks(goal), f"{page}: {target}"
