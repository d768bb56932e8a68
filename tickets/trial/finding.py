"""Owns finding what to try: the BPMN files at a path, and beside one of them the files that it refers to."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from lxml import etree

from engine.definitions.source import BPMN

ALWAYS = (".bpmn",)
PERHAPS = (".xml", ".bpmn2")
"""Endings of files that are BPMN if their root element says so."""
FORMS = (".form", ".json")
MAX_BYTES = 6 * 1024 * 1024
MAX_BESIDE = 3_000
"""So many files of a folder are looked at for what a file refers to."""

_HEAD = 64 * 1024
_PROCESS = re.compile(rb"<(?:[\w.-]+:)?process\b([^>]{0,4000})>")
_DECISION = re.compile(rb"<(?:[\w.-]+:)?decision\b([^>]{0,4000})>")
_ID = re.compile(rb"""\sid\s*=\s*["']([^"']{1,255})["']""")
_JSON_ID = re.compile(rb'"(?:id|key)"\s*:\s*"([^"\\]{1,255})"')


@dataclass(frozen=True)
class Found:
    """A BPMN file: where it is, and what the report calls it."""

    path: Path
    name: str


def bpmn_files(argument: str) -> Iterator[Found]:
    """The BPMN files at a path in the order of their names: itself, or all below it; links to folders not followed."""
    if not Path(argument).is_dir():
        if is_bpmn(Path(argument)):
            yield Found(Path(argument), argument)
        return
    for folder, folders, names in os.walk(argument):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)  # noqa: PTH118 - a `Path` would spell the argument otherwise
            if is_bpmn(Path(path)):
                yield Found(Path(path), path)


def is_bpmn(path: Path) -> bool:
    """By its name, or by its root element where other XML has the same name. Only files count, no pipes, no sockets."""
    name = path.name.lower()
    if not name.endswith((*ALWAYS, *PERHAPS)) or not path.is_file():
        return False
    return name.endswith(ALWAYS) or _root(path) == f"{{{BPMN}}}definitions"


def _root(path: Path) -> str:
    """The tag of the root element; empty where there is none to be read."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
        parser = etree.XMLPullParser(events=("start",), resolve_entities=False, load_dtd=False, no_network=True)
        parser.feed(head)
        return next((str(element.tag) for _, element in parser.read_events()), "")
    except (OSError, etree.XMLSyntaxError):
        return ""


@dataclass
class Beside:
    """The other files of a file's folder, read only as far as somebody asks for them."""

    path: Path
    _contents: dict[Path, bytes] = field(default_factory=dict)

    def process(self, process_id: str) -> Path | None:
        """The file that defines a process of this id, the first by name."""
        return self._processes.get(process_id)

    def forms(self, names: frozenset[str]) -> Iterator[Path]:
        """The forms that are called by one of these names: their file's, with ending or without, or their id."""
        for path in self._with(FORMS):
            if {path.name, path.stem} & names or _ids(_JSON_ID, self.read(path)[:_HEAD]) & names:
                yield path

    def decisions(self, names: frozenset[str]) -> Iterator[Path]:
        """The files that hold decisions of these ids; of two with the same one, the first."""
        held: set[str] = set()
        for path in self._with((".dmn",)):
            ids = _tags(_DECISION, self.read(path))
            if ids & names and not ids & held:
                held |= ids
                yield path

    def read(self, path: Path) -> bytes:
        """A file's bytes, none where it cannot be read or is larger than any definition."""
        if path not in self._contents:
            self._contents[path] = read_bytes(path) or b""
        return self._contents[path]

    @cached_property
    def _files(self) -> list[Path]:
        try:
            paths = sorted(self.path.parent.iterdir())[:MAX_BESIDE]
        except OSError:
            return []
        return [path for path in paths if path != self.path and path.is_file()]

    @cached_property
    def _processes(self) -> Mapping[str, Path]:
        found = ((path, _tags(_PROCESS, self.read(path))) for path in self._with((*ALWAYS, *PERHAPS)))
        return {ident: path for path, ids in reversed(list(found)) for ident in ids}

    def _with(self, endings: tuple[str, ...]) -> list[Path]:
        return [path for path in self._files if path.name.lower().endswith(endings)]


def read_bytes(path: Path) -> bytes | None:
    """The bytes of a file, no more than any definition has; None where it cannot be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES)
    except OSError:
        return None


def _tags(tag: re.Pattern[bytes], content: bytes) -> set[str]:
    return {ident for found in tag.findall(content) for ident in _ids(_ID, b" " + found)}


def _ids(pattern: re.Pattern[bytes], content: bytes) -> set[str]:
    return {ident.decode("utf-8", "replace") for ident in pattern.findall(content)}
