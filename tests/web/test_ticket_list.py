"""The list of all tickets: filters and columns in its address, saved views, bulk actions, exports, the palette."""

from __future__ import annotations

import csv
import io
from uuid import uuid4
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import sqlalchemy as sa

from tests.web.site import Page, Site
from tickets.audit import AuditEntry
from tickets.places import Place


@pytest.fixture(autouse=True)
def shipped(site: Site) -> None:
    site.play.ship("crash_report")


def numbers(page: Page) -> list[str]:
    return page.words("tbody .gd-no")


def place(site: Site, external_id: str) -> str:
    with site.cast.runtime.reading() as session:
        return str(session.scalars(sa.select(Place.public_id).where(Place.external_id == external_id)).one())


def settle(site: Site) -> None:
    site.play.settle()


def test_words_are_found_in_titles_and_numbers(site: Site) -> None:
    first, second = site.file_crash(), site.file_crash("sunyue", phone_model="iPad 9")
    settle(site)
    lina = site.browser("lina")
    assert numbers(lina.get("/tickets?q=ipad")) == [second]
    assert numbers(lina.get(f"/tickets?q={first.lower()}")) == [first]


def test_every_filter_is_a_chip_that_takes_itself_away(site: Site) -> None:
    site.file_crash()
    page = site.browser("lina").get("/tickets?status=open&type=crash_report&created=last7d&overdue=1&owner=nobody")
    chips = page.words(".gd-filter.on .gd-trunc")
    assert chips[:2] == ["状态: 未结束", "类型: 崩溃上报"]
    assert len(chips) == 5
    first = page.value(".gd-filter.on", "href")
    assert "status=open" not in first
    assert "created=last7d" in first


def test_what_an_address_says_wrongly_is_told_and_the_rest_is_kept(site: Site) -> None:
    number = site.file_crash()
    page = site.browser("lina").get("/tickets?status=done&priority=normal")
    assert page.status == 200
    assert "status=done" in page.words(".gd-note")[0]
    assert numbers(page) == [number]


def test_a_place_holds_what_is_below_it_and_other_brands_are_not_named(site: Site) -> None:
    mine, theirs = site.file_crash("zhoulan"), site.file_crash("huangyi")
    chenxiao, zhaomin = site.browser("chenxiao"), site.browser("zhaomin")
    assert numbers(chenxiao.get(f"/tickets?place={place(site, 'kapok')}")) == [theirs]
    assert numbers(chenxiao.get(f"/tickets?place={place(site, 'qinghe')}")) == [mine]
    page = zhaomin.get(f"/tickets?place={place(site, 'kapok')}")
    assert numbers(page) == []
    assert "木棉" not in page.words(".gd-filter.on")[0]
    assert "木棉" not in zhaomin.get("/tickets/filters").text


def test_names_that_a_form_sends_become_ids_and_unknown_ones_are_told(site: Site) -> None:
    number = site.file_crash()
    lina = site.browser("lina")
    lina.post(f"/tickets/{number}/acceptance")
    answer = lina.get("/tickets?status=open&owner_is=李娜")
    assert answer.status == 303
    page = lina.get(answer.location)
    assert numbers(page) == [number]
    assert "接单人: 李娜" in page.words(".gd-filter.on .gd-trunc")
    refused = lina.get("/tickets?owner_is=nobody+we+know")
    assert "nobody we know" in refused.words(".gd-err")[0]


def test_a_types_own_fields_are_columns_and_filters(site: Site) -> None:
    site.file_crash(phone_model="HUAWEI P60")
    second = site.file_crash("sunyue", phone_model="iPad 9")
    settle(site)
    lina = site.browser("lina")
    page = lina.get("/tickets?type=crash_report&cols=status,f.phone_model,f.os&f.has.phone_model=ipad")
    assert numbers(page) == [second]
    assert page.words("thead th")[-2:] == ["机型", "系统"]
    assert "HarmonyOS" in page.words("tbody td")[-1]
    down = lina.get("/tickets?type=crash_report&cols=f.phone_model&sort=field_down.phone_model")
    assert numbers(down)[0] == second
    assert down.value("th[aria-sort]", "aria-sort") == "descending"


