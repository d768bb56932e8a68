"""Every address that takes an id is tried with another brand's ids: nothing is found, said, changed or listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from engine.database import Base
from engine.models import Incident
from tests.access.matrix import MATRIX
from tests.access.stage import SAID
from tests.engine.build import chain, end, script, start
from tests.tickets.play import files, staff, text
from tests.web.belongings import add_people, belongings
from tests.web.site import Page, Site
from tickets.files import StoredFile
from tickets.people import Person
from tickets.roles import Membership
from tickets.subjects import Subject
from tickets.tokens import issue_token
from tickets.types import TicketType

SECRET = "绝密"
UPLOAD = {"type": "filepicker", "key": "files", "label": "files"}
PARTS = (
    start(camunda__formRef="ask"),
    staff("look", name=SECRET, camunda__formRef="ask"),
    script("fail", "x = unknown"),
    end(),
    chain("begin", "look", "fail", "done"),
)
BRANDS = {"huangyi": "kapok", "zhoulan": "qinghe"}
STRANGERS = {
    "huangyi": ("guohao", "tangyan", "zhoulan", "zhaomin", "liutao", "sunyue"),
    "zhoulan": ("yuxin", "huangyi"),
}
"""Whose things are tried, and by whom."""
Call = Callable[..., Page]


class Things:
    """What somebody's brand has: a type of its own, two tickets (one stopped), their tasks, file and subject."""

    def __init__(self, site: Site, login: str) -> None:
        made = files(*PARTS, key="secret_type", forms={"ask": [text("device"), UPLOAD]}, category=SECRET)
        play = site.play
        play.upload(made, brand_id=site.cast.places[BRANDS[login]])
        browser = site.browser(login)
        answer = {"type": "secret_type", "device": SECRET, "files": (BytesIO(SECRET.encode()), f"{SECRET}.txt")}
        self.number = browser.post("/tickets", answer).location.rpartition("/")[2]
        stopped = browser.post("/tickets", {"type": "secret_type", "device": SECRET}).location.rpartition("/")[2]
        site.browser("lina").post(f"/tasks/{play.task('look', stopped).public_id}/complete", {"device": SECRET})
        with site.cast.runtime.reading() as session:
            of_brand = Subject.brand_id == site.cast.places[BRANDS[login]]
            subject = session.scalars(sa.select(Subject).where(of_brand, Subject.kind == "student")).first()
            assert subject
            ids: dict[str, Any] = {
                "number": self.number,
                "task_id": str(play.task("look", self.number).public_id),
                "incident_id": str(session.scalars(sa.select(Incident.public_id)).one()),
                "public_id": str(session.scalars(sa.select(StoredFile.public_id)).one()),
                "type_id": str(
                    session.scalars(sa.select(TicketType.public_id).where(TicketType.key == "secret_type")).one()
                ),
                "subject_id": str(subject.public_id),
                "external_id": subject.external_id,
                "kind": "student",
                "key": "secret_type",
                "version": "1",
                "path": "secret_type.bpmn",
                "job_id": "1",
            }
            ids |= {"whose": "person", "other": self.number, "name": "close.after", "verb": "note"}
            self.words = (SECRET, subject.name, self.number, stopped)  # the numbers stand in a request's own address
        site.play.settle()
        task = play.task("look", self.number)
        play.claim("lina", "look", self.number)
        own = belongings(site.cast, BRANDS[login], SECRET, self.number, task.public_id)
        self.ids: Mapping[str, str] = {**own, **ids}


