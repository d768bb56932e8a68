"""A step that a spot check found wanting, on the page of its ticket: which time it was done, which failed, and why."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.engine.build import both, chain, end, start
from tests.tickets.evidence.scene import step
from tests.tickets.standards.campus import Campus
from tests.tickets.standards.test_checks import drawn, judged
from tests.web.site import Page, Site
from tickets.standards.tables import CheckedStep

NOTE = {"type": "textfield", "key": "note", "label": "备注"}
STEPS = (start(), step("prepare", deadline="P2D"), step("welcome", deadline="P5D"), end())
KICKOFF = (*STEPS, chain("begin", "prepare", "welcome", "done"))
SIDE_BY_SIDE = (
    *(*STEPS, both("fork"), both("meet")),
    *(chain("begin", "fork", "prepare", "meet", "done"), chain("fork", "welcome", "meet")),
)
WHY = "照片里看不到桌牌"


def prepared(site: Site, *parts: str) -> Campus:
    """A class whose first step lina has done, and headquarters found wanting."""
    campus = Campus(site.play)
    campus.define(*parts, forms={"prepare": [NOTE], "welcome": [NOTE]})
    campus.set_up()
    campus.add_class("向日葵班")
    campus.begin_due()
    campus.play.complete("lina", "prepare", note="摆好了")
    campus.play.cast.clock.advance(timedelta(hours=1))
    (step,) = drawn(campus)
    judged(campus, step, "failed", WHY)
    campus.play.cast.clock.advance(timedelta(hours=1))
    return campus


def cards(page: Page) -> list[str]:
    """What was handed in, the newest first."""
    return [" ".join("".join(each.itertext()).split()) for each in page.tree.cssselect("[id^=answers-]")]


def test_what_was_handed_in_says_when_which_time_and_what_was_found_wanting(site: Site) -> None:
    campus = prepared(site, *KICKOFF)
    campus.play.complete("lina", "prepare", note="重新摆好了")
    (number,) = campus.play.tickets()
    page = site.browser("lina").get(f"/tickets/{number}")
    second, first = cards(page)
    assert "第 2 次" in second
    assert WHY not in second
    assert "不合格" in first
    assert WHY in first
    assert "第" not in first.partition("李娜")[0]
    assert len(page.tree.cssselect("[id^=answers-] summary time")) == 2


@pytest.mark.parametrize("parts", [KICKOFF, SIDE_BY_SIDE])
def test_who_does_it_again_reads_why_in_the_task(site: Site, parts: tuple[str, ...]) -> None:
    campus = prepared(site, *parts)
    number = campus.play.tickets()[-1]
    lina = site.browser("lina")
    assert WHY in " ".join(lina.get(f"/tickets/{number}").words("#task"))
    campus.play.complete("lina", "prepare" if parts is KICKOFF else "redo", number, note="重新摆好了")
    assert WHY not in " ".join(lina.get(f"/tickets/{number}").words("#task"))


def test_what_is_corrected_was_not_wanting(site: Site) -> None:
    campus = prepared(site, *KICKOFF)
    with campus.play.runtime.reading() as session:
        step = session.scalars(sa.select(CheckedStep)).one()
    judged(campus, step, "passed", "看错了")
    (number,) = campus.play.tickets()
    page = site.browser("lina").get(f"/tickets/{number}")
    assert WHY not in " ".join([*cards(page), *page.words("#task")])
