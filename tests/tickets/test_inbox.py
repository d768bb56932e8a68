import base64
import random
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from engine.database import NEVER
from engine.models import TaskStatus, UserTask
from tests.tickets.desk import MORNING, Desk
from tests.tickets.statements import Statement, counted
from tickets import conversation
from tickets.inbox import (
    BADGE_CAP,
    Badges,
    View,
    badges,
    count_for_me,
    inbox,
    inbox_version,
    my_tickets,
)
from tickets.paging import Page, Position, read_cursor, write_cursor
from tickets.rows import InboxRow, TicketRow
from tickets.sla import SlaState
from tickets.ticket import Priority, Status


def page(desk: Desk, login: str, view: View, cursor: str | None = None, limit: int = 50) -> Page[InboxRow]:
    with desk.runtime.reading() as session:
        return inbox(session, desk.actor(login), view=view, cursor=cursor, limit=limit)


def tasks(desk: Desk, login: str, view: View) -> list[UUID]:
    return [row.task.public_id for row in page(desk, login, view).rows if row.task]


def numbers(rows: Page[TicketRow]) -> list[str]:
    return [row.number for row in rows.rows]


def test_a_row_tells_the_task_and_its_ticket(desk: Desk) -> None:
    ticket = desk.ticket(
        owner="wanglei", status=Status.IN_PROGRESS, priority=Priority.HIGH, due_at=MORNING + timedelta(days=1)
    )
    task = desk.task(ticket, claimed="lina", due_at=MORNING + timedelta(hours=1), priority=80)
    (row,) = page(desk, "lina", View.MINE).rows
    assert row.task
    assert row.task.public_id == task.public_id
    assert (row.task.name, row.task.names["en"], row.task.element, row.task.priority) == (
        "分诊",
        "Triage",
        "triage",
        80,
    )
    assert (row.task.opened_at, row.task.due, row.task.assignee) == (MORNING, MORNING + timedelta(hours=1), "李娜")
    told = row.ticket
    assert (told.number, told.title, told.status, told.priority) == (
        ticket.number,
        "App 上课时闪退",
        Status.IN_PROGRESS,
        Priority.HIGH,
    )
    assert (told.owner, told.requester, told.place) == ("王磊", "周岚", "深圳南山校区")
    assert (told.type_key, told.type_name, told.type_names["en"]) == ("crash_report", "崩溃上报", "Crash report")
    assert told.updated_at == MORNING