def test_columns_are_chosen_and_strange_ones_are_passed_over(site: Site) -> None:
    site.file_crash()
    page = site.browser("lina").get("/tickets?cols=requester,place,nonsense,created")
    assert len(page.words("thead th")) == 3 + 3
    assert page.words("thead th")[3] == "提单人"


def test_counts_are_of_what_one_sees(site: Site) -> None:
    site.file_crash("zhoulan")
    site.file_crash("huangyi")
    assert site.browser("zhaomin").get("/tickets").words("#list-count") == ["1"]
    assert site.browser("chenxiao").get("/tickets").words("#list-count") == ["2"]


# Saved views


def keep(site: Site, login: str, name: str, query: str, readers: str = "") -> Page:
    return site.browser(login).post("/views", {"name": name, "query": query, "for": readers})


def tabs(site: Site, login: str) -> list[str]:
    return [text.split()[0] for text in site.browser(login).get("/tickets?view=all").words(".gd-tabs a")[1:-1]]


def test_a_saved_view_is_ones_own_and_opens_as_it_was_kept(site: Site) -> None:
    number = site.file_crash()
    site.file_crash()
    site.browser("lina").post(f"/tickets/{number}/acceptance")
    kept = keep(site, "lina", "我的", "owner=me&sort=due&cols=status,due&cursor=x&view=y&strange=1")
    lina = site.browser("lina")
    opened = lina.follow(lina.get(kept.location))
    assert numbers(opened) == [number]
    assert opened.words("thead th")[-2:] == ["状态", "时限"]
    assert opened.words(".gd-tabs a[aria-current]") == ["我的"]
    assert "strange" not in kept.location
    assert tabs(site, "zhangwei") == []


def test_the_list_opens_with_the_default_view(site: Site) -> None:
    keep(site, "lina", "我的", "owner=me")
    lina = site.browser("lina")
    view = lina.get("/views").value("input[name=view]")
    lina.post("/views/default", {"view": view})
    assert "owner=me" in lina.get("/tickets").location
    assert lina.get("/tickets?view=all").status == 200
    lina.post("/views/default", {})
    assert lina.get("/tickets").status == 200


def test_views_are_shared_by_those_who_dispatch_within_their_brand(site: Site) -> None:
    assert keep(site, "lina", "大家的", "status=open", "all").status == 403
    assert keep(site, "zhaomin", "本校未结", "status=open", "all").status == 303
    assert keep(site, "zhaomin", "给顾问", "status=open", "campus_head").status == 303
    assert tabs(site, "zhaomin") == ["本校未结", "给顾问"]
    assert tabs(site, "tangyan") == ["本校未结"]
    assert tabs(site, "chenxiao") == []  # of the group, not of that brand


def test_only_whoever_made_a_view_changes_it(site: Site) -> None:
    kept = keep(site, "zhaomin", "本校未结", "status=open", "all").location
    assert site.browser("tangyan").post(f"{kept}/removal").status == 403
    assert site.browser("lina").post(f"{kept}/removal").status == 404
    zhaomin = site.browser("zhaomin")
    assert zhaomin.post(kept, {"name": "南山未结", "for": ""}).status == 303
    assert tabs(site, "tangyan") == []
    assert zhaomin.post(f"{kept}/removal").status == 303
    assert zhaomin.get(kept).status == 404


def test_a_view_without_a_name_is_refused_and_saving_twice_keeps_one(site: Site) -> None:
    assert keep(site, "lina", " ", "status=open").status == 422
    keep(site, "lina", "一", "status=open")
    keep(site, "lina", "一", "status=closed")
    assert tabs(site, "lina") == ["一"]


# Bulk actions


def bulk(site: Site, login: str, verb: str, chosen: list[str], **fields: str) -> Page:
    form = {"verb": verb, "number": chosen, "key": str(uuid4()), "back": "/tickets?view=all", **fields}
    return site.browser(login).post("/tickets/bulk", form)


