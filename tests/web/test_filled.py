"""What was filled in, as readers see it: field by field, a list row by row."""

from __future__ import annotations

from typing import Any

import pytest

from forms import read_form
from forms.form import Form
from tests.web.site import Site
from web import filled
from web.conflicts import compare

PARTS = {
    "type": "dynamiclist",
    "path": "parts",
    "label": "配件",
    "components": [
        {"type": "textfield", "key": "name", "label": "名称"},
        {"type": "number", "key": "count", "label": "数量"},
    ],
}


def form(**changed: Any) -> Form:
    read, _problems = read_form(
        {"type": "default", "components": [{"type": "textfield", "key": "room", "label": "教室"}, {**PARTS, **changed}]}
    )
    return read


VALUES = {"room": "301", "parts": [{"name": "灯泡", "count": 2}, {}, {"name": "遥控器"}]}


@pytest.mark.parametrize(("label", "heading"), [("配件", "配件"), ("", "行")])
def test_each_row_of_a_list_says_which_it_is(site: Site, label: str, heading: str) -> None:
    with site.app.test_request_context("/", headers={"Accept-Language": "zh"}):
        told = filled.told(form(label=label), VALUES)
    assert [(each.label, each.words, each.heads) for each in told] == [
        ("教室", "301", False),
        (f"{heading} 1", "", True),
        ("名称", "灯泡", False),
        ("数量", "2", False),
        (f"{heading} 3", "", True),
        ("名称", "遥控器", False),
    ]


def test_what_two_people_wrote_into_one_list_is_told_by_its_rows(site: Site) -> None:
    with site.app.test_request_context("/", headers={"Accept-Language": "zh"}):
        mine = filled.shown(form(), {}, values={"room": "302", "parts": [{"name": "灯管"}]})
        rows = compare(filled.shown(form(), {}, values=VALUES, readonly=True), mine)
    assert [(row.label, row.theirs, row.mine) for row in rows][:2] == [
        ("教室", "301", "302"),
        ("配件 1 · 名称", "灯泡", "灯管"),
    ]
