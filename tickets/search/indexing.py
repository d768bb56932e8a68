"""Owns keeping the search index: the documents of the tickets that something happened to, written anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import shared_alias
from engine.models import TaskCandidate, TaskStatus, UserTask
from forms.fields import ChoiceField, InputField, TextField
from tickets.copies import TicketCc
from tickets.family.models import Tag, TicketTag
from tickets.field_values import value_at
from tickets.forms_asked import FormsAsked, forms_asked
from tickets.people import Person
from tickets.places import Place, ancestors
from tickets.search.document import READER, SearchDocument, indexed, joined, mark
from tickets.shares import TaskShare
from tickets.subjects import Subject
from tickets.ticket import Ticket
from tickets.timeline import TimelineEvent

LONGEST = 20_000
"""Characters of a document's texts, each of inside and outside."""
AT_ONCE = 200
Requester = shared_alias(Person, "asking")


@dataclass
class Draft:
    """A document while it is put together."""

    outside: list[str] = field(default_factory=list)
    inside: list[str] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)

    def row(self, ticket_id: int) -> dict[str, Any]:
        return {
            "ticket_id": ticket_id,
            "outside": joined(self.outside, LONGEST),
            "inside": joined(self.inside, LONGEST),
            "marks": " ".join(sorted(self.marks)),
            "reader": READER,
        }


def keep_search(session: Session, events: Sequence[TimelineEvent], _at: datetime) -> None:
    """The aftermath of events: their tickets are found by what they hold now."""
    index(session, {event.ticket_id for event in events})


def index(session: Session, ticket_ids: Collection[int], *, anew: bool = False) -> None:
    """Writes the documents that differ from those there are, or all; a handful of statements for up to 200 tickets."""
    ids = sorted(ticket_ids)
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        write(session, [draft.row(ticket_id) for ticket_id, draft in _drafts(session, some).items()], anew=anew)


def forget(session: Session, ticket_ids: Collection[int]) -> None:
    """Takes tickets out of the search; nothing of their texts stays."""
    ids = sorted(ticket_ids)
    there = session.scalars(sa.select(SearchDocument).where(SearchDocument.ticket_id.in_(ids))).all()
    _take_out(session.connection(), there)
    session.execute(sa.delete(SearchDocument).where(SearchDocument.ticket_id.in_(ids)))


def empty(session: Session) -> None:
    """Before every document is written anew: on SQLite nothing is in the index any more, and so nothing found.

    Its FTS5 table has no contents: only who knows a document's words takes it out, and an older reader knew others.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(sa.text("INSERT INTO ticket_search (ticket_search) VALUES ('delete-all')"))
        connection.execute(sa.delete(SearchDocument))


def write(session: Session, rows: Sequence[dict[str, Any]], *, anew: bool = False) -> None:
    """Puts documents in the place of the older ones of the same tickets; those that differ, or (`anew`) all."""
    ids = [row["ticket_id"] for row in rows]
    there = {each.ticket_id: each for each in session.scalars(_documents(ids))}
    changed = [row for row in rows if anew or not _is_same(there.get(row["ticket_id"]), row)]
    old = [there[row["ticket_id"]] for row in changed if row["ticket_id"] in there]
    connection = session.connection()
    _take_out(connection, old)
    gone = [each.ticket_id for each in old]
    for each in old:
        session.expunge(each)
    if gone:
        connection.execute(sa.delete(SearchDocument).where(SearchDocument.ticket_id.in_(gone)))
    if changed:
        connection.execute(sa.insert(SearchDocument), changed)
        put_in(connection, changed)


def put_in(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Adds documents to the database's own index of words."""
    texts = [(row["ticket_id"], indexed(row["outside"], row["inside"], row["marks"])) for row in rows]
    if connection.dialect.name == "sqlite":
        insert = sa.text("INSERT INTO ticket_search (rowid, tokens) VALUES (:id, :tokens)")
        connection.execute(insert, [{"id": row_id, "tokens": " ".join(tokens)} for row_id, tokens in texts])
    else:
        insert = sa.text("INSERT INTO ticket_search (ticket_id, tokens) VALUES (:id, array_to_tsvector(:tokens))")
        connection.execute(insert, [{"id": row_id, "tokens": tokens} for row_id, tokens in texts])


def _take_out(connection: sa.Connection, documents: Sequence[SearchDocument]) -> None:
    if not documents:
        return
    if connection.dialect.name != "sqlite":
        gone = sa.text("DELETE FROM ticket_search WHERE ticket_id = :id")
        connection.execute(gone, [{"id": each.ticket_id} for each in documents])
        return
    delete = sa.text("INSERT INTO ticket_search (ticket_search, rowid, tokens) VALUES ('delete', :id, :tokens)")
    tokens = [" ".join(indexed(each.outside, each.inside, each.marks)) for each in documents]
    connection.execute(
        delete, [{"id": each.ticket_id, "tokens": text} for each, text in zip(documents, tokens, strict=True)]
    )


