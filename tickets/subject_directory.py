"""Owns finding what a subject's facts name: its place and brand, who answers for it, and the subject as it is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets.actor import Actor
from tickets.people import Person, normal_login
from tickets.permissions import Permission
from tickets.places import Place, PlaceKind, ancestors
from tickets.subject_facts import SubjectFacts, SubjectInvalid
from tickets.subjects import Subject

NOTHING: Mapping[str, Message] = MappingProxyType({})
BY_ID: Mapping[str, str] = {
    "brand": N_("No brand has this id; it is the external id of a brand."),
    "place": N_("No place has this id; it is the external id of a campus."),
    "new": N_("It is new, so it needs a place: the external id of a campus."),
    "responsible": N_("Nobody of this brand has this login."),
}
BY_NAME: Mapping[str, str] = {
    "brand": N_("No brand has this name or id; write it as the pages show it."),
    "place": N_("No place has this name or id; write it as the pages show it."),
    "new": N_("It is new, so it needs a place: the name or id of a campus."),
    "responsible": N_("Nobody of this brand has this name or login."),
}
"""What is said of what names nothing, where only ids and logins do, or names as well."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """Facts with what they name; `existing` is None for a subject that is new."""

    facts: SubjectFacts
    place: Place
    responsible: Person | None
    existing: Subject | None


class Directory:
    """What a batch of facts names, read in a few statements; the subjects are locked until the transaction ends.

    With `named` places and people may be meant by their names as well, which an id or a login goes before.
    """

    def __init__(
        self, session: Session, actor: Actor | None, batch: Sequence[SubjectFacts], *, named: bool = False
    ) -> None:
        self._actor, self._said = actor, BY_NAME if named else BY_ID
        codes = {facts.place for facts in batch} | {facts.brand for facts in batch}
        logins = {normal_login(facts.responsible) for facts in batch if facts.responsible} - {None}
        ids = {facts.external_id for facts in batch}
        self._places: dict[str, list[Place]] = defaultdict(list)
        for place in session.scalars(sa.select(Place).where(Place.external_id.in_(sorted(codes)))):
            self._places[place.external_id or ""].append(place)
        people = session.scalars(sa.select(Person).where(Person.login.in_(sorted(filter(None, logins)))))
        self._people = {person.login: person for person in people}
        self._namesakes: dict[str, list[Person]] = defaultdict(list)
        if named:
            self._find_named(session, codes, {facts.responsible for facts in batch})
        kept = sa.select(Subject).where(Subject.external_id.in_(sorted(ids))).order_by(Subject.id).with_for_update()
        self._subjects: dict[tuple[str, str], list[Subject]] = defaultdict(list)
        for subject in session.scalars(kept):
            self._subjects[subject.kind, subject.external_id].append(subject)
        homes = {subject.place_id for found in self._subjects.values() for subject in found}
        self._homes = {place.id: place for place in session.scalars(sa.select(Place).where(Place.id.in_(homes)))}

    def resolve(self, facts: SubjectFacts, unread: Mapping[str, Message] = NOTHING) -> Resolved:
        """What the facts name, if the actor may keep it there.

        Raises SubjectInvalid with all that is wrong, `unread` (found when reading) among it.
        """
        errors, brands, place, existing, responsible = dict(unread), None, None, None, None
        with _noted(errors):
            brands = self._brands(facts)
        known = not errors.keys() & {"kind", "external_id"}
        kept = [each for each in self._subjects[facts.kind, facts.external_id] if known and _in_brand(each, brands)]
        with _noted(errors):
            place = self._place_of(facts, brands, kept) if known or "place" in facts.given else None
        with _noted(errors):
            existing = self._existing(kept, place)
        if known and "name" not in facts.given and not (existing if place else kept):
            errors.setdefault("name", Message(N_("It is new, so it needs a name.")))
        with _noted(errors):
            responsible = self._responsible(facts, place)
        if errors or place is None:
            raise SubjectInvalid(errors)
        return Resolved(facts, place, responsible, existing)

    def _find_named(self, session: Session, codes: set[str], people: set[str]) -> None:
        """Open places and people who are here, by the names that are nobody's id or login."""
        if missing := codes - self._places.keys() - {""}:
            for place in session.scalars(sa.select(Place).where(Place.closed_at.is_(None))):
                for name in {place.name, *place.names.values()} & missing:
                    self._places[name].append(place)
        if missing := {name for name in people if name and (normal_login(name) or "") not in self._people}:
            here = sa.select(Person).where(Person.departed_at.is_(None), Person.is_client.is_(False))
            for person in session.scalars(here.where(Person.name.in_(sorted(missing)))):
                self._namesakes[person.name].append(person)

    def _brands(self, facts: SubjectFacts) -> set[int] | None:
        if "brand" not in facts.given:
            return None
        found = {each.id for each in self._places[facts.brand] if each.kind in {PlaceKind.BRAND, PlaceKind.GROUP}}
        if not found:
            raise _invalid("brand", self._said["brand"])
        return found

    def _place_of(self, facts: SubjectFacts, brands: set[int] | None, kept: Iterable[Subject]) -> Place:
        return self._place(facts, brands) if "place" in facts.given else self._home(kept)

    def _existing(self, kept: Iterable[Subject], place: Place | None) -> Subject | None:
        existing = next((each for each in kept if place and each.brand_id == place.brand_id), None)
        if existing and not self._keeps(self._homes[existing.place_id]):
            raise _invalid("external_id", N_("It is kept by another campus; ask headquarters to move it."))
        return existing

    def _place(self, facts: SubjectFacts, brands: set[int] | None) -> Place:
        named = [each for each in self._places[facts.place] if _in_brand(each, brands)]
        mine = [each for each in named if self._keeps(each)]
        if not mine and any(self._actor and each.brand_id == self._actor.brand_id for each in named):
            raise _invalid("place", N_("Your roles don't let you keep subjects at this place; ask its head."))
        return self._one(mine, "place", self._said["place"])

    def _home(self, kept: Iterable[Subject]) -> Place:
        homes = [home for home in (self._homes[each.place_id] for each in kept) if self._keeps(home)]
        return self._one(homes, "place", self._said["new"])

    def _one(self, found: Sequence[Place], field: str, none: str) -> Place:
        if not found:
            raise _invalid(field, none)
        if len(found) > 1 and len({each.brand_id for each in found}) < len(found):
            raise _invalid(field, N_("Several places are called that; write the external id of the one you mean."))
        if len(found) > 1:
            raise _invalid("brand", N_("Several brands have one with this id; say which brand it is."))
        return found[0]

    def _responsible(self, facts: SubjectFacts, place: Place | None) -> Person | None:
        """Whoever answers for it; where it is to be is not known: whether there is such a login at all."""
        if not facts.responsible:
            return None
        person = self._people.get(normal_login(facts.responsible) or "")
        meant = [person] if person else self._namesakes[facts.responsible]
        brands = {place.brand_id, ancestors(place.path)[0]} if place else {each.brand_id for each in meant}
        found = [each for each in meant if each.brand_id in brands]
        if not found:
            raise _invalid("responsible", self._said["responsible"])
        if place and len(found) > 1:
            raise _invalid("responsible", N_("Several people are called that; write the login of the one you mean."))
        return found[0]

    def _keeps(self, place: Place) -> bool:
        return self._actor is None or self._actor.covers(
            Permission.EDIT_SUBJECTS, brand_id=place.brand_id, place_path=place.path
        )


@contextmanager
def _noted(errors: dict[str, Message]) -> Iterator[None]:
    """What is wrong joins the errors; of one field the first counts."""
    try:
        yield
    except SubjectInvalid as invalid:
        errors.update(invalid.errors | errors)


def _in_brand(row: Place | Subject, brands: set[int] | None) -> bool:
    return brands is None or row.brand_id in brands


def _invalid(field: str, text: str) -> SubjectInvalid:
    return SubjectInvalid({field: Message(text)})