def test_a_bulk_action_does_each_by_its_own_rules_and_says_which_not(site: Site) -> None:
    mine, other = site.file_crash(), site.file_crash("sunyue")
    site.browser("lina").post(f"/tickets/{mine}/acceptance")
    answer = bulk(site, "lina", "priority", [mine, other, "CR-999999"], **{"priority-priority": "high"})
    page = site.browser("lina").get(answer.location)
    refused = dict(zip(page.words("tbody .gd-no"), page.words("tbody td.full"), strict=True))
    assert set(refused) == {other, "CR-999999"}
    assert all(refused.values())
    assert site.browser("lina").get("/tickets?view=all&priority=high").words("tbody .gd-no") == [mine]


def test_the_same_form_twice_is_done_once(site: Site) -> None:
    number = site.file_crash()
    form = {"verb": "note", "number": [number], "key": str(uuid4()), "note-text": "看过了"}
    lina = site.browser("lina")
    assert [lina.post("/tickets/bulk", form).status for _ in range(2)] == [303, 303]
    assert lina.get(f"/tickets/{number}").text.count("看过了") == 1


def test_nothing_selected_and_too_many_are_refused(site: Site) -> None:
    assert bulk(site, "lina", "accept", []).status == 422
    assert bulk(site, "lina", "accept", [f"CR-{n}" for n in range(201)]).status == 422
    assert bulk(site, "lina", "explode", ["CR-1"]).status == 422
    assert site.browser("lina").post("/tickets/bulk", {"verb": "accept", "key": "x"}).status == 422


def test_what_an_action_did_is_seen_by_whoever_did_it(site: Site) -> None:
    location = bulk(site, "lina", "accept", ["CR-999999"]).location
    assert site.browser("lina").get(location).status == 200
    assert site.browser("zhangwei").get(location).status == 404


def test_tasks_selected_in_the_inbox_are_transferred_to_one_person(site: Site) -> None:
    mine = [site.file_crash(), site.file_crash("sunyue")]
    lina = site.browser("lina")
    for _ in mine:
        lina.post("/inbox/claims")
    inbox = lina.get("/inbox")
    rows = [box.get("value") or "" for box in inbox.tree.cssselect("tbody input[name=number]")]
    assert sorted(row.partition("/")[0] for row in rows) == sorted(mine)
    assert "transfer" in [button.get("value") for button in inbox.tree.cssselect("[data-bulk-bar] [name=verb]")]
    given = {"transfer-person": "wanglei", "transfer-text": "我下周休假"}
    assert bulk(site, "lina", "transfer", rows, **given).status == 303
    assert sorted(site.browser("wanglei").get("/inbox").words("tbody .gd-no")) == sorted(mine)
    again = bulk(site, "lina", "transfer", rows, **given)
    assert sorted(lina.get(again.location).words("tbody .gd-no")) == sorted(mine)


def test_rows_that_are_tickets_offer_no_transfer_of_tasks(site: Site) -> None:
    number = site.file_crash()
    lina = site.browser("lina")
    lina.post("/inbox/claims")
    for address in ("/tickets?view=all", "/inbox?view=owned"):
        page = lina.get(address)
        assert "transfer" not in [button.get("value") for button in page.tree.cssselect("[data-bulk-bar] [name=verb]")]
    given = {"transfer-person": "wanglei", "transfer-text": "忙"}
    assert bulk(site, "lina", "transfer", [number], **given).status == 422
    assert bulk(site, "lina", "transfer", [f"{number}/nothing"], **given).status == 422


# Exports


def export(site: Site, login: str, query: str, kind: str = "csv") -> Page:
    return site.browser(login).post("/tickets/exports", {"query": query, "format": kind})


def rows_of(page: Page) -> list[list[str]]:
    assert page.content.startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(page.content.decode("utf-8-sig"))))


def test_an_export_has_the_lists_rows_and_columns_and_no_more(site: Site) -> None:
    mine = site.file_crash("zhoulan")
    site.file_crash("huangyi")
    page = export(site, "zhaomin", "status=open&cols=status,requester,created")
    assert page.headers["Content-Disposition"].startswith("attachment")
    head, *rows = rows_of(page)
    assert head[2:5] == ["优先级", "状态", "提单人"]
    assert [row[0] for row in rows] == [mine]
    assert rows[0][2:5] == ["中", "待接单", "周岚"]
    with site.cast.runtime.reading() as session:
        noted = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "tickets.exported")).one()
    assert noted.actor_id == site.cast.people["zhaomin"]
    assert noted.after["rows"] == 1


