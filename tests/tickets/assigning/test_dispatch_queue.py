"""The dispatch queue: what waits in it, who sees it, assigning from it, and two dispatchers at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from tests.engine import build
from tests.tickets.play import Play, staff
from tests.tickets.test_crash_report import REPORT
from tickets.assigning import dispatching
from tickets.assigning.dispatching import What
from tickets.assigning.fitness import check_answers
from tickets.assigning.queue import QueueView, able, count_waiting, dispatch_queue
from tickets.change import Was
from tickets.conversation import accept
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.ticket import Status


@pytest.fixture
def stage(lasting_play: Play) -> Play:
    """A new ticket of zhoulan's whose task names nobody."""
    if not lasting_play.tickets():
        lasting_play.define(
            build.start(),
            build.user("look", camunda__candidateGroups="no such role", name="看一看"),
            staff("check", to="developer"),
            build.end(),
            build.chain("begin", "look", "check", "done"),
        )
    lasting_play.file("zhoulan")
    return lasting_play


def waiting(play: Play, login: str, view: QueueView = QueueView.WAITING) -> list[str]:
    with play.runtime.reading() as session:
        page = dispatch_queue(session, play.cast.actor(login), view=view, limit=200)
    return [row.ticket.number for row in page.rows]


def give(play: Play, by: str, to: str, what: What = What(), number: str = "") -> None:
    number = number or play.ticket().number
    dispatching.assign(play.runtime, play.cast.actor(by), number, play.cast.people[to], what)


def test_a_ticket_whose_task_names_nobody_waits_for_a_dispatcher(stage: Play) -> None:
    ticket = stage.ticket()
    assert (ticket.status, ticket.dispatch_at) == (Status.UNASSIGNED, stage.cast.clock.now())
    with stage.runtime.reading() as session:
        row = dispatch_queue(session, stage.cast.zhangwei, limit=200).rows[-1]
    assert (row.ticket.number, [task.name for task in row.tasks]) == (ticket.number, ["看一看"])


@pytest.mark.parametrize(
    ("login", "sees"),
    [
        *((login, True) for login in ("zhangwei", "zhaomin", "chenxiao", "admin", "tangyan")),
        *((login, False) for login in ("lina", "wanglei", "zhoulan", "sunyue", "huangyi", "hejing", "liutao")),
    ],
)
def test_only_dispatchers_of_its_place_see_it(stage: Play, login: str, sees: bool) -> None:
    assert (stage.ticket().number in waiting(stage, login)) is sees


def test_another_campus_s_ticket_is_not_in_a_campus_head_s_queue(stage: Play) -> None:
    number = stage.file("sunyue")
    assert number not in waiting(stage, "zhaomin")
    assert number in waiting(stage, "tangyan")


def test_another_brand_s_ticket_is_not_in_a_brand_dispatcher_s_queue(stage: Play) -> None:
    number = stage.file("huangyi")
    assert number not in waiting(stage, "tangyan")
    assert number in waiting(stage, "chenxiao")
    with pytest.raises(NotFound):
        give(stage, "tangyan", "lina", number=number)


def test_who_is_given_a_ticket_answers_for_it_and_has_its_task(stage: Play) -> None:
    number = stage.ticket().number
    give(stage, "zhangwei", "lina")
    ticket = stage.ticket()
    assert (ticket.owner_id, ticket.dispatch_at) == (stage.cast.people["lina"], None)
    assert ticket.status == Status.IN_PROGRESS
    assert stage.task("look").assignee_id == stage.cast.people["lina"]
    assert stage.told()[-2:] == ["owner+", "assigned"]
    assert number not in waiting(stage, "zhangwei")
    stage.complete("lina", "look")
    assert stage.ticket().dispatch_at is None


def test_the_ticket_alone_leaves_its_nameless_task_in_the_queue(stage: Play) -> None:
    give(stage, "zhangwei", "lina", What(tasks=False))
    ticket = stage.ticket()
    assert ticket.owner_id == stage.cast.people["lina"]
    assert ticket.dispatch_at is not None
    give(stage, "zhangwei", "wanglei")
    assert (stage.ticket().owner_id, stage.ticket().dispatch_at) == (stage.cast.people["lina"], None)
    assert stage.task("look").assignee_id == stage.cast.people["wanglei"]


def test_the_task_alone_leaves_the_ticket_to_whoever_takes_it_up(stage: Play) -> None:
    give(stage, "zhangwei", "lina", What(owner=False))
    assert (stage.ticket().owner_id, stage.ticket().dispatch_at) == (None, None)
    stage.complete("lina", "look")
    assert stage.ticket().owner_id == stage.cast.people["lina"]


