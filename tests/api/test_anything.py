"""Whatever is sent, the API does it or says what is wrong with it, and never answers with a fault of ours."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.api.caller import Api

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)

once = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
words = st.text(max_size=12) | st.sampled_from(
    ["repair", "device", "sz-nanshan", "2027-01-01", "student", "\0", "\ud800"]
)
parts = st.none() | st.booleans() | st.integers() | st.floats() | words
anything = st.recursive(
    parts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=8
)
members = st.sampled_from(
    ["type", "title", "data", "subject", "values", "name", "key", "payload", "place", "attributes"]
)
bodies = st.dictionaries(members, anything, max_size=5) | anything


def check(api: Api, method: str, path: str, body: Any) -> None:
    answer = api.call(method, "admin", path, json=body)
    assert answer.status_code < 500, (path, body, answer.text)
    if answer.status_code >= 400:
        assert answer.content_type == "application/problem+json"
        assert answer.json["detail"]


@once
@given(body=bodies, path=st.sampled_from(["/tickets", "/messages", "/signals"]))
@example(body={"type": "repair", "data": {"device": "x" * 70_000}}, path="/tickets")
@example(body={"name": "a", "key": "b", "payload": {"\u200b": 1.5e308}}, path="/messages")
def test_any_body(api: Api, body: Any, path: str) -> None:
    check(api, "POST", path, body)


@once
@given(values=st.dictionaries(words, anything, max_size=4))
@example(values={"device": "a\u202eb", "room": -0.0})
@example(values={"device": "\x1b[2J", "urgent": None})
def test_any_values(api: Api, values: Any) -> None:
    if not api.tokens:
        api.deploy_repair()
    check(api, "POST", "/tickets", {"type": "repair", "data": values})


@once
@given(kind=words, external_id=words, body=bodies)
@example(kind="student", external_id="a" * 200, body={"name": "A", "place": "sz-nanshan"})
def test_any_subject(api: Api, kind: str, external_id: str, body: Any) -> None:
    address = "/".join(quote(part.encode("utf-8", "replace"), safe="") for part in (kind, external_id))
    check(api, "PUT", f"/subjects/{address}", body)
