"""Passing tasks on: transfer, delegate, consult, help; by the right person, refused to the wrong one."""

from __future__ import annotations

from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.engine import build
from tests.tickets.play import Play, staff, text
from tickets import tasks
from tickets.assigning import passing, sharing
from tickets.assigning.passing import Target
from tickets.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from tickets.inbox import View, badges, count_for_me, inbox
from tickets.shares import TaskShare
from tickets.ticket import Status

LOOK = [text("finding")]


@pytest.fixture
def stage(lasting_play: Play) -> Play:
    """A new ticket of zhoulan's, its task claimed by lina."""
    if not lasting_play.tickets():
        lasting_play.define(
            build.start(),
            staff("look", camunda__formRef="look", name="看一看"),
            staff("check", to="developer"),
            build.end(),
            build.chain("begin", "look", "check", "done"),
            forms={"look": LOOK},
        )
    lasting_play.file("zhoulan")
    lasting_play.claim("lina", "look")
    return lasting_play


def look(play: Play) -> UUID:
    return play.task("look").public_id


def person(play: Play, login: str) -> int:
    return play.cast.people[login]


def transfer(play: Play, by: str, to: str, why: str = "她更熟悉", **more: bool) -> str:
    return passing.transfer(play.runtime, play.cast.actor(by), look(play), Target(person(play, to)), why, **more)


def test_a_transferred_task_is_the_other_s_and_the_owner_stays(stage: Play) -> None:
    transfer(stage, "lina", "wanglei")
    assert stage.task("look").assignee_id == person(stage, "wanglei")
    assert stage.ticket().owner_id == person(stage, "lina")
    event = stage.events()[-1]
    assert (event.kind, event.public) == ("transferred", False)
    assert event.params["to_id"] == person(stage, "wanglei")
    assert event.params["why"] == "她更熟悉"
    stage.complete("wanglei", "look", finding="好了")


def test_who_helped_or_was_asked_and_gets_the_task_is_asked_nothing_more(stage: Play) -> None:
    runtime, lina, wanglei = stage.runtime, stage.cast.lina, person(stage, "wanglei")
    sharing.add_helpers(runtime, lina, look(stage), [wanglei])
    sharing.consult(runtime, lina, look(stage), [wanglei, person(stage, "zhangwei")], "见过吗？")
    transfer(stage, "lina", "wanglei")
    with stage.runtime.reading() as session:
        of_task = sa.select(TaskShare.person_id, TaskShare.closed_at).where(TaskShare.task_id == stage.task("look").id)
        now = stage.cast.clock.now()
        assert set(session.execute(of_task)) == {(wanglei, now), (person(stage, "zhangwei"), None)}


def test_handing_over_too_passes_the_ticket(stage: Play) -> None:
    transfer(stage, "lina", "wanglei", hand_over=True)
    assert stage.ticket().owner_id == person(stage, "wanglei")
    assert stage.told()[-2:] == ["transferred", "owner+"]


@pytest.mark.parametrize("to", ["nobody", "sunyue", "zhoulan", "wufang", "huangyi"])
def test_a_task_goes_only_to_staff(stage: Play, to: str) -> None:
    with pytest.raises(Invalid):
        passing.transfer(
            stage.runtime, stage.cast.lina, look(stage), Target(stage.cast.people.get(to, 99_999)), "她更熟悉"
        )


def test_a_task_goes_to_a_role(stage: Play) -> None:
    passing.transfer(stage.runtime, stage.cast.lina, look(stage), Target(role="developer"), "研发的事")
    task = stage.task("look")
    assert (task.assignee_id, task.queue_key) == (None, task.offered_key)
    stage.claim("wanglei", "look")


@pytest.mark.parametrize(
    ("by", "refusal"),
    [("wanglei", NotFound), ("zhoulan", NotFound), ("sunyue", NotFound), ("huangyi", NotFound), ("chenxiao", None)],
)
def test_only_the_assignee_and_dispatchers_transfer(stage: Play, by: str, refusal: type[DomainError] | None) -> None:
    if refusal is None:
        transfer(stage, by, "wanglei")
        return
    with pytest.raises(refusal):
        transfer(stage, by, "wanglei")
    assert stage.task("look").assignee_id == person(stage, "lina")


