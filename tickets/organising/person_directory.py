"""Owns finding what people's facts name: the person as they are kept, place, superior and roles, within one's reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.database import shared_alias
from engine.expressions import N_, Message
from tickets.actor import Actor, Grant
from tickets.organising.fields import FieldsInvalid, wrong
from tickets.organising.person_facts import PersonFacts
from tickets.organising.reach import BEYOND, as_grant, is_system, manages, may_give
from tickets.people import Person
from tickets.permissions import Permission
from tickets.places import Place, ancestors
from tickets.roles import Membership, Role

TAKEN = N_("Somebody already has the login “%(login)s”; choose another.")
NO_PLACE = N_("You manage no place by this name; write its external id, such as sz-nanshan.")
NOBODY = N_("Nobody of this brand or the group has this login.")
AT_ONCE = 400
NOTHING: Mapping[str, Message] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Resolved:
    """Facts with what they name; `existing` is None for somebody new. `superior` is a login, perhaps of the batch."""

    facts: PersonFacts
    existing: Person | None
    place: Place
    superior: str
    roles: tuple[tuple[Role, Place], ...]


class Directory:
    """What a batch of facts names, read in a few statements; with `lock` the people are until the transaction ends."""

    def __init__(self, session: Session, actor: Actor, batch: Sequence[PersonFacts], *, lock: bool = True) -> None:
        self._actor, self._system = actor, is_system(session, actor)
        logins = {facts.login for facts in batch} | {facts.renamed for facts in batch}
        self._people = _by_login(session, logins, lock=lock)
        self._superiors = _by_login(session, {facts.superior for facts in batch if facts.superior}, lock=False)
        self._coming = {facts.renamed: facts for facts in batch if facts.renamed}
        self._roles = _roles(session)
        self._grants = self._held(session)
        self._places: dict[str, list[Place]] = defaultdict(list)
        self._by_id: dict[int, Place] = {}
        self._find_places(session, batch)
        self._above = _above(session) if any("superior" in facts.given for facts in batch) else {}
        for facts in batch:
            if "superior" in facts.given and facts.renamed:
                self._above[facts.renamed] = facts.superior

    def resolve(self, facts: PersonFacts, unread: Mapping[str, Message] = NOTHING) -> Resolved:
        """What the facts name. Raises FieldsInvalid with all that is wrong, `unread` (found when reading) among it."""
        errors, existing, roles = dict(unread), None, list[tuple[Role, Place]]()
        with _noted(errors):
            existing = None if "login" in errors else self._existing(facts)
        if existing is None and "login" not in errors:
            errors = _missing(facts) | errors
        place = self._kept(existing)
        with _noted(errors):
            place = self._place(facts.place, existing) if "place" in facts.given else place
        if place is None:  # whose superiors and roles there are is a matter of the brand
            raise FieldsInvalid(errors)
        with _noted(errors):
            self._check_superior(facts, place)
        with _noted(errors):
            roles = [self._role(role, at, place) for role, at in facts.roles]
        if errors:
            raise FieldsInvalid(errors)
        return Resolved(facts, existing, place, facts.superior, tuple(roles))

    def _existing(self, facts: PersonFacts) -> Person | None:
        person = self._people.get(facts.login)
        taken = self._people.get(facts.renamed)
        if taken is not None and taken is not person:
            raise wrong("login", TAKEN, login=facts.renamed)
        if person is None:
            return None
        home = self._by_id[person.place_id]
        if person.is_client or not manages(self._actor, Permission.MANAGE_PEOPLE, home):
            raise wrong("login", TAKEN, login=facts.login)
        if self._beyond(person):
            raise wrong("login", BEYOND, name=person.name)
        return person

    def _beyond(self, person: Person) -> bool:
        """Whether their roles go beyond the actor's, who could become them; another system only tells what is so."""
        if self._system or person.id == self._actor.person_id:
            return False
        return not all(may_give(self._actor, grant) for grant in self._grants[person.id])

    def _kept(self, existing: Person | None) -> Place | None:
        return self._by_id[existing.place_id] if existing else None

    def _place(self, text: str, existing: Person | None) -> Place:
        mine = [place for place in self._places[text] if manages(self._actor, Permission.MANAGE_PEOPLE, place)]
        if not mine:
            raise wrong("place", NO_PLACE)
        if len(mine) > 1:
            raise wrong("place", N_("Several places are called that; write the external id of the one you mean."))
        if mine[0].closed_at is not None and (existing is None or existing.place_id != mine[0].id):
            raise wrong("place", N_("This place is closed; choose another."))
        return mine[0]

    def _check_superior(self, facts: PersonFacts, place: Place) -> None:
        if not facts.superior or "superior" not in facts.given:
            return
        if facts.superior not in self._coming:
            person = self._superiors.get(facts.superior)
            brands = {place.brand_id, ancestors(place.path)[0]}
            if person is None or person.is_client or person.brand_id not in brands:
                raise wrong("superior", NOBODY)
            if person.departed_at is not None:
                raise wrong("superior", N_("%(name)s has departed; choose somebody who is here."), name=person.name)
        if facts.renamed and self._in_circle(facts.renamed):
            raise wrong("superior", N_("They would end up above themselves; change the other superior first."))

    def _in_circle(self, login: str) -> bool:
        seen, above = {login}, self._above.get(login, "")
        while above and above not in seen:
            seen.add(above)
            above = self._above.get(above, "")
        return above == login

    def _role(self, text: str, at: str, home: Place) -> tuple[Role, Place]:
        place = self._place(at, None) if at else home
        wanted = text.lower()
        found = [
            role
            for role in self._roles
            if role.brand_id in (place.brand_id, self._actor.root_id)
            and wanted in (role.key.lower(), role.name_zh.lower(), role.name_en.lower())
        ]
        found.sort(key=lambda role: (role.key.lower() != wanted, role.brand_id != place.brand_id))
        if not found:
            raise wrong("roles", N_("There is no role “%(role)s” here; the roles page lists them."), role=text)
        if place.brand_id not in (home.brand_id, self._actor.root_id) and home.brand_id != self._actor.root_id:
            raise wrong("roles", N_("The place belongs to another brand than the person; choose one of theirs."))
        if not may_give(self._actor, as_grant(found[0], place, self._actor.root_id)):
            raise wrong(
                "roles", N_("The role “%(role)s” goes beyond yours; somebody who has it must give it."), role=text
            )
        return found[0], place

    def _held(self, session: Session) -> dict[int, list[Grant]]:
        held: dict[int, list[Grant]] = defaultdict(list)
        for part in _parts(sorted(person.id for person in self._people.values())):
            query = sa.select(Membership.person_id, Role, Place).select_from(Membership)
            joined = query.join(Role, Role.id == Membership.role_id).join(Place, Place.id == Membership.place_id)
            for person_id, role, place in session.execute(joined.where(Membership.person_id.in_(part))):
                held[person_id].append(as_grant(role, place, self._actor.root_id))
        return held

    def _find_places(self, session: Session, batch: Sequence[PersonFacts]) -> None:
        texts = {facts.place for facts in batch if facts.place} | {at for facts in batch for _, at in facts.roles if at}
        ids = {person.place_id for person in self._people.values()}
        for place in _places(session, texts, ids):
            self._by_id[place.id] = place
            for name in {str(place.public_id), place.external_id or "", place.name, *place.names.values()} & texts:
                self._places[name].append(place)


