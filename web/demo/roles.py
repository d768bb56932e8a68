"""Owns the demo's role cards: whom one may try the pages as, and what each comes for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_
from tickets.people import Person
from tickets.places import Place


@dataclass(frozen=True, slots=True)
class Card:
    """One of the demo's people; `role` and `comes_for` are msgids."""

    login: str
    icon: str
    role: str
    comes_for: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A card with whom it is about, as the database has them."""

    card: Card
    name: str
    place_names: dict[str, str]


CARDS: tuple[Card, ...] = (
    Card("zhoulan", "user", N_("Teacher"), N_("Files a ticket, follows it, answers questions, urges and rates it.")),
    Card("lina", "headset", N_("Support"), N_("Works through her inbox: accepts, replies, notes, asks colleagues.")),
    Card("wanglei", "tool", N_("Developer"), N_("Sees only his own tasks: the cause, and the version that mends it.")),
    Card("tangyan", "inbox", N_("Dispatcher"), N_("Gives tickets nobody answers for to somebody, many at once.")),
    Card(
        "zhaomin",
        "building",
        N_("Campus head"),
        N_("Sees what her campus asked for, and which standard steps are due."),
    ),
    Card(
        "chenxiao",
        "chart-bar",
        N_("Headquarters"),
        N_("Sees whether campuses follow the standards, and how promises to requesters are kept."),
    ),
    Card(
        "hejing",
        "pencil",
        N_("Process designer"),
        N_("Uploads what was drawn, sees every mistake, publishes versions and goes back."),
    ),
    Card(
        "guohao",
        "settings",
        N_("Brand administrator"),
        N_("Looks after people, roles, menus and other systems; adds his brand's steps to standards."),
    ),
    Card("admin", "tool", N_("System administrator"), N_("Watches jobs and timers, and repairs what is stuck.")),
)
LOGINS = frozenset(card.login for card in CARDS)


def shown(session: Session) -> Sequence[Shown]:
    """The cards of those who are here; one statement, and none where the database is not the demo's."""
    query = (
        sa.select(Person.login, Person.name, Place.names)
        .join(Place, Place.id == Person.place_id)
        .where(Person.login.in_(sorted(LOGINS)), Person.departed_at.is_(None))
    )
    here = {row.login: row for row in session.execute(query)}
    return [Shown(card, here[card.login].name, dict(here[card.login].names)) for card in CARDS if card.login in here]
