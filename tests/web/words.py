"""The Chinese catalogue, compiled when its source is newer, so that tests never read old words."""

from __future__ import annotations

import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGUE = Path(__file__).parents[2] / "web/translations/zh/LC_MESSAGES/messages.po"


def compile_words() -> None:
    """What `make translations` does; whole at once, since several workers may do it."""
    compiled = CATALOGUE.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime >= CATALOGUE.stat().st_mtime:
        return
    with CATALOGUE.open("rb") as source, tempfile.NamedTemporaryFile(dir=CATALOGUE.parent, delete=False) as target:
        write_mo(target, read_po(source, locale="zh"))
    Path(target.name).replace(compiled)
