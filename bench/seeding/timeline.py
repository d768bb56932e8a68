"""Owns what happened to a made-up ticket, row by row of its timeline."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import NamedTuple

from bench.seeding import words
from bench.seeding.bulk import json
from bench.seeding.facts import Facts

LONG = 1000
"""So many rows has the timeline of every `LONG_EACH`th ticket."""
LONG_EACH, LONG_AT = 4000, 999


class Event(NamedTuple):
    """One row; without an `actor` it happened by itself."""

    kind: str
    public: bool
    actor: int | None = None
    params: str = "{}"
    body: str = ""


def events(facts: Facts, chance: random.Random) -> list[Event]:
    """Filed, offered, worked on with notes and replies, and closed, as far as this ticket has come."""
    task = json({"task": facts.kind.task["name"]})
    found = [Event("filed", True, facts.requester), Event("offered", False, params=task)]
    if facts.owner is not None:
        found += [Event("accepted", True, facts.owner), Event("claimed", False, facts.owner, task)]
        found += _talk(facts, chance)
        found.append(Event("answered", True, facts.requester, body=words.answer(chance)))
    if not facts.is_open:
        found += [Event("completed", False, facts.owner, task), Event("closed", True)]
    return found


def _talk(facts: Facts, chance: random.Random) -> Iterator[Event]:
    for _ in range(LONG // 2 if facts.id % LONG_EACH == LONG_AT else chance.choice((1, 2, 2, 3))):
        yield Event("noted", False, facts.owner, body=words.note(chance))
        yield Event("replied", True, facts.owner, body=words.reply(chance))