@pytest.mark.parametrize(("to", "chased_by"), [("lina", None), ("wanglei", "wanglei")])
def test_whoever_gets_a_late_ticket_does_not_get_the_chasing_of_it_too(
    lasting_play: Play, to: str, chased_by: str | None
) -> None:
    play = lasting_play
    play.ship("crash_report")
    number = play.file("zhoulan", "crash_report", **REPORT)
    play.pass_time(minutes=31)
    give(play, "zhangwei", to, number=number)
    assert play.task("Task_Triage", number).assignee_id == play.cast.people[to]
    chaser = play.cast.people[chased_by] if chased_by else None
    assert play.task("Task_ChaseTriage", number).assignee_id == chaser, "only who has no part in it gets all there is"


def test_the_second_dispatcher_is_told_who_has_it(stage: Play) -> None:
    give(stage, "zhangwei", "lina")
    with pytest.raises(Conflict, match="李娜"):
        give(stage, "chenxiao", "wanglei")
    assert stage.ticket().owner_id == stage.cast.people["lina"]


def test_two_dispatchers_at_once_and_one_of_them_gets_it(stage: Play) -> None:
    number = stage.ticket().number

    def try_it(given: tuple[str, str]) -> bool:
        by, to = given
        actor, person = stage.cast.actor(by), stage.cast.people[to]
        (outcome,) = dispatching.assign_all(stage.runtime, actor, [number], person)
        return outcome.refusal is None

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(try_it, [("zhangwei", "lina"), ("chenxiao", "wanglei")]))
    assert sorted(done) == [False, True]
    assert stage.told().count("owner+") == 1


@pytest.mark.parametrize("login", ["lina", "zhoulan", "wanglei"])
def test_only_dispatchers_assign(stage: Play, login: str) -> None:
    with pytest.raises((Forbidden, NotFound)):
        give(stage, login, "lina")


@pytest.mark.parametrize("to", ["zhoulan", "huangyi", "wufang"])
def test_a_ticket_goes_only_to_somebody_who_may_have_it(stage: Play, to: str) -> None:
    with pytest.raises(Invalid):
        give(stage, "zhangwei", to)


def test_many_are_assigned_and_the_refused_ones_are_named(stage: Play) -> None:
    first, second = stage.ticket().number, stage.file("zhoulan")
    give(stage, "zhangwei", "wanglei", number=first)
    outcomes = dispatching.assign_all(
        stage.runtime, stage.cast.zhangwei, [first, second, "CR-none"], stage.cast.people["lina"]
    )
    assert [(one.number, one.refusal is None) for one in outcomes] == [
        (first, False),
        (second, True),
        ("CR-none", False),
    ]


def test_the_next_one_is_the_soonest_due_and_two_get_different_ones(stage: Play) -> None:
    stage.file("zhoulan")
    taken = [dispatching.take_next(stage.runtime, stage.cast.actor(login)) for login in ("zhangwei", "chenxiao")]
    assert None not in taken
    assert len(set(taken)) == 2


def test_accepting_and_closing_leave_the_queue(stage: Play) -> None:
    give(stage, "zhangwei", "lina", What(owner=False))
    stage.complete("lina", "look")
    assert stage.ticket().number not in waiting(stage, "zhangwei")
    assert stage.ticket().number not in waiting(stage, "zhangwei", QueueView.OFFERED)


def test_what_a_role_is_offered_is_in_the_other_view(stage: Play) -> None:
    give(stage, "zhangwei", "lina")
    stage.define(build.start(), staff("look"), build.end(), build.chain("begin", "look", "done"), key="offered")
    number = stage.file("zhoulan", "offered")
    assert number in waiting(stage, "zhangwei", QueueView.OFFERED)
    assert number not in waiting(stage, "zhangwei")
    accept(stage.runtime, stage.cast.lina, number)
    assert number not in waiting(stage, "zhangwei", QueueView.OFFERED)


def test_candidates_are_the_brand_s_and_the_group_s_least_loaded_first(stage: Play) -> None:
    with stage.runtime.reading() as session:
        people = able(session, stage.cast.tangyan, stage.cast.clock.now())
        count_waiting(session, stage.cast.tangyan)
    logins = [one.login for one in people]
    assert {"lina", "wanglei", "zhaomin"} <= set(logins)
    assert not {"huangyi", "wufang", "zhoulan"} & set(logins)
    loads = [one.load for one in people]
    assert loads == sorted(loads)


@pytest.mark.parametrize("requester", ["zhoulan", "sunyue", "liutao", "zhaomin"])
def test_only_who_may_have_a_ticket_is_offered_for_it(stage: Play, requester: str) -> None:
    number = stage.file(requester)
    with stage.runtime.reading() as session:
        was, now = Was.of(stage.ticket(number)), stage.cast.clock.now()
        of_all = {one.id: one.login for one in able(session, stage.cast.admin, now)}
        offered = {one.login for one in able(session, stage.cast.admin, now, tickets=[was.id])}
        may = {login for person_id, login in of_all.items() if answers(session, was, person_id)}
    assert offered == may
    assert requester not in offered
    assert "lina" in offered


def answers(session: Session, was: Was, person_id: int) -> bool:
    try:
        check_answers(session, was, person_id)
    except Invalid:
        return False
    return True
