import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest

from tests.tickets.desk import MORNING, Desk
from tickets import conversation
from tickets.access import Actor
from tickets.errors import Conflict, Forbidden, Invalid, NotFound, NotOwner
from tickets.files import readable_file, store_upload
from tickets.ticket import Status
from tickets.timeline import EventKind


@pytest.fixture
def desk(lasting_desk: Desk) -> Desk:
    lasting_desk.clock.moment = MORNING
    return lasting_desk


def test_the_owner_replies_and_the_requester_can_read_it(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    desk.clock.advance(timedelta(minutes=5))
    event_id = conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, " 已收到录屏。\r\n谢谢 ")
    (event,) = desk.events(ticket)
    assert (event.id, event.kind, event.public, event.body) == (event_id, "replied", True, "已收到录屏。\n谢谢")
    assert event.params == {"to_id": desk.people["zhoulan"]}
    after = desk.reload(ticket)
    assert after.first_reply_at == after.updated_at == desk.clock.now()
    assert after.version == ticket.version + 1


def test_only_the_first_reply_stops_the_clock_of_the_first_response(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    first = desk.clock.now()
    conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "一")
    desk.clock.advance(timedelta(hours=1))
    conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "二")
    assert desk.reload(ticket).first_reply_at == first


def test_an_assignee_cannot_reply(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    desk.task(ticket, claimed="wanglei")
    with pytest.raises(NotOwner, match="李娜"):
        conversation.reply(desk.runtime, desk.actor("wanglei"), ticket.number, "我来说")
    assert desk.events(ticket) == []
    assert desk.reload(ticket).version == ticket.version


def test_nobody_replies_before_somebody_accepts(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.task(ticket, queue=desk.queue("support"))
    with pytest.raises(NotOwner, match="accept the ticket first"):
        conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "你好")


def test_the_requester_cannot_reply_to_themselves(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina")
    with pytest.raises(NotOwner):
        conversation.reply(desk.runtime, desk.actor("zhoulan"), ticket.number, "你好")


def test_a_ticket_that_a_process_started_has_nobody_to_reply_to(desk: Desk) -> None:
    ticket = desk.ticket(requester=None, owner="lina", status=Status.IN_PROGRESS)
    with pytest.raises(Conflict, match="nobody to reply to"):
        conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "你好")


@pytest.mark.parametrize("status", [Status.CLOSED, Status.WITHDRAWN])
def test_a_finished_ticket_takes_notes_but_no_letters(desk: Desk, status: Status) -> None:
    ticket = desk.ticket(owner="lina", status=status)
    conversation.note(desk.runtime, desk.actor("lina"), ticket.number, "归档")
    with pytest.raises(Conflict, match="reopen" if status is Status.CLOSED else "withdrawn"):
        conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "你好")
    with pytest.raises(Conflict):
        conversation.answer(desk.runtime, desk.actor("zhoulan"), ticket.number, "你好")
    assert [event.kind for event in desk.events(ticket)] == [EventKind.NOTED]


def test_an_assignee_notes_and_the_note_stays_inside(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    desk.task(ticket, claimed="wanglei")
    conversation.note(desk.runtime, desk.actor("wanglei"), ticket.number, "日志确认")
    (event,) = desk.events(ticket)
    assert (event.kind, event.public, event.via) == (EventKind.NOTED, False, "page")
    assert desk.reload(ticket).first_reply_at is None


def test_one_who_sees_a_ticket_by_scope_may_note_with_that_permission(desk: Desk) -> None:
    ticket = desk.ticket()
    conversation.note(desk.runtime, desk.actor("zhaomin"), ticket.number, "校区知道了")
    with pytest.raises(Forbidden):
        conversation.note(desk.runtime, desk.actor("auditor"), ticket.number, "看过")


def test_a_requester_cannot_write_internal_notes(desk: Desk) -> None:
    ticket = desk.ticket()
    with pytest.raises(Forbidden):
        conversation.note(desk.runtime, desk.actor("zhoulan"), ticket.number, "备注")


def test_staff_who_filed_a_ticket_for_themselves_are_its_requester_only(desk: Desk) -> None:
    ticket = desk.ticket(requester="liutao", owner="lina", status=Status.IN_PROGRESS)
    with pytest.raises(Forbidden):
        conversation.note(desk.runtime, desk.actor("liutao"), ticket.number, "备注")
    conversation.answer(desk.runtime, desk.actor("liutao"), ticket.number, "补充")


def test_the_requester_writes_back(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.AWAITING_REQUESTER)
    conversation.answer(desk.runtime, desk.actor("zhoulan"), ticket.number, "升级到 3.2 之后")
    (event,) = desk.events(ticket)
    assert (event.kind, event.public) == (EventKind.ANSWERED, True)
    assert desk.reload(ticket).status == Status.IN_PROGRESS, "what it waited for has come"


def test_only_the_requester_writes_back(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    with pytest.raises(Forbidden):
        conversation.answer(desk.runtime, desk.actor("lina"), ticket.number, "我代答")


def test_an_invisible_ticket_and_none_at_all_are_the_same(desk: Desk) -> None:
    ticket = desk.ticket()
    outsider = desk.actor("huangyi")
    for number in (ticket.number, "CR-99999", "CR\x00", "\ud800", ""):
        for say in (conversation.note, conversation.reply, conversation.answer):
            with pytest.raises(NotFound, match=r"^This ticket is not here"):
                say(desk.runtime, outsider, number, "你好")
        with pytest.raises(NotFound, match=r"^This ticket is not here"):
            conversation.accept(desk.runtime, outsider, number)


def test_files_come_with_a_letter_and_are_as_public_as_it_is(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    lina, zhoulan = desk.actor("lina"), desk.actor("zhoulan")
    sent = store_upload(desk.runtime, lina, "说明.txt", io.BytesIO(b"3.2.1"))
    kept = store_upload(desk.runtime, lina, "日志.txt", io.BytesIO(b"crash"))
    conversation.reply(desk.runtime, lina, ticket.number, "见附件", [sent["id"]])
    conversation.note(desk.runtime, lina, ticket.number, "日志", [kept["id"]])
    reply, note = desk.events(ticket)
    assert (reply.params["files"], note.params["files"]) == ([sent], [kept])
    with desk.runtime.reading() as session:
        assert readable_file(session, zhoulan, UUID(sent["id"])).name == "说明.txt"
        with pytest.raises(NotFound):
            readable_file(session, zhoulan, UUID(kept["id"]))


def test_a_letter_with_a_file_that_is_not_theirs_is_not_sent(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    theirs = store_upload(desk.runtime, desk.actor("wanglei"), "日志.txt", io.BytesIO(b"crash"))
    for wrong in (theirs["id"], "not an id", "0192f0c8-0000-7000-8000-000000000000"):
        with pytest.raises(Invalid):
            conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "见附件", [wrong])
    with pytest.raises(Invalid, match="20 files"):
        conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "见附件", [theirs["id"]] * 21)
    assert desk.events(ticket) == []
    assert desk.reload(ticket).first_reply_at is None


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("字" * 20_001, "20001 characters"),
        ("a\x00b", r"Character 2 \(U\+0000\)"),
        ("a\x1b[31m", r"U\+001B"),
        ("a\ud800", r"U\+D800"),
    ],
)
def test_a_body_that_is_no_text_is_refused(body: str, wrong: str) -> None:
    with pytest.raises(Invalid, match=wrong):
        conversation.checked_body(body)


