"""Owns the clients of the API: each is another system with scopes, limits and an account of its own to act as."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, BigId, new_public_id
from engine.expressions import N_
from tickets.permissions import Permission


class ApiClient(Base):
    """Another system. It acts as `person_id`, an account nobody signs in with, at `place_id` and below.

    No `types` means every ticket type; no `addresses` every network; `per_minute` 0 no limit.
    """

    __tablename__ = "api_client"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int] = mapped_column(index=True)
    name: Mapped[str]
    contact: Mapped[str] = mapped_column(default="")
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), unique=True)
    place_id: Mapped[int] = mapped_column(sa.ForeignKey("place.id"))
    scopes: Mapped[list[str]] = mapped_column(default=list)
    types: Mapped[list[str]] = mapped_column(default=list)
    addresses: Mapped[list[str]] = mapped_column(default=list)
    per_minute: Mapped[int] = mapped_column(default=600)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    disabled_at: Mapped[datetime | None]


class ApiCall(Base):
    """One call of a client, `called` as in "POST /api/v1/tickets"; old ones are dropped at night."""

    __tablename__ = "api_call"
    __table_args__ = (sa.Index("ix_api_call_client", "client_id", "id"), sa.Index("ix_api_call_at", "at"))
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    client_id: Mapped[int] = mapped_column(sa.ForeignKey("api_client.id"))
    at: Mapped[datetime]
    called: Mapped[str]
    status: Mapped[int]
    address: Mapped[str] = mapped_column(sa.String(64))


@dataclass(frozen=True, slots=True)
class ClientScope:
    """What a client may be given, in words."""

    permissions: frozenset[Permission]
    words: str


_P = Permission
CLIENT_SCOPES: Mapping[str, ClientScope] = {
    "tickets:file": ClientScope(frozenset({_P.FILE, _P.FILE_FOR}), N_("File tickets, also for people")),
    "tickets:read": ClientScope(frozenset({_P.SEE}), N_("Read tickets")),
    "tickets:note": ClientScope(frozenset({_P.NOTE}), N_("Write internal notes")),
    "tasks:work": ClientScope(frozenset({_P.WORK}), N_("Do tasks that are assigned to it")),
    "events:send": ClientScope(frozenset({_P.SEND_MESSAGES}), N_("Send events, messages and signals")),
    "subjects:write": ClientScope(
        frozenset({_P.SEE_SUBJECTS, _P.EDIT_SUBJECTS}), N_("Keep students, classes and products current")
    ),
    "people:write": ClientScope(
        frozenset({_P.SEE_PEOPLE, _P.MANAGE_PEOPLE}), N_("Keep people current, and tell of departures")
    ),
    "types:deploy": ClientScope(frozenset({_P.SEE_TYPES, _P.DEPLOY}), N_("Publish ticket types")),
    "reports:read": ClientScope(frozenset({_P.SEE_REPORTS}), N_("Read reports")),
}
"""The scopes of clients; each stands for permissions as roles have them."""


def permissions_of(scopes: Iterable[str]) -> frozenset[Permission]:
    """What these scopes let a client do; an unknown one lets nothing."""
    known = (CLIENT_SCOPES[scope].permissions for scope in scopes if scope in CLIENT_SCOPES)
    return frozenset().union(*known)
