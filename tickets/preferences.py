"""Owns how a person likes the pages: the language they read and the theme they see."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from engine.expressions import N_, Message
from tickets.access import Actor
from tickets.errors import Invalid
from tickets.people import Person
from tickets.runtime import Runtime

CHOICES: Mapping[str, frozenset[str]] = {
    "language": frozenset({"zh", "en"}),
    "theme": frozenset({"light", "dark", "auto"}),
}


def choose(runtime: Runtime, actor: Actor, preferences: Mapping[str, str]) -> None:
    """Keep what the actor likes, if they chose anything; raises Invalid for anything not in CHOICES."""
    for name, value in preferences.items():
        if value not in CHOICES.get(name, ()):
            raise Invalid(Message(N_("There is no such choice: %(value)s."), {"value": value[:40]}))
    if not preferences:
        return
    with runtime.writing() as session:
        session.execute(sa.update(Person).where(Person.id == actor.person_id).values(**preferences))
        session.commit()
