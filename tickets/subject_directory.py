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


@dataclass(frozen=True, slots=True)
class Resolved:
    """Facts with what they name; `existing` is None for a subject that is new."""

    facts: SubjectFacts
    place: Place
    responsible: Person | None
    existing: Subject | None


class Directory:
    """What a batch of facts names, read in four statements; the subjects are locked until the transaction ends."""

    def __init__(self, session: Session, actor: Actor | None, batch: Sequence[SubjectFacts]) -> None:
        self._actor = actor
        codes = {facts.place for facts in batch} | {facts.brand for facts in batch}
        logins = {normal_login(facts.responsible) for facts in batch if facts.responsible} - {None}
        ids = {facts.external_id for facts in batch}
        self._places: dict[str, list[Place]] = defaultdict(list)
        for place in session.scalars(sa.select(Place).where(Place.external_id.in_(sorted(codes)))):
            self._places[place.external_id or ""].append(place)
        people = session.scalars(sa.select(Person).where(Person.login.in_(sorted(filter(None, logins)))))
        self._people = {person.login: person for person in people}
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

    def _brands(self, facts: SubjectFacts) -> set[int] | None:
        if "brand" not in facts.given:
            return None
        found = {each.id for each in self._places[facts.brand] if each.kind in {PlaceKind.BRAND, PlaceKind.GROUP}}
        if not found:
            raise _invalid("brand", N_("No brand has this id; it is the external id of a brand."))
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
        return self._one(mine, "place", N_("No place has this id; it is the external id of a campus."))

    def _home(self, kept: Iterable[Subject]) -> Place:
        homes = [home for home in (self._homes[each.place_id] for each in kept) if self._keeps(home)]
        return self._one(homes, "place", N_("It is new, so it needs a place: the external id of a campus."))

    def _one(self, found: Sequence[Place], field: str, none: str) -> Place:
        if not found:
            raise _invalid(field, none)
        if len(found) > 1:
            raise _invalid("brand", N_("Several brands have one with this id; say which brand it is."))
        return found[0]

    def _responsible(self, facts: SubjectFacts, place: Place | None) -> Person | None:
        """Whoever answers for it; where it is to be is not known: whether there is such a login at all."""
        if not facts.responsible:
            return None
        person = self._people.get(normal_login(facts.responsible) or "")
        if person is None or (place and person.brand_id not in {place.brand_id, ancestors(place.path)[0]}):
            raise _invalid("responsible", N_("Nobody of this brand has this login."))
        return person

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
