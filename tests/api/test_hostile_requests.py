"""Requests to the API that no program means to send: each is a problem document that says how to mend it."""

from __future__ import annotations

import pytest

from tests.api.caller import Api, told

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PART = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.bpmn"\r\n\r\n'
BROKEN = {
    "cut off": PART + b"<a/>",
    "no parts": b"hello",
    "a name that is no text": PART.replace(b"a.bpmn", b"\xff\xfe") + b"<a/>\r\n--b--\r\n",
    "no name": PART.replace(b'name="files"; ', b"") + b"<a/>\r\n--b--\r\n",
    "NUL in a name": PART.replace(b"files", b"fil\0es") + b"<a/>\r\n--b--\r\n",
}


@pytest.mark.parametrize("how", BROKEN)
@pytest.mark.parametrize("key", ["", "a-key"])
def test_a_broken_upload_is_said_to_be_broken(api: Api, how: str, key: str) -> None:
    kind = "multipart/form-data; boundary=b"
    told(api.post("hejing", "/definitions", data=BROKEN[how], content_type=kind, key=key), 400, "end")


@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=b", "application/x-www-form-urlencoded"])
def test_who_asks_counts_before_what_is_sent(api: Api, kind: str) -> None:
    told(api.post(None, "/definitions", data=b"\xff" * 100, content_type=kind), 401)
    told(api.post("hejing", "/tickets", data=b"&" * 10_000, content_type=kind), 415)
    told(api.post("hejing", "/nowhere", data=b"\xff" * 100, content_type=kind), 404)


def test_a_refusal_is_said_in_both_languages(api: Api) -> None:
    for language, said in (("en", "Remove it"), ("zh-CN", "去掉")):
        told(api.get("hejing", "/tasks?cursor=%00", headers={"Accept-Language": language}), 400, said)
