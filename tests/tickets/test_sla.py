from datetime import UTC, datetime, timedelta

import pytest

from tickets.sla import SlaState, sla

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("left", "of", "state"),
    [
        (timedelta(days=4), timedelta(days=5), SlaState.OK),
        (timedelta(hours=25), timedelta(days=3), SlaState.OK),
        (timedelta(hours=23, minutes=59), timedelta(days=3), SlaState.OK),
        (timedelta(hours=24), timedelta(hours=121), SlaState.WARN),
        (timedelta(hours=24), timedelta(hours=120), SlaState.OK),
        (timedelta(hours=2), timedelta(hours=4), SlaState.OK),
        (timedelta(hours=1, minutes=59), timedelta(hours=4), SlaState.WARN),
        (timedelta(minutes=25), timedelta(hours=4), SlaState.WARN),
        (timedelta(), timedelta(hours=4), SlaState.WARN),
        (-timedelta(seconds=1), timedelta(hours=4), SlaState.OVER),
        (-timedelta(minutes=12), timedelta(hours=4), SlaState.OVER),
        (-timedelta(hours=5), timedelta(hours=4), SlaState.OVER),
        (-timedelta(hours=5, minutes=1), timedelta(hours=4), SlaState.OVER),
        (-timedelta(days=3, hours=2), timedelta(hours=4), SlaState.OVER),
        (timedelta(days=1), -HOUR, SlaState.OK),
    ],
)
def test_a_chip_tells_what_is_left(left: timedelta, of: timedelta, state: SlaState) -> None:
    due = NOON + left
    chip = sla(due, started=due - of, now=NOON)
    assert chip is not None
    assert (chip.state, chip.left, chip.due) == (state, left, due)


@pytest.mark.parametrize(
    ("finished", "state"),
    [
        (NOON, SlaState.MET),
        (NOON - HOUR, SlaState.MET),
        (NOON + HOUR, SlaState.MISSED),
    ],
)
def test_a_finished_ticket_was_in_time_or_late(finished: datetime, state: SlaState) -> None:
    chip = sla(NOON, started=NOON - HOUR, now=NOON + timedelta(days=9), finished=finished)
    assert chip is not None
    assert chip.state is state


def test_without_a_due_time_there_is_no_chip() -> None:
    assert sla(None, started=NOON, now=NOON) is None


def test_a_paused_one_says_what_is_left_of_it() -> None:
    chip = sla(None, started=NOON - HOUR, now=NOON, paused=5400)
    assert chip is not None
    assert (chip.state, chip.left) == (SlaState.PAUSED, timedelta(minutes=90))
    assert sla(None, started=NOON - HOUR, now=NOON, paused=5400, finished=NOON) is None
