"""Owns what the search knows of a made-up ticket: its texts, its marks, and the words it is found by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.seeding import words
from bench.seeding.bulk import Row
from bench.seeding.facts import Facts
from bench.seeding.timeline import Event
from bench.seeding.town import Town
from tickets.places import ancestors
from tickets.search.document import INSIDE, READER, mark
from tickets.search.tokens import tokens


@dataclass(frozen=True, slots=True)
class Seers:
    """Who sees it besides by its place: those in copy, who holds its task, and the queue that it waits in."""

    copied: int | None
    holder: int | None
    queue: int | None


def document(facts: Facts, events: Sequence[Event], seers: Seers, town: Town) -> tuple[Row, list[str]]:
    """Its row, and the words of its index, the same that `tickets.search.indexing` would make of it."""
    name, phone = town.names[facts.requester], town.phones[facts.requester]
    number, plain = facts.number, facts.number.replace("-", "")
    newest = [event for event in reversed(events) if event.body]
    replies = [event.body for event in newest if event.public]
    notes = [event.body for event in newest if not event.public]
    outside = "\n".join([facts.title, number, plain, name, "，".join(facts.said), *replies])
    inside = "\n".join([phone, *notes])
    marks = sorted(set(_marks(facts, seers, town)))
    public = frozenset().union(*map(words.found_by, [facts.title, name, *facts.said, *replies]))
    public |= tokens(number) | tokens(plain)
    private = frozenset().union(*map(words.found_by, notes)) | tokens(phone)
    row = (facts.id, outside, inside, " ".join(marks), READER)
    return row, sorted([*public, *(INSIDE + each for each in private - public), *marks])


def _marks(facts: Facts, seers: Seers, town: Town) -> Iterator[str]:
    yield from (mark("p", place) for place in ancestors(town.paths[facts.campus])[1:])
    yield mark("t", facts.kind.type_id)
    yield mark("s", facts.status)
    for person in (facts.requester, facts.owner, seers.copied, seers.holder):
        if person is not None:
            yield mark("u", person)
    if seers.queue is not None:
        yield mark("q", seers.queue)
