"""Offers: one person is asked to accept a ticket in working time; not taken, it goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from tests.engine import build
from tests.engine.calendars import Office
from tests.tickets.play import Play, staff
from tickets.assigning import dispatching
from tickets.assigning.dispatching import Manner
from tickets.assigning.models import AssignmentRule, Method, RuleBook
from tickets.conversation import accept
from tickets.deadlines import Deadline
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.life.handing_over import decline
from tickets.ticket import Status


@pytest.fixture
def stage(play: Play) -> Play:
    """A type offered to lina, then to wanglei, for two working hours each; its place works on weekdays from 9 to 18."""
    runtime = replace(play.cast.runtime, calendars=lambda _place: Office(((time(9), time(18)),)))
    play.cast.runtime = runtime
    play.define(
        build.start(),
        staff("look"),
        build.end(),
        build.chain("begin", "look", "done"),
        forms=None,
        **{"accept.within": "PT2H"},
    )
    with play.writing() as session, session.begin():
        session.add(RuleBook(id=1, version=1))
        for position, login in enumerate(("lina", "wanglei")):
            session.add(
                AssignmentRule(
                    brand_id=play.cast.places["qiming"],
                    type_key="errand",
                    element="",
                    position=position,
                    method=Method.PERSON,
                    args={"who": login},
                    updated_at=play.cast.clock.now(),
                )
            )
    return play


def offered(play: Play) -> str:
    person_id = play.ticket().offered_to_id
    return next((login for login, each in play.cast.people.items() if each == person_id), "")


def due(play: Play) -> datetime:
    with play.runtime.reading() as session:
        return session.scalars(sa.select(Deadline.due_at).where(Deadline.kind == "accept")).one()


def test_a_new_ticket_is_offered_and_says_until_when(stage: Play) -> None:
    stage.file("zhoulan")
    ticket = stage.ticket()
    assert (ticket.owner_id, ticket.status, offered(stage)) == (None, Status.OFFERED, "lina")
    assert stage.told() == ["filed+", "assigned"]
    assert "until_at" in stage.events()[-1].params


def test_who_accepts_in_time_is_the_owner_and_nothing_lapses(stage: Play) -> None:
    number = stage.file("zhoulan")
    accept(stage.runtime, stage.cast.lina, number)
    stage.pass_time(days=7)
    ticket = stage.ticket()
    assert (ticket.owner_id, ticket.offered_to_id) == (stage.cast.people["lina"], None)
    assert "lapsed" not in stage.told()


def test_the_time_to_accept_is_counted_in_working_hours(stage: Play) -> None:
    stage.cast.clock.moment = friday_at_five = datetime(2026, 11, 20, 9, tzinfo=UTC)  # 17:00 in Shenzhen
    stage.file("zhoulan")
    assert due(stage) == datetime(2026, 11, 23, 2, tzinfo=UTC)  # Monday, 10:00
    stage.pass_time(hours=60)
    assert offered(stage) == "lina"
    assert stage.cast.clock.now() - friday_at_five == timedelta(hours=60)
    stage.pass_time(hours=6)
    assert offered(stage) == "wanglei"


def test_a_lapsed_offer_goes_to_the_next_and_then_to_a_dispatcher(stage: Play) -> None:
    stage.file("zhoulan")
    stage.pass_time(days=4)
    assert offered(stage) == "wanglei"
    assert stage.told()[-2:] == ["lapsed", "assigned"]
    stage.pass_time(days=4)
    ticket = stage.ticket()
    assert (ticket.offered_to_id, ticket.status) == (None, Status.UNASSIGNED)
    assert ticket.dispatch_at is not None
    assert stage.told()[-1] == "lapsed"


def test_a_declined_offer_goes_to_the_next(stage: Play) -> None:
    number = stage.file("zhoulan")
    decline(stage.runtime, stage.cast.lina, number, "忙不过来")
    assert offered(stage) == "wanglei"
    decline(stage.runtime, stage.cast.wanglei, number, "也忙")
    assert (offered(stage), stage.ticket().status) == ("", Status.UNASSIGNED)
    with pytest.raises((Conflict, Forbidden)):
        decline(stage.runtime, stage.cast.lina, number, "再说")


@pytest.mark.parametrize("login", ["sunyue", "huangyi", "zhoulan"])
def test_nobody_else_declines(stage: Play, login: str) -> None:
    number = stage.file("zhoulan")
    with pytest.raises((NotFound, Forbidden)):
        decline(stage.runtime, stage.cast.actor(login), number, "不")
    assert offered(stage) == "lina"


def test_a_claim_ends_the_offer(stage: Play) -> None:
    stage.file("zhoulan")
    stage.claim("lina", "look")
    assert (offered(stage), stage.ticket().owner_id) == ("", stage.cast.people["lina"])
    stage.pass_time(days=7)
    assert "lapsed" not in stage.told()


def test_a_dispatcher_offers_it_to_somebody_who_has_as_long_as_any(stage: Play) -> None:
    number = stage.file("zhoulan")
    stage.pass_time(days=4)
    stage.pass_time(days=4)
    assert stage.ticket().status == Status.UNASSIGNED
    for _twice in range(2):
        give(stage, "zhangwei", "liutao", number)
    ticket = stage.ticket()
    assert (offered(stage), ticket.status, ticket.owner_id, ticket.dispatch_at) == (
        "liutao",
        Status.OFFERED,
        None,
        None,
    )
    assert stage.told()[-1] == "assigned"
    assert due(stage) > stage.cast.clock.now()
    stage.pass_time(days=4)
    assert (offered(stage), stage.told()[-2:]) == ("lina", ["lapsed", "assigned"])


def test_an_offer_to_another_takes_the_place_of_the_first(stage: Play) -> None:
    number = stage.file("zhoulan")
    give(stage, "zhangwei", "liutao", number)
    accept(stage.runtime, stage.cast.liutao, number)
    assert (stage.ticket().owner_id, offered(stage)) == (stage.cast.people["liutao"], "")
    stage.pass_time(days=7)
    assert "lapsed" not in stage.told()
    with pytest.raises(Conflict, match="already assigned"):
        give(stage, "zhangwei", "lina", number)


def test_only_dispatchers_offer_and_only_to_those_who_may(stage: Play) -> None:
    number = stage.file("zhoulan")
    with pytest.raises(Forbidden):
        give(stage, "lina", "wanglei", number)
    with pytest.raises(NotFound):
        give(stage, "huangyi", "wanglei", number)
    with pytest.raises(Invalid):
        give(stage, "zhangwei", "zhoulan", number)
    assert offered(stage) == "lina"


def give(play: Play, by: str, to: str, number: str) -> None:
    dispatching.give(play.runtime, play.cast.actor(by), number, play.cast.people[to], Manner.OFFER)
