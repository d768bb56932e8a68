"""An absence in a browser: who may stand in is suggested, and whoever is away is not."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.desk import Desk, desk
from tests.browser.harness import complaints
from tests.cast import cast

__all__ = ["cast", "desk"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_whoever_is_away_is_not_suggested_as_their_substitute(desk: Desk) -> None:
    page = desk.enter("zhangwei", "/absences")
    who, substitute = page.locator("#pick-who"), page.locator("#pick-substitute")
    suggested = page.locator("#pick-substitute-box .gd-pick-one")
    substitute.press_sequentially("wang")
    expect(suggested).to_have_count(1)
    substitute.fill("zhangwei")
    expect(suggested).to_have_count(0)
    who.fill("wanglei")
    substitute.fill("zhangwei")
    expect(suggested).to_contain_text("张伟")
    substitute.fill("wang")
    expect(suggested).to_have_count(0)
    assert complaints(page) == []
