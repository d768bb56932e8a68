"""Timer events: BPMN 2.0.2, 10.5.5 (timers) and 13.5.2, 13.5.3 (catching them)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine import instances
from engine.step import StepFailed
from tests.engine.build import boundary, bpmn, catch, chain, end, script, start, timer, user
from tests.engine.runs import NOON, Run, run


def waiting(how: str, text: str) -> bytes:
    return bpmn(start(), catch("wait", timer(how, text)), user("after"), end(), chain("begin", "wait", "after", "done"))


def reminding(how: str, text: str) -> bytes:
    """A task with a non-interrupting timer that leads to another task."""
    return bpmn(
        *(start(), user("work"), boundary("bell", "work", timer(how, text), interrupting=False), user("remind")),
        *(end(), end("reminded"), chain("begin", "work", "done"), chain("bell", "remind", "reminded")),
    )


@pytest.mark.parametrize(
    ("how", "text", "due"),
    [
        ("after", "PT90M", NOON + timedelta(minutes=90)),
        ("after", "P3D", NOON + timedelta(days=3)),
        ("after", '"PT1H"', NOON + timedelta(hours=1)),
        ("on", "2026-12-01T09:00:00", datetime(2026, 12, 1, 1, 0, tzinfo=UTC)),
        ("on", "2026-12-01T09:00:00Z", datetime(2026, 12, 1, 9, 0, tzinfo=UTC)),
        ("on", "2026-12-01T09:00:00+01:00", datetime(2026, 12, 1, 8, 0, tzinfo=UTC)),
        ("on", "2026-12-01", datetime(2026, 11, 30, 16, 0, tzinfo=UTC)),
        ("on", "2020-01-01", datetime(2019, 12, 31, 16, 0, tzinfo=UTC)),
        ("every", "R3/PT1H", NOON + timedelta(hours=1)),
        ("after", "${hours == 2 ? 'PT2H' : 'PT1H'}", NOON + timedelta(hours=2)),
        ("on", "= deadline", datetime(2026, 12, 1, 1, 0, tzinfo=UTC)),
    ],
)
def test_the_due_time_is_worked_out_once_on_entry(how: str, text: str, due: datetime) -> None:
    begun = run(waiting(how, text), data={"hours": 2, "deadline": "2026-12-01T09:00:00"})
    assert (begun.due, begun.open) == ({"wait": due}, [])
    begun.wait(hours=100).fire("wait")
    assert (begun.due, begun.open) == ({}, ["after"])
    assert begun.complete("after").ended


def test_a_date_that_an_expression_gives_is_local_to_the_place() -> None:
    begun = run(waiting("on", "${today()}"), zone="America/New_York")
    assert begun.due == {"wait": datetime(2026, 11, 19, 5, 0, tzinfo=UTC)}


def test_a_month_after_the_31st_is_the_months_last_day() -> None:
    """The library gives March 3rd."""
    begun = run(waiting("after", "P1M"), now=datetime(2026, 1, 31, 4, 0, tzinfo=UTC))
    assert begun.due == {"wait": datetime(2026, 2, 28, 4, 0, tzinfo=UTC)}


def test_a_day_keeps_the_clocks_time_when_the_clocks_change() -> None:
    """The library takes a fixed offset: an hour wrong. Berlin's clocks go back on October 25th."""
    eve = datetime(2026, 10, 24, 10, 0, tzinfo=UTC)
    assert run(waiting("after", "P1D"), now=eve, zone="Europe/Berlin").due == {"wait": eve + timedelta(hours=25)}
    assert run(waiting("after", "PT24H"), now=eve, zone="Europe/Berlin").due == {"wait": eve + timedelta(hours=24)}


@pytest.mark.parametrize(
    ("how", "text"),
    [("after", "${x}"), ("on", "${x}"), ("every", "${x}"), ("after", "${'-PT1H'}"), ("every", "${'R0/PT1H'}")],
)
def test_an_expression_that_gives_no_time_is_a_failure_that_names_the_event(how: str, text: str) -> None:
    begun = run(bpmn(start(), user("ask"), catch("wait", timer(how, text)), chain("begin", "ask", "wait")))
    with pytest.raises(StepFailed) as failed:
        begun.complete("ask", x="soon")
    assert failed.value.element == "wait"


def test_a_timer_fires_once() -> None:
    begun = run(waiting("after", "PT1H"))
    ref, slot = next(iter(begun.timers))
    begun.fire_ref(ref, slot)
    with pytest.raises(instances.NotWaiting):
        begun.fire_ref(ref, slot)


def test_an_unknown_timer_is_refused() -> None:
    begun = run(waiting("after", "PT1H"))
    ref, _ = next(iter(begun.timers))
    for other in ((ref, 1), ("99", 0), ("", 0)):
        with pytest.raises(instances.NotWaiting):
            begun.fire_ref(*other)


