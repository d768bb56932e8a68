"""Reads a ticket's timeline as one reader sees it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import Message
from tickets.event_words import worded
from tickets.reading.people import Who
from tickets.timeline import LETTERS, EventKind, TimelineEvent


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a letter; `size` in bytes, `id` its public id."""

    id: str
    name: str
    size: int
    type: str


@dataclass(frozen=True, slots=True)
class EventView:
    """One event; `letter`: a person wrote `body`; `mine`: the reader did it; `task_id`: the task it is of, where that
    is kept; `until`: by when the owner, urged, promised it; `why`: the reason that a person gave; `token`: by which
    API token, for those inside and who did it.
    """

    id: int
    at: datetime
    kind: EventKind
    actor: Who | None
    mine: bool
    text: Message
    task_id: uuid.UUID | None
    letter: bool
    body: str
    public: bool
    via: str
    attachments: tuple[Attachment, ...]
    until: datetime | None = None
    why: str = ""
    token: str = ""


def newest_events(session: Session, ticket_id: int, *, internal: bool, limit: int) -> list[TimelineEvent]:
    """The newest `limit` events, oldest of them first; only public ones unless `internal`."""
    query = sa.select(TimelineEvent).where(TimelineEvent.ticket_id == ticket_id)
    if not internal:
        query = query.where(TimelineEvent.public)
    return list(session.scalars(query.order_by(TimelineEvent.id.desc()).limit(limit)))[::-1]


def event_views(
    events: Iterable[TimelineEvent], people: Mapping[int, Who], *, reader_id: int, language: str, inside: bool
) -> tuple[EventView, ...]:
    names = {person_id: who.name for person_id, who in people.items()}
    return tuple(
        EventView(
            id=event.id,
            at=event.at,
            kind=EventKind(event.kind),
            actor=people.get(event.actor_id) if event.actor_id is not None else None,
            mine=event.actor_id == reader_id,
            text=worded(event, names, language=language),
            task_id=uuid.UUID(event.params["task_id"]) if "task_id" in event.params else None,
            letter=event.kind in LETTERS,
            body=event.body,
            public=event.public,
            via=event.via,
            attachments=_attachments(event),
            until=_promised(event),
            why=_why(event),
            token=event.params.get("token", "") if inside or event.actor_id == reader_id else "",
        )
        for event in events
    )


def _attachments(event: TimelineEvent) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(id=file["id"], name=file["name"], size=file["size"], type=file["type"])
        for file in event.params.get("files", ())
    )


def _why(event: TimelineEvent) -> str:
    why = event.params.get("why", "")
    return why if isinstance(why, str) and "why_params" not in event.params else ""


def _promised(event: TimelineEvent) -> datetime | None:
    until = event.params.get("until_at") if event.kind == EventKind.URGE_ANSWERED else None
    return datetime.fromisoformat(until) if until else None
