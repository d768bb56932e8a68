"""The calls that docs/api.md shows are answered as it says, by the demo's people and places."""

from __future__ import annotations

import re
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.api.caller import Api
from tests.tickets.play import Play

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TEXT = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")
CALL = re.compile(
    r"^ {4}(?P<method>PUT|POST) /api/v1(?P<path>/\S+)\n"
    r"(?P<headers>(?: {4}[\w-]+: .+\n)*)(?P<body> {4}\{.+\n(?: {5}.+\n)*)",
    re.MULTILINE,
)
HEADER = re.compile(r"^ {4}([\w-]+): (.+)$", re.MULTILINE)


def test_every_call_that_is_shown_is_answered(api: Api) -> None:
    play = Play(api.cast)
    play.cast.add_subjects()
    play.ship("customer_inquiry")
    calls = list(CALL.finditer(TEXT))
    assert [each["path"] for each in calls] == ["/subjects/student/QH-S-1001", "/tickets", "/events", "/people/10211"]
    for each in calls:
        headers = {"Content-Type": "application/json", **dict(HEADER.findall(each["headers"]))}
        answer = api.call(each["method"], "guohao", each["path"], data=each["body"], headers=headers)
        assert answer.status_code in (HTTPStatus.OK, HTTPStatus.CREATED), (each["path"], answer.text)
