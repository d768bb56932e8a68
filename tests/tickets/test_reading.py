from datetime import timedelta
from typing import Any

import pytest

from engine.models import TaskStatus
from tests.tickets.desk import FORM, MORNING, Desk
from tests.tickets.statements import counted
from tickets.errors import NotFound
from tickets.reading import StepState, TicketPage, ticket_page, ticket_version
from tickets.reading.progress import steps
from tickets.sla import SlaState
from tickets.ticket import Priority, Status, Ticket
from tickets.timeline import EventKind


@pytest.fixture
def desk(lasting_desk: Desk) -> Desk:
    lasting_desk.clock.moment = MORNING
    return lasting_desk


def read(desk: Desk, login: str, ticket: Ticket, **options: Any) -> TicketPage:
    with desk.runtime.reading() as session:
        return ticket_page(session, desk.actor(login), ticket.number, desk.clock.now(), **options)


def crash(desk: Desk) -> Ticket:
    """A ticket in the middle of its life: triaged, being worked on, talked about."""
    ticket = desk.ticket(
        owner="lina",
        status=Status.IN_PROGRESS,
        priority=Priority.HIGH,
        due_at=MORNING + timedelta(hours=4),
        accepted_at=MORNING,
        form_digest=FORM.digest,
        data={"model": "Pad 11", "known": "no"},
    )
    desk.task(
        ticket,
        claimed="lina",
        status=TaskStatus.COMPLETED,
        closed_at=MORNING,
        closed_by_id=desk.people["lina"],
        form_digest="b" * 64,
        submitted={"known": "no"},
    )
    desk.task(ticket, claimed="wanglei", element="develop", name="研发处理", draft={"cause": "权限"})
    desk.event(ticket, EventKind.FILED, "zhoulan", body="一进课堂就退出")
    desk.event(ticket, EventKind.ACCEPTED, "lina")
    desk.event(ticket, EventKind.COMPLETED, "lina", public=False, params={"task": "分诊"})
    desk.event(ticket, EventKind.NOTED, "wanglei", public=False, body="日志确认")
    desk.event(ticket, EventKind.REPLIED, "lina", params={"to_id": desk.people["zhoulan"]}, body="已收到")
    desk.visit(ticket, "filed", "triage", "known")
    return ticket


def test_staff_see_the_tickets_facts(desk: Desk) -> None:
    ticket = crash(desk)
    head = read(desk, "wanglei", ticket).ticket
    assert (head.number, head.title, head.status, str(head.status_text), head.priority, head.version) == (
        ticket.number,
        "App 上课时闪退",
        Status.IN_PROGRESS,
        "In progress",
        Priority.HIGH,
        1,
    )
    assert (head.type_key, head.type_names["en"], head.definition_version) == ("crash_report", "Crash report", 4)
    assert head.definition_id == desk.definition.public_id
    assert head.requester
    assert head.owner
    assert head.filed_by
    assert (head.requester.name, head.requester.place) == ("周岚", "深圳南山校区")
    assert (head.owner.name, head.owner.place) == ("李娜", "技术支持中心")
    assert head.filed_by.name == "周岚"
    assert head.place == "深圳南山校区"
    assert head.subject is None
    assert head.sla
    assert (head.sla.state, head.sla.left) == (SlaState.OK, timedelta(hours=4))


def test_staff_see_the_whole_timeline(desk: Desk) -> None:
    ticket = crash(desk)
    page = read(desk, "wanglei", ticket)
    assert [event.kind for event in page.events] == ["filed", "accepted", "completed", "noted", "replied"]
    note, reply = page.events[3:]
    assert note.actor
    assert (note.actor.name, note.letter, note.public, note.mine, note.body) == ("王磊", True, False, True, "日志确认")
    assert (str(reply.text), reply.mine, reply.at) == ("李娜 replied to 周岚", False, MORNING)
    assert not page.earlier_events


def test_the_requester_sees_only_what_is_public(desk: Desk) -> None:
    ticket = crash(desk)
    desk.incident(ticket, "develop")
    page = read(desk, "zhoulan", ticket)
    assert not page.inside
    assert [event.kind for event in page.events] == ["filed", "accepted", "replied"]
    assert (page.tasks, page.current_task, page.diagram, page.incidents) == ((), None, None, ())
    assert [answers.form_digest for answers in page.answers] == [FORM.digest]
    assert "日志确认" not in repr(page)
    assert "权限" not in repr(page)


