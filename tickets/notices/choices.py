"""Owns what people choose to hear of, and by which channel."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import Session

from tickets.access import Actor
from tickets.notices.models import Channel, NoticeChoice
from tickets.notices.table import TOPICS, Topic, wanted
from tickets.runtime import Runtime

Matrix = Mapping[Topic, Mapping[Channel, bool]]


def choices_of(session: Session, actor: Actor) -> Matrix:
    """Each topic by each channel: as they chose, else as the table has it."""
    rows = session.scalars(sa.select(NoticeChoice).where(NoticeChoice.person_id == actor.person_id))
    chosen = {(row.topic, row.channel): row.wanted for row in rows}
    return {
        topic: {channel: wanted(topic, channel, chosen.get((topic, channel))) for channel in Channel}
        for topic in TOPICS
    }


def choose(runtime: Runtime, actor: Actor, on: Collection[tuple[str, str]]) -> None:
    """From now on these (topic, channel) and no others. What is as the table has it is not kept, and follows it."""
    rows = [
        {"person_id": actor.person_id, "topic": topic.value, "channel": channel.value, "wanted": (topic, channel) in on}
        for topic, about in TOPICS.items()
        for channel in Channel
        if ((topic, channel) in on) != (channel in about.channels)
    ]
    with runtime.writing() as session, session.begin():
        session.execute(sa.delete(NoticeChoice).where(NoticeChoice.person_id == actor.person_id))
        if rows:
            session.execute(sa.insert(NoticeChoice), rows)
