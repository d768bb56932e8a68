"""An urge waits for its answer at the top of the ticket's page and in the inbox of whoever is to answer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.web.site import Site


@pytest.fixture
def number(site: Site) -> str:
    """A crash report that lina answers for and zhoulan urges."""
    site.play.ship("crash_report")
    number = site.file_crash()
    site.browser("lina").post(f"/tickets/{number}/acceptance")
    assert site.browser("zhoulan").post(f"/tickets/{number}/urges", {"why": "明天开课"}).status == 303
    return number


def test_the_owner_answers_at_the_top_of_the_page(site: Site, number: str) -> None:
    lina = site.browser("lina", language="en")
    page = lina.get(f"/tickets/{number}")
    assert page.words("#urged h2") == ["周岚 waits for an answer"]
    assert page.words("#urged p") == ["明天开课"]
    address = page.value("#urged form", "action")
    expected = site.cast.clock.now().strftime("%Y-%m-%dT23:59")
    answered = lina.follow(lina.post(address, {"body": "等厂商", "expected": expected}))
    assert answered.tree.cssselect("#urged") == []
    facts = answered.words("#side .gd-props dt")
    assert answered.words("#side .gd-props dd")[facts.index("Expected")] == "Today 23:59"
    assert "等厂商" in answered.text


def test_only_who_is_to_answer_is_asked_so(site: Site, number: str) -> None:
    assert site.browser("zhoulan").get(f"/tickets/{number}").tree.cssselect("#urged") == []
    lead = site.browser("zhangwei", language="en").get(f"/tickets/{number}")
    assert lead.tree.cssselect("#urged") == []
    assert lead.tree.cssselect("#story a[href$='/do/answer_urge']"), "a dispatcher may, beside the owner"


def test_the_inbox_leads_to_the_answer(site: Site, number: str) -> None:
    lina = site.browser("lina", language="en")
    for view in ("mine", "owned"):
        (link,) = lina.get(f"/inbox?view={view}").tree.cssselect("tbody a[href$='/do/answer_urge']")
        assert link.text_content().strip() == "Answer the urge"
    assert lina.get(f"/tickets/{number}/do/answer_urge").status == 200


def test_the_requester_sees_by_when_it_is_expected_before_and_after_the_answer(site: Site, number: str) -> None:
    zhoulan = site.browser("zhoulan", language="en")
    before = zhoulan.get(f"/tickets/{number}").words("[aria-label=Progress] .gd-sub")
    assert before[0].startswith("Urged; 李娜 says here why")
    assert "Expected by" in before[0], "what is promised still holds while the urge waits"
    expected = site.cast.clock.now() + timedelta(days=1)
    answer = {"body": "等厂商", "expected": expected.strftime("%Y-%m-%dT18:00")}
    site.browser("lina").post(f"/tickets/{number}/urge-answers", answer)
    after = zhoulan.get(f"/tickets/{number}").words("[aria-label=Progress] .gd-sub")
    assert after == ["Expected by tomorrow 18:00. If it is not done then, you can urge again."]
