"""Owns what the API says of going from one version of a type to another, and back."""

from __future__ import annotations

from pydantic import Field

from web.api.schemas import Given, ReportLine, Taken


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


class PublicationOutlook(Given):
    """What publishing an older `version` again would do: it `becomes` the newest, in place of the `live` one."""

    version: int
    live: int
    becomes: int
    accepted: bool = Field(description="False when it does not hold to the group's standard; `problems` says why.")
    problems: list[ReportLine]


class PublishAgain(Taken):
    """Which version was seen to be live: if it is another by now, nothing is published."""

    live: int = Field(ge=1, le=2147483647)
