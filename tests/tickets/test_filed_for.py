"""Filing for somebody else: who is found, who may be filed for, what the ticket says, and callers nobody knew."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.engine.build import chain, end, start
from tests.tickets.play import Play, staff
from tickets.access import load_actor
from tickets.audit import AuditEntry
from tickets.callers import Channel, NewCaller, caller_for, find_callers, history, places_reached, register
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.event_words import people_named, worded
from tickets.filing import file_ticket
from tickets.organising.fields import FieldsInvalid
from tickets.people import Person, authenticate
from tickets.places import Place
from tickets.roles import Membership, Role
from tickets.subjects import Subject

PHONE = "13800138000"


@pytest.fixture
def play(play: Play) -> Play:
    play.define(start(), staff("look"), end(), chain("begin", "look", "done"))
    with play.writing() as session, session.begin():
        for login, phone in (("zhoulan", PHONE), ("sunyue", "13900139000"), ("huangyi", "13700137000")):
            session.get_one(Person, play.cast.people[login]).phone = phone
    return play


def call_for(play: Play, who: str | UUID, *, by: str = "lina", channel: Channel | None = Channel.PHONE) -> str:
    actor = play.cast.actor(by)
    return file_ticket(play.runtime, actor, type_key="errand", answer=play.answer({}), requester=who, channel=channel)


def found(play: Play, search: str, by: str = "lina") -> list[str]:
    with play.runtime.reading() as session:
        return [caller.person.login for caller in find_callers(session, play.cast.actor(by), search)]


def take_on(play: Play, by: str = "zhaomin", place: str = "sz-nanshan", **facts: str) -> UUID:
    with play.runtime.reading() as session:
        at = session.get_one(Place, play.cast.places[place]).public_id
    values = {"name": "陈妈妈", "phone": "136 0013 6000", "email": "", **facts}
    return register(play.runtime, play.cast.actor(by), NewCaller(**values, place=at))


@pytest.mark.parametrize("who", ["zhoulan", PHONE, "138-0013-8000"])
def test_the_ticket_is_the_callers_and_belongs_to_their_place(play: Play, who: str) -> None:
    number = call_for(play, who)
    ticket = play.ticket(number)
    assert (ticket.requester_id, ticket.filed_by_id) == (play.cast.people["zhoulan"], play.cast.people["lina"])
    assert (ticket.place_id, ticket.brand_id) == (play.cast.places["sz-nanshan"], play.cast.places["qinghe"])
    event = play.events(number)[0]
    assert (event.actor_id, event.on_behalf_of_id) == (play.cast.people["lina"], play.cast.people["zhoulan"])
    with play.runtime.reading() as session:
        names = {one: session.get_one(Person, one).name for one in people_named([event])}
    message = worded(event, names)
    assert message.text == "%(who)s filed this ticket for %(requester)s (%(channel)s)"
    assert str(message.params["channel"]) == "by phone"


def test_for_oneself_it_is_as_always(play: Play) -> None:
    event = play.events(call_for(play, "lina"))[0]
    assert (event.on_behalf_of_id, event.params) == (None, {})


def test_who_may_file_for_whom(play: Play) -> None:
    with pytest.raises(Forbidden):
        call_for(play, "sunyue", by="zhoulan")
    with pytest.raises(NotFound):
        call_for(play, "sunyue", by="zhaomin")
    with pytest.raises(NotFound):
        call_for(play, "huangyi", by="tangyan")
    with pytest.raises(NotFound):
        call_for(play, "wufang")
    with pytest.raises(NotFound):
        call_for(play, "nobody")
    assert play.ticket(call_for(play, "sunyue", by="tangyan")).place_id == play.cast.places["gz-tianhe"]
    assert play.ticket(call_for(play, "huangyi", by="lina")).brand_id == play.cast.places["kapok"]


def test_a_developer_files_for_those_of_their_own_place_only(play: Play) -> None:
    assert play.ticket(call_for(play, "zhangwei", by="wanglei")).requester_id == play.cast.people["zhangwei"]
    with pytest.raises(NotFound):
        call_for(play, "zhoulan", by="wanglei")


def test_two_with_one_phone_number_are_told_apart_by_login(play: Play) -> None:
    with play.writing() as session, session.begin():
        session.get_one(Person, play.cast.people["sunyue"]).phone = PHONE
    with pytest.raises(Conflict, match="login"):
        call_for(play, PHONE)


@pytest.mark.parametrize(
    ("search", "by", "logins"),
    [
        ("周岚", "lina", ["zhoulan"]),
        ("岚", "lina", ["zhoulan"]),
        ("ZHOU", "lina", ["zhoulan"]),
        ("0013 8", "lina", ["zhoulan"]),
        ("黄毅", "tangyan", []),
        ("孙悦", "zhaomin", []),
        ("吴芳", "lina", []),
        ("", "lina", []),
        ("   ", "lina", []),
        ("%", "lina", []),
        ("\0", "lina", []),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_callers_are_found(play: Play, search: str, by: str, logins: list[str]) -> None:
    assert found(play, search, by) == logins


def test_callers_are_found_by_what_they_asked_about(play: Play) -> None:
    play.cast.add_subjects()
    with play.runtime.reading() as session:
        student = session.scalars(sa.select(Subject.public_id).where(Subject.external_id == "QH-S-1001")).one()
    file_ticket(
        play.runtime,
        play.cast.zhaomin,
        type_key="errand",
        answer=play.answer({}),
        subject_id=student,
        requester="zhoulan",
    )
    assert found(play, "林小满", "zhaomin") == ["liutao", "zhoulan"], "who answers for her and who asked"
    assert found(play, "林小满", "wanglei") == []


def test_the_history_has_what_is_open_first_and_only_what_one_sees(play: Play) -> None:
    first, second = call_for(play, "zhoulan"), call_for(play, "zhoulan")
    play.claim("lina", "look", second)
    play.complete("lina", "look", second)
    with play.runtime.reading() as session:
        caller = caller_for(session, play.cast.lina, "zhoulan")
        assert [row.number for row in history(session, play.cast.lina, caller).tickets] == [first, second]
        assert history(session, play.cast.wanglei, caller).tickets == []


def test_an_unknown_caller_is_taken_on_as_a_requester_who_can_not_sign_in(play: Play) -> None:
    public_id = take_on(play)
    number = call_for(play, public_id, by="zhaomin")
    ticket = play.ticket(number)
    with play.runtime.reading() as session:
        person = session.scalars(sa.select(Person).where(Person.public_id == public_id)).one()
        assert (person.name, person.phone, ticket.requester_id) == ("陈妈妈", "13600136000", person.id)
        assert authenticate(session, person.login, "") is None
        held = session.execute(
            sa.select(Role.key, Membership.place_id).join(Role).where(Membership.person_id == person.id)
        )
        assert held.all() == [("requester", play.cast.places["sz-nanshan"])]
        actor = load_actor(session, person.id)
        assert actor is not None
        assert "person.created" in list(session.scalars(sa.select(AuditEntry.action)))


def test_a_known_number_is_not_taken_on_twice(play: Play) -> None:
    take_on(play)
    with pytest.raises(FieldsInvalid) as refused:
        take_on(play, phone="13600136000")
    assert "陈妈妈" in str(refused.value.errors["phone"])


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "陈\u202e妈妈"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"phone": "soon"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"email": "at home"}, "email"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_wrong_with_a_new_caller_is_named(play: Play, facts: dict[str, str], field: str) -> None:
    with pytest.raises(FieldsInvalid) as refused:
        take_on(play, **facts)
    assert list(refused.value.errors) == [field]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_callers_are_taken_on_only_where_one_files(play: Play) -> None:
    with pytest.raises(Forbidden):
        take_on(play, by="zhoulan")
    with pytest.raises(FieldsInvalid):
        take_on(play, by="zhaomin", place="gz-tianhe")
    with pytest.raises(FieldsInvalid):
        take_on(play, by="tangyan", place="cd-gaoxin")
    with play.writing() as session, session.begin():
        session.execute(sa.update(Role).where(Role.key == "requester").values(key="asker"))
    with pytest.raises(Invalid, match="requester"):
        take_on(play)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_the_caller_may_file_may_be_filed_for_them(play: Play) -> None:
    play.define(start(), staff("look"), end(), chain("begin", "look", "done"), start__roles="requester")
    assert play.ticket(call_for(play, "zhoulan")).requester_id == play.cast.people["zhoulan"]
    with pytest.raises(Forbidden):
        call_for(play, "lina")


def test_nobody_is_taken_on_at_a_closed_place(play: Play) -> None:
    with play.writing() as session, session.begin():
        session.get_one(Place, play.cast.places["sz-nanshan"]).closed_at = play.cast.clock.now()
    with play.runtime.reading() as session:
        assert "sz-nanshan" not in [place.external_id for place in places_reached(session, play.cast.admin)]
    with pytest.raises(FieldsInvalid) as refused:
        take_on(play)
    assert "closed" in str(refused.value.errors["place"])
