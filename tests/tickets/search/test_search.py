"""Tickets are found by what is said in them, each by those who may read it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from tests.tickets.desk import FORM, MORNING, Desk
from tickets import aftermath, conversation
from tickets.field_value import FieldValue
from tickets.lists import TicketQuery, count_tickets, list_tickets
from tickets.search.document import SearchDocument
from tickets.search.indexing import forget, index
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind

Find = Callable[..., list[str]]


@pytest.fixture
def found(desk: Desk) -> Find:
    def find(login: str, text: str, **asked: Any) -> list[str]:
        while aftermath.tick(desk.runtime):
            pass
        with desk.runtime.reading() as session:
            query = TicketQuery(text=text, **asked)
            page = list_tickets(session, desk.actor(login), query, now=MORNING)
            count = count_tickets(session, desk.actor(login), query, now=MORNING)
        assert count.number == len(page.rows)
        return [row.ticket.number for row in page.rows]

    return find


def told(desk: Desk, **columns: Any) -> Ticket:
    """A ticket that the aftermath has taken up."""
    ticket = desk.ticket(**columns)
    desk.event(ticket, EventKind.FILED)
    return ticket


def test_a_ticket_is_found_by_title_number_requester_and_what_its_form_says(desk: Desk, found: Find) -> None:
    ticket = told(desk, title="全班黑屏", data={"model": "HUAWEI DBY2"}, form_digest=FORM.digest)
    told(desk, title="另一件事")
    for text in ("黑屏", "全班黑", "黑", ticket.number, ticket.number.lower().replace("-", ""), "huawei dby", "uawe"):
        assert found("lina", text) == [ticket.number], text
    assert len(found("lina", "周岚")) == 2
    assert found("lina", "黑屏 huawei") == [ticket.number]
    assert found("lina", "白屏") == []
    assert found("lina", "黑 屏幕") == []


def test_each_finds_only_what_they_see(desk: Desk, found: Find) -> None:
    here, there, other = (told(desk, requester=login, title="登录失败") for login in ("zhoulan", "sunyue", "huangyi"))
    mine = told(desk, requester="sunyue", title="登录失败", owner="wanglei", status=Status.IN_PROGRESS)
    numbers = {each.number for each in (here, there, other, mine)}
    assert found("zhoulan", "登录") == [here.number]
    assert found("huangyi", "登录") == [other.number]
    assert found("zhaomin", "登录") == [here.number]
    assert found("wanglei", "登录") == [mine.number]
    assert set(found("tangyan", "登录")) == numbers - {other.number}
    assert set(found("auditor", "登录")) == numbers


def test_a_task_or_a_copy_makes_a_ticket_findable(desk: Desk, found: Find) -> None:
    ticket = told(desk, requester="sunyue", title="登录失败")
    assert found("wanglei", "登录") == []
    desk.task(ticket, queue=desk.queue("developer"))
    desk.event(ticket, EventKind.COMPLETED)
    assert found("wanglei", "登录") == [ticket.number]


def test_notes_find_a_ticket_only_for_those_who_read_them(desk: Desk, found: Find) -> None:
    ticket = told(desk, owner="lina", status=Status.IN_PROGRESS)
    conversation.note(desk.runtime, desk.actor("lina"), ticket.number, "家长难缠，先别承诺")
    conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "请升级到最新版")
    assert found("lina", "难缠") == [ticket.number]
    assert found("zhaomin", "难缠") == [ticket.number]
    assert found("zhoulan", "难缠") == []
    assert found("zhoulan", "最新版") == [ticket.number]
    assert found("zhoulan", "最新版 难缠") == []
    assert found("lina", "最新版 难缠") == [ticket.number]


def test_a_search_and_filters_hold_together(desk: Desk, found: Find) -> None:
    first = told(desk, title="登录失败", status=Status.IN_PROGRESS, owner="lina")
    second = told(desk, title="登录很慢", status=Status.CLOSED)
    assert found("lina", "登录", statuses=frozenset({Status.CLOSED})) == [second.number]
    assert found("lina", "登录", owners=("me",)) == [first.number]
    assert found("lina", "登录", types=("crash_report",)) == [second.number, first.number]
    assert found("lina", "登录", types=("nothing",)) == []
    with desk.runtime.reading() as session:
        place = str(session.scalar(sa.text("SELECT public_id FROM place WHERE external_id = 'sz-nanshan'")))
    assert len(found("lina", "登录", places=(place,))) == 2


def test_what_changes_is_found_anew_and_what_is_gone_is_not(desk: Desk, found: Find) -> None:
    ticket = told(desk, title="登录失败")
    assert found("lina", "失败") == [ticket.number]
    with desk.writing() as session:
        session.execute(sa.update(Ticket).where(Ticket.id == ticket.id).values(title="登录成功"))
    desk.event(ticket, EventKind.TITLE)
    assert found("lina", "失败") == []
    assert found("lina", "成功") == [ticket.number]
    with desk.writing() as session:
        forget(session, [ticket.id])
        assert session.scalar(sa.select(sa.func.count()).select_from(SearchDocument)) == 0
    assert found("lina", "成功") == []


def test_indexing_again_changes_nothing(desk: Desk, found: Find) -> None:
    ticket = told(desk, title="登录失败")
    found("lina", "失败")
    with desk.writing() as session:
        index(session, [ticket.id])
    assert found("lina", "失败") == [ticket.number]
    if desk.runtime.database.dialect.name == "sqlite":
        with desk.writing() as session:
            session.execute(sa.text("INSERT INTO ticket_search (ticket_search) VALUES ('integrity-check')"))


@pytest.mark.parametrize(
    "text", ["'", '"', "*", "a OR b", "NEAR(a b)", "a AND", "-", "\x00", "\ud800", "字" * 9000, ":p1"]
)
def test_any_text_may_be_looked_for(desk: Desk, found: Find, text: str) -> None:
    told(desk)
    found("lina", text)
    found("zhoulan", text)


def test_listed_fields_are_kept_as_the_data_are(desk: Desk) -> None:
    ticket = told(desk, data={"model": " iPad ", "other": "x"}, form_digest=FORM.digest)

    def kept() -> list[tuple[str, str]]:
        while aftermath.tick(desk.runtime):
            pass
        with desk.runtime.reading() as session:
            return [(row.name, row.text) for row in session.scalars(sa.select(FieldValue))]

    assert kept() == [("model", "iPad")]
    with desk.writing() as session:
        session.execute(sa.update(Ticket).where(Ticket.id == ticket.id).values(data={"model": "小米"}))
    desk.event(ticket, EventKind.COMPLETED)
    assert kept() == [("model", "小米")]
    with desk.writing() as session:
        session.execute(sa.update(Ticket).where(Ticket.id == ticket.id).values(data={}))
    desk.event(ticket, EventKind.COMPLETED)
    assert kept() == []
