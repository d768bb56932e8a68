"""A state saved by one process of the operating system goes on in another, as after a restart or an upgrade."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.models import ElementVisit
from tests.engine.build import both, boundary, catch, chain, end, start, sub, timer, times
from tests.tickets.play import Play, staff, text

ROOT = Path(__file__).parents[2]

COMPLETE = """
import sys
from pathlib import Path
import sqlalchemy as sa
from engine.clock import ManualClock
from engine.database import create_engine
from engine.models import UserTask
from forms import parse_json
from tickets import tasks
from tickets.access import load_actor
from tickets.people import Person
from tickets.runtime import Runtime

url, folder, login, *elements = sys.argv[1:]
runtime = Runtime(create_engine(url), Path(folder), ManualClock())
for element in elements:
    with runtime.reading() as session:
        actor = load_actor(session, session.scalars(sa.select(Person.id).where(Person.login == login)).one())
        open_ones = sa.select(UserTask.public_id).where(UserTask.element == element, UserTask.status == "open")
        task_id = session.scalars(open_ones.order_by(UserTask.id)).first()
    values = {"model": "P50"} if element == "look" else {}
    def answer(form, before):
        return parse_json(form, values, now=runtime.clock.now(), values_before=before)
    print(tasks.complete(runtime, actor, task_id, answer))
runtime.database.dispose()
"""


def complete_elsewhere(play: Play, login: str, *elements: str) -> list[str]:
    """What another process gets that completes the open tasks of these elements, one after another."""
    url = play.runtime.database.url.render_as_string(hide_password=False)
    arguments = [url, str(play.runtime.files_folder), login, *elements]
    command = [sys.executable, "-c", COMPLETE, *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.split()


@pytest.fixture
def play(lasting_play: Play) -> Play:
    return lasting_play


def test_a_state_saved_by_one_process_goes_on_in_another_and_back_again(play: Play) -> None:
    play.define(
        start(),
        both("fork"),
        staff("look", camunda__formRef="look"),
        sub(
            "room",
            staff("check"),
            boundary("late", "check", timer("after", "PT1H"), interrupting=False),
            staff("chase"),
            chain("late", "chase"),
            loop=times("2"),
        ),
        catch("wait", timer("after", "P3D")),
        both("join"),
        staff("last"),
        end(),
        chain("begin", "fork", "look", "join", "last", "done"),
        chain("fork", "room", "join"),
        chain("fork", "wait", "join"),
        forms={"look": [text("model")]},
    )
    number = play.file("zhoulan")
    play.pass_time(hours=1)
    play.complete("lina", "check", number)
    revision = play.instance(number).revision
    assert complete_elsewhere(play, "lina", "look", "check", "chase") == [number] * 3
    assert play.instance(number).revision == revision + 3
    play.complete("lina", "chase", number)
    play.pass_time(days=3)
    assert (play.open_tasks(number), play.ticket(number).data) == (["last"], {"model": "P50"})
    play.complete("lina", "last", number)
    assert (play.ticket(number).status, play.instance(number).status) == ("closed", "completed")
    with play.runtime.reading() as session:
        visits = sa.select(ElementVisit.element).where(ElementVisit.instance_id == play.instance(number).id)
        assert sorted(session.scalars(visits)).count("check") == 2
