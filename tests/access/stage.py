"""One ticket in the middle of its life, and everything else that addresses name; put back after each request."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from werkzeug.test import TestResponse

from engine.database import create_engine
from engine.models import Incident, TaskStatus, UserTask
from engine.spiff.hot import HotInstances
from tests.access.things import make_all
from tests.browser.scene import stopping
from tests.cast import Cast, enter
from tests.databases import Databases, Kind
from tests.tickets.evidence.shots import photo
from tests.tickets.play import Play
from tests.web.site import CRASH, Site
from tickets import tasks
from tickets.conversation import reply
from tickets.errors import InstanceStuck
from tickets.files import store_upload
from tickets.people import Person
from tickets.places import Place
from tickets.staff import NewPerson, add_person, grant_role
from tickets.subjects import Subject
from tickets.tokens import issue_token
from tickets.types import TicketType

CAST: Mapping[str, str] = {
    "requester": "zhoulan",
    "owner": "lina",
    "assignee": "wanglei",
    "colleague": "zhangwei",
    "head": "zhaomin",
    "campus": "sunyue",
    "brand": "huangyi",
    "rival": "yuxin",
    "hq": "chenxiao",
    "admin": "admin",
    "leaver": "wufang",
    "nobody": "",
}
"""Who tries, in the order of the table's columns: `head` leads the ticket's campus, `campus` is of another campus,
`brand` a teacher and `rival` an administrator of another brand, `colleague` leads the owner's team.
"""


JSON, MULTIPART = "application/json", "multipart/form-data"
SAID: Mapping[str, str] = {
    "answer": "这样就好",
    "body": "你好",
    "expected": "2026-12-01T10:00",
    "priority": "high",
    "question": "为什么?",
    "reason": "因为",
    "stars": "5",
    "tags": "平板",
    "title": "换个标题",
    "until": "2026-12-01T10:00",
    "why": "因为",
}
"""What every form of a page is sent with: enough for a verb to come as far as asking who may."""


@dataclass
class Stage:
    """The site with the ticket; `at` holds what addresses are made of, by the name of the argument."""

    cast: Cast
    site: Site
    database: Path
    at: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def ask(
        self, who: str, method: str, path: str, *, body: Mapping[str, Any] | None = None, kind: str = JSON
    ) -> TestResponse:
        """What somebody of CAST is answered; a page's form brings its forgery token, the API a person's own token."""
        login = CAST[who]
        if path.startswith("/api/"):
            return self._call(login, method, path, body or {}, kind)
        visitor = self.site.browser(login) if login else self.site.anonymous()
        if method == "GET":
            return visitor.client.get(path, buffered=True)
        form = {"csrf_token": visitor.token, **SAID, "to": self.at["to"], "people": self.at["to"], **(body or {})}
        return visitor.client.open(path, method=method, data=form, buffered=True)

    def _call(self, login: str, method: str, path: str, body: Mapping[str, Any], kind: str) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.tokens[login]}"} if login else {}
        content: Any = {"files": (BytesIO(b"<definitions/>"), "a.bpmn")}
        if kind != MULTIPART:
            content = orjson.dumps(body) if method != "GET" else None
        client = self.site.app.test_client(use_cookies=False)
        return client.open(path, method=method, headers=headers, data=content, content_type=kind, buffered=True)

    def put_back(self, kept: Path) -> None:
        """Everything as it was kept."""
        self.cast.runtime.database.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{self.database}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(kept, self.database)


@contextmanager
def set_stage(databases: Databases, folder: Path) -> Iterator[Stage]:
    """The stage on a database of its own."""
    url = databases.create(Kind.SQLITE)
    engine = create_engine(url)
    cast = enter(engine, folder)
    cast.runtime = replace(cast.runtime, hot=HotInstances(instances=0))
    stage = Stage(cast, Site(cast, folder), Path(sa.make_url(url).database or ""))
    stage.site.app.config["PROPAGATE_EXCEPTIONS"] = False  # a fault of ours is a letter in the table
    furnish(stage)
    yield stage
    engine.dispose()
    databases.drop(url)


def furnish(stage: Stage) -> None:
    """Everything that addresses name; the database may be of either kind."""
    _rival(stage.cast)
    _tickets(stage)
    _names(stage)
    stage.at |= make_all(stage.cast, stage.at)


def _rival(cast: Cast) -> None:
    """An administrator of the other brand."""
    with cast.runtime.writing() as session, session.begin():
        kapok = session.get_one(Place, cast.places["kapok"])
        new = NewPerson(login="yuxin", name="于欣")
        person = add_person(session, kapok, new, password_hash="", at=cast.clock.now())
        grant_role(session, person, role_id=cast.roles["brand_administrator"], place_id=kapok.id)
        cast.people["yuxin"] = person.id


def _tickets(stage: Stage) -> None:
    """One ticket in development, with a file and a reply; one whose process has stopped."""
    play, runtime = Play(stage.cast), stage.cast.runtime
    play.ship("crash_report")
    assert play.upload(stopping()).report.accepted
    stage.cast.add_subjects()
    play.settle()
    number = play.file("zhoulan", "crash_report", **_answers())
    play.complete("lina", "Task_Triage", number, finding="defect", severity="major", triage_note="像是权限问题")
    play.claim("wanglei", open_element(play, number), number)
    picture = store_upload(runtime, stage.cast.lina, "截图.png", BytesIO(photo(kind="PNG")))
    reply(runtime, stage.cast.lina, number, "研发正在看。", [str(picture["id"])])
    stuck = play.file("zhoulan", "stopping")
    with suppress(InstanceStuck):
        tasks.complete(runtime, stage.cast.lina, play.task("work", stuck).public_id, play.answer({}))
    task = play.task(open_element(play, number), number)
    stage.at |= {"number": number, "other": stuck, "public_id": picture["id"], "task_id": task.public_id}
    play.settle()  # so that people have been told


def open_element(play: Play, number: str) -> str:
    """The element of the ticket's open task."""
    of_ticket = UserTask.instance_id == play.ticket(number).instance_id
    with play.runtime.reading() as session:
        return session.scalars(sa.select(UserTask.element).where(of_ticket, UserTask.status == TaskStatus.OPEN)).one()


def _answers() -> dict[str, Any]:
    values = {name: value for name, value in CRASH.items() if ":" not in name}
    return {**values, "happened_at": f"{CRASH['happened_at']}T{CRASH['happened_at:time']}", "affected_students": 2}


def _names(stage: Stage) -> None:
    """What the other arguments of addresses mean, and everybody's token."""
    cast = stage.cast
    with cast.runtime.writing() as session, session.begin():
        kind = session.scalars(sa.select(TicketType).where(TicketType.key == "crash_report")).one()
        subject = session.scalars(sa.select(Subject).where(Subject.external_id == "QH-S-1001")).one()
        stage.at |= {
            "key": "crash_report",
            "type_id": kind.public_id,
            "version": 1,
            "path": "crash_report.bpmn",
            "subject_id": subject.public_id,
            "login": "liutao",
            "whose": "person",
            "kind": "student",
            "external_id": "QH-S-1001",
            "incident_id": session.scalars(sa.select(Incident.public_id)).first(),
            "to": session.get_one(Person, cast.people["zhangwei"]).public_id,
            "person_id": session.get_one(Person, cast.people["liutao"]).public_id,
        }
        for login in filter(None, CAST.values()):
            person = session.get_one(Person, cast.people[login])
            stage.tokens[login] = issue_token(session, person, "matrix", now=cast.clock.now())
