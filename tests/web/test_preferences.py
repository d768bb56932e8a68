"""The account menu: language and theme, for the one who chose and for nobody else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.web.site import Site
from tickets.places import Place


def test_the_language_chosen_is_the_language_read(site: Site) -> None:
    lina = site.browser("lina")
    answer = lina.post("/preferences", {"language": "en", "next": "/inbox?view=roles"})
    assert answer.location == "/inbox?view=roles"
    page = lina.get("/inbox")
    assert page.tree.get("lang") == "en"
    assert page.words("h1") == ["Inbox"]
    assert site.browser("wanglei").get("/inbox").words("h1") == ["收件箱"]


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_the_theme_chosen_is_the_theme_seen(site: Site, theme: str) -> None:
    lina = site.browser("lina")
    lina.post("/preferences", {"theme": theme})
    assert lina.get("/inbox").tree.get("data-bs-theme") == theme


@pytest.mark.parametrize("chosen", [{"theme": "pink"}, {"language": "../etc"}, {"language": ""}])
def test_there_is_no_other_choice(site: Site, chosen: dict[str, str]) -> None:
    answer = site.browser("lina").post("/preferences", chosen)
    assert answer.status == 422
    assert site.browser("lina").get("/inbox").tree.get("data-bs-theme") == "auto"


def test_nobody_has_preferences(site: Site) -> None:
    assert site.anonymous().post("/preferences", {"theme": "dark"}).location == "/login"


def test_one_is_not_led_away(site: Site) -> None:
    answer = site.browser("lina").post("/preferences", {"theme": "dark", "next": "//evil.example"})
    assert answer.location == "/"


def test_a_requester_reads_the_name_of_their_place_in_their_language(site: Site) -> None:
    with site.cast.runtime.database.begin() as session:
        session.execute(sa.update(Place).where(Place.name == "深圳南山校区").values(names={"en": "Shenzhen Nanshan"}))
    zhoulan = site.browser("zhoulan")
    assert zhoulan.get("/my-tickets").words(".gd-phead .gd-hide .gd-sub") == ["深圳南山校区"]
    zhoulan.post("/preferences", {"language": "en"})
    assert zhoulan.get("/my-tickets").words(".gd-phead .gd-hide .gd-sub") == ["Shenzhen Nanshan"]
