"""Owns what the API says of moving running tickets to another version."""

from __future__ import annotations

from pydantic import Field

from web.api.schemas import Given


class StayingTicket(Given):
    """A ticket that can't be moved to the live version of its type: at which element, and why."""

    number: str
    element: str = Field(description="As the caller's language calls it; empty where no element is in the way.")
    why: str


class VersionOutlook(Given):
    """What moving the running tickets of a version to the live one (`to`) would do; `tickets` run on it."""

    version: int
    to: int
    tickets: int
    looked_at: int = Field(description="How many of them were looked at, the oldest first.")
    would_move: int
    stay: list[StayingTicket]


class VersionMove(Given):
    """So many `tickets` run on the version; a job moves those that can go."""

    version: int
    to: int
    tickets: int
