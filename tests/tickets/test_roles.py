"""Queues, and finding the role that a lane means."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from tests.cast import Cast
from tickets.people import Person
from tickets.roles import Membership, Queue, Role, find_role, members_of, queue_of_person, queue_of_role


def found(cast: Cast, wanted: str, at: str, brand: str = "qinghe") -> tuple[str, str] | None:
    """The role's key and the place's external id."""
    roles = {id_: key for key, id_ in cast.roles.items()}
    places = {id_: key for key, id_ in cast.places.items()}
    brand_id, group_id = cast.places[brand], cast.places["qiming"]
    path = f"/{group_id}/" if at == "qiming" else f"/{group_id}/{brand_id}/{cast.places[at]}/"
    with cast.runtime.reading() as session:
        answer = find_role(session, wanted, path, brand_id)
    return (roles[answer[0]], places[answer[1]]) if answer else None


def hold(cast: Cast, login: str, role: str, place: str) -> None:
    with cast.runtime.writing() as session, session.begin():
        ids = {"person_id": cast.people[login], "role_id": cast.roles[role], "place_id": cast.places[place]}
        session.add(Membership(**ids))


def test_a_role_is_found_by_key_or_name(cast: Cast) -> None:
    for wanted in ("campus_head", "校区负责人", "Campus head", "campus HEAD", " campus_head "):
        assert found(cast, wanted, "sz-nanshan") == ("campus_head", "sz-nanshan")


def test_a_role_is_found_at_the_place_then_upwards(cast: Cast) -> None:
    assert found(cast, "support", "sz-nanshan") == ("support", "qiming")
    hold(cast, "liutao", "support", "qinghe")
    assert found(cast, "support", "sz-nanshan") == ("support", "qinghe")
    assert found(cast, "support", "cd-gaoxin", "kapok") == ("support", "qiming")
    hold(cast, "zhoulan", "support", "sz-nanshan")
    assert found(cast, "support", "sz-nanshan") == ("support", "sz-nanshan")


def test_a_role_is_not_found_beside_or_below_the_place(cast: Cast) -> None:
    assert found(cast, "campus_head", "gz-tianhe") is None
    assert found(cast, "campus_head", "qiming", "qiming") is None


def test_a_role_that_only_departed_people_hold_is_sought_further_up(cast: Cast) -> None:
    hold(cast, "chenxiao", "consultant", "qiming")
    with cast.runtime.writing() as session, session.begin():
        session.execute(sa.update(Person).where(Person.login == "liutao").values(departed_at=cast.clock.now()))
    assert found(cast, "consultant", "sz-nanshan") == ("consultant", "qiming")


def test_a_key_is_meant_before_a_name_even_from_further_up(cast: Cast) -> None:
    with cast.runtime.writing() as session, session.begin():
        named = Role(brand_id=cast.places["qinghe"], key="desk", name_zh="support", name_en="support", scope="own")
        session.add(named)
        session.flush()
        ids = {"person_id": cast.people["liutao"], "place_id": cast.places["sz-nanshan"]}
        session.add(Membership(role_id=named.id, **ids))
    assert found(cast, "support", "sz-nanshan") == ("support", "qiming")


def test_a_brand_s_own_role_comes_before_the_group_s_and_is_not_found_in_another_brand(cast: Cast) -> None:
    hold(cast, "liutao", "support", "sz-nanshan")
    with cast.runtime.writing() as session, session.begin():
        own = Role(brand_id=cast.places["qinghe"], key="support", name_zh="支持", name_en="Support", scope="own")
        session.add(own)
        session.flush()
        ids = {"person_id": cast.people["liutao"], "place_id": cast.places["sz-nanshan"]}
        session.add(Membership(role_id=own.id, **ids))
        cast.roles["own support"] = own.id
    assert found(cast, "support", "sz-nanshan") == ("own support", "sz-nanshan")
    assert found(cast, "支持", "cd-gaoxin", "kapok") is None


def test_what_no_role_is_called_finds_none(cast: Cast) -> None:
    for wanted in ("", "no such role", "sup\0port", "\ud800", "%", "x" * 100_000):
        assert found(cast, wanted, "sz-nanshan") is None


def test_members_are_those_who_hold_the_role_at_that_place_and_have_not_departed(cast: Cast) -> None:
    with cast.runtime.reading() as session:
        at = {"role_id": cast.roles["consultant"], "place_id": cast.places["sz-nanshan"]}
        assert members_of(session, **at) == [cast.people["liutao"]]
        assert members_of(session, cast.roles["consultant"], cast.places["qinghe"]) == []


def test_a_queue_is_made_once(cast: Cast) -> None:
    with cast.runtime.writing() as session, session.begin():
        of_role = queue_of_role(session, cast.roles["support"], cast.places["sz-nanshan"])
        of_person = queue_of_person(session, cast.people["lina"])
    with cast.runtime.writing() as session, session.begin():
        assert queue_of_role(session, cast.roles["support"], cast.places["sz-nanshan"]) == of_role
        assert queue_of_person(session, cast.people["lina"]) == of_person
    assert of_role != of_person


def test_a_queue_wanted_by_many_at_once_is_made_once(cast: Cast) -> None:
    def want(_: int) -> int:
        with cast.runtime.writing() as session, session.begin():
            return queue_of_role(session, cast.roles["support"], cast.places["sz-nanshan"])

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(want, range(16)))) == 1
    with cast.runtime.reading() as session:
        place = Queue.place_id == cast.places["sz-nanshan"]
        role = Queue.role_id == cast.roles["support"]
        assert session.scalar(sa.select(sa.func.count()).where(place, role)) == 1
