"""In copy: by hand, by type, seen and unseen; who is only in copy sees the public side."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from tests.engine.build import chain, end, start
from tests.tickets.desk import MORNING, Desk
from tests.tickets.hearing import heard, rows
from tests.tickets.play import Play, staff
from tests.tickets.statements import counted
from tickets import conversation
from tickets.copies import TicketCc
from tickets.copying import CopyRow, add_copies, copied_people, copied_to, looked_at, remove_copy
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.people import Person
from tickets.reading import ticket_page
from tickets.settings import TypeSetting
from tickets.ticket import Status, Ticket


@pytest.fixture
def desk(lasting_desk: Desk) -> Desk:
    lasting_desk.clock.moment = MORNING
    return lasting_desk


def ids(desk: Desk | Play, *logins: str) -> list[UUID]:
    with desk.runtime.reading() as session:
        return [session.scalars(sa.select(Person.public_id).where(Person.login == login)).one() for login in logins]


def copy(desk: Desk, ticket: Ticket, *logins: str, by: str = "lina") -> list[str]:
    return add_copies(desk.runtime, desk.actor(by), ticket.number, ids(desk, *logins))


def names(desk: Desk, ticket: Ticket) -> list[str]:
    with desk.runtime.reading() as session:
        return [each.name for each in copied_people(session, ticket.number)]


def listed(desk: Desk, login: str) -> list[CopyRow]:
    with desk.runtime.reading() as session:
        return list(copied_to(session, desk.actor(login)).rows)


def test_the_owner_puts_people_in_copy_and_they_are_told(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    assert copy(desk, ticket, "liutao", "zhangwei", "liutao") == ["刘涛", "张伟"]
    assert copy(desk, ticket, "liutao") == []
    assert names(desk, ticket) == ["刘涛", "张伟"]
    assert [(event.kind, event.public) for event in desk.events(ticket)] == [("cc_added", True)] * 2
    assert heard(desk, ticket.number) == {"liutao": ["cc_added named"], "zhangwei": ["cc_added named"]}


def test_the_requester_and_who_works_on_it_put_people_in_copy_too(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    desk.task(ticket, claimed="wanglei")
    copy(desk, ticket, "sunyue", by="zhoulan")
    copy(desk, ticket, "liutao", by="wanglei")
    with pytest.raises(Forbidden):
        copy(desk, ticket, "hejing", by="sunyue")
    with pytest.raises(NotFound):
        copy(desk, ticket, "hejing", by="huangyi")


@pytest.mark.parametrize("login", ["huangyi", "wufang"])
def test_other_brands_and_leavers_are_not_put_in_copy(desk: Desk, login: str) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    with pytest.raises(NotFound, match="This person"):
        copy(desk, ticket, "liutao", login)
    assert names(desk, ticket) == []


def test_nobody_and_too_many_are_refused(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    for people in ([], [uuid4() for _ in range(51)]):
        with pytest.raises(Invalid):
            add_copies(desk.runtime, desk.actor("lina"), ticket.number, people)
    with pytest.raises(NotFound):
        add_copies(desk.runtime, desk.actor("lina"), ticket.number, [uuid4()])


def test_who_is_taken_out_sees_it_no_more(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    copy(desk, ticket, "sunyue")
    (sunyue,) = ids(desk, "sunyue")
    assert listed(desk, "sunyue")[0].ticket.number == ticket.number
    remove_copy(desk.runtime, desk.actor("lina"), ticket.number, sunyue)
    assert names(desk, ticket) == []
    assert ticket.number not in [row.ticket.number for row in listed(desk, "sunyue")]
    with desk.runtime.reading() as session, pytest.raises(NotFound):
        ticket_page(session, desk.actor("sunyue"), ticket.number, desk.clock.now())
    with pytest.raises(NotFound, match="This person"):
        remove_copy(desk.runtime, desk.actor("lina"), ticket.number, sunyue)


def test_who_is_in_copy_and_not_staff_sees_the_public_side(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    copy(desk, ticket, "sunyue", "liutao")
    conversation.note(desk.runtime, desk.actor("lina"), ticket.number, "内部")
    with desk.runtime.reading() as session:
        outside = ticket_page(session, desk.actor("sunyue"), ticket.number, desk.clock.now())
        inside = ticket_page(session, desk.actor("liutao"), ticket.number, desk.clock.now())
    assert (outside.inside, inside.inside) == (False, True)
    assert "noted" not in [event.kind for event in outside.events]


def test_what_has_happened_since_one_looked_is_unseen(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    copy(desk, ticket, "liutao")
    assert listed(desk, "liutao")[0].unseen
    rows(desk, "liutao")
    look(desk, "liutao", ticket)
    assert not listed(desk, "liutao")[0].unseen
    assert ticket.number not in [row.number for row in rows(desk, "liutao", unread=True)]
    desk.clock.advance(timedelta(minutes=1))
    conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "好的")
    assert listed(desk, "liutao")[0].unseen
    look(desk, "liutao", ticket)
    with desk.runtime.reading() as session, counted(desk.runtime.database) as seen:
        looked_at(desk.runtime, session, desk.actor("liutao"), ticket.number)
    assert not [each for each in seen if "UPDATE" in each.text]


def look(desk: Desk, login: str, ticket: Ticket) -> None:
    with desk.runtime.reading() as session:
        looked_at(desk.runtime, session, desk.actor(login), ticket.number)


def test_the_list_goes_on_page_by_page(desk: Desk) -> None:
    made = [desk.ticket(owner="lina") for _ in range(5)]
    for ticket in made:
        copy(desk, ticket, "hejing")
    found: list[str] = []
    cursor = None
    with desk.runtime.reading() as session:
        while True:
            page = copied_to(session, desk.actor("hejing"), cursor=cursor, limit=2)
            found += [row.ticket.number for row in page.rows]
            if (cursor := page.next_cursor) is None:
                break
    assert found == [ticket.number for ticket in reversed(made)]


def test_a_type_puts_its_people_in_copy_of_every_new_ticket(play: Play) -> None:
    parts = (start(), staff("look"), end(), chain("begin", "look", "done"))
    play.define(*parts, cc="campus_head, hejing, nobody, huangyi, requester")
    number = play.file("zhoulan")
    told = heard(play, number)
    assert (told["zhaomin"], told["hejing"]) == (["filed cc"], ["filed cc"])
    with play.runtime.reading() as session:
        people = copied_people(session, number)
    assert [(each.name, each.by_type) for each in people] == [("赵敏", True), ("何静", True)]
    with play.runtime.reading() as session:
        assert [row.ticket.number for row in copied_to(session, play.cast.hejing).rows] == [number]


def test_a_brand_sets_other_copies_than_the_file(play: Play) -> None:
    play.define(start(), staff("look"), end(), chain("begin", "look", "done"), cc="hejing")
    with play.writing() as session, session.begin():
        row = {"brand_id": play.cast.places["qinghe"], "type_key": "errand", "name": "cc", "value": ["liutao"]}
        session.add(TypeSetting(**row, updated_at=play.cast.clock.now()))
    assert heard(play, play.file("zhoulan"))["liutao"] == ["filed cc"]
    assert heard(play, play.file("huangyi"))["hejing"] == ["filed cc"]


def test_a_type_without_copies_costs_nothing_more(play: Play) -> None:
    play.define(start(), staff("look"), end(), chain("begin", "look", "done"))
    play.file("zhoulan")
    play.settle()
    assert play.count(TicketCc) == 0