def _missing(facts: PersonFacts) -> dict[str, Message]:
    """What somebody new needs and does not have, by field."""
    needed = {"name": N_("They are new, so they need a name."), "place": N_("They are new, so need a place.")}
    return {name: Message(text) for name, text in needed.items() if name not in facts.given}


@contextmanager
def _noted(errors: dict[str, Message]) -> Iterator[None]:
    """Fields that are refused within are noted, so that the others are looked at too."""
    try:
        yield
    except FieldsInvalid as error:
        errors |= error.errors


def _by_login(session: Session, logins: Iterable[str], *, lock: bool) -> dict[str, Person]:
    found: dict[str, Person] = {}
    for part in _parts(sorted(login for login in logins if login)):
        query = sa.select(Person).where(Person.login.in_(part)).order_by(Person.id)
        found |= {person.login: person for person in session.scalars(query.with_for_update() if lock else query)}
    return found


def _roles(session: Session) -> list[Role]:
    return list(session.scalars(sa.select(Role).order_by(Role.id)))


def _places(session: Session, texts: set[str], ids: set[int]) -> list[Place]:
    """Those named by public id, external id or a name, and those of these ids."""
    if not texts and len(ids) <= AT_ONCE:
        return list(session.scalars(sa.select(Place).where(Place.id.in_(sorted(ids)))))
    return list(session.scalars(sa.select(Place)))  # of thousands of places a name in either language may be meant


def _above(session: Session) -> dict[str, str]:
    """Of everybody who reports to somebody: to whom."""
    query = sa.select(Person.login, _Superior.login).join(_Superior, _Superior.id == Person.superior_id)
    return {row[0]: row[1] for row in session.execute(query)}


_Superior = shared_alias(Person, "superior")


def _parts(values: Sequence[object]) -> Iterable[Sequence[object]]:
    """In parts, since a statement takes only so many values."""
    return (values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE))
