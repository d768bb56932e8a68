"""Owns what the measurement plays on: a database with the demo's people, two ticket types, tokens and a webhook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

import migrations
from engine.clock import SystemClock
from engine.database import create_engine
from tests.engine import build  # the tests know how to write small processes
from tests.tickets.play import files, staff, text
from tickets.demo import load_organisation
from tickets.deploying import deploy
from tickets.notices.models import NoticeAddress
from tickets.notices.table import Topic
from tickets.people import Person
from tickets.runtime import Runtime
from tickets.tokens import issue_token

WAITS = "PT2S"
STEADY = files(
    build.start(camunda__formRef="ask"),
    staff("first", camunda__formRef="tell"),
    build.catch("wait", build.timer("after", WAITS)),
    build.service("inform"),
    build.send("tell_others"),
    build.catch("confirm", build.message("m_cancel")),
    build.end(),
    build.chain("begin", "first", "wait", "inform", "tell_others", "confirm", "done"),
    key="steady",
    forms={"ask": [text("serial")], "tell": [text("answer")]},
)
"""A person's step, a timer, a job, a message that starts another ticket, and a message from outside."""
ECHO = files(
    build.start("heard", build.message()),
    build.service("note"),
    build.end(),
    build.chain("heard", "note", "done"),
    key="echo",
)
CONFIRM = "cancel"
"""The name of the message that a steady ticket waits for last."""


@dataclass(frozen=True)
class Scene:
    """Where everything is; the tokens act as a requester, a member of the staff, and an administrator."""

    folder: Path
    url: str
    requester: str
    worker: str
    admin: str


def prepare(folder: Path, url: str, webhook: str) -> Scene:
    """Fills a new database."""
    migrations.upgrade(url)
    database = create_engine(url)
    runtime, now = Runtime(database, folder / "files"), SystemClock().now()
    with runtime.writing() as session, session.begin():
        load_organisation(session, now)
    for bundle in (STEADY, ECHO):
        deployed = deploy(runtime, None, bundle)
        assert deployed.report.accepted, [str(problem.problem) for problem in deployed.report.problems]
    with runtime.writing() as session, session.begin():
        people = {
            login: session.scalars(sa.select(Person).where(Person.login == login)).one()
            for login in ("zhoulan", "lina", "admin")
        }
        tokens = {login: issue_token(session, person, "faults", now=now) for login, person in people.items()}
        session.add(
            NoticeAddress(
                brand_id=people["zhoulan"].brand_id,
                name="faults",
                kind="webhook",
                url=webhook,
                hint="faults",
                topics=[topic.value for topic in Topic],
                created_at=now,
                created_by_id=people["admin"].id,
            )
        )
    database.dispose()
    return Scene(folder, url, tokens["zhoulan"], tokens["lina"], tokens["admin"])
