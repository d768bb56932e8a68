"""Owns the plan of a departure: to whom what is left goes, by ticket type, with one way for all the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from engine.models import ProcessDefinition
from tickets.errors import Invalid
from tickets.people import Person, normal_login
from tickets.places import Place, ancestors
from tickets.roles import Role
from tickets.types import TicketType


class Way(StrEnum):
    """To whom tickets go."""

    SUPERIOR = "superior"
    DISPATCH = "dispatch"
    SPLIT = "split"


MOST_PEOPLE = 50
MOST_TYPES = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """`types` are the ways of single types by key, `default` is all others'; `alone` is where a task goes that was
    given to the leaver alone. Who shares what is split: the holders of a role at a place, and people.
    """

    default: Way = Way.SUPERIOR
    types: Mapping[str, Way] = field(default_factory=dict)
    alone: Way = Way.SUPERIOR
    role_id: int | None = None
    role_place_id: int | None = None
    people: tuple[int, ...] = ()

    def way(self, type_key: str) -> Way:
        return self.types.get(type_key, self.default)

    @property
    def splits(self) -> bool:
        return Way.SPLIT in {self.default, *self.types.values()}

    def as_json(self) -> dict[str, Any]:
        return {
            "default": self.default.value,
            "types": {key: way.value for key, way in self.types.items()},
            "alone": self.alone.value,
            "role_id": self.role_id,
            "role_place_id": self.role_place_id,
            "people": list(self.people),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Plan:
        return cls(
            default=Way(kept["default"]),
            types={key: Way(way) for key, way in kept["types"].items()},
            alone=Way(kept["alone"]),
            role_id=kept["role_id"],
            role_place_id=kept["role_place_id"],
            people=tuple(kept["people"]),
        )


@dataclass(frozen=True, slots=True)
class Wish:
    """A plan as a person or another system writes it: words, a role's key with a place's external id, logins.

    An empty `default` leaves each type to what its file says (its setting `departure`), else the superior.
    """

    default: str = ""
    types: Mapping[str, str] = field(default_factory=dict)
    alone: str = ""
    role: str = ""
    role_place: str = ""
    people: Sequence[str] = ()


def file_ways(session: Session, brand_ids: Sequence[int]) -> dict[str, Way]:
    """What the files of the brand's and the group's types say becomes of a leaver's tickets (setting `departure`)."""
    query = (
        sa.select(TicketType.key, ProcessDefinition.settings)
        .join(ProcessDefinition, ProcessDefinition.id == TicketType.definition_id)
        .where(TicketType.brand_id.in_(brand_ids))
        .order_by(TicketType.brand_id)
    )
    said = ((key, (settings or {}).get("departure", "")) for key, settings in session.execute(query))
    return {key: _FROM_FILES[text] for key, text in said if text in _FROM_FILES}


def read_plan(session: Session, leaver: Person, place: Place, wish: Wish) -> Plan:
    """The plan that is wished for. Raises Invalid."""
    root_id = ancestors(place.path)[0]
    given = {key: _way(text) for key, text in wish.types.items() if text}
    if len(given) > MOST_TYPES:
        raise Invalid(Message(N_("A plan names at most %(limit)s ticket types."), {"limit": MOST_TYPES}))
    plan = Plan(
        default=_way(wish.default or Way.SUPERIOR),
        types={**file_ways(session, (root_id, place.brand_id)), **given} if not wish.default else given,
        alone=_way(wish.alone or Way.SUPERIOR),
        **_role(session, wish, place, root_id),
        people=_people(session, wish.people, leaver, (root_id, place.brand_id)),
    )
    if plan.alone is Way.SPLIT:
        raise Invalid(Message(N_("A task that was given to one person alone goes to the superior or a dispatcher.")))
    if plan.splits and plan.role_id is None and not plan.people:
        raise Invalid(Message(N_("Say among whom the tickets are split: choose a role, or people.")))
    return plan


_FROM_FILES: Mapping[str, Way] = {"superior": Way.SUPERIOR, "queue": Way.DISPATCH, "dispatch": Way.DISPATCH}
"""What a file's setting `departure` may say."""


def _way(text: str) -> Way:
    if text not in set(Way):
        raise Invalid(
            Message(
                N_("“%(way)s” is no way to hand over; choose %(ways)s."), {"way": text[:40], "ways": ", ".join(Way)}
            )
        )
    return Way(text)


def _role(session: Session, wish: Wish, place: Place, root_id: int) -> dict[str, int | None]:
    if not wish.role:
        return {"role_id": None, "role_place_id": None}
    near = sa.select(Role.id, Role.brand_id).where(Role.key == wish.role, Role.brand_id.in_((place.brand_id, root_id)))
    role = session.execute(near.order_by(sa.case((Role.brand_id == place.brand_id, 0), else_=1))).first()
    where = sa.select(Place).where(Place.brand_id.in_((place.brand_id, root_id)), _place(wish.role_place, place))
    at = session.scalars(where.limit(1)).first()
    if role is None or at is None:
        raise Invalid(Message(N_("There is no such role at this place; choose one of the list.")))
    return {"role_id": role.id, "role_place_id": at.id}


def _place(text: str, home: Place) -> sa.ColumnElement[bool]:
    """By public id or external id; without either the leaver's own."""
    if not text:
        return Place.id == home.id
    try:
        return Place.public_id == UUID(text)
    except ValueError:
        return Place.external_id == text if text.isprintable() else sa.false()


def _people(session: Session, logins: Sequence[str], leaver: Person, brands: Sequence[int]) -> tuple[int, ...]:
    """The ids of those people of the brand or the group who have not left."""
    wanted = {login: normal_login(login) for login in dict.fromkeys(logins)}
    if len(wanted) > MOST_PEOPLE:
        raise Invalid(Message(N_("At most %(limit)s people share what is split."), {"limit": MOST_PEOPLE}))
    query = sa.select(Person.login, Person.id).where(
        Person.login.in_(sorted(filter(None, wanted.values()))),
        Person.brand_id.in_(brands),
        Person.departed_at.is_(None),
        Person.id != leaver.id,
    )
    found = dict(session.execute(query).all())
    for login, known in wanted.items():
        if known not in found:
            raise Invalid(
                Message(N_("Nobody here has the login “%(login)s”, or they have left."), {"login": login[:64]})
            )
    return tuple(found[known] for known in wanted.values() if known is not None)
