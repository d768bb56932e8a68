"""Owns /people and /places: another system (HR) keeps people current, and reads where they may belong."""

from __future__ import annotations

from http import HTTPStatus

import sqlalchemy as sa

from tickets.errors import NotFound
from tickets.organising.person_lookup import A_PERSON
from tickets.organising.person_page import held_roles
from tickets.organising.person_register import put_person
from tickets.organising.reach import SEES_PEOPLE, people_within, places_within
from tickets.people import Person, normal_login
from tickets.permissions import Permission
from tickets.places import Place
from web.api.entrance import api
from web.api.people_schemas import HeldRole, PersonReceipt, PersonState, PersonValues, PlaceList, PlaceState
from web.context import me, reading, runtime


@api.put("/people/<login>")
@api.input(PersonValues, arg_name="body")
@api.output(PersonReceipt)
@api.doc(operation_id="putPerson", responses={201: "They are new."})
def put_person_(login: str, body: PersonValues) -> tuple[PersonReceipt, int]:
    """Take on or change a person

    Known by their login. Values left out stay as they were, null clears; roles are added, never taken away. Who leaves
    is told by the event `employee.departed`.
    """
    values = body.model_dump(mode="json", exclude_unset=True)
    if "roles" in values:
        values["roles"] = [(role["role"], role.get("place") or "") for role in values["roles"] or ()]
    saved = put_person(runtime(), me(), login, values)
    receipt = PersonReceipt(id=saved.public_id, login=saved.login, changed=saved.changed)
    return receipt, HTTPStatus.CREATED if saved.created else HTTPStatus.OK


@api.get("/people/<login>")
@api.output(PersonState)
@api.doc(operation_id="getPerson")
def get_person(login: str) -> PersonState:
    """Read a person"""
    wanted = sa.and_(Person.login == (normal_login(login) or ""), people_within(me(), *SEES_PEOPLE))
    query = sa.select(Person, Place).join(Place, Place.id == Person.place_id)
    found = reading().execute(query.where(wanted)).one_or_none()
    if found is None:
        raise NotFound(A_PERSON)
    person, place = found
    superior = reading().get(Person, person.superior_id) if person.superior_id else None
    roles = [HeldRole(role=one.role.key, place=one.place.external_id) for one in held_roles(reading(), person.id)]
    return PersonState(
        id=person.public_id,
        login=person.login,
        name=person.name,
        email=person.email,
        phone=person.phone,
        title=person.title,
        language=person.language,
        place=place.external_id,
        superior=superior.login if superior else None,
        roles=roles,
        departed_at=person.departed_at,
    )


@api.get("/places")
@api.output(PlaceList)
@api.doc(operation_id="listPlaces")
def list_places() -> PlaceList:
    """List places

    Those where the caller sees people or manages places, from the group down.
    """
    reached = places_within(me(), *SEES_PEOPLE, Permission.MANAGE_PLACES)
    places = {place.id: place for place in reading().scalars(sa.select(Place).where(reached).order_by(Place.path))}
    return PlaceList(items=[_state(place, places.get(place.parent_id or 0)) for place in places.values()])


def _state(place: Place, above: Place | None) -> PlaceState:
    return PlaceState(
        id=place.public_id,
        external_id=place.external_id,
        kind=place.kind,
        name=place.name,
        names=place.names,
        above=above.external_id if above else None,
        time_zone=place.time_zone,
        closed_at=place.closed_at,
    )
