"""Timer start events: deploying sets them, the tick starts tickets by them, each turn once, in the place's zone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.models import StepInput, Timer
from tests.engine.build import chain, element, end, settings, start, timer
from tests.tickets.play import Play, files, staff
from tickets import timers
from tickets.deploying import Deployed
from tickets.reading import ticket_page
from tickets.ticket import Ticket
from tickets.types import TicketType


@pytest.fixture
def play(lasting_play: Play) -> Play:
    """Whatever earlier tests have set turns no more."""
    with lasting_play.writing() as session, session.begin():
        session.execute(sa.delete(Timer))
    return lasting_play


def clocked(play: Play, how: str, text: str, key: str, **more: Any) -> Deployed:
    """A type that begins by the clock and then has support look."""
    named = start(inner=timer(how, text), name="Every morning")
    return play.upload(files(named, staff("look"), end(), chain("begin", "look", "done"), key=key), **more)


def begun(play: Play, key: str) -> list[str]:
    """The numbers of the tickets of that type."""
    query = sa.select(Ticket.number).join(TicketType, TicketType.id == Ticket.type_id).where(TicketType.key == key)
    with play.runtime.reading() as session:
        return list(session.scalars(query.order_by(Ticket.id)))


def due(play: Play) -> list[datetime]:
    with play.runtime.reading() as session:
        return list(session.scalars(sa.select(Timer.due_at).where(Timer.definition_id.is_not(None))))


def codes(made: Deployed) -> list[str]:
    return [problem.code for problem in made.report.problems]


def test_the_clock_starts_a_ticket_at_the_top_of_the_brand_and_without_a_requester(play: Play) -> None:
    clocked(play, "after", "PT2H", "soon")
    assert play.pass_time(hours=1, minutes=59) == 0
    assert play.pass_time(minutes=1) == 1
    (number,) = begun(play, "soon")
    ticket = play.ticket(number)
    assert (ticket.requester_id, ticket.filed_by_id, ticket.data) == (None, None, {})
    assert (ticket.brand_id, ticket.place_id) == (play.cast.places["qiming"], play.cast.places["qiming"])
    assert (play.open_tasks(number), ticket.status) == (["look"], "offered")
    assert [(event.kind, event.params, event.public) for event in play.events(number)] == [
        ("filed", {"cause": "Every morning"}, False)
    ]
    assert play.pass_time(days=9) == 0
    assert due(play) == []


def test_a_brand_s_clock_starts_its_tickets_in_the_brand(play: Play) -> None:
    brand = play.cast.places["qinghe"]
    clocked(play, "every", "R/P1D", "daily_here", brand_id=brand)
    play.pass_time(days=1)
    ticket = play.ticket(begun(play, "daily_here")[0])
    assert (ticket.brand_id, ticket.place_id) == (brand, brand)


def test_a_cycle_starts_one_ticket_a_turn_and_one_after_a_long_rest(play: Play) -> None:
    clocked(play, "every", "R/P1D", "daily")
    assert [play.pass_time(days=1) for _ in range(3)] == [1, 1, 1]
    assert play.pass_time(days=20, hours=1) == 1
    assert play.pass_time(hours=22) == 0
    assert play.pass_time(hours=1) == 1
    assert len(begun(play, "daily")) == 5


def test_a_cycle_with_a_number_ends(play: Play) -> None:
    clocked(play, "every", "R2/PT1H", "twice")
    assert [play.pass_time(hours=1) for _ in range(4)] == [1, 1, 0, 0]
    assert due(play) == []


def test_cron_turns_by_the_clock_of_the_brand_s_place(play: Play) -> None:
    clocked(play, "every", "0 9 * * *", "mornings")
    (turn,) = due(play)
    assert (turn.hour, turn.minute) == (1, 0), "nine in the morning in Shenzhen"
    clocked(play, "every", "0 0 18 ? * MON-FRI", "evenings")
    assert [turn.hour for turn in due(play)][-1] == 10


def test_an_expression_may_say_when(play: Play) -> None:
    clocked(play, "on", "${days_after(today(), 2)}", "computed")
    (turn,) = due(play)
    assert turn > play.cast.clock.now()
    assert (turn.hour, turn.minute) == (1, 0)
    play.pass_time(days=3)
    assert len(begun(play, "computed")) == 1


def test_a_new_version_s_timers_take_the_place_of_the_old_one_s(play: Play) -> None:
    clocked(play, "every", "R/P1D", "changed")
    clocked(play, "every", "R/P7D", "changed")
    assert len(due(play)) == 1
    assert play.pass_time(days=6) == 0
    assert play.pass_time(days=1) == 1
    clocked(play, "every", "R/P7D", "changed")
    assert len(due(play)) == 1, "the same files again change nothing"
    whole_new = files(start(), staff("look"), end(), chain("begin", "look", "done"), key="changed")
    assert play.upload(whole_new).report.accepted
    assert due(play) == []


def test_each_start_event_has_its_own_clock_and_its_own_way(play: Play) -> None:
    parts = (
        start("daily", timer("every", "R/P1D")),
        start("weekly", timer("every", "R/P7D")),
        start("by_hand"),
        staff("small"),
        staff("large"),
        end(),
        chain("daily", "small", "done"),
        chain("weekly", "large", "done"),
        chain("by_hand", "small"),
    )
    assert play.upload(files(*parts, key="several")).report.accepted
    assert play.pass_time(days=6) == 1
    assert play.pass_time(days=1) == 2
    opened = [play.open_tasks(number) for number in begun(play, "several")]
    assert sorted(opened) == [["large"], ["small"], ["small"]]
    assert play.open_tasks(play.file("zhoulan", "several")) == ["small"]


def test_one_start_event_may_wait_for_a_time_and_for_a_message(play: Play) -> None:
    triggers = timer("every", "R/P1D") + '<messageEventDefinition messageRef="m_order" />'
    made = play.upload(files(start(inner=triggers), staff("look"), chain("begin", "look"), key="both"))
    assert made.report.accepted
    play.pass_time(days=1)
    assert len(begun(play, "both")) == 1


def test_many_ticks_at_once_start_one_ticket_a_turn(play: Play) -> None:
    clocked(play, "every", "R/P1D", "raced")
    for turn in range(1, 4):
        play.cast.clock.advance(timedelta(days=1))
        with ThreadPoolExecutor(4) as pool:
            fired = sum(pool.map(lambda _: timers.tick(play.runtime), range(4)))
        assert fired == 1
        assert len(begun(play, "raced")) == turn
    for number in begun(play, "raced"):
        assert play.count(StepInput, StepInput.instance_id == play.instance(number).id) == 1


def test_a_type_that_is_switched_off_starts_nothing_but_goes_on_when_it_is_back(play: Play) -> None:
    clocked(play, "every", "R/P1D", "paused")

    def switch(active: bool) -> None:
        with play.writing() as session, session.begin():
            session.execute(sa.update(TicketType).where(TicketType.key == "paused").values(active=active))

    switch(False)
    assert play.pass_time(days=1) == 0
    assert (begun(play, "paused"), len(due(play))) == ([], 1)
    switch(True)
    assert play.pass_time(days=1) == 1


def test_a_type_that_cannot_start_is_tried_again_and_holds_up_no_other(play: Play) -> None:
    broken = start(inner=timer("after", "PT1H"))
    fails = element("exclusiveGateway", "which")
    flows = "".join(
        element("sequenceFlow", ident, "<conditionExpression>${x &gt; 1}</conditionExpression>", sourceRef="which",
                targetRef="done")
        for ident in ("one", "two")
    )  # fmt: skip
    made = play.upload(files(broken, fails, end(), chain("begin", "which"), flows, key="broken"))
    assert made.report.accepted, codes(made)
    clocked(play, "after", "PT1H", "whole")
    assert play.pass_time(hours=1) == 1
    assert (begun(play, "broken"), len(begun(play, "whole")), len(due(play))) == ([], 1, 1)
    play.pass_time(seconds=1)
    with play.runtime.reading() as session:
        assert session.scalars(sa.select(Timer.attempts)).one() == 2


@pytest.mark.parametrize(
    ("how", "text", "code"),
    [
        ("on", "2020-01-01T09:00", "start-over"),
        ("every", "R2/2020-01-01/P1D", "start-over"),
        ("every", "0 0 9 1 1 ? 2020", "start-over"),
        ("on", "${due_on}", "start-unknown"),
        ("every", "${'sometimes'}", "start-unknown"),
    ],
)
def test_a_time_that_never_comes_is_said_and_starts_nothing(play: Play, how: str, text: str, code: str) -> None:
    made = clocked(play, how, text, "never")
    assert made.report.accepted
    assert code in codes(made)
    assert due(play) == []


def test_a_time_that_takes_long_to_work_out_is_said_and_starts_nothing(play: Play) -> None:
    costly = '= if count(for a in 1..100, b in 1..100 return a) > 0 then "R/P1D" else "R/P2D"'
    made = clocked(play, "every", costly, "costly")
    assert (made.report.accepted, codes(made)) == (True, ["start-unknown"])
    assert "too many steps" in str(made.report.problems[0].problem)
    assert due(play) == []


def test_a_wrong_time_is_refused_once(play: Play) -> None:
    made = clocked(play, "every", "sometimes", "wrong")
    assert not made.report.accepted
    assert codes(made).count("timer") == 1
    assert "start-unknown" not in codes(made)


def test_turns_that_would_come_too_often_are_slowed_and_said(play: Play) -> None:
    made = clocked(play, "every", "R90/PT10S", "often")
    assert "cycle-raised" in codes(made)
    assert [play.pass_time(seconds=20) for _ in range(6)] == [0, 0, 1, 0, 0, 1]


def test_its_page_says_what_started_it_in_the_reader_s_language(play: Play) -> None:
    chinese = settings(name__zh="每天早晨")
    named = start(inner=chinese + timer("after", "PT1H"), name="Every morning")
    play.upload(files(named, staff("look"), chain("begin", "look"), key="page"))
    play.pass_time(hours=1)
    (number,) = begun(play, "page")
    told = {}
    for language in ("zh", "en"):
        with play.runtime.reading() as session:
            page = ticket_page(session, play.cast.chenxiao, number, play.cast.clock.now(), language=language)
        told[language] = str(page.events[0].text)
    assert told == {"zh": "“每天早晨” started this ticket", "en": "“Every morning” started this ticket"}


def test_a_timer_that_was_set_before_its_turns_were_counted_goes_on(play: Play) -> None:
    clocked(play, "every", "R/P1D", "older")
    with play.writing() as session, session.begin():
        session.execute(sa.update(Timer).values(counted_from=None))
    assert play.pass_time(days=1) == 1
    assert due(play)[0] > datetime(2026, 1, 1, tzinfo=UTC)
