"""Owns what a story is: who filed what, and who did what with it when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Did(StrEnum):
    """What somebody does with a ticket of the demo."""

    COMPLETE = "complete"
    CLAIM = "claim"
    DRAFT = "draft"
    REPLY = "reply"
    NOTE = "note"
    ASK = "ask"
    CONSULT = "consult"
    URGE = "urge"
    ANSWER_URGE = "answer_urge"
    SUSPEND = "suspend"
    WITHDRAW = "withdraw"
    RATE = "rate"
    TAG = "tag"
    PRIORITY = "priority"
    ACCEPT = "accept"
    ANSWER = "answer"
    TRANSFER = "transfer"
    HAND_OVER = "hand_over"
    MERGE = "merge"
    BELONG = "belong"
    COPY = "copy"
    RESOLVE = "resolve"
    CONFIRM = "confirm"
    REOPEN = "reopen"
    CLOSE = "close"
    OFFER = "offer"
    DECLINE = "decline"


When = str | datetime


@dataclass(frozen=True, slots=True)
class Act:
    """One thing done: `when` is a moment, "3 09:20", so many working days back, or "25", so many minutes ago."""

    when: When
    login: str
    did: Did
    what: str = ""
    """A task's element, a text, somebody's login, or another story's label."""
    values: Mapping[str, Any] = field(default_factory=dict)
    pictures: tuple[str, ...] = ()
    """Names of pictures that go with it (`pictures`)."""


@dataclass(frozen=True, slots=True)
class Settled:
    """That one call settled a ticket: who took it, and what they said when they closed it."""

    by: str
    accepted_at: datetime
    closed_at: datetime
    said: str


@dataclass(frozen=True, slots=True)
class Story:
    """A ticket and what became of it; `caller` is who phoned, if somebody else filed it, `label` what others call it.

    `pictures` go into the start form's field for files.
    """

    when: When
    login: str
    report: Mapping[str, Any]
    acts: tuple[Act, ...] = ()
    caller: str = ""
    type_key: str = "crash_report"
    label: str = ""
    subject: str = ""
    """External id of what it is about."""
    pictures: tuple[str, ...] = ()
    settled: Settled | None = None
    """Instead of acts; such a ticket has no pictures, and is about nothing."""

    @property
    def filed_at(self) -> datetime:
        """The moment at which a story was filed that says one."""
        assert isinstance(self.when, datetime)
        return self.when
