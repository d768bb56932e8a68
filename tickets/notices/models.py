"""Owns the tables of notices: what people were told, how it is sent out, and what they chose."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId, new_public_id


class Channel(StrEnum):
    APP = "app"
    MAIL = "mail"
    IM = "im"


class DeliveryStatus(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"  # for good: shown to administrators
    DROPPED = "dropped"  # nobody wants it any more: they left, the address is gone, no mail server is set


class Leads(StrEnum):
    """The kinds of pages that news lead to."""

    WAIVER = "waiver"
    TYPE = "type"
    SUBJECTS = "subjects"


class News(Base):
    """One thing that people are told of though no ticket carries it. `kind` and `params` are worded as an event's.

    `leads` and `target` (a public id) are the page that it is about, `title` and `titles` what that is called.
    """

    __tablename__ = "news"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"))
    kind: Mapped[str] = mapped_column(sa.String(24))
    actor_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    leads: Mapped[str] = mapped_column(sa.String(16))
    target: Mapped[uuid.UUID]
    title: Mapped[str]
    titles: Mapped[dict[str, str]] = mapped_column(default=dict)
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]


class Notice(Base):
    """One person told of one thing in the pages, once: an event of a ticket, or news that no ticket carries.

    `part` is what they are to it; `params` hold their task.
    """

    __tablename__ = "notice"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "person_id"),
        sa.UniqueConstraint("news_id", "person_id"),
        sa.CheckConstraint(
            "(event_id IS NULL) = (ticket_id IS NULL) AND (event_id IS NULL) <> (news_id IS NULL)", name="of_one"
        ),
        sa.Index("ix_notice_person", "person_id", "id"),
        sa.Index("ix_notice_ticket", "ticket_id", "person_id"),
        sa.Index(
            "ix_notice_unread",
            "person_id",
            "id",
            sqlite_where=sa.text("read_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    ticket_id: Mapped[int | None] = mapped_column(sa.ForeignKey("ticket.id"))
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("timeline_event.id"))
    news_id: Mapped[int | None] = mapped_column(sa.ForeignKey("news.id"))
    part: Mapped[str] = mapped_column(sa.String(16))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class Delivery(Base):
    """One event, or one piece of news, sent out once: by mail to a person, or to an address (a person's, a brand's).

    `key` is what makes it once; receivers get it too, as a message's id, and can tell a second sending by it.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        sa.Index("ix_delivery_failed", "status", "brand_id", "id"),
        sa.CheckConstraint("(event_id IS NULL) <> (news_id IS NULL)", name="of_one"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    event_id: Mapped[int | None] = mapped_column(sa.ForeignKey("timeline_event.id"))
    news_id: Mapped[int | None] = mapped_column(sa.ForeignKey("news.id"))
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    address_id: Mapped[int | None] = mapped_column(sa.ForeignKey("notice_address.id", ondelete="SET NULL"))
    channel: Mapped[str] = mapped_column(sa.String(8))
    part: Mapped[str] = mapped_column(sa.String(16))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    status: Mapped[str] = mapped_column(sa.String(8), default=DeliveryStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class NoticeAddress(Base):
    """Where messages go besides mail: a person's own address, or (`person_id` None) a channel of a whole brand.

    `url` is a secret: whoever has it can write there; it is kept as it is and never shown again (`hint` is).
    A brand's channel hears of `topics`, and so does a client's webhook (`client_id`), of the tickets that the client
    reaches; a person's topics are their choices. `sealed` is what a webhook's messages are signed with.
    """

    __tablename__ = "notice_address"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int] = mapped_column(index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    client_id: Mapped[int | None] = mapped_column(sa.ForeignKey("api_client.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(100))
    kind: Mapped[str] = mapped_column(sa.String(16))
    url: Mapped[str]
    hint: Mapped[str]
    topics: Mapped[list[str]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(sa.String(8), default="zh")
    created_at: Mapped[datetime]
    created_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    sealed: Mapped[bytes | None]


class NoticeChoice(Base):
    """Whether a person wants to hear of a topic by a channel; without a row, as `tickets.notices.table` has it."""

    __tablename__ = "notice_choice"
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    topic: Mapped[str] = mapped_column(sa.String(16), primary_key=True)
    channel: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    wanted: Mapped[bool]
