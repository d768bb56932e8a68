"""Owns who is to answer for a new ticket: found by the rules or the type's `owner`, at once or once they accept it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.step import StepFailed
from engine.timing import Calendar, NotATime, parse_duration
from tickets.assigning.choosing import Chooser
from tickets.assigning.presence import present_or_above
from tickets.assigning.rulebook import rulebook
from tickets.case import Case, Someone, someone
from tickets.names import People
from tickets.people import Person
from tickets.settings import Held, settings_of

WITHIN = "accept.within"


@dataclass(frozen=True, slots=True)
class Placing:
    """Who answers for a ticket from the start; or to whom it is offered, and until when they may accept it."""

    owner: Someone | None = None
    offered: Someone | None = None
    until: datetime | None = None


def place(
    session: Session,
    case: Case,
    now: datetime,
    *,
    type_key: str,
    file: Mapping[str, str],
    data: Mapping[str, Any],
    calendar: Calendar | None,
) -> Placing:
    """For a ticket about to be written; `case.owner` is whom the file names. Inside the write, as turns are taken."""
    settings = _settings(session, case, type_key, file)
    found = _by_rules(session, case, now, type_key, data) or _set_by_brand(session, case, settings["owner"])
    wanted = found or case.owner
    if wanted is None:
        return Placing()
    there = present_or_above(session, wanted.id, now)
    if there is None:
        return Placing()
    person = wanted if there.person_id == wanted.id else someone(session, Person.id == there.person_id)
    until = accept_by(settings[WITHIN].value, now, case, calendar)
    return Placing(owner=person) if until is None else Placing(offered=person, until=until)


def accept_by(within: Any, now: datetime, case: Case, calendar: Calendar | None) -> datetime | None:
    """Until when an offer made now stands, in the place's working time; None where it need not be accepted."""
    text = str(within or "").strip()
    if not text:
        return None
    try:
        return parse_duration(text).after(now, case.site.zone, calendar)
    except NotATime as error:
        raise StepFailed(WITHIN, error.message) from None


def within_of(session: Session, case: Case, type_key: str, file: Mapping[str, str]) -> Any:
    """How long offers of the type stand, as `accept.within` says; empty for no limit."""
    return _settings(session, case, type_key, file)[WITHIN].value


def next_of(
    session: Session, case: Case, now: datetime, *, type_key: str, data: Mapping[str, Any], tried: set[int]
) -> int | None:
    """The next one whom the owner's rules find, besides those who were asked before."""
    rules = rulebook(session, case.rules_version).of_owner(type_key, (case.site.brand_id, case.site.root_id))
    chooser = Chooser(session, People(session, case, now), now, data, f"{type_key}:")
    found = chooser.choose(rules, but=tried)
    return found.person_id if found is not None else None


def _settings(session: Session, case: Case, type_key: str, file: Mapping[str, str]) -> dict[str, Held]:
    whose = {"brand_id": case.site.brand_id, "root_id": case.site.root_id}
    return settings_of(session, ["owner", WITHIN], type_key=type_key, **whose, file=file)


def _by_rules(session: Session, case: Case, now: datetime, type_key: str, data: Mapping[str, Any]) -> Someone | None:
    person_id = next_of(session, case, now, type_key=type_key, data=data, tried=set())
    return someone(session, Person.id == person_id) if person_id is not None else None


def _set_by_brand(session: Session, case: Case, owner: Held) -> Someone | None:
    """Whom a brand's setting names; the file's own has been worked out with the ticket's values before."""
    if owner.brand_id is None or not owner.value:
        return None
    return People(session, case).find(str(owner.value).strip())
