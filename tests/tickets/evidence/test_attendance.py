"""Sign-in lists that were filled in: who was there, who was not, and when."""

from __future__ import annotations

from typing import Any

import pytest

from forms.form import walk
from tests.forms.build import form
from tests.tickets.evidence.scene import field
from tickets.evidence.attendance import Attendee, attendees


def listed(*components: dict[str, Any]) -> Any:
    given = {"type": "dynamiclist", "path": "signed", "label": "签到", "properties": {"evidence": "signin"}}
    made = form({**given, "components": list(components)})
    return next(each for each in walk(made.fields) if each.evidence is not None)


NAME, THERE = field("textfield", "name"), field("checkbox", "there")
AT = {**field("datetime", "at"), "subtype": "time", "timeLabel": "时间"}
"""The columns."""


@pytest.mark.parametrize(
    ("columns", "row", "said"),
    [
        ([NAME], {"name": " 张三 "}, Attendee("张三", present=True)),
        ([NAME, THERE], {"name": "张三", "there": True}, Attendee("张三", present=True)),
        ([NAME, THERE], {"name": "张三", "there": False}, Attendee("张三", present=False)),
        (
            [NAME, THERE, field("textfield", "who")],
            {"name": "张三", "who": "妈妈"},
            Attendee("张三", False, "", "妈妈"),
        ),
        ([NAME, AT], {"name": "张三", "at": "09:05"}, Attendee("张三", True, "09:05")),
        ([NAME, AT], {"name": "张三"}, Attendee("张三", present=False)),
    ],
)
def test_a_line_says_who_was_there_and_when(columns: list[Any], row: dict[str, Any], said: Attendee) -> None:
    assert attendees(listed(*columns), [row]) == (said,)


@pytest.mark.parametrize("value", [None, "张三", [], [None, 3, {}, {"name": ""}, {"other": "x"}], {"name": "张三"}])
def test_what_is_no_list_of_names_says_nobody(value: object) -> None:
    assert attendees(listed(NAME, THERE), value) == ()
