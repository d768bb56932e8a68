"""A standard on the stage: a type with two steps, classes at the campuses, and what became of its occurrences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.database import NEVER
from tests.engine import build
from tests.tickets.play import Play, files, staff
from tickets.places import Place
from tickets.standards import starting
from tickets.standards.setting_up import Wanted, set_up
from tickets.standards.tables import Launch, Occurrence, Standard, StandardStep, StepRecord
from tickets.subject_register import put_subject
from tickets.subjects import Subject
from tickets.ticket import Ticket
from tickets.types import TicketType


def step(ident: str, key: str = "", *, inner: str = "", **properties: str) -> str:
    """A user task that is a standard step."""
    said = build.settings(**{"standardStep": key or ident, **properties})
    return staff(ident, said + inner, name=ident)


KICKOFF = (
    build.start(),
    step("prepare", deadline="P2D"),
    step("welcome", deadline="P5D", mandatory="false"),
    build.end(),
    build.chain("begin", "prepare", "welcome", "done"),
)


@dataclass
class Campus:
    """One play with standards. Occurrences and records are looked at as they are now."""

    play: Play

    def define(
        self,
        *parts: str,
        key: str = "kickoff",
        brand_id: int | None = None,
        forms: Mapping[str, Any] | None = None,
        **settings: str,
    ) -> None:
        """A standard's type, of the group unless a brand is named."""
        said: dict[str, Any] = {"standard": "class", "standard.start": "created", **settings}
        made = self.play.upload(files(*(parts or KICKOFF), key=key, forms=forms, **said), brand_id=brand_id)
        assert made.report.accepted, [str(problem.problem) for problem in made.report.problems]

    def set_up(self, key: str = "kickoff", *, at: str = "qiming", by: str = "chenxiao", **wanted: Any) -> Standard:
        """Set up and planned."""
        actor = self.play.cast.actor(by)
        made = set_up(self.play.runtime, actor, Wanted(key, self.place(at), **wanted))
        self.play.settle()
        return made

    def place(self, external_id: str) -> UUID:
        with self.play.runtime.reading() as session:
            return session.get_one(Place, self.play.cast.places[external_id]).public_id

    def add_class(self, external_id: str, *, at: str = "sz-nanshan", **attributes: Any) -> int:
        """A class that came to be, or is now like this; what is planned has followed. Its id."""
        values: Mapping[str, Any] = {"name": external_id, "place": at, "attributes": attributes}
        saved = put_subject(self.play.runtime, self.play.cast.chenxiao, "class", external_id, values)
        self.play.settle()
        with self.play.runtime.reading() as session:
            return session.scalars(sa.select(Subject.id).where(Subject.public_id == saved.public_id)).one()

    def switch_type(self, key: str, *, on: bool) -> None:
        """Lets no more tickets of a type begin, or again."""
        with self.play.writing() as session, session.begin():
            session.execute(sa.update(TicketType).where(TicketType.key == key).values(active=on))

    def subject_id(self, external_id: str) -> str:
        """A class's id in addresses."""
        with self.play.runtime.reading() as session:
            return str(session.scalars(sa.select(Subject.public_id).where(Subject.external_id == external_id)).one())

    def standard_id(self) -> str:
        """The only standard's id in addresses."""
        with self.play.runtime.reading() as session:
            return str(session.scalars(sa.select(Standard.public_id)).one())

    def begin_due(self) -> int:
        """Starts what is due."""
        return starting.tick(self.play.runtime)

    def occurrences(self, *criteria: sa.ColumnElement[bool]) -> list[Occurrence]:
        with self.play.runtime.reading() as session:
            return list(session.scalars(sa.select(Occurrence).where(*criteria).order_by(Occurrence.id)))

    def planned(self, subject: int) -> dict[str, str]:
        """When it begins, by period, in Shanghai; those called off are none."""
        rows = self.occurrences(Occurrence.subject_id == subject, Occurrence.state != "cancelled")
        return {row.period: local(row.starts_at) for row in rows}

    def records(self, occurrence: Occurrence) -> dict[str, StepRecord]:
        """The records of its steps as they are known now, by key."""
        query = (
            sa.select(StandardStep.key, StepRecord)
            .join(StepRecord, StepRecord.step_id == StandardStep.id)
            .where(StepRecord.occurrence_id == occurrence.id, StepRecord.valid_to == NEVER)
            .order_by(StandardStep.position)
        )
        with self.play.runtime.reading() as session:
            return dict(session.execute(query).all())

    def standards(self) -> list[Standard]:
        with self.play.runtime.reading() as session:
            return list(session.scalars(sa.select(Standard).order_by(Standard.id)))

    def numbers(self, *criteria: sa.ColumnElement[bool]) -> list[str]:
        """The numbers of the tickets that occurrences have, the oldest first."""
        query = sa.select(Ticket.number).join(Occurrence, Occurrence.ticket_id == Ticket.id)
        query = query.where(*criteria).order_by(Occurrence.id)
        with self.play.runtime.reading() as session:
            return list(session.scalars(query))

    def launches(self) -> list[Launch]:
        with self.play.runtime.reading() as session:
            return list(session.scalars(sa.select(Launch).order_by(Launch.id)))


def local(moment: Any) -> str:
    """A moment as the clocks of the campuses show it."""
    return f"{moment.astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M}"
