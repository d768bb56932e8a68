"""Where the setting `calendar` says so, due times and timers count the working time that the place's calendar gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from engine.database import NEVER
from engine.models import Timer
from tests.engine.build import boundary, catch, chain, end, settings, start, sub, timer
from tests.engine.calendars import OFFICE, Office
from tests.tickets.play import Play, files, staff
from tickets.runtime import Runtime

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def play(lasting_play: Play) -> Play:
    """The clock stands at some Friday, four in the afternoon; Monday is a holiday and Sunday is worked in its place."""
    local = lasting_play.cast.clock.now().astimezone(SHANGHAI)
    friday = local.date() + timedelta(days=(4 - local.weekday()) % 7 + 7)
    lasting_play.cast.clock.advance(
        datetime.combine(friday, datetime.min.time(), SHANGHAI) - local + timedelta(hours=16)
    )
    office = Office(days={friday + timedelta(days=2): OFFICE, friday + timedelta(days=3): ()})
    runtime = replace(lasting_play.runtime, calendars=lambda _place_id: office)
    with lasting_play.writing() as session, session.begin():
        session.execute(sa.delete(Timer))
    return Play(replace(lasting_play.cast, runtime=runtime))


def when(play: Play, moment: datetime | None) -> str:
    """How many days after today, and at what time."""
    assert moment is not None
    today = play.cast.clock.now().astimezone(SHANGHAI).date()
    local = moment.astimezone(SHANGHAI)
    return f"+{(local.date() - today).days} {local:%H:%M}"


def due_at(play: Play, number: str) -> dict[str, str]:
    """The timers of a ticket's elements."""
    return {timer.element: when(play, timer.due_at) for timer in play._of(Timer, number)}


def test_a_process_s_timers_count_working_time(play: Play) -> None:
    play.define(
        start(),
        staff("look"),
        boundary("hours", "look", timer("after", "PT4H"), interrupting=False),
        boundary("days", "look", timer("after", "P2D"), interrupting=False),
        boundary("turns", "look", timer("every", "R/PT4H"), interrupting=False),
        end(),
        chain("begin", "look", "done"),
        calendar="office",
    )
    number = play.file("zhoulan")
    assert due_at(play, number) == {"hours": "+2 11:00", "days": "+4 16:00", "turns": "+2 11:00"}
    assert play.pass_time(days=1, hours=19) == 2
    assert due_at(play, number) == {"days": "+2 16:00", "turns": "+0 16:30"}


def test_without_the_setting_every_hour_counts(play: Play) -> None:
    play.define(start(), catch("wait", timer("after", "PT4H")), end(), chain("begin", "wait", "done"))
    assert due_at(play, play.file("zhoulan")) == {"wait": "+0 20:00"}


def test_an_event_or_its_activity_may_say_otherwise_than_the_process(play: Play) -> None:
    def counting(text: str) -> str:
        return settings(calendar=text)

    play.define(
        start(),
        catch("plain", counting("none") + timer("after", "PT4H")),
        staff("look", counting("office")),
        boundary("late", "look", timer("after", "PT4H")),
        sub("inside", start("in"), catch("inner", timer("after", "PT4H")), chain("in", "inner")),
        end(),
        chain("begin", "plain", "done"),
        chain("begin", "look"),
        chain("begin", "inside"),
    )
    assert due_at(play, play.file("zhoulan")) == {"plain": "+0 20:00", "late": "+2 11:00", "inner": "+0 20:00"}


def test_a_task_s_due_date_and_a_type_s_service_level_count_working_time(play: Play) -> None:
    parts = (
        start(),
        staff("look", camunda__dueDate="P1D", camunda__followUpDate="PT1H"),
        staff("more", settings(calendar="none"), camunda__dueDate="PT4H"),
        end(),
        chain("begin", "look", "more", "done"),
    )
    play.define(*parts, calendar="office", sla__resolution="PT9H30M")
    number = play.file("zhoulan")
    task = play.task("look", number)
    assert (when(play, task.due_at), when(play, task.follow_up_at)) == ("+2 16:00", "+0 17:00")
    assert when(play, play.ticket(number).due_at) == "+2 18:00"
    play.complete("lina", "look", number)
    assert when(play, play.task("more", number).due_at) == "+0 20:00"


def test_a_start_event_counts_working_time(play: Play) -> None:
    begins = start(inner=timer("every", "R/P1D"))
    made = play.upload(files(begins, staff("look"), chain("begin", "look"), key="worked", calendar="office"))
    assert made.report.accepted
    assert play.pass_time(days=1, hours=23) == 0
    assert play.pass_time(hours=1) == 1
    assert play.pass_time(days=1, hours=23) == 0
    assert play.pass_time(hours=1) == 1


def test_a_place_without_a_calendar_counts_every_hour(lasting_play: Play) -> None:
    assert Runtime(lasting_play.runtime.database, lasting_play.runtime.files_folder).calendars(1) is None
    lasting_play.define(
        start(), catch("wait", timer("after", "PT4H")), end(), chain("begin", "wait", "done"), calendar="office"
    )
    number = lasting_play.file("zhoulan")
    assert lasting_play.pass_time(hours=4) >= 1
    assert lasting_play.ticket(number).status == "closed"
    assert lasting_play.ticket(number).due_at == NEVER


def test_a_calendar_without_working_time_is_an_incident_and_no_endless_search(play: Play) -> None:
    never = replace(play.runtime, calendars=lambda _place_id: Office((), {date(2026, 1, 1): ()}))
    empty = Play(replace(play.cast, runtime=never))
    empty.define(
        start(), staff("look"), catch("wait", timer("after", "PT4H")), end(), chain("begin", "look", "wait", "done"),
        calendar="office",
    )  # fmt: skip
    number = empty.file("zhoulan")
    with pytest.raises(Exception, match="too far away"):
        empty.complete("lina", "look", number)
    assert [incident.element for incident in empty.incidents(number)] == ["wait"]
