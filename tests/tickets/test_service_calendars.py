"""Business calendars against cases counted by hand, the calendar of a place, and counting open tickets anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from engine.clock import ManualClock
from engine.timing import Calendar, parse_duration
from tests.engine.build import chain, end, start
from tests.tickets.play import Play, staff
from tests.tickets.statements import counted
from tests.tickets.test_service_clocks import clock, promise, serviced, turn
from tickets.audit import AuditEntry
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.places import Place
from tickets.service import editing, holidays
from tickets.service.drafts import read_calendar, read_closure
from tickets.service.editing import PolicyFacts
from tickets.service.hours import read_hours, write_hours
from tickets.service.working import Calendars
from tickets.ticket import Status

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = "09:00-12:00, 13:30-18:00"
Keep = Callable[..., Calendar]


def place_id(play: Play, key: str) -> Any:
    with play.runtime.reading() as session:
        return session.get_one(Place, play.cast.places[key]).public_id


def keep_calendar(play: Play, *, owner: str = "qiming", at: str = "qinghe", **given: Any) -> None:
    """A calendar of office hours that a place keeps."""
    facts = {"zh": "日历", "en": "", "hours": [OFFICE] * 5 + ["", ""], "holidays": "china", "days": ""} | given
    made = editing.put_calendar(
        play.runtime, play.cast.chenxiao, read_calendar(**facts), owner_id=place_id(play, owner)
    )
    editing.choose_calendar(play.runtime, play.cast.chenxiao, place_id(play, at), made)


def close(play: Play, at: str, starts: str, ends: str, *, by: str = "chenxiao") -> None:
    first, last, why = read_closure(starts, ends, "台风")
    editing.add_closure(play.runtime, play.cast.actor(by), place_id(play, at), starts=first, ends=last, reason=why)


@pytest.fixture
def school(play: Play) -> Play:
    """With calendars as a server has them, and a type whose file promises nothing."""
    holidays.seed(play.runtime)
    runtime = replace(play.runtime, calendars=Calendars(play.runtime.database, fresh=0))
    school = Play(replace(play.cast, runtime=runtime))
    school.define(start(), staff("look"), end(), chain("begin", "look", "done"))
    return school


def due(play: Play, span: str, moment: str, at: str = "sz-nanshan") -> str:
    calendar = play.runtime.calendars(play.cast.places[at])
    begun = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
    return f"{parse_duration(span).after(begun, SHANGHAI, calendar).astimezone(SHANGHAI):%a %m-%d %H:%M}"


@pytest.mark.parametrize(
    ("span", "moment", "expected"),
    [
        ("PT2H", "2026-10-08 11:00", "Thu 10-08 14:30"),
        ("PT8H", "2026-09-30 16:00", "Thu 10-08 16:30"),
        ("PT8H", "2026-10-09 17:00", "Sat 10-10 17:30"),
        ("PT8H", "2026-10-10 17:00", "Mon 10-12 17:30"),
        ("PT8H", "2026-02-13 17:00", "Sat 02-14 17:30"),
        ("PT8H", "2026-02-14 17:00", "Tue 02-24 17:30"),
        ("PT8H", "2026-02-27 17:00", "Sat 02-28 17:30"),
        ("P2D", "2026-02-13 10:00", "Tue 02-24 10:00"),
        ("PT1H", "2026-01-04 09:00", "Sun 01-04 10:00"),
        ("PT1H", "2027-01-01 09:00", "Fri 01-01 10:00"),
    ],
)
def test_split_hours_holidays_and_make_up_days(school: Play, span: str, moment: str, expected: str) -> None:
    """The last one: of 2027 nothing is published yet, so it counts by weekday."""
    keep_calendar(school)
    assert due(school, span, moment) == expected


def test_a_make_up_day_at_a_weekend_that_is_worked_anyway_has_that_day_s_hours(school: Play) -> None:
    keep_calendar(school, hours=[OFFICE] * 5 + ["10:00-11:00", ""])
    assert due(school, "PT2H", "2026-10-09 17:00") == "Sat 10-10 11:00"
    assert due(school, "PT2H", "2026-10-16 17:00") == "Sat 10-17 11:00"


def test_days_of_its_own_go_before_holidays_and_closures_before_both(school: Play) -> None:
    keep_calendar(school, days="2026-10-02 09:00-10:00 值班\n2026-10-08 休")
    assert due(school, "PT2H", "2026-09-30 17:00") == "Fri 10-02 10:00"
    close(school, "sz-nanshan", "2026-10-02T09:30", "2026-10-09T10:00")
    assert due(school, "PT2H", "2026-09-30 17:00") == "Fri 10-09 10:30"
    assert due(school, "PT2H", "2026-09-30 17:00", "gz-tianhe") == "Fri 10-02 10:00"


def test_a_closure_of_a_place_above_holds_below_also_where_every_hour_counts(school: Play) -> None:
    assert school.runtime.calendars(school.cast.places["cd-gaoxin"]) is None
    close(school, "kapok", "2026-12-01T12:00", "2026-12-02T06:00")
    assert due(school, "PT2H", "2026-12-01 11:00", "cd-gaoxin") == "Wed 12-02 07:00"
    assert due(school, "PT2H", "2026-12-01 11:00") == "Tue 12-01 13:00"


def test_the_nearest_place_with_a_calendar_says_which(school: Play) -> None:
    keep_calendar(school, at="qiming", holidays="")
    assert due(school, "PT1H", "2026-10-01 18:00") == "Fri 10-02 10:00"
    keep_calendar(school, owner="qinghe", at="qinghe", holidays="", hours=["00:00-24:00"] * 7)
    assert due(school, "PT1H", "2026-10-01 18:00") == "Thu 10-01 19:00"
    keep_calendar(school, owner="qinghe", at="sz-nanshan", holidays="", hours=["", "", "", "", "", "", "08:00-09:00"])
    assert due(school, "PT1H", "2026-10-01 18:00") == "Sun 10-04 09:00"
    assert due(school, "PT1H", "2026-10-01 18:00", "cd-gaoxin") == "Fri 10-02 10:00"


def test_another_process_notices_a_change_and_a_step_pays_for_none(school: Play) -> None:
    other = Calendars(school.runtime.database, fresh=0)
    assert other(school.cast.places["sz-nanshan"]) is None
    keep_calendar(school)
    assert other(school.cast.places["sz-nanshan"]) is not None
    calm = Calendars(school.runtime.database, fresh=3600)
    calm(school.cast.places["sz-nanshan"])
    with counted(school.runtime.database) as statements:
        assert calm(school.cast.places["sz-nanshan"]) is not None
    assert statements == []


def test_open_tickets_are_counted_anew_and_keep_their_pauses(school: Play) -> None:
    """Filed on a Friday at nine, it waits from ten to eleven; then a calendar, another promise, and a closure come."""
    school.cast.clock.moment = datetime(2026, 11, 27, 9, tzinfo=SHANGHAI)
    promise(school, resolution="PT10H", working=True)
    number = school.file("zhoulan")
    school.pass_time(hours=1)
    turn(school, number, Status.SUSPENDED)
    school.pass_time(hours=1)
    turn(school, number, Status.IN_PROGRESS)
    assert at(school, number) == "Fri 20:00"
    keep_calendar(school)
    school.settle()
    assert at(school, number) == "Mon 14:00"
    facts = PolicyFacts(type_key="errand", resolution="PT8H")
    editing.put_policy(school.runtime, school.cast.chenxiao, place_id(school, "qinghe"), facts)
    school.settle()
    assert at(school, number) == "Mon 10:30"
    close(school, "sz-nanshan", "2026-11-30T09:30", "2026-12-01T09:00", by="zhaomin")
    school.settle()
    assert at(school, number) == "Tue 10:00"


def test_what_was_missed_stays_missed_whatever_is_promised_later(school: Play) -> None:
    promise(school, resolution="PT1H")
    number = school.file("zhoulan")
    school.pass_time(hours=2)
    late = clock(school, number).judged_at
    facts = PolicyFacts(type_key="errand", resolution="P9D", working=False)
    editing.put_policy(school.runtime, school.cast.chenxiao, place_id(school, "qiming"), facts)
    school.settle()
    assert (clock(school, number).outcome, clock(school, number).judged_at) == ("missed", late)
    assert serviced(school, number) == ["overdue"]


def test_a_promise_that_is_taken_back_ends_its_clocks(school: Play) -> None:
    facts = PolicyFacts(resolution="PT1H", working=False)
    editing.put_policy(school.runtime, school.cast.chenxiao, place_id(school, "qiming"), facts)
    number = school.file("zhoulan")
    assert school.ticket(number).due is not None
    editing.put_policy(school.runtime, school.cast.chenxiao, place_id(school, "qiming"), PolicyFacts())
    school.settle()
    assert school.ticket(number).due is None
    school.pass_time(hours=9)
    assert serviced(school, number) == []


def test_who_may_change_which(school: Play) -> None:
    keep_calendar(school, owner="kapok", at="kapok")
    guohao = school.cast.actor("guohao")
    with pytest.raises(NotFound):
        editing.choose_calendar(school.runtime, guohao, place_id(school, "cd-gaoxin"), None)
    with pytest.raises(Forbidden, match="look after"):
        editing.put_policy(school.runtime, guohao, place_id(school, "qiming"), PolicyFacts(resolution="PT1H"))
    with pytest.raises(Forbidden, match="head of the campus"):
        close(school, "gz-tianhe", "2026-12-01T00:00", "2026-12-02T00:00", by="zhaomin")
    with pytest.raises(Forbidden):
        editing.choose_calendar(school.runtime, school.cast.zhaomin, place_id(school, "sz-nanshan"), None)
    with pytest.raises(Invalid):
        keep_calendar(school, owner="kapok", at="qinghe")
    close(school, "sz-nanshan", "2026-12-01T00:00", "2026-12-02T00:00", by="zhaomin")
    with school.runtime.reading() as session:
        entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert (entry.action, entry.actor_id) == ("service.closure", school.cast.people["zhaomin"])


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("", ""),
        ("9:00-12:00，13:30~18:00", OFFICE),
        ("13:30-18:00; 09:00 - 12:00", OFFICE),
        ("00:00-24:00", "00:00-24:00"),
        ("09:00-10:00, 10:00-11:00", "09:00-11:00"),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, read: str) -> None:
    assert write_hours(read_hours(text)) == read


def test_the_table_of_holidays_is_filled_once(play: Play) -> None:
    assert holidays.seed(play.runtime) == len(holidays.published())
    assert holidays.seed(play.runtime) == 0
    with play.runtime.reading() as session:
        found = holidays.holidays(session, holidays.CHINA)
    assert (found[date(2026, 10, 10)].works, found[date(2026, 10, 1)].names["zh"]) == (True, "国庆节")
    assert ManualClock().now().year in {day.year for day in found}


def at(play: Play, number: str) -> str:
    return f"{play.ticket(number).due_at.astimezone(SHANGHAI):%a %H:%M}"
