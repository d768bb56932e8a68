"""Owns reading what an administrator says of a client: every field checked, every fault named."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.expressions import N_, Message
from tickets.clients.client import CLIENT_SCOPES
from tickets.errors import Invalid
from tickets.texts import line_problem

MOST_ADDRESSES = 50
MOST_TYPES = 200
MOST_PER_MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Facts:
    """A client as it is wanted. `place` is a place's public id; `last_day` the last day on which it may call."""

    name: str
    place: str
    scopes: Sequence[str]
    types: Sequence[str] = ()
    contact: str = ""
    addresses: str = ""
    per_minute: str = "600"
    last_day: str = ""


class ClientInvalid(Invalid):
    """A client's facts need mending; `errors` names each field."""

    def __init__(self, errors: Mapping[str, Message]) -> None:
        super().__init__(Message(N_("Some fields need your attention.")))
        self.errors = errors


def check(facts: Facts) -> None:
    """Raises ClientInvalid with everything that is wrong at once."""
    if errors := dict(_faults(facts)):
        raise ClientInvalid(errors)


def place_id(facts: Facts) -> UUID:
    """The place's public id, of checked facts."""
    return UUID(facts.place)


def networks(text: str) -> list[str]:
    """The networks named, by commas or lines: `10.20.0.0/16`. Raises ValueError."""
    parts = text.replace("\n", ",").split(",")
    return [str(ipaddress.ip_network(part.strip())) for part in parts if part.strip()]


def end_of(last_day: str, zone: ZoneInfo) -> datetime | None:
    """When the last day is over where the client belongs."""
    if not last_day:
        return None
    return datetime.combine(date.fromisoformat(last_day) + timedelta(days=1), time(), zone)


def _faults(facts: Facts) -> Iterator[tuple[str, Message]]:
    for name, text in (("name", facts.name), ("contact", facts.contact or "-")):
        if problem := line_problem(text, 100):
            yield name, Message(N_("This can't be kept. %(problem)s"), {"problem": problem})
    if not _is_id(facts.place):
        yield "place", Message(N_("Choose where the client belongs."))
    if not facts.scopes:
        yield "scopes", Message(N_("Choose at least one thing that the client may do."))
    elif unknown := [scope for scope in facts.scopes if scope not in CLIENT_SCOPES]:
        yield "scopes", Message(N_("There is no scope “%(scope)s”."), {"scope": unknown[0][:64]})
    if len(facts.types) > MOST_TYPES:
        yield "types", Message(N_("Choose at most %(most)s ticket types, or none for all."), {"most": MOST_TYPES})
    yield from _limit_faults(facts)


def _limit_faults(facts: Facts) -> Iterator[tuple[str, Message]]:
    try:
        count = len(networks(facts.addresses))
    except ValueError:
        yield "addresses", Message(N_("Write networks such as 10.20.0.0/16, with commas between them."))
    else:
        if count > MOST_ADDRESSES:
            yield "addresses", Message(N_("At most %(most)s networks are kept."), {"most": MOST_ADDRESSES})
    if not (facts.per_minute.isdecimal() and int(facts.per_minute[:9]) <= MOST_PER_MINUTE):
        yield (
            "per_minute",
            Message(N_("Write a whole number up to %(most)s; 0 is no limit."), {"most": MOST_PER_MINUTE}),
        )
    if facts.last_day and not _is_day(facts.last_day):
        yield "last_day", Message(N_("Write a day such as 2027-08-31."))


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text) < date.max
    except ValueError:
        return False
