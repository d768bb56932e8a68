"""Owns what `gongdan try` finds in archives: taken apart as an upload's are, into a folder that goes away again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import click

from tickets.trial.finding import Found, bpmn_files
from web.bundles import ARCHIVES, BundleRefused, unpack


@dataclass(frozen=True)
class _Archive:
    """A file on the disk, as an upload would give it."""

    filename: str
    stream: IO[bytes]


def found_at(argument: str, folder: Path) -> Iterator[Found]:
    """The BPMN files at a path; those of an archive, taken apart below `folder`, are called by its name and theirs.

    Raises ClickException where an archive can't be taken apart.
    """
    return _in_archive(Path(argument), folder) if argument.lower().endswith(ARCHIVES) else bpmn_files(argument)


def _in_archive(path: Path, folder: Path) -> Iterator[Found]:
    try:
        with path.open("rb") as stream:
            files = unpack([_Archive(path.name, stream)]).files
    except BundleRefused as refused:
        raise click.ClickException(f"{path}: {refused}") from None
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for found in bpmn_files(str(folder)):
        yield Found(found.path, f"{path}/{found.path.relative_to(folder)}")
