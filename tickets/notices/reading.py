"""Owns what people read of their notices: the bell's count, the list, and what was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.access import Actor, visible_tickets
from tickets.errors import NotFound
from tickets.event_words import people_named
from tickets.notices.models import News, Notice
from tickets.notices.news import Whither, as_event, visible_news, whither
from tickets.notices.wording import words
from tickets.paging import EPOCH, Page, Position, clamped, read_cursor, write_cursor
from tickets.people import Person
from tickets.rows import AnySelect
from tickets.runtime import Runtime
from tickets.ticket import Ticket
from tickets.timeline import LETTERS, TimelineEvent

CAP = 100
"""The bell counts no further: 100 reads as 99+."""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One line: what happened, to which ticket (no number: to none); `body` is the letter's text, if it is one."""

    id: int
    at: datetime
    unread: bool
    kind: str
    part: str
    words: Message
    body: str
    who: str
    number: str
    title: str


def bell_version(session: Session, actor: Actor) -> str:
    """What the bell polls: it changes with every new notice and with every one that was read. One statement."""
    unread = sa.select(Notice.id).where(_unread(actor)).limit(CAP).subquery()
    newest = sa.select(sa.func.max(Notice.id)).where(Notice.person_id == actor.person_id).scalar_subquery()
    count, last = session.execute(sa.select(sa.func.count(unread.c.id), newest).select_from(unread)).one()
    return f"{last or 0}-{count}"


def notices(
    session: Session,
    actor: Actor,
    *,
    unread: bool = False,
    cursor: str | None = None,
    limit: int = 30,
    language: str = "",
) -> Page[NoticeRow]:
    """The newest first, only of tickets and pages that they still see; two statements."""
    after, size = read_cursor(cursor), clamped(limit)
    query = (
        _of(sa.select(Notice, TimelineEvent, News, Ticket.number, Ticket.title))
        .where(_unread(actor) if unread else Notice.person_id == actor.person_id, _visible(actor))
        .order_by(Notice.id.desc())
        .limit(size + 1)
    )
    rows = session.execute(query.where(Notice.id < after.id) if after else query).all()
    named = people_named(_event(row) for row in rows)
    who = sa.select(Person.id, Person.name).where(Person.id.in_(sorted(named)))
    names: dict[int, str] = {row[0]: row[1] for row in session.execute(who)} if named else {}
    shown = tuple(_row(row, names, language or actor.language) for row in rows[:size])
    return Page(shown, write_cursor(Position(EPOCH, shown[-1].id)) if len(rows) > size else None)


def open_notice(runtime: Runtime, actor: Actor, notice_id: int) -> Whither:
    """Takes it as read; what it is about. Raises NotFound for one that isn't theirs, or of what they see no more."""
    about = _of(sa.select(News, Ticket.number))
    with runtime.writing() as session, session.begin():
        mine = (Notice.id == notice_id, Notice.person_id == actor.person_id)
        found = session.execute(about.where(*mine, _visible(actor))).one_or_none()
        if found is None:
            raise NotFound(N_("This notice"))
        _read(session, runtime.clock.now(), *mine)
        return whither(*found)


def read_all(runtime: Runtime, actor: Actor) -> None:
    """Nothing is unread any more."""
    with runtime.writing() as session, session.begin():
        _read(session, runtime.clock.now(), Notice.person_id == actor.person_id)


def read_of_ticket(session: Session, actor: Actor, ticket_id: int, at: datetime) -> None:
    """They have looked at the ticket, so what they were told of it is read."""
    _read(session, at, Notice.ticket_id == ticket_id, Notice.person_id == actor.person_id)


def unread_of(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of Ticket: whether they were told something of it that they have not read."""
    return sa.exists().where(Notice.ticket_id == Ticket.id, _unread(actor))


def _unread(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.and_(Notice.person_id == actor.person_id, Notice.read_at.is_(None))


def _of(query: AnySelect) -> AnySelect:
    """With what each notice is of: an event and its ticket, or news."""
    return (
        query.select_from(Notice)
        .outerjoin(TimelineEvent, TimelineEvent.id == Notice.event_id)
        .outerjoin(Ticket, Ticket.id == Notice.ticket_id)
        .outerjoin(News, News.id == Notice.news_id)
    )


def _visible(actor: Actor) -> sa.ColumnElement[bool]:
    seen = sa.and_(Notice.ticket_id.is_not(None), visible_tickets(actor))
    return sa.or_(seen, sa.and_(Notice.news_id.is_not(None), visible_news(actor)))


def _event(row: Any) -> TimelineEvent:
    event: TimelineEvent | None = row[1]
    return event if event is not None else as_event(row[2])


def _read(session: Session, at: datetime, *criteria: sa.ColumnElement[bool]) -> None:
    session.connection().execute(sa.update(Notice).where(*criteria, Notice.read_at.is_(None)).values(read_at=at))


def _row(row: Any, names: Mapping[int, str], language: str) -> NoticeRow:
    notice, _row_of_event, news, number, title = row
    event = _event(row)
    return NoticeRow(
        id=notice.id,
        at=event.at,
        unread=notice.read_at is None,
        kind=event.kind,
        part=notice.part,
        words=words(notice.part, notice.params, event, names, reader_id=notice.person_id, language=language),
        body=event.body if event.kind in LETTERS else "",
        who=names.get(event.actor_id, "") if event.actor_id else "",
        number=number or "",
        title=title if news is None else news.titles.get(language, news.title),
    )
