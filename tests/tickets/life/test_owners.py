"""Who answers for a ticket: handed over, declined, and by itself only the owner's role."""

from __future__ import annotations

import pytest

from tests.engine.build import chain, end, start
from tests.tickets.desk import Desk
from tests.tickets.life.errand import ROW, begun, do, filed
from tests.tickets.play import Play, staff
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.life.handing_over import decline, hand_over


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def owner(play: Play, number: str) -> str | None:
    found = play.ticket(number).owner_id
    return next((login for login, person in play.cast.people.items() if person == found), None)


def test_the_owner_hands_it_over_and_the_requester_sees_it(play: Play) -> None:
    number = begun(play)
    do(play, "lina", hand_over, number, play.cast.people["zhangwei"], "休假")
    assert owner(play, number) == "zhangwei"
    assert play.told(number)[-2:] == ["owner+", "noted"]
    assert play.task("look", number).assignee_id == play.cast.people["lina"]
    with pytest.raises(Forbidden):
        do(play, "lina", hand_over, number, play.cast.people["wanglei"])


def test_handing_over_to_the_owner_changes_nothing(play: Play) -> None:
    number = begun(play)
    before = play.told(number)
    do(play, "lina", hand_over, number, play.cast.people["lina"])
    assert play.told(number) == before


@pytest.mark.parametrize(
    ("to", "words"),
    [("wufang", "not here any more"), ("zhoulan", "asked for"), ("sunyue", "doesn't work"), ("hejing", "doesn't work")],
)
def test_it_goes_only_to_staff_of_its_place(play: Play, to: str, words: str) -> None:
    number = begun(play)
    with pytest.raises(Invalid, match=words):
        do(play, "lina", hand_over, number, play.cast.people[to])


def test_a_dispatcher_gives_one_without_owner_to_somebody(play: Play) -> None:
    number = filed(play)
    do(play, "tangyan", hand_over, number, play.cast.people["lina"])
    ticket = play.ticket(number)
    assert (owner(play, number), ticket.status, ticket.dispatch_at) == ("lina", "in_progress", None)


def test_who_hands_over(play: Play) -> None:
    number = begun(play)
    with pytest.raises(Forbidden):
        do(play, "zhoulan", hand_over, number, play.cast.people["zhangwei"])
    with pytest.raises(NotFound):
        do(play, "huangyi", hand_over, number, play.cast.people["zhangwei"])


def test_an_offer_is_declined_and_waits_for_a_dispatcher(desk: Desk) -> None:
    ticket = desk.ticket(status="offered", offered_to_id=desk.people["lina"])
    with pytest.raises(Forbidden):
        decline(desk.runtime, desk.actor("zhangwei"), ticket.number, "不归我")
    decline(desk.runtime, desk.actor("lina"), ticket.number, "不归我")
    after = desk.reload(ticket)
    assert (after.status, after.offered_to_id, after.dispatch_at) == ("unassigned", None, desk.clock.now())
    assert [event.kind for event in desk.events(ticket)] == ["declined"]


def test_only_the_role_named_as_owner_becomes_it_by_taking_up_a_task(play: Play) -> None:
    play.define(
        start(),
        staff("look", to="support,support_lead"),
        staff("fix"),
        end(),
        chain("begin", "look", "fix", "done"),
        owner="support",
    )
    number = play.file("zhoulan")
    play.complete("zhangwei", "look", number)
    assert owner(play, number) is None
    play.claim("lina", "fix", number)
    assert owner(play, number) == "lina"


def test_an_owner_that_is_no_role_binds_nobody(play: Play) -> None:
    play.define(*ROW, owner="${subject}")
    number = play.file("zhoulan")
    play.claim("lina", "look", number)
    assert owner(play, number) == "lina"
