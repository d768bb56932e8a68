"""Owns what people know (languages, products, subjects): assignment rules look for it."""

from __future__ import annotations

import re
from uuid import UUID

import sqlalchemy as sa

from engine.expressions import N_, Message
from tickets import audit
from tickets.actor import Actor
from tickets.assigning.models import PersonSkill
from tickets.errors import Invalid
from tickets.organising.person_lookup import person_managed
from tickets.organising.person_page import skills_of
from tickets.runtime import Runtime
from tickets.texts import line_problem

MOST = 30
LONGEST = 64


def set_skills(runtime: Runtime, actor: Actor, person_id: UUID, text: str) -> None:
    """Keep what somebody knows, written with commas between. Raises NotFound, Forbidden, Invalid."""
    wanted = sorted({part.strip().lower() for part in re.split(r"[,，;；、\n]", text[:10_000]) if part.strip()})
    if len(wanted) > MOST:
        raise Invalid(Message(N_("Name at most %(most)s skills."), {"most": MOST}))
    for skill in wanted:
        if problem := line_problem(skill, LONGEST):
            raise Invalid(Message(N_("A skill can't be used. %(problem)s"), {"problem": problem}))
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        person, _place = person_managed(session, actor, person_id)
        before = skills_of(session, person.id)
        if before == wanted:
            return
        session.execute(sa.delete(PersonSkill).where(PersonSkill.person_id == person.id))
        session.add_all(PersonSkill(person_id=person.id, skill=skill) for skill in wanted)
        audit.record(
            session,
            actor,
            "person.skills",
            person.login,
            brand_id=person.brand_id,
            at=now,
            before={"skills": before},
            after={"skills": wanted},
        )
