"""Measures a completion over HTTP: the page's own route, with its session, forgery token, form, step and commit.

The app answers in this process, without a socket, so that CPU time is the application's. Statements are what SQLAlchemy
sends but for BEGIN; each completion is of a form with five fields and opens the next task for a role.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import process_time
from typing import Any
from urllib.parse import urlencode
from wsgiref.types import WSGIEnvironment

import orjson
import sqlalchemy as sa
from apiflask import APIFlask
from flask import render_template

import migrations
from engine.database import create_engine
from engine.models import TaskStatus, UserTask
from forms import parse_json
from tickets.access import load_actor
from tickets.demo import PASSWORD, load_organisation
from tickets.deploying import deploy
from tickets.filing import file_ticket
from tickets.people import Person
from tickets.runtime import Runtime
from web import create_app
from web.config import Config
from web.context import me

FIELDS = {
    "finding": "defect",
    "severity": "high",
    "students": "3",
    "seen": "on",
    "note": "重启后还是一样，换一台也一样。",
}
FORM = {
    "type": "default",
    "id": "work",
    "components": [
        {
            "type": "select",
            "key": "finding",
            "label": "Finding",
            "values": [{"label": "Defect", "value": "defect"}, {"label": "Usage", "value": "usage"}],
            "validate": {"required": True},
        },
        {
            "type": "radio",
            "key": "severity",
            "label": "Severity",
            "values": [{"label": "High", "value": "high"}, {"label": "Low", "value": "low"}],
        },
        {"type": "number", "key": "students", "label": "Students", "validate": {"min": 0, "max": 500}},
        {"type": "checkbox", "key": "seen", "label": "Seen again"},
        {"type": "textarea", "key": "note", "label": "Note", "validate": {"required": True, "maxLength": 500}},
    ],
}
PROCESS = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="bench">
  <bpmn:process id="rounds" name="Rounds" isExecutable="true">
    <bpmn:startEvent id="begin"/>
    <bpmn:exclusiveGateway id="again"/>
    <bpmn:userTask id="work" name="Work" camunda:candidateGroups="support" camunda:formRef="work"/>
    <bpmn:exclusiveGateway id="enough" default="no"/>
    <bpmn:endEvent id="end"/>
    <bpmn:sequenceFlow id="f1" sourceRef="begin" targetRef="again"/>
    <bpmn:sequenceFlow id="f2" sourceRef="again" targetRef="work"/>
    <bpmn:sequenceFlow id="f3" sourceRef="work" targetRef="enough"/>
    <bpmn:sequenceFlow id="no" sourceRef="enough" targetRef="again"/>
    <bpmn:sequenceFlow id="yes" sourceRef="enough" targetRef="end">
      <bpmn:conditionExpression>${students &gt; 400}</bpmn:conditionExpression>
    </bpmn:sequenceFlow>
  </bpmn:process>
</bpmn:definitions>
"""


