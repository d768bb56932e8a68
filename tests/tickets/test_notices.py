"""Who is told of what: each kind of event, as the table says and never further."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.models import TaskStatus
from tests.engine.build import chain, end, service, start
from tests.tickets.desk import MORNING, Desk
from tests.tickets.hearing import chooses, deliveries, has_mail, heard, rows
from tests.tickets.play import Play, staff
from tickets import aftermath, conversation
from tickets.copies import TicketCc
from tickets.errors import NotFound
from tickets.notices.addressing import AS_YOU
from tickets.notices.models import Notice
from tickets.notices.reading import bell_version, open_notice, read_all
from tickets.notices.table import STATUSES_TOLD, TABLE, TOPICS, Topic
from tickets.people import Person
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind
from tickets.timeline_words import WORDING


@pytest.fixture
def desk(lasting_desk: Desk) -> Desk:
    lasting_desk.clock.moment = MORNING
    return lasting_desk


def in_copy(desk: Desk, ticket: Ticket, *logins: str) -> None:
    with desk.writing() as session:
        for login in logins:
            row = {"brand_id": ticket.brand_id, "ticket_id": ticket.id, "at": desk.clock.now()}
            session.add(TicketCc(person_id=desk.people[login], **row))


PUBLIC: dict[EventKind, dict[str, str]] = {
    EventKind.FILED: {"zhoulan": "requester", "lina": "owner", "wanglei": "work", "liutao": "cc"},
    EventKind.ACCEPTED: {"zhoulan": "requester"},
    EventKind.OWNER: {"zhangwei": "named", "zhoulan": "requester", "zhaomin": "left"},
    EventKind.COMPLETED: {"wanglei": "work", "zhoulan": "requester"},
    EventKind.STATUS: {"zhoulan": "requester"},
    EventKind.TIMER: {"wanglei": "work"},
    EventKind.MESSAGE: {"wanglei": "work"},
    EventKind.SIGNAL: {"wanglei": "work"},
    EventKind.CONDITION: {"wanglei": "work"},
    EventKind.ERROR: {"wanglei": "work"},
    EventKind.UNDONE: {"wanglei": "work"},
    EventKind.RETRIED: {"wanglei": "work"},
    EventKind.OFFERED: {"zhangwei": "named", "wanglei": "work"},
    EventKind.STEPPED_BACK: {"wanglei": "work", "lina": "owner"},
    EventKind.ESCALATION: {"wanglei": "work", "lina": "owner"},
    EventKind.ASSIGNED: {"zhangwei": "named"},
    EventKind.DECLINED: {},
    EventKind.LAPSED: {"zhangwei": "named", "zhaomin": "left"},
    EventKind.TRANSFERRED: {"zhangwei": "named", "zhaomin": "left"},
    EventKind.DELEGATED: {"zhangwei": "named"},
    EventKind.RETURNED: {"zhangwei": "named"},
    EventKind.CONSULTED: {"zhangwei": "named"},
    EventKind.ADVISED: {"zhangwei": "named"},
    EventKind.JOINED: {"zhangwei": "named"},
    EventKind.ASKED_TO_VOUCH: {"zhangwei": "named"},
    EventKind.VOUCHED: {"wanglei": "assignee", "lina": "owner"},
    EventKind.VOUCH_TAKEN_BACK: {"wanglei": "assignee", "lina": "owner"},
    EventKind.DEPARTED: {"zhangwei": "named", "zhoulan": "requester"},
    EventKind.CC_ADDED: {"zhangwei": "named"},
    EventKind.PRIORITY: {"lina": "owner"},
    EventKind.MERGED: {"zhoulan": "requester", "lina": "owner"},
    EventKind.ABSORBED: {"lina": "owner"},
    EventKind.SUSPENDED: {"zhoulan": "requester", "lina": "owner", "wanglei": "assignee"},
    EventKind.RESUMED: {"zhoulan": "requester", "lina": "owner", "wanglei": "assignee"},
    EventKind.RESOLVED: {"zhoulan": "requester", "liutao": "cc"},
    EventKind.CONFIRMED: {"lina": "owner"},
    EventKind.RATED: {"lina": "owner"},
    EventKind.WITHDRAWN: {"zhoulan": "requester", "lina": "owner", "wanglei": "assignee", "liutao": "cc"},
    EventKind.CLOSED: {"zhoulan": "requester", "lina": "owner", "liutao": "cc"},
    EventKind.REOPENED: {"zhoulan": "requester", "lina": "owner", "wanglei": "work", "liutao": "cc"},
    EventKind.NOTED: {"lina": "owner", "wanglei": "assignee"},
    EventKind.ANSWERED: {"lina": "owner", "wanglei": "assignee"},
    EventKind.ASKED: {"zhoulan": "requester", "liutao": "cc"},
    EventKind.REPLIED: {"zhoulan": "requester", "liutao": "cc"},
    EventKind.DUE_SOON: {"lina": "owner", "wanglei": "assignee"},
    EventKind.OVERDUE: {"lina": "owner", "wanglei": "assignee"},
    EventKind.ESCALATED: {"zhangwei": "named", "lina": "owner"},
    EventKind.URGED: {"lina": "owner", "wanglei": "assignee"},
    EventKind.URGE_ANSWERED: {"zhoulan": "requester", "liutao": "cc"},
    EventKind.URGE_CLIMBED: {"zhangwei": "named", "lina": "owner"},
    EventKind.INCIDENT: {"zhangwei": "operator", "admin": "operator"},
    EventKind.WAIVER_ASKED: {"guohao": "waives"},
    EventKind.WAIVED: {"zhangwei": "named", "lina": "owner", "wanglei": "assignee"},
    EventKind.WAIVER_REFUSED: {"zhangwei": "named"},
    EventKind.WAIVER_ENDED: {"zhangwei": "named", "lina": "owner", "wanglei": "assignee"},
    EventKind.VARIANT_LOST: {"hejing": "publishes", "admin": "publishes"},
    EventKind.SUBJECTS_GIVEN: {"zhangwei": "named"},
    EventKind.CHECK_CORRECTED: {"zhangwei": "named", "lina": "owner"},
    EventKind.CHECK_FAILED: {"zhangwei": "named", "lina": "owner", "wanglei": "work"},
}
"""Of a ticket that zhoulan filed, lina owns, wanglei works on and liutao is in copy of, when somebody else acts
(`to_id`: zhangwei, `from_id`: zhaomin).
"""


def test_every_kind_that_is_told_is_tried() -> None:
    assert set(PUBLIC) == set(TABLE)
    assert set(TABLE) <= set(WORDING) | {EventKind.CONSULTED, EventKind.ADVISED}
    assert {told.topic for told in TABLE.values()} | {Topic.ROLE} == set(TOPICS)


@pytest.mark.parametrize("kind", list(PUBLIC))
def test_each_kind_is_told_to_those_it_concerns(desk: Desk, kind: EventKind) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    desk.task(ticket, claimed="wanglei")
    in_copy(desk, ticket, "liutao")
    params: dict[str, Any] = {"to_id": desk.people["zhangwei"], "from_id": desk.people["zhaomin"]}
    if kind is EventKind.STATUS:
        params["to"] = min(STATUSES_TOLD)
    desk.event(ticket, kind, "chenxiao", params=params)
    assert heard(desk, ticket.number) == {login: [f"{kind} {part}"] for login, part in PUBLIC[kind].items()}


@pytest.mark.parametrize("kind", list(PUBLIC))
def test_what_is_not_public_stays_from_the_requester_and_those_in_copy(desk: Desk, kind: EventKind) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    desk.task(ticket, claimed="wanglei", opened_at=MORNING - timedelta(days=1))
    in_copy(desk, ticket, "liutao")
    desk.event(ticket, kind, "chenxiao", params={"to_id": desk.people["zhoulan"], "to": "resolved"}, public=False)
    assert not {"zhoulan", "liutao"} & set(heard(desk, ticket.number))


def test_who_did_it_is_not_told(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    desk.task(ticket, claimed="wanglei")
    conversation.note(desk.runtime, desk.actor("lina"), ticket.number, "日志")
    assert heard(desk, ticket.number) == {"wanglei": ["noted assignee"]}


def test_what_the_same_step_did_by_itself_is_not_told_to_who_took_it(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    desk.event(ticket, EventKind.COMPLETED, "lina", public=False)
    desk.event(ticket, EventKind.CLOSED)
    assert heard(desk, ticket.number) == {"zhoulan": ["closed requester"]}


def test_of_one_step_each_hears_the_most_telling(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    desk.event(ticket, EventKind.COMPLETED, "wanglei", params={"task": "分诊"})
    desk.event(ticket, EventKind.STATUS, params={"to": "resolved"})
    assert heard(desk, ticket.number) == {"zhoulan": ["status requester"]}


def test_letters_of_one_moment_are_all_told(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    for text in ("一", "二"):
        conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, text)
    assert heard(desk, ticket.number) == {"zhoulan": ["replied requester"] * 2}
    assert [row.body for row in rows(desk, "zhoulan")[:2]] == ["二", "一"]


def test_a_leaver_is_not_told(desk: Desk) -> None:
    ticket = desk.ticket(owner="wufang", status=Status.IN_PROGRESS)
    desk.task(ticket, claimed="wufang")
    desk.event(ticket, EventKind.OVERDUE)
    assert heard(desk, ticket.number) == {}


def test_another_brand_is_never_told(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    in_copy(desk, ticket, "huangyi")
    desk.event(ticket, EventKind.REPLIED, "lina")
    desk.event(ticket, EventKind.TRANSFERRED, "lina", params={"to_id": desk.people["huangyi"], "task": "分诊"})
    assert "huangyi" not in heard(desk, ticket.number)


def test_who_holds_the_role_is_told_of_a_task_that_waits_for_it(desk: Desk) -> None:
    ticket = desk.ticket(owner="chenxiao", status=Status.IN_PROGRESS)
    task = desk.task(ticket, queue=desk.queue("support"))
    desk.also_offer(task, desk.own_queue("zhangwei"))
    desk.event(ticket, EventKind.COMPLETED, "chenxiao", public=False)
    assert heard(desk, ticket.number) == {"lina": ["completed role"], "zhangwei": ["completed role"]}
    newest = rows(desk, "lina")[0]
    assert (newest.words.text, newest.words.params) == ("“%(task)s” waits for one of you", {"task": "Triage"})


def test_a_team_of_many_looks_into_its_inbox(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.notices.audience.FEW", 0)
    ticket = desk.ticket()
    desk.task(ticket, queue=desk.queue("support"))
    desk.event(ticket, EventKind.COMPLETED, "chenxiao", public=False)
    assert heard(desk, ticket.number) == {}


def test_a_task_taken_back_is_told_to_whose_it_was(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.WITHDRAWN)
    desk.task(ticket, claimed="wanglei", status=TaskStatus.CANCELLED, closed_at=desk.clock.now())
    desk.event(ticket, EventKind.WITHDRAWN, "zhoulan")
    assert heard(desk, ticket.number) == {"lina": ["withdrawn owner"], "wanglei": ["withdrawn assignee"]}


def test_dispatchers_hear_of_what_nobody_has(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.event(ticket, EventKind.ASSIGNED)
    assert heard(desk, ticket.number) == {"zhaomin": ["assigned dispatcher"]}, "the nearest who dispatch"
    owned = desk.ticket(owner="lina")
    desk.event(owned, EventKind.DECLINED, "lina")
    assert heard(desk, owned.number) == {}


def test_small_changes_are_only_on_the_timeline(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    for kind in set(EventKind) - set(TABLE):
        desk.event(ticket, kind, "wanglei")
    desk.event(ticket, EventKind.STATUS, params={"from": "offered", "to": "in_progress"})
    assert heard(desk, ticket.number) == {}


def test_nobody_is_told_twice_however_often_it_is_followed(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    conversation.answer(desk.runtime, desk.actor("zhoulan"), ticket.number, "好的")
    (event,) = desk.events(ticket)
    for _ in range(2):
        aftermath.again(desk.runtime, event.id)
    assert heard(desk, ticket.number) == {"lina": ["answered owner"]}


def test_what_one_chose_not_to_hear_is_not_told(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    desk.task(ticket, claimed="wanglei")
    chooses(desk, "wanglei", Topic.NOTES, "app", wanted=False)
    conversation.note(desk.runtime, desk.actor("lina"), ticket.number, "日志")
    assert heard(desk, ticket.number) == {}
    chooses(desk, "wanglei", Topic.NOTES, "app", wanted=True)


def test_mails_go_to_those_with_an_address_who_want_them(desk: Desk) -> None:
    has_mail(desk, "zhoulan", "lina", "wanglei")
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    desk.task(ticket, claimed="wanglei")
    before = len(deliveries(desk))
    conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "好的")
    conversation.note(desk.runtime, desk.actor("lina"), ticket.number, "日志")
    (reply,) = deliveries(desk)[before:]
    assert (reply.channel, reply.person_id, reply.status) == ("mail", desk.people["zhoulan"], "queued")
    chooses(desk, "wanglei", Topic.NOTES, "mail", wanted=True)
    chooses(desk, "zhoulan", Topic.LETTERS, "mail", wanted=False)
    conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "好的")
    conversation.note(desk.runtime, desk.actor("lina"), ticket.number, "日志")
    (note,) = deliveries(desk)[before + 1 :]
    assert note.person_id == desk.people["wanglei"]
    chooses(desk, "zhoulan", Topic.LETTERS, "mail", wanted=True)


def test_the_bell_counts_and_is_quiet_once_read(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "好的")
    zhoulan = desk.actor("zhoulan")
    unread = rows(desk, "zhoulan", unread=True)
    newest = unread[0]
    with desk.runtime.reading() as session:
        before = bell_version(session, zhoulan)
    assert open_notice(desk.runtime, zhoulan, newest.id).number == ticket.number
    with pytest.raises(NotFound):
        open_notice(desk.runtime, desk.actor("sunyue"), newest.id)
    with desk.runtime.reading() as session:
        assert bell_version(session, zhoulan) != before
    assert len(rows(desk, "zhoulan", unread=True)) == len(unread) - 1
    read_all(desk.runtime, zhoulan)
    assert rows(desk, "zhoulan", unread=True) == []


def test_a_notice_says_when_it_happened_however_late_one_is_told(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "好的")
    happened = desk.clock.now()
    desk.clock.advance(timedelta(hours=3))
    assert {row.at for row in rows(desk, "zhoulan") if row.number == ticket.number} == {happened}


def test_what_is_told_at_once_is_listed_in_the_order_in_which_it_happened(desk: Desk) -> None:
    ticket = desk.ticket(status=Status.OFFERED)
    desk.task(ticket, queue=desk.queue("support"))
    desk.clock.advance(timedelta(minutes=1))
    conversation.accept(desk.runtime, desk.actor("lina"), ticket.number)
    desk.clock.advance(timedelta(minutes=1))
    conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "好的")
    desk.clock.advance(timedelta(hours=3))
    kinds = [row.kind for row in rows(desk, "zhoulan") if row.number == ticket.number]
    assert kinds[0] == EventKind.REPLIED
    assert len(kinds) > 1


def test_a_notice_calls_its_reader_you_and_everybody_else_by_name(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    named = {"to_id": desk.people["zhangwei"], "from_id": desk.people["zhaomin"], "task": "核对"}
    for kind in (EventKind.TRANSFERRED, EventKind.LAPSED, EventKind.CC_ADDED, EventKind.ESCALATED):
        desk.clock.advance(timedelta(minutes=1))
        desk.event(ticket, kind, "chenxiao" if kind is EventKind.TRANSFERRED else None, params=named)
    told = {login: [str(row.words) for row in rows(desk, login)] for login in ("zhangwei", "zhaomin")}
    assert told["zhangwei"][:4] == [
        "It is overdue, so you are told",
        "You are in copy",
        "赵敏 did not accept the ticket in time; it goes to you",
        "陈晓 transferred “核对” to you",
    ]
    assert told["zhaomin"][:2] == [
        "You did not accept the ticket in time; it goes to 张伟",
        "陈晓 transferred “核对” to 张伟",
    ]


def test_words_that_begin_with_who_is_told_have_a_form_for_them() -> None:
    begun = {text for kind in TABLE for text in WORDING.get(kind, ()) if re.match(r"%\((to|helper)\)s", text)}
    assert begun <= {text for _, text in AS_YOU} <= {text for texts in WORDING.values() for text in texts}


def test_a_ticket_one_no_longer_sees_is_not_in_the_list(desk: Desk) -> None:
    ticket = desk.ticket(owner="wanglei", status=Status.IN_PROGRESS)
    conversation.answer(desk.runtime, desk.actor("zhoulan"), ticket.number, "好的")
    assert ticket.number in [row.number for row in rows(desk, "wanglei")]
    with desk.writing() as session:
        session.execute(sa.update(Ticket).where(Ticket.id == ticket.id).values(owner_id=desk.people["lina"]))
    assert ticket.number not in [row.number for row in rows(desk, "wanglei")]


def test_a_task_the_process_opens_is_told_to_whose_it_is(play: Play) -> None:
    play.define(start(), staff("look"), staff("mend", to="developer"), end(), chain("begin", "look", "mend", "done"))
    number = play.file("zhoulan")
    assert heard(play, number) == {"lina": ["filed role"]}
    play.cast.clock.advance(timedelta(minutes=1))
    play.complete("lina", "look")
    told = heard(play, number)
    assert told["wanglei"] == ["completed role"]
    assert told["zhoulan"] == ["accepted requester"]


def test_a_task_that_an_answered_job_opens_is_told_too(play: Play) -> None:
    play.define(start(), service("call"), staff("look"), end(), chain("begin", "call", "look", "done"))
    number = play.file("zhoulan")
    assert heard(play, number) == {}
    play.settle()
    assert heard(play, number) == {"lina": ["offered role"]}


def test_a_departed_person_among_a_role_is_not_told(play: Play) -> None:
    play.define(start(), staff("look"), end(), chain("begin", "look", "done"))
    with play.writing() as session, session.begin():
        session.get_one(Person, play.cast.people["lina"]).departed_at = play.cast.clock.now()
    number = play.file("zhoulan")
    assert heard(play, number) == {}
    assert play.count(Notice) == 0
