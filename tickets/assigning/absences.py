"""Owns absences: setting and ending them, for oneself or as a head; what is open may go to the substitute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs
from engine.database import shared_alias
from engine.expressions import N_, Message
from engine.models import UserTask
from tickets import audit, changing
from tickets.access import Actor, Permission, Scope
from tickets.assigning.models import Absence
from tickets.assigning.presence import present
from tickets.change import Change, told
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.people import Person, superiors
from tickets.places import Place
from tickets.reasons import checked_reason
from tickets.runtime import Runtime
from tickets.task_lookup import was_of
from tickets.ticket import Ticket
from tickets.timeline import EventKind

JOB = "absence.begins"
LONGEST = timedelta(days=3 * 366)
SHOWN = 200


@dataclass(frozen=True, slots=True)
class NewAbsence:
    """A period as it is asked for; `until_at` is the moment it ends."""

    from_at: datetime
    until_at: datetime
    substitute_id: int | None = None
    reason: str = ""
    pass_on: bool = False


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """A period with the names of its people."""

    absence: Absence
    person: Person
    substitute: str


def set_absence(runtime: Runtime, actor: Actor, person_id: int, new: NewAbsence) -> UUID:
    """Say that somebody is away; its id. Raises NotFound, Forbidden, Invalid, Conflict (overlapping)."""
    reason, now = checked_reason(new.reason, needed=False), runtime.clock.now()
    _check_period(new, now)
    with runtime.writing() as session, session.begin():
        person = _person(session, actor, person_id)
        session.refresh(person, with_for_update=True)  # of two at once one sees the other's
        _check_free(session, person, new)
        if new.substitute_id is not None:
            _check_substitute(session, person, new)
        elif new.pass_on:
            raise Invalid(Message(N_("Choose a substitute: what is open goes to them.")))
        absence = Absence(
            brand_id=person.brand_id,
            person_id=person.id,
            from_at=new.from_at,
            until_at=new.until_at,
            substitute_id=new.substitute_id,
            reason=reason,
            pass_on=new.pass_on,
            by_id=actor.person_id,
            at=now,
        )
        session.add(absence)
        session.flush()
        audit.record(
            session, actor, "absence.set", person.login, brand_id=person.brand_id, at=now, after=_plain(absence)
        )
        if new.pass_on:
            args = {"absence_id": absence.id}
            jobs.enqueue(session, JOB, args, run_at=max(new.from_at, now), key=f"{JOB}:{absence.public_id}")
        return absence.public_id


def end_absence(runtime: Runtime, actor: Actor, absence_id: UUID) -> None:
    """Take a coming absence back, or end one that has begun now; one that is over stays as it was."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        absence = session.scalar(sa.select(Absence).where(Absence.public_id == absence_id).with_for_update())
        if absence is None:
            raise NotFound(N_("This absence"))
        person = _person(session, actor, absence.person_id)
        before = _plain(absence)
        if absence.until_at <= now:
            raise Conflict(Message(N_("This absence is over already.")))
        if absence.from_at >= now:
            session.delete(absence)
        else:
            absence.until_at = now
        audit.record(session, actor, "absence.ended", person.login, brand_id=person.brand_id, at=now, before=before)


def begins(runtime: Runtime, args: Mapping[str, Any]) -> None:
    """The job at the start of an absence: what is open with the person goes to who stands in, one by one."""
    now = runtime.clock.now()
    with runtime.reading() as session:
        absence = session.get(Absence, args["absence_id"])
        if absence is None or not absence.from_at <= now < absence.until_at:
            return
        tasks = list(
            session.scalars(
                sa.select(UserTask.id).where(
                    UserTask.assignee_id == absence.person_id, UserTask.status == sa.literal_column("'open'")
                )
            )
        )
        person_id = absence.person_id
    for task_id in tasks:
        with runtime.writing() as session, session.begin():
            _pass_on(session, task_id, person_id, now)


def absences(session: Session, actor: Actor, now: datetime) -> list[AbsenceRow]:
    """Those that are not over: one's own, and those of whom one may set it for; the soonest first."""
    wanted = sa.or_(Person.id == actor.person_id, *_in_charge(actor))
    query = (
        sa.select(Absence, Person, _Substitute.name)
        .join(Person, Person.id == Absence.person_id)
        .join(Place, Place.id == Person.place_id)
        .outerjoin(_Substitute, _Substitute.id == Absence.substitute_id)
        .where(Absence.until_at > now, wanted)
        .order_by(Absence.from_at, Absence.id)
        .limit(SHOWN)
    )
    return [AbsenceRow(absence, person, name or "") for absence, person, name in session.execute(query)]


def sets_for_others(actor: Actor) -> bool:
    """Whether they may say of anybody else that they are away: heads and administrators."""
    return any(actor.may(permission) for permission in _HEADS)