def test_an_invisible_ticket_and_none_at_all_are_the_same(desk: Desk) -> None:
    ticket = crash(desk)
    actor = desk.actor("huangyi")
    with desk.runtime.reading() as session:
        for number in (ticket.number, "CR-99999", "CR\x00", "\ud800", "", "C" * 9999):
            with pytest.raises(NotFound) as page:
                ticket_page(session, actor, number, MORNING)
            with pytest.raises(NotFound) as version:
                ticket_version(session, actor, number)
            told = {str(page.value), str(version.value)}
            assert told == {"This ticket is not here: it may have been moved, or you may not see it."}


def test_the_version_is_read_by_itself(desk: Desk) -> None:
    ticket = crash(desk)
    with desk.runtime.reading() as session, counted(desk.runtime.database) as seen:
        assert ticket_version(session, desk.actor("zhoulan"), ticket.number) == 1
    assert len(seen) == 3  # two of them load the actor


def test_a_full_page_takes_few_statements_however_much_it_shows(desk: Desk) -> None:
    ticket = crash(desk)
    logins = ["lina", "wanglei", "zhangwei", "liutao", "zhaomin", "zhoulan"] * 3
    for place, login in enumerate(logins):
        desk.task(ticket, claimed=login, element=f"step{place}")
        desk.task(ticket, queue=desk.queue("support"), element=f"more{place}")
        desk.event(ticket, EventKind.NOTED, login, public=False, body="…", params={"to_id": desk.people[login]})
        desk.incident(ticket, f"step{place}")
    desk.timer(ticket, "deadline")
    desk.awaited(ticket, "answer")
    actor = desk.actor("lina")
    with desk.runtime.reading() as session, counted(desk.runtime.database) as seen:
        page = ticket_page(session, actor, ticket.number, MORNING)
    assert len(page.tasks) == 2 * len(logins) + 1
    assert len(seen) <= 10


def test_the_diagram_tells_the_path_and_where_it_stands(desk: Desk) -> None:
    ticket = crash(desk)
    desk.visit(ticket, "skipped", outcome="cancelled")
    desk.visit(ticket, "develop")
    desk.timer(ticket, "deadline")
    desk.awaited(ticket, "answer")
    desk.incident(ticket, "develop")
    shown = read(desk, "wanglei", ticket).diagram
    assert shown
    assert shown.definition_id == desk.definition.public_id
    assert shown.done == {"filed", "triage", "known"}
    assert shown.current == {"develop", "answer"}  # the deadline sits on the edge of "develop"
    assert shown.incidents == {"develop"}


def test_an_incident_tells_why_and_who_may_retry_it(desk: Desk) -> None:
    ticket = crash(desk)
    desk.incident(ticket, "develop")
    (for_lead,) = read(desk, "zhangwei", ticket).incidents
    (for_developer,) = read(desk, "wanglei", ticket).incidents
    assert (for_lead.element, for_lead.name, for_lead.names["en"]) == ("develop", "研发处理", "Development")
    assert str(for_lead.reason) == "“amount” is not known."
    assert (for_lead.may_retry, for_developer.may_retry) == (True, False)


def test_my_task_comes_with_my_draft_and_what_i_may_do(desk: Desk) -> None:
    ticket = crash(desk)
    task = read(desk, "wanglei", ticket).current_task
    assert task
    assert (task.name, task.mine, task.claimed, task.draft) == ("研发处理", True, True, {"cause": "权限"})
    assert (task.may_claim, task.may_complete, task.may_release) == (False, True, True)
    assert task.assignee
    assert task.assignee.name == "王磊"


def test_somebody_elses_task_is_seen_but_not_theirs_to_do(desk: Desk) -> None:
    page = read(desk, "lina", crash(desk))
    assert page.current_task is None
    (task,) = page.tasks
    assert (task.mine, task.may_claim, task.may_complete, task.may_release) == (False, False, False, False)
    assert task.draft is None


