"""A variant in a browser: refused, the way round it played back on the diagram, mended, and published."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.desk import Desk, desk
from tests.browser.harness import complaints, shoot
from tests.cast import cast
from tests.web.test_variant_pages import KEY, extended, leading_past
from tickets.people import Person
from tickets.staff import grant_role

__all__ = ["cast", "desk"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_the_way_round_is_played_back_and_the_mended_variant_holds(desk: Desk) -> None:
    desk.pages.expect("422")
    assert desk.play.ship(KEY).types
    with desk.play.writing() as session, session.begin():
        person = session.get_one(Person, desk.cast.people["zhoulan"])
        grant_role(session, person, role_id=desk.cast.roles["designer"], place_id=desk.cast.places["qinghe"])

    page = desk.enter("zhoulan", "/types/new", locale="en")
    send(page, leading_past())
    expect(page.locator(".gd-diagram[data-ready='1']")).to_be_visible()
    play = page.locator("[data-way]").first
    play.click()
    expect(page.locator(".gd-diagram .gd-way-no")).not_to_have_count(0)
    expect(page.locator(".gd-diagram .djs-element.gd-way[data-element-id='SubProcess_Campus']")).to_have_count(1)
    shoot(page, "29-way-round")
    assert complaints(page) == []

    send(page, extended())
    expect(page.locator("[data-toast]")).to_contain_text("Class kickoff")
    expect(page.locator(".gd-note.t-green")).to_be_visible()
    shoot(page, "29-variant")
    assert complaints(page) == []


def send(page: Page, files: dict[str, bytes]) -> None:
    given = [FilePayload(name=name, mimeType="text/xml", buffer=content) for name, content in sorted(files.items())]
    page.locator("input#files").set_input_files(given)
    page.locator("main form button.btn-primary").click()
