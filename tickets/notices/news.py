"""Owns what news are: an event in all but its ticket, the page that they lead to, and who still sees that page."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from tickets.access import Actor, visible_types
from tickets.notices.models import Leads, News
from tickets.places import Place
from tickets.standards.tables import Waiver
from tickets.standards.waiving.asking import visible_waivers
from tickets.timeline import TimelineEvent
from tickets.types import TicketType


@dataclass(frozen=True, slots=True)
class Whither:
    """Where a notice leads: to a ticket by its number, else to a page of this kind about this id."""

    number: str = ""
    leads: Leads | None = None
    target: UUID | None = None


def whither(news: News | None, number: str | None) -> Whither:
    """Of a notice of news, else of a ticket's."""
    return Whither(number or "") if news is None else Whither(leads=Leads(news.leads), target=news.target)


def as_event(news: News) -> TimelineEvent:
    """As an event, which all words are made from; it is of no ticket and never kept."""
    given = {"id": news.id, "brand_id": news.brand_id, "kind": news.kind, "actor_id": news.actor_id, "at": news.at}
    return TimelineEvent(**given, params=news.params, body="", public=False)


def visible_news(actor: Actor) -> sa.ColumnElement[bool]:
    """On a query of News: they may open the page that it leads to."""
    waiver = sa.exists().where(Waiver.public_id == News.target, Waiver.place_id == Place.id, visible_waivers(actor))
    kind = sa.exists().where(TicketType.public_id == News.target, visible_types(actor))
    return sa.or_(
        sa.and_(News.leads == Leads.WAIVER, waiver),
        sa.and_(News.leads == Leads.TYPE, kind),
        sa.and_(News.leads == Leads.SUBJECTS, News.target == actor.public_id),
    )