def test_an_interrupting_timer_ends_its_task() -> None:
    file = bpmn(
        *(start(), user("work"), boundary("late", "work", timer("after", "PT1H")), user("chase"), end(), end("off")),
        *(chain("begin", "work", "done"), chain("late", "chase", "off")),
    )
    begun = run(file).fire("late")
    assert (begun.open, begun.due) == (["chase"], {})
    assert begun.visited("cancelled") == ["work"]
    assert begun.visited() == ["begin", "late"]
    assert begun.complete("chase").ended


def test_a_task_done_in_time_takes_its_timer_away() -> None:
    begun = run(reminding("after", "PT1H")).complete("work")
    assert (begun.ended, begun.due) == (True, {})
    assert begun.visited() == ["begin", "work", "done"]
    assert begun.visited("cancelled") == []


def test_a_non_interrupting_duration_fires_once_beside_its_task() -> None:
    begun = run(reminding("after", "PT1H")).fire("bell")
    assert (begun.open, begun.due) == (["remind", "work"], {})
    assert not begun.complete("work").ended
    assert begun.complete("remind").ended


def turns(begun: Run, most: int) -> list[datetime]:
    found: list[datetime] = []
    while "bell" in begun.due and len(found) < most:
        found.append(begun.due["bell"])
        begun.fire("bell")
    return found


def test_a_cycle_sets_its_next_turn_each_time() -> None:
    begun = run(reminding("every", "R3/PT1H"))
    assert turns(begun, 9) == [NOON + timedelta(hours=hours) for hours in (1, 2, 3)]
    assert begun.open == ["remind", "remind", "remind", "work"]
    begun = run(reminding("every", "R/P1D"))
    assert turns(begun, 5) == [NOON + timedelta(days=days) for days in (1, 2, 3, 4, 5)]
    assert "bell" in begun.due
    assert begun.complete("work").due == {}


def test_turns_missed_while_nothing_ran_are_one() -> None:
    """In the library R/PT1H after 1,000 hours gives 1,000 activations."""
    begun = run(reminding("every", "R/PT1H")).wait(hours=1000, minutes=30).fire("bell")
    assert begun.open == ["remind", "work"]
    assert begun.due == {"bell": NOON + timedelta(hours=1001)}


def test_a_cycle_with_a_number_of_turns_counts_those_it_had() -> None:
    begun = run(reminding("every", "R3/PT1H")).wait(hours=10).fire("bell")
    assert begun.due == {"bell": NOON + timedelta(hours=11)}
    assert begun.fire("bell").fire("bell").due == {}
    assert begun.open == ["remind", "remind", "remind", "work"]


def test_a_monthly_cycle_from_the_31st_comes_back_to_the_31st() -> None:
    begun = run(reminding("every", "R/P1M"), now=datetime(2026, 1, 31, 4, 0, tzinfo=UTC))
    assert [turn.strftime("%m-%d") for turn in turns(begun, 5)] == ["02-28", "03-31", "04-30", "05-31", "06-30"]


def test_a_daily_cycle_keeps_its_time_of_day_after_an_hour_that_was_skipped() -> None:
    """02:30 does not exist in Berlin on March 29th."""
    begun = run(reminding("every", "R/P1D"), now=datetime(2026, 3, 27, 1, 30, tzinfo=UTC), zone="Europe/Berlin")
    assert [turn.strftime("%d %H:%M") for turn in turns(begun, 3)] == ["28 01:30", "29 01:30", "30 00:30"]


def test_a_cycle_with_a_first_turn_begins_there() -> None:
    begun = run(reminding("every", "R2/2026-12-01T09:00/P1W"))
    assert turns(begun, 9) == [datetime(2026, 12, 1, 1, 0, tzinfo=UTC), datetime(2026, 12, 8, 1, 0, tzinfo=UTC)]


def test_a_cycle_whose_first_turn_is_past_keeps_its_rhythm() -> None:
    """Every Monday at 9, not at once because it is Friday."""
    begun = run(reminding("every", "R/2026-11-02T09:00/P1W"))
    assert begun.due == {"bell": datetime(2026, 11, 23, 1, 0, tzinfo=UTC)}


def test_an_interrupting_cycle_fires_once() -> None:
    file = bpmn(
        *(start(), user("work"), boundary("late", "work", timer("every", "R/PT1H")), user("chase"), end(), end("off")),
        *(chain("begin", "work", "done"), chain("late", "chase", "off")),
    )
    begun = run(file).fire("late")
    assert (begun.open, begun.due) == (["chase"], {})


def test_a_zero_duration_is_due_at_once() -> None:
    assert run(waiting("after", "PT0S")).due == {"wait": NOON}


def test_a_loop_through_a_timer_waits_in_every_round() -> None:
    file = bpmn(
        *(start(), script("count", "n = n + 1"), catch("wait", timer("after", "PT1H"))),
        chain("begin", "count", "wait", "count"),
    )
    begun = run(file, data={"n": 0})
    for number in range(1, 6):
        assert (begun.data, begun.due) == ({"n": number}, {"wait": begun.world.now + timedelta(hours=1)})
        begun.fire("wait")
