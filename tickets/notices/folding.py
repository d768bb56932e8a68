"""Owns folding: what a departure brings somebody is one notice that counts, however many tickets it brings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.notices.audience import Hearer
from tickets.notices.models import Notice
from tickets.notices.table import Part
from tickets.timeline import EventKind, TimelineEvent

OTHERS = "others"
"""In a notice's `params`: how much more it stands for."""

Telling = tuple[TimelineEvent, Hearer]
Place = tuple[int, Any]
"""Who is told, and who has left."""


def fold(session: Session, tellings: Iterable[Telling]) -> list[Telling]:
    """The first for each heir and leaver, with a count of the others; none where one is unread that can count them."""
    kept: list[Telling] = []
    first: dict[Place, Telling] = {}
    others: Counter[Place] = Counter()
    for event, hearer in tellings:
        place = (hearer.person_id, event.params.get("from_id"))
        if event.kind != EventKind.DEPARTED or hearer.part is not Part.NAMED:
            kept.append((event, hearer))
        elif place in first:
            others[place] += 1
        else:
            first[place] = (event, hearer)
    unread = _unread(session, first) if first else {}
    for place, (event, hearer) in first.items():
        notice = unread.get(place)
        if notice is None:
            more = {OTHERS: others[place]} if others[place] else {}
            kept.append((event, replace(hearer, params={**hearer.params, **more})))
        elif (notice.event_id or 0) < event.id:  # else the same events are told once more
            notice.params = {**notice.params, OTHERS: notice.params.get(OTHERS, 0) + 1 + others[place]}
    return kept


def _unread(session: Session, places: Iterable[Place]) -> dict[Place, Notice]:
    query = (
        sa.select(Notice, TimelineEvent.params)
        .join(TimelineEvent, TimelineEvent.id == Notice.event_id)
        .where(
            Notice.person_id.in_(sorted({person_id for person_id, _ in places})),
            Notice.read_at.is_(None),
            Notice.part == Part.NAMED,
            TimelineEvent.kind == EventKind.DEPARTED,
        )
    )
    return {(notice.person_id, params.get("from_id")): notice for notice, params in session.execute(query)}
