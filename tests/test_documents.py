"""What the documents lead to is there: every file, picture and heading that a relative link names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PICTURES = ROOT / "docs/pictures"
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
CODE = re.compile(r"`[^`\n]*`|^(?: {4,}|\t).*$", re.MULTILINE)
LARGEST, ALL = 200 * 1024, 3 * 1024 * 1024
"""Bytes of one picture of the pages, and of all."""


def links(document: Path) -> Iterator[str]:
    """What its text leads to in this repository."""
    for address in LINK.findall(CODE.sub("", document.read_text())):
        if not re.match(r"[a-z]+:", address):
            yield address


def anchor(heading: str) -> str:
    """The anchor that a heading gets."""
    plain = re.sub(r"[^\w\- ]", "", heading.replace("`", "").strip().lower())
    return plain.replace(" ", "-")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    for address in links(document):
        path, _, part = unquote(address).partition("#")
        found = (document.parent / path) if path else document
        assert found.exists(), f"{address} is not there"
        if part:
            assert part in map(anchor, HEADING.findall(found.read_text())), f"{address}: no such heading"


def test_every_picture_is_shown_somewhere() -> None:
    shown = {(document.parent / unquote(each)).resolve() for document in DOCUMENTS for each in links(document)}
    assert [picture.name for picture in sorted(PICTURES.iterdir()) if picture.resolve() not in shown] == []


def test_pictures_are_small() -> None:
    sizes = {picture.name: picture.stat().st_size for picture in PICTURES.iterdir()}
    assert [name for name, size in sizes.items() if size > LARGEST] == []
    assert sum(sizes.values()) <= ALL
