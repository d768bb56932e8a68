"""Who gets in, and what bodies, at every address alike."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.api.caller import Answer, Api, told
from tickets.people import Person
from tickets.tokens import ApiToken, issue_token
from web.api.entrance import MAX_BYTES

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TASK = uuid.UUID(int=7)
ADDRESSES = [
    ("GET", "/ticket-types"),
    ("GET", "/tickets/RP-1"),
    ("GET", "/tasks"),
    ("POST", "/definitions"),
    ("POST", "/tickets"),
    ("POST", f"/tasks/{TASK}/claim"),
    ("POST", f"/tasks/{TASK}/complete"),
    ("POST", "/messages"),
    ("PUT", "/subjects/student/1"),
]
BODIES = [
    (method, path) for method, path in ADDRESSES if method != "GET" and not path.endswith(("claim", "definitions"))
]


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_nobody_gets_in_without_a_token(api: Api, method: str, path: str) -> None:
    answer = api.call(method, None, path)
    told(answer, 401, "Authorization: Bearer")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="Gongdan"'


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Bearer gdt_" + "x" * 43,
        "Basic bGluYTp4",
        "Bearer " + "x" * 9000,
        "gdt_x",
        "Bearer a b",
    ],
)
def test_a_token_that_is_none_is_told_so(api: Api, header: str) -> None:
    answer = api.get(None, "/tasks", headers={"Authorization": header})
    told(answer, 401)
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_an_expired_token_opens_nothing(api: Api) -> None:
    with api.cast.runtime.writing() as session, session.begin():
        lina = session.get_one(Person, api.cast.people["lina"])
        token = issue_token(session, lina, "short", now=api.cast.clock.now(), lifetime=timedelta(hours=1))
    asked = {"headers": {"Authorization": f"Bearer {token}"}}
    assert api.get(None, "/tasks", **asked).status_code == 200
    api.cast.clock.advance(timedelta(hours=1))
    told(api.get(None, "/tasks", **asked), 401)


def test_a_revoked_token_opens_nothing(api: Api) -> None:
    assert api.get("lina", "/tasks").status_code == 200
    with api.cast.runtime.writing() as session, session.begin():
        session.execute(sa.update(ApiToken).values(revoked_at=api.cast.clock.now()))
    told(api.get("lina", "/tasks"), 401)


def test_a_departed_persons_token_opens_nothing(api: Api) -> None:
    told(api.get("wufang", "/tasks"), 401)


def test_a_signed_in_browser_is_nobody_here(api: Api) -> None:
    with api.client.application.test_client() as browser:
        with browser.session_transaction() as cookie:
            cookie["session"] = api.cast.sign_in("lina")
        told(Answer(browser.get("/api/v1/tasks")), 401)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"{", "not JSON"),
        (b"", "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1, "a": 2}', "twice"),
        (b'{"name": "\xd6\xd0"}', "UTF-8"),
        (b"[" * 5000, "levels deep"),
        (rb'{"name": "\u0000"}', "U+0000"),
        (rb'{"name": "\ud800"}', "surrogate"),
        (b'{"a": 1e999}', "too large"),
    ],
)
def test_bad_json_is_refused(api: Api, raw: bytes, said: str) -> None:
    for method, path in BODIES:
        answer = api.call(method, "admin", path, data=raw, content_type="application/json")
        assert told(answer, 400, said)["type"] == "urn:gongdan:problem:malformed-json"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
def test_another_kind_of_body_is_refused(api: Api, kind: Any) -> None:
    for method, path in BODIES:
        told(api.call(method, "admin", path, data=b"{}", content_type=kind), 415, "application/json")


def test_too_much_json_is_refused(api: Api) -> None:
    raw = b'"' + b"x" * MAX_BYTES["application/json"] + b'"'
    for method, path in BODIES:
        told(api.call(method, "admin", path, data=raw, content_type="application/json"), 413)


@pytest.mark.parametrize("path", ["/nothing", "/tasks/", "/tickets/", "/../admin", "/subjects/student"])
def test_an_unknown_address_is_a_problem_document_too(api: Api, path: str) -> None:
    answer = api.get("lina", path)
    assert answer.status_code in {404, 405}
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("login", ["lina", None])
def test_another_method_lists_those_there_are(api: Api, login: str | None) -> None:
    answer = api.call("DELETE", login, "/tickets/RP-1")
    told(answer, 405, "GET")
    assert "GET" in answer.headers["Allow"]


def test_what_is_wrong_is_said_in_the_callers_language(api: Api) -> None:
    english = told(api.get(None, "/tasks", headers={"Accept-Language": "en"}), 401)
    chinese = told(api.get(None, "/tasks", headers={"Accept-Language": "zh-CN"}), 401)
    assert english["detail"] != chinese["detail"]


def test_answers_stay_out_of_caches(api: Api) -> None:
    assert api.get("lina", "/tasks").headers["Cache-Control"] == "no-store"