def test_a_colleague_who_sees_the_ticket_is_told_who_may(stage: Play) -> None:
    sharing.consult(stage.runtime, stage.cast.lina, look(stage), [person(stage, "wanglei")], "见过吗？")
    with pytest.raises(Forbidden):
        transfer(stage, "wanglei", "zhangwei")


@pytest.mark.parametrize("to", ["zhoulan", "huangyi", "wufang", "lina"])
def test_a_task_goes_only_to_somebody_who_may_have_it(stage: Play, to: str) -> None:
    with pytest.raises(Invalid):
        transfer(stage, "lina", to)


def test_a_transfer_says_why(stage: Play) -> None:
    with pytest.raises(Invalid):
        transfer(stage, "lina", "wanglei", why="  ")


def test_a_role_that_nobody_holds_is_refused(stage: Play) -> None:
    with pytest.raises(Invalid):
        passing.transfer(stage.runtime, stage.cast.lina, look(stage), Target(role="no such role"), "x")


def test_a_delegated_task_comes_back_with_the_values_and_is_completed_by_the_delegator(stage: Play) -> None:
    passing.delegate(stage.runtime, stage.cast.lina, look(stage), person(stage, "wanglei"), "你先看")
    stage.complete("wanglei", "look", finding="查过了")
    task = stage.task("look")
    assert task.assignee_id == person(stage, "lina")
    assert task.draft == {"finding": "查过了"}
    assert stage.open_tasks() == ["look"]
    assert stage.told()[-2:] == ["delegated", "returned"]
    stage.complete("lina", "look", finding="查过了")
    assert stage.open_tasks() == ["check"]


def test_a_delegate_does_not_pass_it_on(stage: Play) -> None:
    passing.delegate(stage.runtime, stage.cast.lina, look(stage), person(stage, "wanglei"))
    with pytest.raises(Conflict):
        transfer(stage, "wanglei", "zhangwei")
    with pytest.raises(Conflict):
        passing.delegate(stage.runtime, stage.cast.wanglei, look(stage), person(stage, "zhangwei"))
    with pytest.raises(Forbidden):
        tasks.release(stage.runtime, stage.cast.wanglei, look(stage))


def test_the_delegator_takes_it_back(stage: Play) -> None:
    passing.delegate(stage.runtime, stage.cast.lina, look(stage), person(stage, "wanglei"))
    with pytest.raises(Forbidden):
        passing.recall(stage.runtime, stage.cast.wanglei, look(stage))
    passing.recall(stage.runtime, stage.cast.lina, look(stage))
    assert stage.task("look").assignee_id == person(stage, "lina")
    with pytest.raises(Forbidden):
        passing.recall(stage.runtime, stage.cast.lina, look(stage))


def test_several_are_asked_and_each_answers_once(stage: Play) -> None:
    asked = [person(stage, "wanglei"), person(stage, "zhangwei")]
    sharing.consult(stage.runtime, stage.cast.lina, look(stage), asked, "见过这种情况吗？")
    sharing.advise(stage.runtime, stage.cast.wanglei, look(stage), "见过，重装即可。")
    with pytest.raises(Forbidden):
        sharing.advise(stage.runtime, stage.cast.wanglei, look(stage), "再说一次")
    sharing.advise(stage.runtime, stage.cast.zhangwei, look(stage), "同意。")
    assert stage.told()[-4:] == ["consulted", "consulted", "advised", "advised"]
    assert stage.task("look").assignee_id == person(stage, "lina")


def test_nobody_is_asked_twice_nor_asked_about_their_own_ticket(stage: Play) -> None:
    sharing.consult(stage.runtime, stage.cast.lina, look(stage), [person(stage, "wanglei")], "？")
    with pytest.raises(Conflict):
        sharing.consult(stage.runtime, stage.cast.lina, look(stage), [person(stage, "wanglei")], "？")
    for login in ("zhoulan", "lina", "wufang"):
        with pytest.raises(Invalid):
            sharing.consult(stage.runtime, stage.cast.lina, look(stage), [person(stage, login)], "？")


