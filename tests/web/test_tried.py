"""Trying an upload from its page: walked through elsewhere, told way by way, and nothing is kept."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from engine.models import ProcessDefinition
from tests.engine.build import both, chain, end, flow, start, xor
from tests.tickets.play import files, staff
from tests.web import test_type_pages as pages
from tests.web.site import Page, Site
from web import tried as trying

STUCK = (
    start(),
    staff("ask"),
    xor("split", default="split-one"),
    staff("one"),
    staff("two"),
    both("join"),
    end(),
    chain("begin", "ask", "split", "one", "join", "done"),
    flow("split", "two", when="1 > 2"),
    flow("two", "join"),
)
"""A gateway that sends one token, and one that waits for two."""


def tried(site: Site, given: Mapping[str, bytes] | list[tuple[str, bytes]], language: str = "zh") -> Page:
    """As with the button “Try”."""
    pairs = given.items() if isinstance(given, Mapping) else given
    parts: list[Any] = [(io.BytesIO(content), name) for name, content in pairs]
    return site.browser("hejing", language=language).post("/types", {"files": parts, "try": "1"})


def test_each_way_of_a_good_upload_is_told_and_can_be_played(site: Site) -> None:
    page = tried(site, pages.crash_files())
    assert page.status == 200
    assert page.words(".gd-chip")[0] == "能走到结束"
    (said,) = (text for text in page.words("section p") if "个元素" in text)
    assert "28 个元素走过了 28 个" in said
    ways = page.tree.cssselect("[data-way]")
    assert len(ways) == len(page.tree.cssselect(".gd-list > li details")) > 1
    assert "「崩溃上报」" in page.text
    assert "分诊" in page.text
    with site.cast.runtime.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ProcessDefinition)) == 0


def test_where_a_way_gets_stuck_is_said_with_what_to_do(site: Site) -> None:
    page = tried(site, files(*STUCK, key="errand"))
    assert page.words(".gd-chip")[0] == "走不到结束"
    (way,) = page.words(".gd-list > li:first-child")[:1]
    assert "join" in way
    assert "没有可做的事了，却还没有结束" in way
    assert "或者用当初分开的那种网关来汇合" in way


def test_an_upload_with_errors_is_not_tried_and_one_at_a_time_is(site: Site) -> None:
    refused = tried(site, {"bad_timer.bpmn": (pages.BAD / "bad_timer.bpmn").read_bytes()})
    assert not refused.tree.cssselect("[id^=tried-]")
    assert refused.words("[role=alert]")
    with trying._turn:
        assert tried(site, pages.crash_files()).status == 503


def test_files_of_any_name_are_tried_and_what_time_does_not_reach_for_is_said(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    (content,) = (content for name, content in pages.crash_files() if name.endswith(".bpmn"))
    forms = [(name, content) for name, content in pages.crash_files() if not name.endswith(".bpmn")]
    long = ("长" * 80 + ".bpmn", content)
    assert tried(site, [long, *forms]).words(".gd-chip")[0] == "能走到结束"
    monkeypatch.setattr(trying, "SECONDS", 0.1)
    assert tried(site, [long, *forms]).words(".gd-chip")[0] == "没有试：时间到了"


def test_who_may_not_publish_tries_nothing(site: Site) -> None:
    parts = [(io.BytesIO(content), name) for name, content in pages.crash_files()]
    assert site.browser("lina").post("/types", {"files": parts, "try": "1"}).status == 403
