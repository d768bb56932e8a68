"""The beat finds what is due by its indexes: what is not due yet, or done, costs it nothing."""

from __future__ import annotations

from tests.engine import build
from tests.tickets.play import Play, staff
from tests.tickets.statements import counted
from tickets import beat
from tickets.timeline import PENDING, TimelineEvent


def test_a_beat_with_nothing_to_do_reads_no_table_from_end_to_end(play: Play) -> None:
    play.define(build.start(), staff("work"), build.end(), build.chain("begin", "work", "done"))
    play.file("zhoulan")
    beat.settle(play.runtime)
    database = play.runtime.database
    with counted(database) as sent:
        assert beat.beat(play.runtime) == 0
    assert len(sent) >= 4  # timers, deadlines, events, jobs
    for text, parameters in sent if database.dialect.name == "sqlite" else ():
        with database.connect() as connection:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", parameters).all()
        steps = [row[3] for row in plan]
        assert not [step for step in steps if step.startswith("SCAN") and "USING" not in step], (text, steps)


def test_what_is_pending_is_what_the_timeline_says(play: Play) -> None:
    play.define(build.start(), staff("work"), build.end(), build.chain("begin", "work", "done"))
    play.file("zhoulan")
    assert play.count(TimelineEvent, PENDING) == play.count(TimelineEvent, TimelineEvent.pending.is_(True)) > 0
    beat.settle(play.runtime)
    assert play.count(TimelineEvent, PENDING) == play.count(TimelineEvent, TimelineEvent.pending.is_(True)) == 0
