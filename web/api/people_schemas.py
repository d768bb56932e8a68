"""Owns the shapes of people and places that the API takes and gives."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from web.api.schemas import Given, Line, Taken


class GivenRole(Taken):
    """A role by its key or one of its names, at a place by its external id; null is the person's own place."""

    role: Line = Field(examples=["consultant"])
    place: Line | None = None


class PersonValues(Taken):
    """A person as the other system has them now; somebody new needs `name` and `place`."""

    name: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=300)
    phone: str | None = Field(default=None, max_length=100)
    title: str | None = Field(default=None, max_length=200)
    place: str | None = Field(default=None, max_length=300, description="The external id of the place.")
    superior: str | None = Field(default=None, max_length=200, description="The superior's login.")
    language: str | None = Field(default=None, max_length=8, description="zh, en, or empty for the browser's.")
    roles: list[GivenRole] | None = Field(default=None, max_length=20)


class PersonReceipt(Given):
    """What was kept; `changed` is false when they were so already, or are new."""

    id: UUID
    login: str
    changed: bool


class HeldRole(Given):
    role: str
    place: str | None


class PersonState(Given):
    """A person; `place` is an external id, `superior` a login."""

    id: UUID
    login: str
    name: str
    email: str
    phone: str
    title: str
    language: str
    place: str | None
    superior: str | None
    roles: list[HeldRole]
    departed_at: datetime | None


class PlaceState(Given):
    """A place; `above` is the external id of the one it is below."""

    id: UUID
    external_id: str | None
    kind: str
    name: str
    names: dict[str, str]
    above: str | None
    time_zone: str
    closed_at: datetime | None


class PlaceList(Given):
    items: list[PlaceState]
