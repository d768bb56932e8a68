"""Erasure: of a person or a student nothing stays that was said or filled in, and what was counted stays right."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

import pytest
import sqlalchemy as sa

from tests.engine.build import chain, end, start
from tests.tickets.play import Play, staff
from tests.web.site import CRASH
from tickets.conversation import note, reply
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.files import StoredFile, store_upload
from tickets.life.reopening import reopen
from tickets.people import Person, authenticate
from tickets.privacy.erasing import GONE, Whose, erase, preview
from tickets.reading import ticket_page
from tickets.standards.tables import Confirmation
from tickets.subjects import Subject
from tickets.ticket import Status

SECRET = "林小满的妈妈说平板摔过"


@pytest.fixture
def talked(play: Play) -> str:
    """A ticket of 周岚 in which her secret is everywhere."""
    play.ship("crash_report")
    values = {name: value for name, value in CRASH.items() if ":" not in name}
    values |= {"happened_at": "2026-11-20T08:40", "affected_students": 2, "what_happened": SECRET}
    number = play.file("zhoulan", "crash_report", **values)
    play.complete("lina", "Task_Triage", number, finding="need_info", question=SECRET)
    stored = store_upload(play.runtime, play.cast.lina, f"{SECRET}.png", BytesIO(b"\x89PNG\r\n\x1a\n" + b"\0" * 64))
    reply(play.runtime, play.cast.lina, number, SECRET, [str(stored["id"])])
    note(play.runtime, play.cast.lina, number, SECRET)
    play.settle()
    return number


def public_id(play: Play, login: str) -> UUID:
    with play.runtime.reading() as session:
        return session.get_one(Person, play.cast.people[login]).public_id


def everywhere(play: Play, text: str) -> list[str]:
    """The tables and columns in which a text stands, searched as the database holds them."""
    found = []
    with play.runtime.reading() as session:
        connection = session.connection()
        tables = sa.inspect(connection).get_table_names()
        for table in (name for name in tables if name != "ticket_search"):  # it gives out no rows
            for row in connection.execute(sa.text(f'SELECT * FROM "{table}"')).mappings():
                found += [f"{table}.{name}" for name, value in row.items() if _holds(value, text)]
    return sorted(set(found))


def _holds(value: object, text: str) -> bool:
    plain = bytes(value).decode("utf-8", "ignore") if isinstance(value, bytes | memoryview) else str(value)
    return text in plain or text.encode("unicode_escape").decode() in plain


def test_what_somebody_wrote_when_they_confirmed_a_step_goes_with_it(play: Play) -> None:
    play.define(start(), staff("work"), end(), chain("begin", "work", "done"))
    play.file("zhoulan")
    task = play.task("work")
    with play.writing() as session, session.begin():
        word = {"person_id": play.cast.people["lina"], "note": SECRET, "at": play.cast.clock.now()}
        session.add(Confirmation(brand_id=play.cast.places["qinghe"], task_id=task.id, **word))
    assert "step_confirmation.note" in everywhere(play, SECRET)
    erase(play.runtime, play.cast.admin, Whose.PERSON, public_id(play, "zhoulan"), name="周岚")
    assert everywhere(play, SECRET) == []
    assert play.count(Confirmation) == 1, "that it was confirmed stays"


def test_of_an_erased_person_nothing_stays_that_was_said_or_filled_in(play: Play, talked: str) -> None:
    assert everywhere(play, SECRET)
    assert erase(play.runtime, play.cast.admin, Whose.PERSON, public_id(play, "zhoulan"), name="周岚") == 1
    play.settle()
    assert everywhere(play, SECRET) == []
    assert everywhere(play, "周岚") == []


def test_the_skeleton_can_still_be_counted_and_shown(play: Play, talked: str) -> None:
    erase(play.runtime, play.cast.admin, Whose.PERSON, public_id(play, "zhoulan"), name="周岚")
    ticket = play.ticket(talked)
    assert (ticket.status, ticket.title, ticket.data) == (Status.CLOSED, GONE, {})
    with play.runtime.reading() as session:
        page = ticket_page(session, play.cast.zhangwei, talked, play.cast.clock.now())
        assert session.scalar(sa.select(sa.func.count()).select_from(StoredFile)) == 0
    assert page.ticket.requester is not None
    assert page.ticket.requester.name == GONE
    assert len(page.events) > 3


def test_an_erased_person_can_not_come_back(play: Play, talked: str) -> None:
    who = public_id(play, "zhoulan")
    erase(play.runtime, play.cast.admin, Whose.PERSON, who, name="周岚")
    with play.runtime.reading() as session:
        assert authenticate(session, "zhoulan", "gongdan-demo") is None
    with pytest.raises(Conflict):
        erase(play.runtime, play.cast.admin, Whose.PERSON, who, name=GONE)
    with pytest.raises(Conflict, match="erased"):
        reopen(play.runtime, play.cast.zhangwei, talked, "again")


def test_a_student_is_erased_with_the_tickets_about_them(play: Play) -> None:
    play.ship("renewal_reminder")
    play.cast.add_subjects()
    play.settle()
    with play.runtime.reading() as session:
        student = session.scalars(sa.select(Subject).where(Subject.external_id == "QH-S-1001")).one()
        shown = preview(session, play.cast.admin, Whose.SUBJECT, student.public_id)
    assert (shown.name, shown.tickets, shown.open) == ("林小满", 1, 1)
    assert erase(play.runtime, play.cast.admin, Whose.SUBJECT, student.public_id, name="林小满") == 1
    play.settle()
    assert everywhere(play, "林小满") == []
    assert everywhere(play, "QH-S-1001") == []


def test_only_administrators_erase_and_only_after_typing_the_name(play: Play) -> None:
    who = public_id(play, "zhoulan")
    for actor in (play.cast.zhoulan, play.cast.lina, play.cast.guohao, play.cast.chenxiao):
        with pytest.raises(Forbidden):
            erase(play.runtime, actor, Whose.PERSON, who, name="周岚")
    with pytest.raises(Invalid):
        erase(play.runtime, play.cast.admin, Whose.PERSON, who, name="周")
    with pytest.raises(Forbidden):
        erase(play.runtime, play.cast.admin, Whose.PERSON, public_id(play, "admin"), name="管理员")
    with pytest.raises(NotFound):
        erase(play.runtime, play.cast.admin, Whose.PERSON, UUID(int=7), name="周岚")