def test_a_row_shows_the_tasks_due_time_before_the_tickets(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina", due_at=MORNING - timedelta(hours=1))
    desk.task(ticket, claimed="lina", due_at=MORNING + timedelta(days=1))
    other = desk.ticket(owner="lina")
    desk.task(other, claimed="lina")
    first, second = page(desk, "lina", View.MINE).rows
    assert (chip := first.sla(MORNING))
    assert chip.state is SlaState.OK
    assert second.sla(MORNING) is None
    late, calm = page(desk, "lina", View.OWNED).rows
    assert (chip := late.sla(MORNING))
    assert chip.state is SlaState.OVER
    assert calm.sla(MORNING) is None


def test_what_i_claimed_and_what_is_offered_to_me_alone_are_mine(desk: Desk) -> None:
    claimed = desk.task(desk.ticket(), claimed="lina")
    alone = desk.task(desk.ticket(), queue=desk.own_queue("lina"))
    desk.task(desk.ticket(), claimed="wanglei")
    desk.task(desk.ticket(), queue=desk.queue("support"))
    assert tasks(desk, "lina", View.MINE) == [claimed.public_id, alone.public_id]


def test_what_is_offered_to_my_roles_waits_there_until_somebody_claims_it(desk: Desk) -> None:
    waiting = desk.task(desk.ticket(), queue=desk.queue("support"))
    desk.task(desk.ticket(), claimed="lina")
    desk.task(desk.ticket(), queue=desk.queue("developer"))
    desk.task(desk.ticket(), queue=desk.queue("support"), status=TaskStatus.COMPLETED)
    assert tasks(desk, "lina", View.ROLES) == [waiting.public_id]
    assert tasks(desk, "wanglei", View.MINE) == []


def test_what_is_offered_to_several_is_there_for_each_of_them_once(desk: Desk) -> None:
    shared = desk.task(desk.ticket(), queue=desk.own_queue("lina"))
    desk.also_offer(shared, desk.own_queue("lina"), desk.own_queue("wanglei"), desk.queue("support"))
    for login in ("lina", "wanglei"):
        assert tasks(desk, login, View.ROLES) == [shared.public_id]
        assert tasks(desk, login, View.MINE) == []
    assert tasks(desk, "zhangwei", View.ROLES) == []


def test_once_claimed_it_is_no_longer_offered_to_the_others(desk: Desk) -> None:
    shared = desk.task(desk.ticket(), claimed="lina")
    desk.also_offer(shared, desk.own_queue("wanglei"))
    assert tasks(desk, "wanglei", View.ROLES) == []
    assert tasks(desk, "lina", View.MINE) == [shared.public_id]


def test_owned_tickets_are_there_until_they_are_closed(desk: Desk) -> None:
    late = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    soon = desk.ticket(owner="lina", status=Status.RESOLVED, due_at=MORNING)
    desk.ticket(owner="lina", status=Status.CLOSED)
    desk.ticket(owner="lina", status=Status.WITHDRAWN)
    desk.ticket(owner="wanglei", status=Status.IN_PROGRESS)
    rows = page(desk, "lina", View.OWNED).rows
    assert [row.ticket.number for row in rows] == [soon.number, late.number]
    assert all(row.task is None for row in rows)


def test_an_unknown_view_shows_my_tasks(desk: Desk) -> None:
    mine = desk.task(desk.ticket(), claimed="lina")
    with desk.runtime.reading() as session:
        (row,) = inbox(session, desk.actor("lina"), view="everything").rows
    assert row.task
    assert row.task.public_id == mine.public_id


def test_paging_shows_every_task_once_in_the_order_of_due_times(desk: Desk) -> None:
    dice = random.Random(20)
    queues = [desk.queue("support"), desk.queue("developer"), desk.own_queue("lina"), desk.own_queue("wanglei")]
    held_by_lina = {queues[0], queues[2]}
    ticket = desk.ticket()
    expected = []
    for _ in range(25):
        due = dice.choice([NEVER, *(MORNING + timedelta(hours=hour) for hour in range(-2, 3))])
        task = desk.task(ticket, queue=dice.choice(queues), due_at=due)
        also = dice.sample(queues, dice.choice([0, 0, 1, 2]))
        desk.also_offer(task, *also)
        alone = task.queue_key == queues[2] and not also
        if (task.queue_key in held_by_lina or held_by_lina & set(also)) and not alone:
            expected.append((due, task.id))
    for limit in (1, 3, 7, 50):
        assert paged(desk, "lina", limit) == [task_id for _, task_id in sorted(expected)]
    with desk.runtime.reading() as session:
        assert badges(session, desk.actor("lina")).roles == len(expected)


def paged(desk: Desk, login: str, limit: int) -> list[int]:
    """The ids of all tasks of their roles, page by page."""
    seen: list[int] = []
    cursor = None
    while True:
        rows = page(desk, login, View.ROLES, cursor, limit)
        assert len(rows.rows) <= limit
        seen += [row.task.id for row in rows.rows if row.task]
        if (cursor := rows.next_cursor) is None:
            return seen


def test_somebody_with_hundreds_of_queues_has_an_inbox_too(desk: Desk) -> None:
    waiting = desk.task(desk.ticket(), queue=desk.queue("support"))
    actor = desk.actor("lina")
    busy = replace(actor, queue_keys=actor.queue_keys | frozenset(range(10_000, 11_000)))
    with desk.runtime.reading() as session:
        (row,) = inbox(session, busy, view=View.ROLES).rows
        assert badges(session, busy).roles == 1
    assert row.task
    assert row.task.public_id == waiting.public_id


def test_one_without_queues_has_an_empty_inbox(desk: Desk) -> None:
    desk.task(desk.ticket(), queue=desk.queue("support"))
    actor = replace(desk.actor("lina"), queue_keys=frozenset())
    with desk.runtime.reading() as session:
        assert inbox(session, actor, view=View.ROLES) == Page((), None)


def test_owned_tickets_are_paged_by_due_time_too(desk: Desk) -> None:
    dues = [NEVER, MORNING, MORNING + timedelta(hours=1), MORNING, NEVER]
    owned = [desk.ticket(owner="lina", due_at=due) for due in dues]
    seen, cursor = [], None
    for _ in owned:
        rows = page(desk, "lina", View.OWNED, cursor, 1)
        seen.append(rows.rows[0].ticket.id)
        cursor = rows.next_cursor
    assert cursor is None
    assert seen == [ticket.id for ticket in sorted(owned, key=lambda ticket: (ticket.due_at, ticket.id))]


def test_badges_count_each_view(desk: Desk) -> None:
    desk.task(desk.ticket(owner="lina"), claimed="lina")
    desk.task(desk.ticket(), queue=desk.queue("support"))
    desk.task(desk.ticket(), queue=desk.queue("support"))
    with desk.runtime.reading() as session:
        assert badges(session, desk.actor("lina")) == Badges(mine=1, roles=2, owned=1)
        assert badges(session, desk.actor("zhoulan")) == Badges(mine=0, roles=0, owned=0)
        assert count_for_me(session, desk.actor("lina")) == 1


def test_badges_stop_counting_at_the_cap(desk: Desk) -> None:
    ticket, queue = desk.ticket(), desk.queue("support")
    columns = {column.name for column in sa.inspect(UserTask).columns} - {"id", "public_id"}
    task = desk.task(ticket, queue=queue)
    with desk.writing() as session:
        row = session.execute(sa.select(UserTask.__table__).where(UserTask.id == task.id)).mappings().one()
        session.execute(sa.insert(UserTask), [{name: row[name] for name in columns}] * BADGE_CAP)
    with desk.runtime.reading() as session:
        assert badges(session, desk.actor("lina")).roles == BADGE_CAP


def test_a_page_and_its_badges_take_a_handful_of_statements(desk: Desk) -> None:
    for _ in range(5):
        ticket = desk.ticket(owner="lina")
        desk.task(ticket, claimed="lina")
        desk.task(ticket, queue=desk.queue("support"))
    actor = desk.actor("lina")
    for view in View:
        with desk.runtime.reading() as session, counted(desk.runtime.database) as seen:
            inbox(session, actor, view=view)
            badges(session, actor)
        assert len(seen) == 2


def test_every_arm_of_the_inbox_reads_the_index_of_open_tasks(desk: Desk) -> None:
    desk.task(desk.ticket(), queue=desk.queue("support"))
    actor = desk.actor("lina")
    cursor = write_cursor(Position(MORNING, 1))
    with desk.runtime.reading() as session, counted(desk.runtime.database) as seen:
        inbox(session, actor, view=View.ROLES, cursor=cursor)
        inbox(session, actor, view=View.MINE, cursor=cursor)
        badges(session, actor)
    assert seen
    for plan in plans(desk, seen):
        assert "ix_user_task_inbox" in plan
        assert "SCAN user_task" not in plan
        assert "Seq Scan on user_task" not in plan


def plans(desk: Desk, statements: list[Statement]) -> list[str]:
    """How the database would run them; PostgreSQL is kept from preferring a scan because the table is small."""
    found = []
    with desk.runtime.database.connect() as connection:
        explain = "EXPLAIN QUERY PLAN "
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET enable_seqscan = off")
            explain = "EXPLAIN "
        for text, parameters in statements:
            rows = connection.exec_driver_sql(explain + text, parameters)
            found.append("\n".join(" ".join(map(str, row)) for row in rows))
    return found


def test_my_tickets_are_those_i_asked_for_newest_first(desk: Desk) -> None:
    first, second = desk.ticket(), desk.ticket(owner="lina", status=Status.CLOSED)
    desk.ticket(requester="sunyue")
    with desk.runtime.reading() as session:
        rows = my_tickets(session, desk.actor("zhoulan"), limit=1)
        rest = my_tickets(session, desk.actor("zhoulan"), cursor=rows.next_cursor, limit=1)
    assert [row.ticket.number for row in rows.rows] == [second.number]
    assert [row.ticket.number for row in rest.rows] == [first.number]
    assert rest.next_cursor is None


def test_each_of_my_tickets_tells_how_far_it_is_and_what_waits_for_me(desk: Desk) -> None:
    waiting = desk.ticket(owner="lina", status=Status.AWAITING_REQUESTER)
    me = desk.people["zhoulan"]
    desk.task(waiting, assignee_id=me, queue=desk.own_queue("zhoulan"), name="以后", due_at=MORNING + timedelta(days=2))
    soon = desk.task(waiting, assignee_id=me, queue=desk.own_queue("zhoulan"), name="现在", due_at=MORNING)
    desk.task(waiting, claimed="lina", due_at=MORNING - timedelta(days=1))
    desk.ticket()
    with desk.runtime.reading() as session:
        fresh, mine = my_tickets(session, desk.actor("zhoulan")).rows
    assert (fresh.task, fresh.ticket.owner) == (None, "")
    assert mine.task
    assert (mine.task.public_id, mine.ticket.number) == (soon.public_id, waiting.number)
    assert [str(step.text) for step in mine.steps][2] == "Waiting for you"


def test_the_version_of_a_page_changes_with_what_it_shows(desk: Desk) -> None:
    ticket = desk.ticket(owner="lina")
    task = desk.task(ticket, queue=desk.queue("support"))
    seen = [inbox_version(page(desk, "lina", View.ROLES)), inbox_version(page(desk, "lina", View.ROLES))]
    assert seen[0] == seen[1]
    conversation.note(desk.runtime, desk.actor("lina"), ticket.number, "看过")
    seen.append(inbox_version(page(desk, "lina", View.ROLES)))
    desk.task(ticket, queue=task.queue_key)
    seen.append(inbox_version(page(desk, "lina", View.ROLES)))
    assert len(set(seen)) == 3


def test_any_text_may_be_looked_for(desk: Desk) -> None:
    desk.ticket()
    actor = desk.actor("zhangwei")
    with desk.runtime.reading() as session:
        for text in ("\x00", "\ud800", "闪\x00退", "\\", "'", "字" * 5000, "%" * 300):
            my_tickets(session, actor, text=text)


def test_lists_take_few_statements(desk: Desk) -> None:
    for _ in range(5):
        desk.ticket()
    actor = desk.actor("zhoulan")
    with desk.runtime.reading() as session, counted(desk.runtime.database) as seen:
        assert len(my_tickets(session, actor).rows) == 5
    assert len(seen) == 2


def test_a_broken_cursor_shows_the_first_page_or_nothing(desk: Desk) -> None:
    desk.task(desk.ticket(owner="lina"), claimed="lina")
    actor = desk.actor("lina")
    far = [base64.urlsafe_b64encode(byte * 16).decode() for byte in (b"\xff", b"\x7f", b"\x00")]
    with desk.runtime.reading() as session:
        for cursor in ("", "x", "é", "A" * 22, "_" * 22, "!" * 22, "A" * 21, "A" * 4000, "\x00", *far):
            for view in View:
                inbox(session, actor, view=view, cursor=cursor)
            my_tickets(session, actor, cursor=cursor)


@given(st.datetimes(timezones=st.just(MORNING.tzinfo)), st.integers(0, 2**63 - 1))
def test_a_cursor_is_read_as_it_was_written(due: object, row_id: int) -> None:
    position = Position(due, row_id)  # type: ignore[arg-type]  # hypothesis types datetimes with None
    assert read_cursor(write_cursor(position)) == position


@given(st.text() | st.text("ABCabc019-_=", min_size=20, max_size=24))
def test_no_text_breaks_the_reading_of_a_cursor(text: str) -> None:
    position = read_cursor(text)
    assert position is None or read_cursor(write_cursor(position)) == position


def test_a_limit_out_of_range_is_brought_into_it(desk: Desk) -> None:
    desk.task(desk.ticket(), claimed="lina")
    for limit in (-1, 0, 10**9):
        assert len(page(desk, "lina", View.MINE, limit=limit).rows) == 1
