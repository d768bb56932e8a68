"""Owns what a task asks for as evidence: its setting `evidence` ("photo:2 confirmation") as numbers by kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from engine.expressions import N_, Message
from forms.evidence import MOST
from forms.fields import EvidenceKind

CONFIRMATION: Final = "confirmation"
KINDS: Final = (*EvidenceKind, CONFIRMATION)
MOST_OF: Final[Mapping[str, int]] = {**{str(kind): most for kind, most in MOST.items()}, CONFIRMATION: 5}
"""The largest number that can be asked for of each kind."""
WORDS: Final[Mapping[str, str]] = {
    EvidenceKind.PHOTO: N_("Photos"),
    EvidenceKind.FILE: N_("Files"),
    EvidenceKind.SIGNIN: N_("Names signed in"),
    EvidenceKind.LOCATION: N_("Location"),
    CONFIRMATION: N_("Confirmations by others"),
}
_PART: Final = re.compile(r"([a-z]+)(?::([0-9]{1,4}))?", re.ASCII)


class Senseless(ValueError):
    """The setting can't be read; `problem` and `remedy` say why and what to write."""

    def __init__(self, problem: Message, remedy: Message) -> None:
        super().__init__(str(problem))
        self.problem, self.remedy = problem, remedy


def parse(text: str) -> dict[str, int]:
    """The least number of each kind. Raises Senseless."""
    found: dict[str, int] = {}
    for part in text.split():
        read = _PART.fullmatch(part)
        kind = read[1] if read is not None else part.partition(":")[0]
        if kind not in KINDS:
            known = Message(N_("Use one of: %(known)s."), {"known": ", ".join(KINDS)})
            raise Senseless(Message(N_("There is no kind of evidence called “%(name)s”."), {"name": kind[:100]}), known)
        number = int(read[2] or 1) if read is not None else 0
        if not 1 <= number <= MOST_OF[kind] or kind in found:
            problem = Message(N_("“%(part)s” in the evidence makes no sense."), {"part": part[:100]})
            params = {"kind": kind, "most": MOST_OF[kind]}
            remedy = N_("Name each kind once, with the least number, such as %(kind)s:1; %(most)d is the most.")
            raise Senseless(problem, Message(remedy, params))
        found[kind] = number
    return found


def wanted_of(settings: Mapping[str, str]) -> dict[str, int]:
    """What a task asks for, whether or not it must be there; nothing where it can't be read: its upload was refused."""
    try:
        return parse(settings.get("evidence", ""))
    except Senseless:
        return {}


def is_mandatory(settings: Mapping[str, str]) -> bool:
    """Whether the task can't be completed without its evidence."""
    return settings.get("mandatory", "").strip().lower() != "false"