def figures(*, rounds: int = 150, warm: int = 30) -> dict[str, float | int]:
    """`http_empty_cpu_ms`, `http_complete_cpu_ms` (medians of `rounds`), statements and commits of one completion."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        for _ in range(warm):
            bench.complete()
            bench.empty()
        empty = _median([_cpu_ms(bench.empty) for _ in range(rounds)])
        complete = _median([_cpu_ms(bench.complete_next()) for _ in range(rounds)])
        next_one = bench.complete_next()
        with bench.counting() as counted:
            next_one()
    return {
        "http_empty_cpu_ms": round(empty, 3),
        "http_complete_cpu_ms": round(complete, 3),
        "http_complete_statements": counted["statements"],
        "http_complete_commits": counted["commits"],
    }


class Bench:
    """An installation in a folder, with one ticket that goes round, and a member of the staff signed in."""

    def __init__(self, folder: Path) -> None:
        url = f"sqlite:///{folder / 'bench.db'}"
        migrations.upgrade(url)
        self.database = create_engine(url)
        self.runtime = Runtime(self.database, folder / "files")
        self.app = create_app(self.runtime, Config(data_folder=folder, database_url=url, secret_key="bench" * 8))
        page = self.app.jinja_env.from_string(
            "{% extends 'staff.html' %}{% block main %}<main id=main></main>{% endblock %}"
        )
        self.app.add_url_rule("/empty", "empty", lambda: render_template(page, actor=me()))
        self._fill()
        self.cookie, self.token = self._sign_in()

    def empty(self) -> None:
        """An authenticated page with nothing on it but the frame."""
        _must(self._ask("GET", "/empty"), "200")

    def complete(self) -> None:
        self.complete_next()()

    def complete_next(self) -> Callable[[], None]:
        """The completion of the task that is open now, ready to be called."""
        with self.runtime.reading() as session:
            task_id = session.scalars(sa.select(UserTask.public_id).where(UserTask.status == TaskStatus.OPEN)).one()
        body = urlencode({**FIELDS, "csrf_token": self.token}).encode()
        return lambda: _must(self._ask("POST", f"/tasks/{task_id}/complete", body), "303")

    @contextmanager
    def counting(self) -> Iterator[dict[str, int]]:
        """Counts statements (but BEGIN) and commits meanwhile."""
        counted = {"statements": 0, "commits": 0}

        def statement(_c: Any, _cursor: Any, text: str, *_rest: Any) -> None:
            counted["statements"] += not text.startswith("BEGIN")

        def commit(_c: Any) -> None:
            counted["commits"] += 1

        sa.event.listen(self.database, "before_cursor_execute", statement)
        sa.event.listen(self.database, "commit", commit)
        yield counted
        sa.event.remove(self.database, "before_cursor_execute", statement)
        sa.event.remove(self.database, "commit", commit)

    def _fill(self) -> None:
        with self.runtime.writing() as session, session.begin():
            load_organisation(session, self.runtime.clock.now())
        deployed = deploy(self.runtime, None, {"rounds.bpmn": PROCESS.encode(), "work.form": orjson.dumps(FORM)})
        assert deployed.report.accepted, [str(problem.problem) for problem in deployed.report.problems]
        with self.runtime.reading() as session:
            person_id = session.scalars(sa.select(Person.id).where(Person.login == "zhoulan")).one()
            requester = load_actor(session, person_id)
        assert requester is not None
        now = self.runtime.clock.now()
        file_ticket(self.runtime, requester, type_key="rounds", answer=lambda form, _: parse_json(form, {}, now=now))

    def _sign_in(self) -> tuple[str, str]:
        client = self.app.test_client()
        form = {"csrf_token": token(client.get("/login").text), "login": "lina", "password": PASSWORD}
        client.post("/login", data=form)
        forgery = token(client.get("/empty").text)
        cookie = client.get_cookie("gongdan")
        assert cookie is not None, "signing in gives a session"
        return f"gongdan={cookie.value}", forgery

    def _ask(self, method: str, path: str, body: bytes = b"") -> str:
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": self.cookie,
            "HTTP_ACCEPT_LANGUAGE": "zh-CN",
            "CONTENT_TYPE": "application/x-www-form-urlencoded" if body else "",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        return _answer(self.app, environ)


def _answer(app: APIFlask, environ: WSGIEnvironment) -> str:
    found: list[str] = []

    def start_response(
        status: str, _headers: list[tuple[str, str]], _error: object = None
    ) -> Callable[[bytes], object]:
        found.append(status)
        return lambda _data: None

    parts = app.wsgi_app(environ, start_response)
    b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    return found[0]


def token(page: str) -> str:
    """The forgery token of a page's first form."""
    mark = 'name="csrf_token" value="'
    start = page.index(mark) + len(mark)
    return page[start : page.index('"', start)]


def _must(status: str, wanted: str) -> None:
    assert status.startswith(wanted), status


def _cpu_ms(call: Callable[[], None]) -> float:
    start = process_time()
    call()
    return (process_time() - start) * 1000


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    print(orjson.dumps(figures()).decode())
