"""Owns trying an upload from its page: `gongdan try` in a process of its own, one at a time, and what came of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from engine.expressions import N_, Message
from tickets.errors import Busy
from tickets.trial.doing import STRICT, UNREADABLE
from tickets.trial.outcome import ENDED, LATE, LONG
from tickets.trial.trying import CIRCLE, GIVEN
from tickets.trial.walking import JOINED
from web.bundles import PROCESSES
from web.diagrams import names_in

SECONDS = 60
"""For all the files of an upload; each has its own limits besides (`tickets.trial.children`)."""
GRACE = 5
"""Seconds for clearing away."""
_COMMAND = (sys.executable, "-c", "from web.cli import main; main()", "try", "--json")
_turn = threading.Lock()
LONGEST_NAME = 200
"""Bytes of a file's name that every file system takes."""
_UNTRIED: Mapping[str, Any] = {
    "ended": False,
    "notes": [LATE],
    "warnings": [],
    "covered": [],
    "elements": [],
    "walks": [],
}

_STUCK: Mapping[str, str] = {
    JOINED: N_("Nothing is left to do, and it has not ended: it waits here."),
    STRICT: N_("Its form takes none of the values that were tried."),
    UNREADABLE: N_("It stopped here."),
}
"""Why a walk got stuck, by what there is to do about it."""


@dataclass(frozen=True, slots=True)
class Way:
    """One walk: its elements (id, name), and where it got stuck, if it did. `detail` is the engine's own words."""

    path: Sequence[tuple[str, str]]
    ended: bool
    stuck: tuple[str, str] | None = None
    why: str = ""
    detail: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a file: how many of its elements the ways passed, which they missed, what the trial gave them."""

    file: str
    ended: bool
    late: bool
    circle: str
    covered: int
    elements: int
    ways: Sequence[Way]
    missed: Sequence[tuple[str, str]]
    given: str


def tried(files: Mapping[str, bytes]) -> list[Tried]:
    """Walks the BPMN files of an upload, which nothing refuses; `late` without a way where time did not reach for one.

    Raises Busy while another upload is tried.
    """
    if not _turn.acquire(blocking=False):
        raise Busy(Message(N_("Another upload is being tried just now; try again in a moment.")))
    try:
        with tempfile.TemporaryDirectory(prefix="gongdan-tried-") as folder:
            kept = _kept(files)
            for name, content in kept.items():
                (Path(folder) / name).write_bytes(content)
            found = {Path(facts["file"]).name: facts for facts in _outcomes(folder)}
            wanted = [name for name in kept if name in found or name.lower().endswith(PROCESSES)]
            return [_read(name, found.get(name, _UNTRIED), kept[name]) for name in wanted]
    finally:
        _turn.release()


def _kept(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Side by side, since a file's forms are sought beside it; of two of one name the second is called otherwise."""
    kept: dict[str, bytes] = {}
    for number, (path, content) in enumerate(sorted(files.items())):
        name = Path(path).name
        plain = name.isprintable() and len(name.encode()) <= LONGEST_NAME
        kept[name if plain and name not in kept else f"{number}{Path(name).suffix[:20]}"] = content
    return kept


def _outcomes(folder: str) -> Iterator[Mapping[str, Any]]:
    """What the command says of each file; nothing of those that it does not come to."""
    with subprocess.Popen(  # noqa: S603 - our own command on a folder of our own
        [*_COMMAND, folder], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as running:
        told = _heard(running)
    lines = [orjson.loads(line) for line in told.splitlines() if line.endswith(b"}")]
    return (facts for facts in lines if "file" in facts)


def _heard(running: subprocess.Popen[bytes]) -> bytes:
    """All that it says; past its time it is asked to end, so that it clears away behind itself, and then made to."""
    for seconds, end in ((SECONDS, signal.SIGTERM), (GRACE, signal.SIGKILL)):
        try:
            return running.communicate(timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, end)
    return running.communicate()[0]


def _read(name: str, facts: Mapping[str, Any], content: bytes) -> Tried:
    names = names_in(content)
    covered = set(facts["covered"])
    circles = (told["element"] for told in facts["warnings"] if told["problem"] == CIRCLE)
    given = (note.removeprefix(f"{GIVEN}: ") for note in facts["notes"] if note.startswith(GIVEN))
    return Tried(
        file=name,
        ended=facts["ended"],
        late=LATE in facts["notes"],
        circle=next((names.get(each) or each for each in circles), ""),
        covered=len(covered),
        elements=len(facts["elements"]),
        ways=[_way(walk, names) for walk in facts["walks"]],
        missed=[(each, names.get(each, "")) for each in facts["elements"] if each not in covered],
        given=next(given, ""),
    )


def _way(walk: Mapping[str, Any], names: Mapping[str, str]) -> Way:
    path = [(each, names.get(each, "")) for each in walk["visited"]]
    if walk["stopped"] in (ENDED, LONG):
        return Way(path, ended=walk["stopped"] == ENDED)
    element, remedy = walk["element"], walk["remedy"]
    stuck = element, names.get(element, "")
    return Way(path, False, stuck, _STUCK.get(remedy, _STUCK[UNREADABLE]), walk["stopped"], remedy)
