"""Hears what people were told: lets the aftermath run, then reads their notices by login."""

from __future__ import annotations

import sqlalchemy as sa

from tests.tickets.desk import Desk
from tests.tickets.play import Play
from tickets import aftermath
from tickets.notices.models import Delivery, Notice, NoticeChoice
from tickets.notices.reading import NoticeRow, notices
from tickets.notices.table import Topic
from tickets.people import Person
from tickets.ticket import Ticket
from tickets.timeline import TimelineEvent


def heard(stage: Desk | Play, number: str) -> dict[str, list[str]]:
    """By login the kinds of events they were told of this ticket, in order, each with what they are to it."""
    aftermath.tick(stage.runtime)
    query = (
        sa.select(Person.login, TimelineEvent.kind, Notice.part)
        .join(Person, Person.id == Notice.person_id)
        .join(TimelineEvent, TimelineEvent.id == Notice.event_id)
        .join(Ticket, Ticket.id == Notice.ticket_id)
        .where(Ticket.number == number)
        .order_by(Notice.event_id)
    )
    found: dict[str, list[str]] = {}
    with stage.runtime.reading() as session:
        for login, kind, part in session.execute(query):
            found.setdefault(login, []).append(f"{kind} {part}")
    return found


def rows(stage: Desk | Play, login: str, *, unread: bool = False) -> list[NoticeRow]:
    aftermath.tick(stage.runtime)
    with stage.runtime.reading() as session:
        return list(notices(session, stage.cast.actor(login), unread=unread, language="en").rows)


def deliveries(stage: Desk | Play) -> list[Delivery]:
    aftermath.tick(stage.runtime)
    with stage.runtime.reading() as session:
        return list(session.scalars(sa.select(Delivery).order_by(Delivery.id)))


def has_mail(stage: Desk | Play, *logins: str) -> None:
    """Gives each an address: `lina@qiming.example`."""
    with stage.runtime.writing() as session, session.begin():
        for person in session.scalars(sa.select(Person).where(Person.login.in_(logins))):
            person.email = f"{person.login}@qiming.example"


def chooses(stage: Desk | Play, login: str, topic: Topic, channel: str, *, wanted: bool) -> None:
    with stage.runtime.writing() as session, session.begin():
        person = stage.cast.people[login]
        session.merge(NoticeChoice(person_id=person, topic=topic, channel=channel, wanted=wanted))