@pytest.mark.parametrize("login", ["zhoulan", "sunyue", "huangyi"])
def test_only_those_who_are_asked_advise(stage: Play, login: str) -> None:
    with pytest.raises(NotFound):
        sharing.advise(stage.runtime, stage.cast.actor(login), look(stage), "我来说")


def test_a_question_is_taken_back(stage: Play) -> None:
    sharing.consult(stage.runtime, stage.cast.lina, look(stage), [person(stage, "wanglei")], "？")
    with pytest.raises(Forbidden):
        sharing.withdraw(stage.runtime, stage.cast.wanglei, look(stage), newest_share(stage))
    sharing.withdraw(stage.runtime, stage.cast.lina, look(stage), newest_share(stage))
    with pytest.raises(Forbidden):
        sharing.advise(stage.runtime, stage.cast.wanglei, look(stage), "晚了")
    with pytest.raises(Conflict):
        sharing.withdraw(stage.runtime, stage.cast.lina, look(stage), newest_share(stage))


def test_a_helper_drafts_and_completes_but_does_not_pass_on(stage: Play) -> None:
    sharing.add_helpers(stage.runtime, stage.cast.lina, look(stage), [person(stage, "wanglei")])
    tasks.save_draft(stage.runtime, stage.cast.wanglei, look(stage), {"finding": "一半"})
    with pytest.raises(Forbidden):
        transfer(stage, "wanglei", "zhangwei")
    with pytest.raises(Forbidden):
        passing.delegate(stage.runtime, stage.cast.wanglei, look(stage), person(stage, "zhangwei"))
    stage.complete("wanglei", "look", finding="好了")
    assert stage.ticket().owner_id == person(stage, "lina")


def test_a_helper_leaves_or_is_let_go(stage: Play) -> None:
    for login in ("wanglei", "lina"):
        sharing.add_helpers(stage.runtime, stage.cast.lina, look(stage), [person(stage, "wanglei")])
        sharing.withdraw(stage.runtime, stage.cast.actor(login), look(stage), newest_share(stage))
        with pytest.raises(Forbidden):
            stage.complete("wanglei", "look", finding="好了")


def test_an_unclaimed_ticket_becomes_in_progress_by_a_dispatcher_s_transfer(stage: Play) -> None:
    stage.file("zhoulan")
    assert stage.ticket().status == Status.OFFERED
    transfer(stage, "zhangwei", "wanglei")
    assert stage.ticket().status == Status.IN_PROGRESS
    assert stage.ticket().owner_id is None


def test_two_who_transfer_at_once_do_not_overwrite_each_other(stage: Play) -> None:
    transfer(stage, "lina", "wanglei")
    with pytest.raises(Forbidden):
        transfer(stage, "lina", "zhangwei")


def test_who_is_asked_or_helps_sees_it_in_their_inbox_until_it_is_answered(stage: Play) -> None:
    number = stage.ticket().number

    def asked(login: str) -> list[str]:
        with stage.runtime.reading() as session:
            page = inbox(session, stage.cast.actor(login), view=View.ASKED, limit=200)
            waiting = badges(session, stage.cast.actor(login))
            assert waiting.asked >= len(page.rows) > -1
            assert count_for_me(session, stage.cast.actor(login)) == waiting.mine + waiting.asked
        return [row.ticket.number for row in page.rows]

    sharing.consult(stage.runtime, stage.cast.lina, look(stage), [person(stage, "wanglei")], "？")
    sharing.add_helpers(stage.runtime, stage.cast.lina, look(stage), [person(stage, "zhangwei")])
    assert number in asked("wanglei")
    assert number in asked("zhangwei")
    assert number not in asked("lina")
    sharing.advise(stage.runtime, stage.cast.wanglei, look(stage), "好")
    assert number not in asked("wanglei")
    stage.complete("zhangwei", "look", finding="好了")
    assert number not in asked("zhangwei")


def newest_share(play: Play) -> UUID:
    with play.runtime.reading() as session:
        return session.scalars(sa.select(TaskShare.public_id).order_by(TaskShare.id.desc()).limit(1)).one()
