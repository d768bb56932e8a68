"""Claiming, releasing and keeping drafts: whose a task is meanwhile, and who answers for its ticket."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.engine.build import catch, chain, document, element, end, lane_set, start, whole
from tests.tickets.play import Play, staff, text
from tickets import tasks
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.inbox import inbox
from tickets.reading import ticket_page, ticket_version
from tickets.tasks import save_draft, task_form


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


LOOK = staff("look", camunda__formRef="look")
ONE = (start(), LOOK, end(), chain("begin", "look", "done"))


def one_task(play: Play, to: str = "support") -> str:
    look = staff("look", to=to, camunda__formRef="look")
    play.define(start(), look, end(), chain("begin", "look", "done"), forms={"look": [text("model")]})
    return play.file("zhoulan")


def waiting(play: Play, login: str, view: str, number: str) -> bool:
    with play.runtime.reading() as session:
        rows = inbox(session, play.cast.actor(login), view=view, limit=200).rows
    return any(row.ticket.number == number for row in rows)


def test_the_first_of_the_staff_to_claim_a_task_answers_for_its_ticket(play: Play) -> None:
    number = one_task(play)
    assert (waiting(play, "lina", "roles", number), waiting(play, "lina", "mine", number)) == (True, False)
    assert play.claim("lina", "look", number) == number
    ticket, lina, now = play.ticket(number), play.cast.people["lina"], play.cast.clock.now()
    assert (ticket.owner_id, ticket.accepted_at, ticket.status) == (lina, now, "in_progress")
    assert (play.task("look", number).assignee_id, play.task("look", number).claimed_at) == (lina, now)
    assert (waiting(play, "lina", "roles", number), waiting(play, "lina", "mine", number)) == (False, True)
    assert play.told(number) == ["filed+", "claimed", "accepted+"]


def test_claiming_twice_is_claiming_once(play: Play) -> None:
    number = one_task(play)
    for _ in range(2):
        play.claim("lina", "look", number)
    assert play.told(number).count("claimed") == 1


def test_only_whom_it_is_offered_claims_it(play: Play) -> None:
    number = one_task(play)
    for login, error in (("chenxiao", Forbidden), ("zhoulan", NotFound), ("huangyi", NotFound), ("wanglei", NotFound)):
        with pytest.raises(error):
            play.claim(login, "look", number)
    play.claim("lina", "look", number)
    with pytest.raises(Forbidden, match="李娜"):
        play.claim("zhangwei", "look", number)


def test_a_later_claim_leaves_the_owner_in_place(play: Play) -> None:
    play.define(start(), staff("look"), staff("fix", to="developer"), end(), chain("begin", "look", "fix", "done"))
    number = play.file("zhoulan")
    play.complete("lina", "look", number)
    play.claim("wanglei", "fix", number)
    assert play.ticket(number).owner_id == play.cast.people["lina"]


@pytest.mark.parametrize("owner", ["support", "${role('support')}"])
def test_where_the_type_names_the_owner_s_role_nobody_else_of_the_staff_comes_to_answer(play: Play, owner: str) -> None:
    tasks = staff("fix", to="developer"), staff("look"), end()
    play.define(start(), *tasks, chain("begin", "fix", "look", "done"), owner=owner)
    number = play.file("zhoulan")
    play.complete("wanglei", "fix", number)
    assert play.ticket(number).owner_id is None
    play.claim("lina", "look", number)
    assert play.ticket(number).owner_id == play.cast.people["lina"]


def test_who_comes_to_answer_by_completing_works_on_it_though_no_task_follows(play: Play) -> None:
    wait = catch("wait", "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>")
    play.define(start(), staff("look"), wait, end(), chain("begin", "look", "wait", "done"))
    number = play.file("zhoulan")
    play.complete("lina", "look", number)
    assert (play.ticket(number).owner_id, play.ticket(number).status) == (play.cast.people["lina"], "in_progress")


def test_staff_who_asks_for_themselves_does_not_answer_for_it(play: Play) -> None:
    one_task(play)
    number = play.file("lina")
    play.claim("lina", "look", number)
    assert (play.ticket(number).owner_id, play.told(number)) == (None, ["filed+", "claimed"])


def test_every_claim_and_release_is_seen_by_pages_that_poll(play: Play) -> None:
    number = one_task(play)
    seen = []
    for verb in (play.claim, play.release, play.claim, play.release):
        verb("lina", "look", number)
        with play.runtime.reading() as session:
            seen.append(ticket_version(session, play.cast.zhangwei, number))
    assert seen == sorted(set(seen))


def test_a_released_task_waits_for_its_role_again_and_the_owner_stays(play: Play) -> None:
    number = one_task(play)
    queue = play.task("look", number).queue_key
    play.claim("lina", "look", number)
    play.release("lina", "look", number)
    task = play.task("look", number)
    assert (task.assignee_id, task.claimed_at, task.queue_key) == (None, None, queue)
    assert waiting(play, "lina", "roles", number)
    assert play.ticket(number).owner_id == play.cast.people["lina"]
    assert play.told(number) == ["filed+", "claimed", "accepted+", "released"]


def test_a_released_task_waits_for_all_it_was_offered_to(play: Play) -> None:
    play.define(
        start(),
        staff("look", to="support,developer", camunda__candidateUsers="liutao"),
        end(),
        chain("begin", "look", "done"),
    )
    number = play.file("zhoulan")
    for login in ("wanglei", "liutao", "lina"):
        assert waiting(play, login, "roles", number) or waiting(play, login, "mine", number)
        play.claim(login, "look", number)
        play.release(login, "look", number)
    play.complete("liutao", "look", number)
    assert play.ticket(number).status == "closed"
    assert not any(waiting(play, login, "roles", number) for login in ("wanglei", "liutao", "lina"))


@pytest.mark.parametrize("groups", ["${'support, developer'}", '=["support", "developer"]'])
def test_an_expression_may_give_several_candidates(play: Play, groups: str) -> None:
    play.define(start(), staff("look", to=groups), end(), chain("begin", "look", "done"))
    number = play.file("zhoulan")
    for login in ("wanglei", "lina"):
        assert waiting(play, login, "roles", number)


def test_only_the_assignee_releases_and_not_what_was_given_to_them_alone(play: Play) -> None:
    number = one_task(play)
    with pytest.raises(Forbidden, match="not yours"):
        play.release("lina", "look", number)
    play.claim("lina", "look", number)
    with pytest.raises(Forbidden, match="李娜"):
        play.release("chenxiao", "look", number)
    play.define(start(), staff("look", camunda__assignee="${'lina'}"), end(), chain("begin", "look", "done"))
    number = play.file("zhoulan")
    with pytest.raises(Forbidden, match="for you alone"):
        play.release("lina", "look", number)


def test_a_task_is_found_by_the_role_s_name_in_a_lane(play: Play) -> None:
    parts = (start(), element("userTask", "look"), end(), chain("begin", "look", "done"))
    process = whole(*parts, process="in_lanes", lanes=lane_set(技术支持="look"))
    assert play.upload({"lanes.bpmn": document(process)}).report.accepted
    number = play.file("zhoulan", "in_lanes")
    assert waiting(play, "lina", "roles", number)


def test_a_draft_is_kept_shown_again_and_gone_once_the_task_is_done(play: Play) -> None:
    number = one_task(play)
    play.claim("lina", "look", number)
    task = play.task("look", number)
    kept_at = save_draft(play.runtime, play.cast.lina, task.public_id, {"model": "P4"})
    play.cast.clock.advance(timedelta(seconds=5))
    later = save_draft(play.runtime, play.cast.lina, task.public_id, {"model": "P40", "wrong": [1, {"a": None}]})
    assert later - kept_at == timedelta(seconds=5)
    with play.runtime.reading() as session:
        shown = task_form(play.runtime, session, play.cast.lina, task.public_id)
        page = ticket_page(session, play.cast.lina, number, later)
    assert (shown.draft, shown.draft_at, shown.data) == ({"model": "P40", "wrong": [1, {"a": None}]}, later, {})
    assert page.current_task is not None
    assert page.current_task.draft == shown.draft
    assert play.told(number) == ["filed+", "claimed", "accepted+"]
    play.complete("lina", "look", number, model="P40")
    with play.runtime.reading() as session:
        row = session.get_one(type(task), task.id)
        assert (row.draft, row.draft_at) == (None, None)


DEEP: dict[str, Any] = {}
for _ in range(300):
    DEEP = {"deeper": DEEP}


@pytest.mark.parametrize("values", [{"text": "x" * 300_000}, DEEP, {"text": "a\x00b"}, {"text": "\ud800"}])
def test_a_draft_that_can_t_be_kept_is_refused(play: Play, values: dict[str, Any]) -> None:
    number = one_task(play)
    with pytest.raises(Invalid):
        save_draft(play.runtime, play.cast.lina, play.task("look", number).public_id, values)
    assert play.task("look", number).draft is None


def test_a_draft_is_theirs_to_keep_who_may_do_the_task(play: Play) -> None:
    number = one_task(play)
    for login, error in (("chenxiao", Forbidden), ("zhoulan", NotFound)):
        with pytest.raises(error):
            save_draft(play.runtime, play.cast.actor(login), play.task("look", number).public_id, {})
    task_id = play.task("look", number).public_id
    play.complete("lina", "look", number, model="")
    with pytest.raises(Conflict):
        save_draft(play.runtime, play.cast.lina, task_id, {})
    with play.runtime.reading() as session, pytest.raises(Conflict):
        task_form(play.runtime, session, play.cast.lina, task_id)
    with pytest.raises(Conflict):
        tasks.claim(play.runtime, play.cast.lina, task_id)
    with pytest.raises(Conflict):
        tasks.release(play.runtime, play.cast.lina, task_id)
