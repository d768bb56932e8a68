"""A month of working time on a phone."""

from __future__ import annotations

import pytest

from tests.browser.desk import Desk, desk
from tests.cast import cast
from tickets.places import Place
from tickets.service import editing, holidays
from tickets.service.drafts import read_calendar

__all__ = ["cast", "desk"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CUT = "[...document.querySelectorAll('.gd-cal td')].filter(each => each.scrollWidth > each.clientWidth).length"


def test_seven_days_stand_beside_each_other_on_a_phone(desk: Desk) -> None:
    team = desk.play.cast
    holidays.seed(team.runtime)
    with team.runtime.reading() as session:
        brand = session.get_one(Place, team.places["qinghe"]).public_id
    week, day = ["09:00-12:00, 13:30-18:00"] * 5 + ["", ""], "2026-10-16 09:00-12:00 半天"
    facts = read_calendar(zh="校区日历", en="Campuses", hours=week, holidays="china", days=day)
    made = editing.put_calendar(team.runtime, team.chenxiao, facts, owner_id=brand)
    for locale in ("zh", "en"):
        page = desk.enter("chenxiao", f"/service/calendars/{made}?month=2026-10", phone=True, locale=locale)
        assert page.locator(".gd-cal th").count() == 7
        assert page.evaluate("(each => each.scrollWidth <= each.clientWidth)(document.querySelector('.gd-scroll'))")
        assert page.evaluate(CUT) == 0
        page.context.close()
