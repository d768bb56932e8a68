"""Owns what grows: an installation whose tickets have open tasks, timers and deadlines that are due later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import migrations
from engine.clock import ManualClock
from engine.database import create_engine
from forms import Form, Submission, parse_json
from tests.engine import build  # the tests know how to write small processes
from tests.tickets.play import files, staff, text
from tickets.actor import Actor, load_actor
from tickets.demo import load_organisation
from tickets.deploying import deploy
from tickets.filing import file_ticket
from tickets.people import Person
from tickets.runtime import Runtime

BEGIN = datetime(2026, 11, 20, 1, tzinfo=UTC)
EACH = timedelta(seconds=1)
"""Between one ticket and the next, so that their timers are due one after another."""
WAITS = timedelta(days=4)
"""Until a ticket's timer is due; longer than it takes to file all of them."""
TYPE = "growing"
REQUESTERS = ("zhoulan", "sunyue", "huangyi", "liutao")
BUNDLE = files(
    build.start(camunda__formRef="ask"),
    staff("first", camunda__formRef="tell"),
    build.boundary("later", "first", build.timer("after", "P4D"), interrupting=False),
    build.script("note", "seen = True"),
    build.end("noted"),
    staff("second", camunda__formRef="tell"),
    build.end(),
    build.chain("begin", "first", "second", "done"),
    build.chain("later", "note", "noted"),
    key=TYPE,
    forms={"ask": [text("serial"), text("what_happened")], "tell": [text("answer")]},
    **{"sla.first_response": "P20D", "sla.resolution": "P30D"},
)
"""Two tasks for a role; beside the first a timer, and two promises with their deadlines."""
HAPPENED = "全班 6 台 Pad 中有 2 台一进课堂就退出，都是昨天升级到 3.2 的。"


def prepare(url: str) -> None:
    """Fills a new database with the demo's people and the type."""
    migrations.upgrade(url)
    runtime = opened(url, BEGIN)
    with runtime.writing() as session, session.begin():
        load_organisation(session, BEGIN)
    deployed = deploy(runtime, None, BUNDLE)
    assert deployed.report.accepted, [str(problem.problem) for problem in deployed.report.problems]
    runtime.database.dispose()


def opened(url: str, moment: datetime) -> Runtime:
    """The installation, its clock at that moment."""
    return Runtime(create_engine(url), Path("nowhere"), ManualClock(moment))


def requesters(runtime: Runtime) -> Sequence[Actor]:
    """Who file the tickets, in turn."""
    with runtime.reading() as session:
        ids = session.scalars(sa.select(Person.id).where(Person.login.in_(REQUESTERS)).order_by(Person.id)).all()
        found = [load_actor(session, person_id) for person_id in ids]
    return [actor for actor in found if actor is not None]


def file_one(runtime: Runtime, actor: Actor, serial: int) -> str:
    """A ticket by the start form, as the page and the API file it; its number."""
    values = {"serial": str(serial), "what_happened": f"{HAPPENED} {serial}"}

    def read(form: Form, before: Mapping[str, Any]) -> Submission:
        return parse_json(form, values, now=runtime.clock.now(), values_before=before)

    return file_ticket(runtime, actor, type_key=TYPE, answer=read)