def _documents(ids: Sequence[int]) -> sa.Select[SearchDocument]:
    return sa.select(SearchDocument).where(SearchDocument.ticket_id.in_(ids))


def _is_same(document: SearchDocument | None, row: dict[str, Any]) -> bool:
    return document is not None and all(getattr(document, name) == value for name, value in row.items())


def _drafts(session: Session, ids: Sequence[int]) -> dict[int, Draft]:
    drafts: defaultdict[int, Draft] = defaultdict(Draft)
    _facts(session, ids, drafts)
    for asked in forms_asked(session, ids):
        for text, start in _texts(asked):
            (drafts[asked.ticket_id].outside if start else drafts[asked.ticket_id].inside).append(text)
    for ticket_id, public, body in session.execute(_bodies(ids)):
        (drafts[ticket_id].outside if public else drafts[ticket_id].inside).append(body)
    for ticket_id, kind, who in session.execute(_seers(ids)):
        drafts[ticket_id].marks.add(mark(kind, who))
    for ticket_id, name in session.execute(
        sa.select(TicketTag.ticket_id, Tag.name)
        .join(Tag, Tag.id == TicketTag.tag_id)
        .where(TicketTag.ticket_id.in_(ids))
    ):
        drafts[ticket_id].inside.append(name)
    return dict(drafts)


def _facts(session: Session, ids: Sequence[int], drafts: defaultdict[int, Draft]) -> None:
    query = (
        sa.select(Ticket, Place.path, Requester.name, Requester.phone, Subject.name, Subject.external_id)
        .join(Place, Place.id == Ticket.place_id)
        .outerjoin(Requester, Requester.id == Ticket.requester_id)
        .outerjoin(Subject, Subject.id == Ticket.subject_id)
        .where(Ticket.id.in_(ids))
        .execution_options(populate_existing=True)
    )
    for ticket, path, name, phone, subject, code in session.execute(query):
        draft = drafts[ticket.id]
        draft.outside += [ticket.title, ticket.number, ticket.number.replace("-", ""), name or ""]
        draft.inside += [phone or "", subject or "", code or ""]
        draft.marks |= set(marks_of(ticket, path))


def marks_of(ticket: Ticket, path: str) -> Iterator[str]:
    """The marks that a ticket's own row gives."""
    yield from (mark("p", place_id) for place_id in ancestors(path)[1:])
    yield mark("t", ticket.type_id)
    yield mark("s", ticket.status)
    for person_id in {ticket.requester_id, ticket.filed_by_id, ticket.owner_id, ticket.offered_to_id} - {None}:
        yield mark("u", person_id)


def _texts(asked: FormsAsked) -> Iterator[tuple[str, bool]]:
    """What was filled in, and whether in the start form; nothing sensitive."""
    for form, start in asked.forms:
        for each in form.inputs:
            if not each.sensitive:
                for text in _words(each, value_at(asked.data, each.path)):
                    yield text, start


def _words(asked: InputField, value: Any) -> Iterator[str]:
    values = value if isinstance(value, list) else [value]
    if isinstance(asked, ChoiceField):
        yield from (option.label for option in asked.options if option.value in values)
    elif isinstance(asked, TextField):
        yield from (each for each in values if isinstance(each, str))


def _bodies(ids: Sequence[int]) -> sa.Select[int, bool, str]:
    """What people wrote, the newest first: what a limit cuts is the oldest."""
    event = TimelineEvent
    wanted = sa.select(event.ticket_id, event.public, event.body).where(event.ticket_id.in_(ids), event.body != "")
    return wanted.order_by(event.id.desc())


def _seers(ids: Sequence[int]) -> Any:
    """(ticket, kind of mark, whose): those who see it by its tasks, by copy or by being asked."""
    of_tasks = sa.select(Ticket.id).join(UserTask, UserTask.instance_id == Ticket.instance_id).where(Ticket.id.in_(ids))
    person, queue = sa.literal("u"), sa.literal("q")
    waiting = of_tasks.where(UserTask.status == TaskStatus.OPEN)
    also = waiting.join(TaskCandidate, TaskCandidate.task_id == UserTask.id)
    return sa.union(
        of_tasks.where(UserTask.assignee_id.is_not(None)).add_columns(person, UserTask.assignee_id),
        waiting.where(UserTask.queue_key.is_not(None)).add_columns(queue, UserTask.queue_key),
        also.add_columns(queue, TaskCandidate.queue_key),
        sa.select(TicketCc.ticket_id, person, TicketCc.person_id).where(TicketCc.ticket_id.in_(ids)),
        sa.select(TaskShare.ticket_id, person, TaskShare.person_id).where(TaskShare.ticket_id.in_(ids)),
    )
