"""The demo that a first `make run` shows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.clock import ManualClock
from engine.models import Job
from tests.cast import Cast
from tickets.demo import PASSWORD, PEOPLE, load_demo
from tickets.people import Person, authenticate
from tickets.places import Place, ancestors
from tickets.roles import Queue
from tickets.runtime import Runtime
from tickets.subjects import Subject


@pytest.fixture
def runtime(engine: sa.Engine, tmp_path: Path) -> Runtime:
    return Runtime(engine, tmp_path, ManualClock())


def test_the_demo_is_loaded_once(runtime: Runtime) -> None:
    assert load_demo(runtime)
    assert not load_demo(runtime)
    with runtime.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Person)) == len(PEOPLE)
        assert authenticate(session, "hejing", PASSWORD)
        assert authenticate(session, "wufang", PASSWORD) is None
        today = runtime.clock.now().date()
        ends = session.scalars(sa.select(Subject.contract_end).where(Subject.contract_end.is_not(None))).all()
        assert all(end and today < end < today + timedelta(days=365) for end in ends)
        assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == len(ends)


def test_an_installation_with_places_of_its_own_is_left_alone(cast: Cast) -> None:
    assert not load_demo(cast.runtime)


def test_places_carry_their_path_and_their_brand(cast: Cast) -> None:
    with cast.runtime.reading() as session:
        places = {place.external_id: place for place in session.scalars(sa.select(Place))}
    campus, brand, group = places["cd-gaoxin"], places["kapok"], places["qiming"]
    assert ancestors(campus.path) == [group.id, brand.id, campus.id]
    assert (campus.brand_id, brand.brand_id, group.brand_id) == (brand.id, brand.id, group.id)
    assert (campus.name, campus.names["en"]) == ("成都高新校区", "Chengdu Gaoxin")
    assert places["support-centre"].brand_id == group.id


def test_everybody_has_a_queue_and_so_has_every_role_somebody_holds(cast: Cast) -> None:
    with cast.runtime.reading() as session:
        queues = session.scalars(sa.select(Queue)).all()
    assert {queue.person_id for queue in queues if queue.person_id} == set(cast.people.values())
    assert {queue.role_id for queue in queues if queue.role_id} == set(cast.roles.values())


def test_the_cast_of_tests_is_the_demo(runtime: Runtime, cast: Cast) -> None:
    with cast.runtime.writing() as session, session.begin():
        assert session.scalar(sa.select(sa.func.max(Place.id))) == max(cast.places.values())
        place = Place(kind="campus", parent_id=None, brand_id=1, path="/1/", name="新", external_id=None)
        session.add(place)
        session.flush()
        assert place.id > max(cast.places.values())