def test_a_workbook_has_the_same_rows_with_moments_as_moments(site: Site) -> None:
    number = site.file_crash("zhoulan")
    page = export(site, "zhaomin", "cols=created", "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(page.content)).active
    assert sheet
    head, row = sheet.iter_rows(values_only=True)
    assert (len(head), row[0]) == (4, number)
    assert row[3] == site.cast.clock.now().astimezone(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)


def test_whoever_may_not_export_does_not(site: Site) -> None:
    assert export(site, "lina", "").status == 403
    assert "导出" not in site.browser("lina").get("/tickets?view=all").words(".gd-bar")[0]
    assert export(site, "zhaomin", "", "pdf").status == 422


def test_a_large_export_is_a_jobs_and_one_persons_for_a_day(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from web.lists import exports

    monkeypatch.setattr(exports, "AT_ONCE", 1)
    written = [site.file_crash("zhoulan") for _ in range(3)]
    where = export(site, "zhaomin", "sort=oldest").location
    zhaomin = site.browser("zhaomin")
    assert zhaomin.get(where).tree.cssselect("progress")
    assert zhaomin.get(f"{where}/file").status == 404
    settle(site)
    assert zhaomin.get(where).tree.cssselect("a[download]")
    assert [row[0] for row in rows_of(zhaomin.get(f"{where}/file"))[1:]] == written
    assert site.browser("chenxiao").get(where).status == 404
    assert site.browser("chenxiao").get(f"{where}/file").status == 404
    site.play.pass_time(hours=25)
    assert zhaomin.get(f"{where}/file").status == 404
    assert not list((site.cast.runtime.files_folder.parent / "exports").iterdir())


def test_a_large_export_can_be_stopped(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from web.lists import exports

    monkeypatch.setattr(exports, "AT_ONCE", 0)
    site.file_crash("zhoulan")
    where = export(site, "zhaomin", "").location
    zhaomin = site.browser("zhaomin")
    zhaomin.post(f"{where}/stop")
    settle(site)
    assert zhaomin.get(f"{where}/file").status == 404


# The palette


def test_the_palette_finds_what_one_may_see(site: Site) -> None:
    mine, theirs = site.file_crash("zhoulan"), site.file_crash("huangyi")

    def found(login: str, typed: str) -> list[str]:
        return site.browser(login).get(f"/palette?q={typed}", HX_Request="true").words("a[data-way]")

    assert mine in found("zhaomin", mine)[0]
    assert mine in found("zhaomin", mine.removeprefix("CR-"))[0]
    assert found("zhaomin", theirs) == []
    assert found("zhaomin", "收件") == ["收件箱"]
    assert any("李娜" in text for text in found("zhangwei", "李娜"))
    assert found("lina", "赵敏") == []
    assert site.browser("zhoulan").get("/palette?q=CR").status == 200


# Similar tickets


def test_similar_tickets_are_of_the_type_and_ones_own_sight_the_ended_first(site: Site) -> None:
    ended, alike, other, theirs = (
        site.file_crash("zhoulan"),
        site.file_crash("zhoulan"),
        site.file_crash("zhoulan", phone_model="iPad 9", os="ipados", os_version="17", app_version="1.0.0"),
        site.file_crash("huangyi"),
    )
    mine = site.file_crash("zhoulan")
    bulk(site, "zhaomin", "close", [ended], **{"close-text": "重复"})
    settle(site)
    found = site.browser("zhaomin").get(f"/tickets/{mine}/similar", HX_Request="true").words(".gd-no")
    assert found[:2] == [ended, alike]
    assert theirs not in found
    assert found.index(alike) < found.index(other) if other in found else True
    assert theirs in site.browser("lina").get(f"/tickets/{mine}/similar").words(".card .gd-no")
    assert site.browser("zhoulan").get(f"/tickets/{mine}/similar").status == 404
    assert site.browser("wanglei").get(f"/tickets/{mine}/similar").status == 404
