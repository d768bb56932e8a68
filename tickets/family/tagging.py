"""Owns tags: words of a brand's own that its tickets are sorted by; a tag comes into being with its first use."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import changing
from tickets.access import Actor
from tickets.change import Change, Was, told
from tickets.errors import Invalid
from tickets.family.models import Tag, TicketTag
from tickets.inserts import insert_unless_there
from tickets.lookup import ticket_for
from tickets.policy import Verb
from tickets.runtime import Runtime
from tickets.texts import line_problem
from tickets.ticket import Ticket
from tickets.timeline import EventKind

LONGEST, MOST = 32, 20
SUGGESTED = 10


def set_tags(runtime: Runtime, actor: Actor, number: str, names: Sequence[str]) -> None:
    """The ticket has these tags and no others. Raises Invalid."""
    wanted = _checked(names)
    with runtime.writing() as session, session.begin():
        ticket = ticket_for(session, actor, number, Verb.TAG)
        had = {tag_key(name): name for name in tags_of(session, ticket.id)}
        _write(session, actor, ticket, had, wanted, runtime.clock.now())


def add_tags(runtime: Runtime, actor: Actor, number: str, names: Sequence[str]) -> None:
    """The ticket has these tags too. Raises Invalid."""
    added = _checked(names)
    with runtime.writing() as session, session.begin():
        ticket = ticket_for(session, actor, number, Verb.TAG)
        had = {tag_key(name): name for name in tags_of(session, ticket.id)}
        wanted = had | {key: name for key, name in added.items() if key not in had}
        _check_count(len(wanted))
        _write(session, actor, ticket, had, wanted, runtime.clock.now())


def tags_of(session: Session, ticket_id: int) -> list[str]:
    """A ticket's tags by name."""
    query = sa.select(Tag.name).join(TicketTag, TicketTag.tag_id == Tag.id).where(TicketTag.ticket_id == ticket_id)
    return list(session.scalars(query.order_by(Tag.key)))


def suggestions(session: Session, brand_id: int, text: str) -> list[str]:
    """The brand's tags with the text in them."""
    key = tag_key(text)[:LONGEST]
    if not key.isprintable():
        return []
    query = sa.select(Tag.name).where(Tag.brand_id == brand_id, Tag.key.contains(key, autoescape=True))
    return list(session.scalars(query.order_by(Tag.key).limit(SUGGESTED)))


def tag_key(name: str) -> str:
    """A tag's name as it is compared: width, case and spaces make no difference."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _checked(names: Sequence[str]) -> dict[str, str]:
    """By key, in their order."""
    found: dict[str, str] = {}
    for name in names:
        text = " ".join(unicodedata.normalize("NFKC", name).split())
        if not text:
            continue
        if problem := line_problem(text, LONGEST):
            params = {"tag": text[:LONGEST], "problem": problem}
            raise Invalid(Message(N_("“%(tag)s” can't be a tag: %(problem)s"), params))
        found.setdefault(tag_key(text), text)
    _check_count(len(found))
    return found


def _check_count(count: int) -> None:
    if count > MOST:
        raise Invalid(Message(N_("A ticket has at most %(limit)s tags; remove some first."), {"limit": MOST}))


def _write(
    session: Session, actor: Actor, ticket: Ticket, had: dict[str, str], wanted: dict[str, str], now: datetime
) -> None:
    added, removed = wanted.keys() - had.keys(), had.keys() - wanted.keys()
    if not added and not removed:
        return
    for key in added:
        insert_unless_there(session, Tag, brand_id=ticket.brand_id, key=key, name=wanted[key], at=now)
    ids = sa.select(Tag.id).where(Tag.brand_id == ticket.brand_id)
    for tag_id in session.scalars(ids.where(Tag.key.in_(added))).all():
        insert_unless_there(session, TicketTag, ticket_id=ticket.id, tag_id=tag_id)
    gone = TicketTag.tag_id.in_(ids.where(Tag.key.in_(removed)))
    session.execute(sa.delete(TicketTag).where(TicketTag.ticket_id == ticket.id, gone))
    was = Was.of(ticket)
    words: dict[str, Any] = {"added": [wanted[key] for key in wanted if key in added]}
    words["removed"] = [had[key] for key in had if key in removed]
    event = told(was, EventKind.TAGGED, actor, now, public=False, **words)
    changing.write(session, Change(was, now, actor, {}, [event]))
