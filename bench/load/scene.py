"""Owns what the load plays on: a database with people who file and people who work, and two ticket types."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

import migrations
from engine.clock import SystemClock
from engine.database import create_engine
from tests.engine import build  # the tests know how to write small processes
from tests.tickets.play import files, staff, text
from tickets.demo import PASSWORD, load_organisation
from tickets.deploying import deploy
from tickets.passwords import hash_password
from tickets.people import Person
from tickets.places import Place
from tickets.roles import Membership, Role
from tickets.runtime import Runtime
from tickets.staff import NewPerson, add_person, grant_role
from tickets.tokens import issue_token

WORKERS = 8
TASKS = 4
_STEPS = [f"step{number}" for number in range(1, TASKS + 1)]
STEADY = files(
    build.start(camunda__formRef="ask"),
    *(staff(step, camunda__formRef="tell") for step in _STEPS),
    build.boundary("later", _STEPS[0], build.timer("after", "P4D"), interrupting=False),
    build.end("noted"),
    build.end(),
    build.chain("begin", *_STEPS, "done"),
    build.chain("later", "noted"),
    key="steady",
    forms={"ask": [text("serial"), text("what_happened")], "tell": [text("answer"), text("note")]},
    **{"sla.first_response": "P2D", "sla.resolution": "P10D"},
)
"""Tasks for a role one after another, a timer, and two promises with their deadlines."""
ENDLESS = files(
    build.start(camunda__formRef="ask"),
    build.xor("again"),
    staff("work", camunda__formRef="tell"),
    build.xor("enough", default="no"),
    build.end(),
    build.chain("begin", "again", "work", "enough"),
    build.flow("enough", "again", ident="no"),
    build.flow("enough", "done", when="answer == 'enough'"),
    key="endless",
    forms={"ask": [text("serial"), text("what_happened")], "tell": [text("answer"), text("note")]},
)
"""One task for a role, again and again."""


@dataclass(frozen=True)
class Scene:
    """Tokens of those who file and of those who work, and the logins of the latter."""

    requesters: list[str]
    workers: list[str]
    logins: list[str]
    password: str = PASSWORD


def prepare(url: str) -> Scene:
    """Fills a new database."""
    migrations.upgrade(url)
    database = create_engine(url)
    runtime, now = Runtime(database, Path("nowhere")), SystemClock().now()
    with runtime.writing() as session, session.begin():
        load_organisation(session, now)
        logins = _workers(runtime, session)
    for bundle in (STEADY, ENDLESS):
        deployed = deploy(runtime, None, bundle)
        assert deployed.report.accepted, [str(problem.problem) for problem in deployed.report.problems]
    with runtime.writing() as session, session.begin():

        def token(login: str) -> str:
            person = session.scalars(sa.select(Person).where(Person.login == login)).one()
            return issue_token(session, person, "load", now=now)

        requesters = [token(login) for login in ("zhoulan", "sunyue", "huangyi", "liutao")]
        workers = [token(login) for login in logins]
    database.dispose()
    return Scene(requesters, workers, logins)


def _workers(runtime: Runtime, session: Session) -> list[str]:
    """More people like the demo's support, who hold her role at the top of the group."""
    held = sa.select(Membership, Role).join(Role, Role.id == Membership.role_id)
    membership = session.execute(
        held.join(Person, Person.id == Membership.person_id).where(Person.login == "lina")
    ).one()[0]
    place = session.get_one(Place, membership.place_id)
    logins = [f"support{number}" for number in range(1, WORKERS + 1)]
    for login in logins:
        new = NewPerson(login=login, name=login)
        person = add_person(session, place, new, password_hash=hash_password(PASSWORD), at=runtime.clock.now())
        grant_role(session, person, role_id=membership.role_id, place_id=place.id)
    return logins
