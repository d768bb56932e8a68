"""Tickets whose people choose what is done next, and whose work is undone: the tasks, forms and data of both."""

from __future__ import annotations

import pytest

from engine.models import TaskStatus
from forms.fields import ChoiceField
from tests.engine.build import (
    ad_hoc,
    chain,
    compensation,
    end,
    lane_set,
    script,
    start,
    throw,
    undoing,
    undone_by,
)
from tests.tickets.play import Play, staff, text
from tickets.errors import FormInvalid, NotFound
from tickets.tasks import task_form

ANY = (
    *(start(), ad_hoc("repair", staff("clean", name="Clean it"), staff("swap", name="Swap the screen"))),
    *(end(), chain("begin", "repair", "done"), lane_set(support="begin repair done")),
)


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def test_a_person_chooses_what_is_done_next_as_often_as_they_like(play: Play) -> None:
    play.define(*ANY)
    number = play.file("zhoulan")
    assert play.open_tasks(number) == ["repair"]
    play.complete("lina", "repair", next_activity="clean")
    assert play.open_tasks(number) == ["clean", "repair"]
    play.complete("lina", "clean")
    play.complete("lina", "repair", next_activity="swap")
    play.complete("lina", "repair", next_activity=".finish")
    assert play.open_tasks(number) == []
    assert play.task("swap", number, status=TaskStatus.CANCELLED)
    assert play.ticket(number).status == "closed"
    assert play.passed(number) == ["begin", "clean", "repair", "done"]


def test_the_form_offers_the_activities_and_refuses_anything_else(play: Play) -> None:
    play.define(*ANY)
    number = play.file("zhoulan")
    task = play.task("repair", number)
    with play.runtime.reading() as session:
        form = task_form(play.runtime, session, play.cast.actor("lina"), task.public_id).form
    (field,) = form.inputs
    assert isinstance(field, ChoiceField)
    assert [option.label for option in field.options] == ["Clean it", "Swap the screen", "Finish"]
    for chosen in ("done", "", "swap.finish"):
        with pytest.raises(FormInvalid):
            play.complete("lina", "repair", number, next_activity=chosen)
    assert play.open_tasks(number) == ["repair"]


def test_what_was_done_is_undone_by_people_with_what_they_had_answered(play: Play) -> None:
    book = staff("book", camunda__formRef="book") + undone_by("book", "unbook") + undoing(staff("unbook"))
    play.define(
        *(start(), book, script("change", "seat = 'B'"), throw("undo", compensation()), staff("tell"), end()),
        chain("begin", "book", "change", "undo", "tell", "done"),
        forms={"book": [text("seat")]},
    )
    number = play.file("zhoulan")
    play.complete("lina", "book", seat="A")
    assert play.open_tasks(number) == ["unbook"]
    assert play.ticket(number).data == {"seat": "B"}
    play.complete("lina", "unbook")
    play.complete("lina", "tell")
    assert play.ticket(number).status == "closed"
    assert play.passed(number) == ["begin", "book", "change", "undo", "book_undone", "unbook", "tell", "done"]
    with pytest.raises((NotFound, AssertionError)):
        play.complete("lina", "unbook")
