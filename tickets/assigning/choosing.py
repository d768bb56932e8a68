"""Owns applying rules: trying each in its order until one finds somebody who is there, and saying how it did."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import TaskStatus, UserTask
from tickets.assigning.models import Method
from tickets.assigning.pools import in_turn, least_loaded, place_of, pool_of, stand_in
from tickets.assigning.presence import Present, present_or_above
from tickets.assigning.rulebook import Rule
from tickets.roles import queue_for_role, queue_of_role

if TYPE_CHECKING:
    from tickets.case import Case
    from tickets.names import People


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom a rule found: a person with their own queue, or everybody of a role by its queue alone.

    `back_to` is the queue of the role that the person was chosen from: who releases the task gives it back there.
    """

    queue_key: int
    person_id: int | None = None
    back_to: int | None = None
    rule: Rule | None = None


@dataclass(frozen=True)
class Chooser:
    """One ticket and moment that rules are applied to. `key` tells rotations of different tasks apart."""

    session: Session
    people: People
    now: datetime
    data: Mapping[str, Any]
    key: str

    @property
    def case(self) -> Case:
        return self.people.case

    def choose(self, rules: Iterable[Rule], *, but: Collection[int] = ()) -> Chosen | None:
        """The first that finds somebody besides those in `but` (and whoever asked for the ticket)."""
        asked = self.case.requester.id if self.case.requester else None
        excluded = {*but, *([asked] if asked is not None else [])}
        for rule in rules:
            found = _METHODS[rule.method](self, rule, excluded)
            if found is not None:
                return found
        return None

    def named(self, person_id: int | None, rule: Rule, but: Collection[int]) -> Chosen | None:
        """That person, who stands in for them, or the nearest superior who is there."""
        found = present_or_above(self.session, person_id, self.now) if person_id is not None else None
        return _chosen(found, rule, None, but)

    def last_assignee(self) -> int | None:
        """Who did the last task of the ticket."""
        if not self.case.instance_id:
            return None
        done = sa.select(UserTask.closed_by_id).where(
            UserTask.instance_id == self.case.instance_id, UserTask.status == TaskStatus.COMPLETED
        )
        return self.session.scalar(done.order_by(UserTask.closed_at.desc(), UserTask.id.desc()).limit(1))


def _chosen(found: Present | None, rule: Rule, back_to: int | None, but: Collection[int]) -> Chosen | None:
    if found is None or found.person_id in but:
        return None
    return Chosen(found.queue_key, found.person_id, back_to, rule)


def _person(chooser: Chooser, rule: Rule, but: Collection[int]) -> Chosen | None:
    person = chooser.people.find(rule.args.get("who"))
    return chooser.named(person.id if person else None, rule, but)


def _role(chooser: Chooser, rule: Rule, _but: Collection[int]) -> Chosen | None:
    site = chooser.case.site
    key = queue_for_role(chooser.session, str(rule.args.get("role", "")), site.path, site.brand_id)
    return Chosen(key, rule=rule) if key is not None else None


def _responsible(chooser: Chooser, rule: Rule, but: Collection[int]) -> Chosen | None:
    about = chooser.case.about
    return chooser.named(about.responsible.id if about and about.responsible else None, rule, but)


def _superior(chooser: Chooser, rule: Rule, but: Collection[int]) -> Chosen | None:
    of = rule.args.get("of")
    case = chooser.case
    whose = {"requester": case.requester, "owner": case.owner}.get(str(of))
    below = whose.id if whose else chooser.last_assignee() if of == "assignee" else None
    above = chooser.people.superior_id(below) if below is not None else None
    return chooser.named(above, rule, but)


def _pooled(chooser: Chooser, rule: Rule, but: Collection[int]) -> Chosen | None:
    """Of those who hold a role: in turn, or the least loaded, of those who know what is needed."""
    site, session, turn = chooser.case.site, chooser.session, rule.method is Method.ROUND_ROBIN
    role, skills = str(rule.args.get("role", "")), wanted_skills(rule, chooser.data)
    pool = pool_of(session, role, site.path, site.brand_id, chooser.now, loads=not turn, skills=skills)
    if pool is None:
        return None
    key = f"{chooser.key}:{pool.role_id}:{pool.place_id}"[:255]
    member = in_turn(session, pool, key, but) if turn else least_loaded(pool, but)
    found = place_of(session, member) if member else stand_in(session, pool, but, chooser.now)
    return _chosen(found, rule, queue_of_role(session, pool.role_id, pool.place_id), but) if found else None


def wanted_skills(rule: Rule, data: Mapping[str, Any]) -> list[str]:
    """The skills that the rule names, and those that the form's field gives."""
    if rule.method is not Method.SKILLS:
        return []
    given = data.get(str(rule.args.get("field", "")))
    from_form = given if isinstance(given, list) else [given] if given is not None else []
    return [*rule.args.get("skills", ()), *(str(each) for each in from_form)]


_METHODS: Mapping[Method, Callable[[Chooser, Rule, Collection[int]], Chosen | None]] = {
    Method.PERSON: _person,
    Method.ROLE: _role,
    Method.RESPONSIBLE: _responsible,
    Method.SUPERIOR: _superior,
    Method.ROUND_ROBIN: _pooled,
    Method.LEAST_LOADED: _pooled,
    Method.SKILLS: _pooled,
}
