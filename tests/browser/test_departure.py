"""An administrator marks somebody with 300 tickets as departed, watches it finish, and takes it back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.browser.desk import Desk, desk
from tests.cast import cast
from tests.tickets.desk import open_desk as stock
from tickets import work
from tickets.ticket import Status, Ticket

__all__ = ["cast", "desk"]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@contextmanager
def working(desk: Desk) -> Iterator[None]:
    """Jobs run as they do beside the pages."""
    over = Event()

    def drain() -> None:
        while not over.wait(0.05):
            work.drain(desk.cast.runtime)

    thread = Thread(target=drain)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def owned(desk: Desk, login: str) -> int:
    with desk.cast.runtime.reading() as session:
        query = sa.select(sa.func.count()).select_from(Ticket).where(Ticket.owner_id == desk.cast.people[login])
        return session.scalars(query).one()


def test_three_hundred_tickets_are_handed_over_and_taken_back(desk: Desk) -> None:
    stocked = stock(desk.cast)
    for _ in range(300):
        stocked.ticket(owner="lina", status=Status.IN_PROGRESS)
    page = desk.enter("admin", "/departures/new")
    page.get_by_role("searchbox").fill("李娜")
    page.locator("#people-found a", has_text="李娜").click()
    expect(page.locator("section[aria-labelledby=owned]")).to_contain_text("300")
    page.locator("main .btn-primary").click()
    expect(page).to_have_url(re.compile(r"/departures/[0-9a-f-]{36}$"))
    bar = page.locator("progress")
    expect(bar).to_have_attribute("value", "0")
    with working(desk):
        expect(page.locator("form[action$=undoing] button")).to_be_visible(timeout=30_000)
        assert (owned(desk, "zhangwei"), owned(desk, "lina")) == (300, 0)
        page.locator("form[action$=undoing] button").click()
        expect(page.locator("#departure")).not_to_have_attribute("hx-trigger", "every 1s", timeout=30_000)
    assert (owned(desk, "zhangwei"), owned(desk, "lina")) == (0, 300)
    expect(page.locator("section[aria-labelledby=kept]")).to_have_count(0)
