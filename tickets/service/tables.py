"""Owns the tables of service levels: calendars, closures, policies, and each ticket's clocks with their pauses."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId, new_public_id


class BusinessCalendar(Base):
    """When people of a brand (or the group) work: `hours` are texts by weekday, "0" is Monday (`service.hours`).

    `holidays` names the public holidays it keeps: "" none, "china" those of the mainland with their make-up days.
    """

    __tablename__ = "business_calendar"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int] = mapped_column(index=True)
    names: Mapped[dict[str, str]]
    hours: Mapped[dict[str, str]]
    holidays: Mapped[str] = mapped_column(sa.String(16), default="")
    version: Mapped[int] = mapped_column(default=1)

    @property
    def name(self) -> str:
        """What it is called where no name is in the reader's language."""
        return next(iter(self.names.values()), "")


class CalendarDay(Base):
    """A day with hours of its own in a calendar; without any it is a day off."""

    __tablename__ = "calendar_day"
    __table_args__ = (sa.UniqueConstraint("calendar_id", "day"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    calendar_id: Mapped[int] = mapped_column(sa.ForeignKey("business_calendar.id"))
    day: Mapped[date]
    hours: Mapped[str] = mapped_column(sa.String(255))
    name: Mapped[str] = mapped_column(sa.String(100), default="")


class PlaceCalendar(Base):
    """The calendar that a place chose; those below it without one of their own keep it too."""

    __tablename__ = "place_calendar"
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"), primary_key=True, autoincrement=False)
    calendar_id: Mapped[int] = mapped_column(sa.ForeignKey("business_calendar.id"), index=True)


class Closure(Base):
    """A place (with all below it) is closed; `starts` and `ends` are local times there: 2026-09-09T14:00."""

    __tablename__ = "closure"
    __table_args__ = (sa.Index("ix_closure_place", "place_id", "ends"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"))
    starts: Mapped[str] = mapped_column(sa.String(16))
    ends: Mapped[str] = mapped_column(sa.String(16))
    reason: Mapped[str] = mapped_column(sa.String(200))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class PublicHoliday(Base):
    """A day off of a country, or (`works`) a day at a weekend that is worked to make up for one."""

    __tablename__ = "public_holiday"
    __table_args__ = (sa.UniqueConstraint("region", "day"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    region: Mapped[str] = mapped_column(sa.String(16))
    day: Mapped[date]
    works: Mapped[bool]
    names: Mapped[dict[str, str]]


class ServiceVersion(Base):
    """One row: counts the changes of calendars, so that every process notices them."""

    __tablename__ = "service_version"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]


class ServicePolicy(Base):
    """What a brand (or the group) promises for a type ("": all) and a priority ("": any).

    `response`, `resolution` are ISO 8601 durations ("": nothing promised), in working time if `working`. `warn_before`
    is a duration or a share ("20%"), `escalate_after` a duration; both may be "". `escalate_to` is "superior",
    "role:<key>" or "person:<login>".
    """

    __tablename__ = "service_policy"
    __table_args__ = (sa.UniqueConstraint("brand_id", "type_key", "priority"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    type_key: Mapped[str] = mapped_column(sa.String(255), default="")
    priority: Mapped[str] = mapped_column(sa.String(8), default="")
    response: Mapped[str] = mapped_column(sa.String(32), default="")
    resolution: Mapped[str] = mapped_column(sa.String(32), default="")
    working: Mapped[bool] = mapped_column(default=True)
    warn_before: Mapped[str] = mapped_column(sa.String(32), default="")
    escalate_after: Mapped[str] = mapped_column(sa.String(32), default="")
    escalate_to: Mapped[str] = mapped_column(sa.String(300), default="")
    version: Mapped[int] = mapped_column(default=1)


class ClockKind(StrEnum):
    RESPONSE = "response"
    RESOLUTION = "resolution"


class Outcome(StrEnum):
    """How a clock ended; it has none while it runs. A missed one stays missed."""

    MET = "met"
    MISSED = "missed"
    VOID = "void"  # the ticket was withdrawn first


class ServiceClock(Base):
    """How one promise of one ticket stands; reports count its `outcome` by `judged_at`, when it was met or missed.

    `span` … `escalate_to` are the policy's at the last count. `paused_since` is set while it stands still, and `left`
    then holds the seconds that are left; `stopped_at` when it was met, however late.
    """

    __tablename__ = "service_clock"
    __table_args__ = (
        sa.UniqueConstraint("ticket_id", "kind"),
        sa.Index("ix_service_clock_judged", "type_id", "kind", "outcome", "judged_at", "brand_id", "place_id"),
        sa.Index("ix_service_clock_place", "place_id", "kind", "judged_at"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    place_id: Mapped[int]
    type_id: Mapped[int]
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"))
    kind: Mapped[str] = mapped_column(sa.String(12))
    policy_id: Mapped[int | None]
    span: Mapped[str] = mapped_column(sa.String(32))
    working: Mapped[bool]
    warn_before: Mapped[str] = mapped_column(sa.String(32), default="")
    escalate_after: Mapped[str] = mapped_column(sa.String(32), default="")
    escalate_to: Mapped[str] = mapped_column(sa.String(300), default="")
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    paused_since: Mapped[datetime | None]
    left: Mapped[int | None]
    warned_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(sa.String(8))
    judged_at: Mapped[datetime | None]


class ServicePause(Base):
    """A time in which a ticket's clocks stood still, and why: the status it had; open while `ended_at` is None."""

    __tablename__ = "service_pause"
    __table_args__ = (sa.Index("ix_service_pause_ticket", "ticket_id", "started_at"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    ticket_id: Mapped[int] = mapped_column(sa.ForeignKey("ticket.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    why: Mapped[str] = mapped_column(sa.String(24))