def test_an_offered_task_names_the_role_and_may_be_claimed_or_completed_by_it(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.task(ticket, queue=desk.queue("support"), settings={"status": "in_progress"}, documentation="看日志")
    page = read(desk, "lina", ticket)
    task = page.current_task
    assert task
    assert (task.mine, task.may_claim, task.may_complete, task.may_release) == (False, True, True, False)
    assert task.offered_to == {"zh": "技术支持", "en": "Support"}
    assert (task.documentation, task.settings) == ("看日志", {"status": "in_progress"})
    (seen,) = read(desk, "zhaomin", ticket).tasks
    assert (seen.may_claim, seen.may_complete) == (False, False)


def test_a_task_offered_to_a_further_queue_may_be_claimed_from_there(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.also_offer(desk.task(ticket, queue=desk.queue("support")), desk.queue("developer"))
    task = read(desk, "wanglei", ticket).current_task
    assert task
    assert task.may_claim


def test_the_task_beside_the_ticket_is_mine_before_one_i_may_claim(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.task(ticket, queue=desk.queue("support"), name="先到期", due_at=MORNING)
    desk.task(ticket, claimed="lina", name="后到期")
    desk.task(ticket, claimed="lina", name="我的先到期", due_at=MORNING + timedelta(hours=9))
    page = read(desk, "lina", ticket)
    assert [task.name for task in page.tasks] == ["先到期", "我的先到期", "后到期"]
    assert page.current_task
    assert page.current_task.name == "我的先到期"


def test_a_task_given_to_the_requester_is_theirs_to_see_and_complete(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.AWAITING_REQUESTER)
    desk.task(ticket, queue=desk.own_queue("zhoulan"), assignee_id=desk.people["zhoulan"], name="补充信息")
    desk.task(ticket, claimed="wanglei")
    page = read(desk, "zhoulan", ticket)
    assert not page.inside
    (task,) = page.tasks
    assert page.current_task == task
    assert (task.name, task.mine, task.may_complete, task.may_release) == ("补充信息", True, True, False)


def test_the_requester_sees_what_was_answered_in_a_visible_task(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    done: dict[str, Any] = {"status": TaskStatus.COMPLETED, "closed_at": MORNING, "closed_by_id": desk.people["lina"]}
    answered: dict[str, Any] = {"form_digest": FORM.digest, "submitted": {"model": "Pad 11"}}
    desk.task(ticket, claimed="lina", **done, **answered)
    shown = desk.task(ticket, claimed="lina", settings={"visible": "true"}, **done, **answered)
    params = {"task": "答复", "task_id": str(shown.public_id)}
    desk.event(ticket, EventKind.COMPLETED, "lina", params=params)
    page = read(desk, "zhoulan", ticket)
    assert [answers.task_id for answers in page.answers] == [shown.public_id]
    assert [event.task_id for event in page.events] == [shown.public_id]


def test_answers_tell_who_filled_in_which_form(desk: Desk) -> None:
    page = read(desk, "zhangwei", crash(desk))
    filed, triaged = page.answers
    assert filed.by
    assert triaged.by
    assert (filed.form_digest, filed.values, filed.by.name, filed.name) == (
        FORM.digest,
        {"model": "Pad 11"},
        "周岚",
        "",
    )
    assert (triaged.form_digest, triaged.values, triaged.by.name) == ("b" * 64, {"known": "no"}, "李娜")
    assert triaged.names["en"] == "Triage"


def test_each_may_say_what_is_theirs_to_say(desk: Desk) -> None:
    ticket = crash(desk)
    pages = {login: read(desk, login, ticket) for login in ("lina", "wanglei", "zhaomin", "auditor", "zhoulan")}
    assert {login: (page.inside, page.may_note, page.may_reply, page.may_answer) for login, page in pages.items()} == {
        "lina": (True, True, True, False),
        "wanglei": (True, True, False, False),
        "zhaomin": (True, True, False, False),
        "auditor": (True, False, False, False),
        "zhoulan": (False, False, False, True),
    }
    assert not any(page.may_accept for page in pages.values())
    assert {page.reply_recipient for page in pages.values()} == {"周岚"}


def test_a_closed_ticket_takes_notes_only(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.CLOSED)
    page = read(desk, "lina", ticket)
    assert (page.may_note, page.may_reply, page.may_accept) == (True, False, False)
    assert not read(desk, "zhoulan", ticket).may_answer


def test_one_whom_a_task_is_offered_may_accept_a_ticket_without_owner(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.task(ticket, queue=desk.queue("support"))
    assert read(desk, "lina", ticket).may_accept
    requester = read(desk, "zhoulan", ticket)
    assert (requester.inside, requester.may_note, requester.may_accept) == (False, False, False)
    assert not read(desk, "zhaomin", ticket).may_accept


@pytest.mark.parametrize(
    ("columns", "states", "words"),
    [
        ({"status": "unassigned"}, "done current todo todo todo", "Received Waits to be assigned"),
        ({"status": "offered"}, "done current todo todo todo", "Received Waits to be accepted"),
        ({"status": "in_progress", "accepted_at": MORNING}, "done done current todo todo", "In progress"),
        ({"status": "awaiting_requester"}, "done done current todo todo", "Waiting for you"),
        ({"status": "suspended"}, "done done current todo todo", "Paused"),
        ({"status": "resolved", "resolved_at": MORNING}, "done done done current todo", "Please confirm"),
        ({"status": "closed", "closed_at": MORNING}, "done done done done done", "Closed"),
        ({"status": "withdrawn", "closed_at": MORNING}, "done done", "Withdrawn"),
        ({"status": "withdrawn", "closed_at": MORNING, "resolved_at": MORNING}, "done done", "Received Withdrawn"),
        (
            {"status": "withdrawn", "closed_at": MORNING + timedelta(hours=1), "resolved_at": MORNING},
            "done done done",
            "Received Please confirm Withdrawn",
        ),
        ({"status": "withdrawn", "closed_at": MORNING, "accepted_at": MORNING}, "done done done", "Withdrawn"),
    ],
)
def test_the_requester_sees_plain_steps(columns: dict[str, Any], states: str, words: str) -> None:
    shown = steps(Ticket(created_at=MORNING, **columns))
    assert [step.state for step in shown] == [StepState(state) for state in states.split()]
    assert words in " ".join(str(step.text) for step in shown)
    assert shown[0].at == MORNING


def test_a_step_in_progress_names_the_task_that_the_requester_may_know_of(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    desk.task(ticket, claimed="wanglei", name="查看日志")
    desk.task(ticket, claimed="wanglei", name="研发定位原因", settings={"visible": "true"})
    page = read(desk, "zhoulan", ticket)
    assert [step.detail for step in page.steps] == ["", "", "研发定位原因", "", ""]
    assert page.steps[2].detail_names["en"] == "Triage"
    assert page.tasks == ()


def test_a_long_timeline_shows_its_newest_events_and_says_there_are_earlier_ones(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina")
    for place in range(5):
        desk.event(ticket, EventKind.NOTED, "lina", public=place % 2 == 0, body=str(place))
    page = read(desk, "lina", ticket, events=3)
    assert [event.body for event in page.events] == ["2", "3", "4"]
    assert page.earlier_events
    public = read(desk, "zhoulan", ticket, events=3)
    assert [event.body for event in public.events] == ["0", "2", "4"]
    assert not public.earlier_events


def test_files_are_listed_with_the_letter_they_came_with(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina")
    file = {"id": "0192", "name": "课堂退出.mp4", "size": 8_200_000, "type": "video/mp4"}
    desk.event(ticket, EventKind.REPLIED, "lina", params={"files": [file]}, body="见附件")
    (event,) = read(desk, "zhoulan", ticket).events
    (attachment,) = event.attachments
    assert (attachment.id, attachment.name, attachment.size, attachment.type) == tuple(file.values())


def test_the_timeline_speaks_the_readers_language(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina")
    desk.event(ticket, EventKind.CLAIMED, "lina", params={"task": "分诊", "task_names": {"en": "Triage"}})
    assert "Triage" in str(read(desk, "lina", ticket, language="en").events[0].text)
    assert "分诊" in str(read(desk, "lina", ticket, language="zh").events[0].text)


def test_a_ticket_that_started_by_itself_has_nobody_to_reply_to(desk: Desk) -> None:
    ticket = desk.ticket(requester=None, owner="lina", status=Status.IN_PROGRESS)
    desk.event(ticket, EventKind.FILED, params={"cause": "合同到期"})
    page = read(desk, "lina", ticket)
    assert (page.ticket.requester, page.reply_recipient, page.may_reply) == (None, "", False)
    assert page.events[0].actor is None