@pytest.fixture(params=["huangyi", "zhoulan"])
def owner(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def things(site: Site, owner: str) -> Things:
    site.cast.add_subjects()
    add_people(site.cast)
    with site.cast.runtime.writing() as session, session.begin():  # who is otherwise only a requester sees their campus
        role, place = site.cast.roles["campus_head"], site.cast.places["cd-gaoxin"]
        session.add(Membership(person_id=site.cast.people["huangyi"], role_id=role, place_id=place))
    return Things(site, owner)


def caller(site: Site, login: str) -> Call:
    """Calls pages as somebody's browser, and the API with their token."""
    browser = site.browser(login)
    with site.cast.runtime.writing() as session, session.begin():
        person = session.get_one(Person, site.cast.people[login])
        token = issue_token(session, person, "tests", now=site.cast.clock.now())

    def call(method: str, path: str, **given: object) -> Page:
        headers = {"X-CSRFToken": browser.token, "Accept-Language": "zh"}
        if path.startswith("/api/"):
            headers["Authorization"] = f"Bearer {token}"
        return Page(browser.client.open(path, method=method, headers=headers, buffered=True, **given))  # type: ignore[arg-type]  # what a test sends

    return call


NUMBERS = {"version", "brand_id", "delivery_id", "membership_id", "notice_id", "role_id"}


def addresses(site: Site, ids: Mapping[str, str]) -> list[tuple[str, str, dict[str, object]]]:
    """Each method and address of the URL map that takes something, with these things in it, and what to send there."""
    adapter, found = site.app.url_map.bind("localhost"), []
    for rule in (each for each in site.app.url_map.iter_rules() if each.arguments and each.endpoint != "static"):
        values = {name: int(ids[name]) if name in NUMBERS else ids[name] for name in rule.arguments}
        path = adapter.build(rule.endpoint, values)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found += [(method, path, sent(method, path, rule.endpoint, ids))]
    return found


def sent(method: str, path: str, endpoint: str, ids: Mapping[str, str]) -> dict[str, object]:
    """What the table of who gets where sends to an address, about these things."""
    row = MATRIX.get(f"{method} {endpoint}")
    body = {name: _meant(value, ids) for name, value in row.body.items()} if row is not None else {}
    if method == "GET":
        return {}
    if path.startswith("/api/"):
        return {"json": body if method != "DELETE" else None}
    return {"data": {**SAID, "device": "x", "name": "x", "to": ids["person"], "people": ids["person"], **body}}


def _meant(value: object, ids: Mapping[str, str]) -> object:
    if isinstance(value, list):
        return [_meant(each, ids) for each in value]
    return ids.get(value[1:], value) if isinstance(value, str) and value.startswith("@") else value


LEFT_ALONE = {"api_token", "person_session"}
"""When they were last used is written whatever is asked."""


def kept(site: Site) -> dict[str, Any]:
    """Every row of every table: whatever a stranger might add, change or delete."""
    with site.cast.runtime.reading() as session:
        tables = (table for table in Base.metadata.sorted_tables if table.name not in LEFT_ALONE)
        return {table.name: session.execute(sa.select(table).order_by(*table.primary_key)).all() for table in tables}


def changed(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [name for name in before if before[name] != after[name]]


def test_no_address_gives_or_takes_anything_of_another_brand(site: Site, things: Things, owner: str) -> None:
    calls = {login: caller(site, login) for login in STRANGERS[owner]}
    before = kept(site)
    for login, call in calls.items():
        for method, path, given in addresses(site, things.ids):
            answer = call(method, path, **given)
            wrong = f"{login} {method} {path}: {answer.status} {answer.text[:300]}"
            tickets = path.startswith(("/tickets", "/tasks", "/files", "/api/v1/tickets", "/api/v1/tasks"))
            assert answer.status in ((404,) if tickets else (403, 404, 422)), wrong
            assert not any(word in answer.text for word in things.words[:2]), wrong
        assert changed(before, kept(site)) == [], login


def test_to_their_owner_they_are_there(site: Site, things: Things, owner: str) -> None:
    call, ids = caller(site, owner), things.ids
    for path in ("/tickets/{number}", "/files/{public_id}", "/api/v1/tickets/{number}"):
        assert call("GET", path.format(**ids)).status == 200, path
    assert SECRET in call("GET", "/tickets/new").text


LISTS = ("/inbox", "/inbox?view=roles", "/tickets", "/my-tickets", "/tickets/new", "/subjects", "/types")
SEARCHES = (f"/tickets?q={SECRET}", "/subjects?q=S-", "/tickets?type=secret_type", f"/types?category={SECRET}")
API_LISTS = ("/api/v1/tasks", "/api/v1/tasks?assigned=candidate", "/api/v1/ticket-types")


def test_no_list_or_search_shows_anything_of_another_brand(site: Site, things: Things, owner: str) -> None:
    for login in STRANGERS[owner]:
        call = caller(site, login)
        for path in (*LISTS, *SEARCHES, *API_LISTS):
            shown = call("GET", path).text.replace(f'value="{SECRET}"', "")
            assert not any(word in shown for word in things.words), f"{login} {path}"


def test_nothing_of_another_brand_can_be_brought_along(site: Site, things: Things, owner: str) -> None:
    site.play.define(start(camunda__formRef="ask"), staff("look"), end(), chain("begin", "look", "done"), forms=FORM)
    stranger = STRANGERS[owner][0]
    call = caller(site, stranger)
    before = kept(site)
    subject, file = things.ids["subject_id"], things.ids["public_id"]
    key = {"kind": "student", "external_id": things.ids["external_id"]}
    attached = [{"id": file, "name": "a.txt", "size": 6, "type": "text/plain"}]
    tries = (
        ("/tickets", {"data": {"type": "errand", "device": "x", ":subject": subject}}, 404),
        ("/tickets", {"data": {"type": "secret_type", "device": "x"}}, 404),
        ("/api/v1/tickets", {"json": {"type": "errand", "data": {"device": "x"}, "subject": subject}}, 404),
        ("/api/v1/tickets", {"json": {"type": "errand", "data": {"device": "x"}, "subject": key}}, 404),
        ("/api/v1/tickets", {"json": {"type": "secret_type", "data": {"device": "x"}}}, 404),
        ("/api/v1/tickets", {"json": {"type": "errand", "data": {"device": "x", "files": attached}}}, 422),
        ("/api/v1/messages", {"json": {"name": "x", "key": things.number, "subject": subject}}, 404),
    )
    for path, given, status in tries:
        answer = call("POST", path, **given)
        assert answer.status == status, f"{path} {given}: {answer.status} {answer.text[-500:]}"
    assert changed(before, kept(site)) == []
    heard = call("POST", "/api/v1/signals", json={"name": "x", "payload": {"key": things.number}})
    assert (heard.status, orjson.loads(heard.text)) == (202, {"waiting": 0, "starting": 0}), "only their own would hear"
    again = call("POST", "/tickets", data={"type": "errand", "device": "", ":subject": subject, "files:kept": file})
    assert again.status == 422
    assert not any(word in again.text for word in things.words)


FORM = {"ask": [{**text("device"), "validate": {"required": True}}, UPLOAD]}