_HEADS = (Permission.DISPATCH, Permission.MANAGE_PEOPLE)
_Substitute = shared_alias(Person, "absence_substitute")


def _in_charge(actor: Actor) -> list[sa.ColumnElement[bool]]:
    """On a query of Person joined with Place: whom they are head of, or administer, or whose superior they are."""
    found: list[sa.ColumnElement[bool]] = [Person.superior_id == actor.person_id]
    for permission in _HEADS:
        for grant in actor.having(permission):
            match grant.scope:
                case Scope.GROUP:
                    found.append(sa.true())
                case Scope.BRAND:
                    found.append(Person.brand_id == grant.brand_id)
                case Scope.CAMPUS:
                    found.append(Place.path.startswith(grant.place_path))
                case Scope.OWN:
                    pass
    return found


def _person(session: Session, actor: Actor, person_id: int) -> Person:
    """The person, if the actor may say that they are away. Raises NotFound outside their reach, Forbidden within."""
    person = session.get(Person, person_id)
    if person is None or person.departed_at is not None:
        raise NotFound(N_("This person"))
    if person.id == actor.person_id or actor.person_id in superiors(session, person.id):
        return person
    path = session.scalars(sa.select(Place.path).where(Place.id == person.place_id)).one()
    if any(actor.covers(permission, brand_id=person.brand_id, place_path=path) for permission in _HEADS):
        return person
    if person.brand_id not in (actor.brand_id, actor.root_id):
        raise NotFound(N_("This person"))
    raise Forbidden(Message(N_("Only they themselves, their heads and administrators say when they are away.")))


def _check_period(new: NewAbsence, now: datetime) -> None:
    if new.until_at <= new.from_at:
        raise Invalid(Message(N_("The last day is before the first; choose a later one.")))
    if new.until_at <= now:
        raise Invalid(Message(N_("This period is over; choose one that is still to come.")))
    if new.until_at - new.from_at > LONGEST:
        raise Invalid(Message(N_("An absence lasts at most three years; for longer, mark the person as departed.")))


def _check_free(session: Session, person: Person, new: NewAbsence) -> None:
    overlap = sa.select(Absence.id).where(
        Absence.person_id == person.id, Absence.from_at < new.until_at, Absence.until_at > new.from_at
    )
    if session.scalar(overlap.limit(1)) is not None:
        text = N_("%(name)s is away then already; end that absence first, or choose other days.")
        raise Conflict(Message(text, {"name": person.name}))


def _check_substitute(session: Session, person: Person, new: NewAbsence) -> None:
    """There, of the brand or group, not the person themselves, and not in a circle of substitutes."""
    substitute = session.get(Person, new.substitute_id)
    root = session.scalars(sa.select(Place.path).where(Place.id == person.place_id)).one().split("/")[1]
    if (
        substitute is None
        or substitute.departed_at is not None
        or substitute.brand_id not in (person.brand_id, int(root))
    ):
        raise Invalid(Message(N_("This person is not here any more; choose somebody else.")))
    seen, wanted = {person.id}, new.substitute_id
    while wanted is not None:
        if wanted in seen:
            text = N_("%(name)s stands in for nobody then: they are away and lead back to who is away; choose another.")
            raise Invalid(Message(text, {"name": substitute.name}))
        seen.add(wanted)
        next_one = sa.select(Absence.substitute_id).where(
            Absence.person_id == wanted, Absence.from_at < new.until_at, Absence.until_at > new.from_at
        )
        wanted = session.scalar(next_one.where(Absence.substitute_id.is_not(None)).limit(1))


def _pass_on(session: Session, task_id: int, person_id: int, now: datetime) -> None:
    """One open task to who stands in now; the ticket's timeline says so."""
    task = session.get(UserTask, task_id)
    there = present(session, person_id, now)
    if task is None or task.status != "open" or task.assignee_id != person_id or there is None:
        return
    ticket_id = session.scalar(sa.select(Ticket.id).where(Ticket.instance_id == task.instance_id))
    if ticket_id is None:
        return
    was = was_of(session, ticket_id)
    mine = sa.update(UserTask).where(UserTask.id == task_id, UserTask.assignee_id == person_id)
    values = {"assignee_id": there.person_id, "queue_key": there.queue_key, "claimed_at": None}
    if session.connection().execute(mine.where(UserTask.status == "open").values(values)).rowcount != 1:
        return
    label: dict[str, Any] = {"task": task.name, "task_names": task.names, "to_id": there.person_id}
    event = told(was, EventKind.TRANSFERRED, None, now, public=False, **label)
    changing.write(session, Change(was, now, None, {}, [event]))


def _plain(absence: Absence) -> dict[str, Any]:
    return {
        "from": absence.from_at.isoformat(),
        "until": absence.until_at.isoformat(),
        "substitute_id": absence.substitute_id,
        "pass_on": absence.pass_on,
    }
