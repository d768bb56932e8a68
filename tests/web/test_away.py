"""While the database cannot be reached all are told to come again in a moment; then all goes on by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.database import Away, create_engine, writing
from engine.models import Effect
from tests.outage import away
from tests.web.site import Page, Site
from tickets.people import Person
from tickets.tokens import issue_token
from web.away import DETAIL, TITLE


@pytest.fixture
def engine(make_database: Callable[[str], str]) -> Iterator[sa.Engine]:
    made = create_engine(make_database("postgresql"))
    yield made
    made.dispose()


def told_to_come_again(page: Page) -> bool:
    return (page.status, page.headers["Retry-After"]) == (503, "5")


def test_a_page_says_that_it_is_back_in_a_moment_and_then_it_is(site: Site) -> None:
    lina = site.browser("lina")
    assert lina.get("/").status in (200, 303)
    with away(site.cast.runtime.database.url):
        for _ in range(3):
            page = lina.get("/tickets", **{"Accept-Language": "en"})
            assert told_to_come_again(page)
            assert page.words("h1") == [f"{TITLE} (503)"]
            assert DETAIL in " ".join(page.words())
        assert lina.get("/healthz").status == 200
        assert lina.get("/readyz").status == 503
        assert lina.get("/static/mark.svg").status == 200
    assert lina.get("/tickets").status == 200


def test_part_of_a_page_gets_only_the_words(site: Site) -> None:
    lina = site.browser("lina")
    with away(site.cast.runtime.database.url):
        page = lina.get("/tickets", **{"HX-Request": "true"})
        assert told_to_come_again(page)
        assert "<html" not in page.text


def test_whoever_signs_in_meanwhile_is_told_too(site: Site) -> None:
    visitor = site.anonymous()
    with away(site.cast.runtime.database.url):
        form = {"login": "lina", "password": "whatever it is"}
        assert told_to_come_again(visitor.post("/login", form))


def test_a_program_is_told_in_a_problem_document(site: Site) -> None:
    with site.cast.runtime.writing() as session, session.begin():
        lina = session.scalars(sa.select(Person).where(Person.login == "lina")).one()
        token = issue_token(session, lina, "test", now=site.cast.clock.now())
    with away(site.cast.runtime.database.url):
        page = site.anonymous().get("/api/v1/tickets", Authorization=f"Bearer {token}")
        assert told_to_come_again(page)
        assert page.headers["Content-Type"] == "application/problem+json"
        assert '"urn:gongdan:problem:away"' in page.text


def test_what_was_done_is_told_though_nothing_can_be_noted_of_it_afterwards(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last use of a session is written after the answer is made."""
    lina = site.browser("lina")
    site.cast.clock.advance(timedelta(hours=1))

    def gone(*_given: object, **_named: object) -> None:
        raise Away("gone")

    monkeypatch.setattr("tickets.organising.sessions.seen", gone)
    assert lina.get("/tickets").status == 200


def test_a_transaction_that_was_cut_off_is_away_and_the_next_one_is_there(engine: sa.Engine) -> None:
    with writing(engine) as session:
        session.begin()
        session.add(Effect(key="a", at=sa.func.now()))
        session.flush()
        with away(engine.url), pytest.raises(Away):
            session.execute(sa.select(1))
    with writing(engine) as session, session.begin():
        assert session.get(Effect, "a") is None
