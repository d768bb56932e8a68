"""The page that moves running tickets to the live version: what it says before, and what is so after."""

from __future__ import annotations

from tests.engine.build import chain, end, start
from tests.tickets.play import Play, files, staff
from tests.web.site import Site
from tests.web.test_type_pages import page_of


def errand(play: Play, *elements: str) -> None:
    named = (staff(one, name=f"环节{one}") for one in elements)
    assert play.upload(files(start(), *named, end(), chain("begin", *elements, "done"))).report.accepted


def test_a_designer_sees_what_goes_and_what_stays_and_moves_it(site: Site) -> None:
    play, hejing = Play(site.cast), site.browser("hejing")
    errand(play, "sort", "work")
    stays, goes = play.file("zhoulan"), play.file("zhoulan")
    play.complete("lina", "sort", goes)
    errand(play, "work", "check")
    versions = hejing.get(page_of(site))
    address = str(versions.value("a[href$='/tickets']", "href"))
    page = hejing.get(address)
    assert "1 张进行中的工单改按 v2 继续。" in page.text
    (row,) = page.words("#stay ~ * tbody tr, .gd-t tbody tr")
    assert "环节sort" in row
    assert stays in row
    assert "那个版本里没有它" in row
    answer = hejing.post(address, {})
    play.settle()
    assert hejing.follow(answer).toasts == ["正在迁移 v1 上能迁移的工单，共 2 张。"]
    assert "第 1 版迁移到第 2 版" in site.browser("lina").get(f"/tickets/{goes}").text
    assert "另" not in hejing.get(address).text


def test_the_live_version_has_nothing_to_move_and_says_so(site: Site) -> None:
    play, hejing = Play(site.cast), site.browser("hejing")
    errand(play, "work")
    answer = hejing.get(f"{page_of(site)}/versions/1/tickets")
    assert answer.status == 303
    assert hejing.follow(answer).toasts == ["这就是线上版本，它的工单已经在用。"]
    errand(play, "work", "check")
    assert "没有工单在 v1 上运行。" in hejing.get(f"{page_of(site)}/versions/1/tickets").text