@pytest.mark.parametrize("body", ["字" * 20_000, "一\n\t二", "👩‍🏫 مرحبا", "100% %(who)s"])
def test_a_body_that_is_text_is_kept(body: str) -> None:
    assert conversation.checked_body(body) == body


def test_one_whose_queue_holds_an_open_task_accepts(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.task(ticket, queue=desk.queue("support"))
    conversation.accept(desk.runtime, desk.actor("lina"), ticket.number)
    after = desk.reload(ticket)
    assert (after.owner_id, after.status) == (desk.people["lina"], Status.IN_PROGRESS)
    assert after.accepted_at == desk.clock.now()
    assert after.version == ticket.version + 1
    (event,) = desk.events(ticket)
    assert (event.kind, event.public) == (EventKind.ACCEPTED, True)


def test_a_task_offered_to_several_queues_can_be_accepted_from_each(desk: Desk) -> None:
    ticket = desk.ticket()
    task = desk.task(ticket, queue=desk.queue("support"))
    desk.also_offer(task, desk.queue("developer"))
    conversation.accept(desk.runtime, desk.actor("wanglei"), ticket.number)
    assert desk.reload(ticket).owner_id == desk.people["wanglei"]


def test_a_ticket_is_accepted_once(desk: Desk) -> None:
    ticket = desk.ticket(owner="wanglei", status=Status.IN_PROGRESS)
    desk.task(ticket, queue=desk.queue("support"))
    with pytest.raises(Conflict, match="王磊"):
        conversation.accept(desk.runtime, desk.actor("lina"), ticket.number)


def test_seeing_a_ticket_is_not_enough_to_accept_it(desk: Desk) -> None:
    ticket = desk.ticket()
    desk.task(ticket, queue=desk.queue("support"))
    for login in ("zhaomin", "auditor", "zhoulan"):
        with pytest.raises(Forbidden):
            conversation.accept(desk.runtime, desk.actor(login), ticket.number)
    assert desk.reload(ticket).owner_id is None


def test_a_requester_does_not_accept_their_own_ticket(desk: Desk) -> None:
    ticket = desk.ticket(requester="lina")
    desk.task(ticket, queue=desk.queue("support"))
    with pytest.raises(Forbidden):
        conversation.accept(desk.runtime, desk.actor("lina"), ticket.number)


def test_accepting_keeps_the_status_that_the_process_gave(desk: Desk) -> None:
    ticket = desk.ticket(status=Status.RESOLVED)
    desk.task(ticket, queue=desk.queue("support"))
    conversation.accept(desk.runtime, desk.actor("lina"), ticket.number)
    assert desk.reload(ticket).status == Status.RESOLVED


def test_of_two_who_accept_at_once_one_becomes_the_owner(desk: Desk) -> None:
    ticket = desk.ticket()
    task = desk.task(ticket, queue=desk.queue("support"))
    desk.also_offer(task, desk.queue("developer"))
    actors = [desk.actor("lina"), desk.actor("wanglei")] * 3
    start = Barrier(len(actors))

    def try_to(actor: Actor) -> str:
        start.wait()
        try:
            conversation.accept(desk.runtime, actor, ticket.number)
        except Conflict:
            return "late"
        return "owner"

    with ThreadPoolExecutor(len(actors)) as pool:
        outcomes = list(pool.map(try_to, actors))
    assert sorted(outcomes) == ["late"] * 5 + ["owner"]
    assert desk.reload(ticket).owner_id == actors[outcomes.index("owner")].person_id
    assert [event.kind for event in desk.events(ticket)] == [EventKind.ACCEPTED]
