"""Filing a ticket through the pages: choosing a type, the form, what is refused and shown again."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.engine.build import chain, end, flow, start
from tests.tickets.play import staff
from tests.web.site import CRASH, Site
from tickets.ticket import Ticket


@pytest.fixture(autouse=True)
def shipped(site: Site) -> None:
    site.play.ship("crash_report")


def test_one_chooses_among_the_types_one_may_file(site: Site) -> None:
    page = site.browser("zhoulan").get("/tickets/new")
    assert page.words(".gd-cat b") == ["崩溃上报"]
    assert page.value(".gd-cat", "href") == "/tickets/new/crash_report"


def test_the_form_speaks_the_reader_s_language(site: Site) -> None:
    zhoulan = site.browser("zhoulan")
    assert "机型" in zhoulan.get("/tickets/new/crash_report").words("label.form-label")
    zhoulan.post("/preferences", {"language": "en"})
    page = zhoulan.get("/tickets/new/crash_report")
    assert "Model" in page.words("label.form-label")
    assert page.words("h1") == ["Crash report"]


def test_a_filed_ticket_has_a_number_and_is_shown(site: Site) -> None:
    zhoulan = site.browser("zhoulan")
    answer = zhoulan.post("/tickets", {"type": "crash_report", **CRASH})
    page = zhoulan.follow(answer)
    number = answer.location.removeprefix("/tickets/")
    assert page.toasts == [f"已提交，编号 {number}。"]
    assert "HUAWEI DBY2-W09" in page.text
    assert [row.split()[0] for row in zhoulan.get("/my-tickets").words(".gd-mine .gd-no")] == [number]


def test_what_is_refused_is_shown_again_with_what_was_typed(site: Site) -> None:
    answer = site.browser("zhoulan").post("/tickets", {"type": "crash_report", **CRASH, "app_version": "3.2"})
    assert answer.status == 422
    assert answer.words(".gd-wrong a") == ["App 版本"]
    assert answer.value("[name=app_version]") == "3.2"
    assert answer.value("[name=app_version]", "aria-invalid") == "true"
    assert answer.value("[name=phone_model]") == "HUAWEI DBY2-W09"
    assert site.play.tickets() == []


def test_who_changes_the_language_on_a_refused_form_comes_back_to_it(site: Site) -> None:
    refused = site.browser("zhoulan").post("/tickets?type=crash_report", {**CRASH, "app_version": ""})
    assert refused.status == 422
    assert refused.value("header [name=next]") == "/tickets/new/crash_report"


def test_files_of_a_refused_form_are_kept_and_go_with_the_next(site: Site) -> None:
    zhoulan = site.browser("zhoulan")
    attached = (io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"0" * 100), "课堂 退出.png")
    refused = zhoulan.post("/tickets", {"type": "crash_report", **CRASH, "os": "", "attachments": attached})
    assert refused.status == 422
    kept = refused.value("[name='attachments:kept']")
    page = zhoulan.follow(zhoulan.post("/tickets", {"type": "crash_report", **CRASH, "attachments:kept": kept}))
    assert page.value(".gd-shot", "title") == "课堂 退出.png"
    assert zhoulan.get(page.value(".gd-shot", "href")).status == 200


def test_somebody_else_s_file_can_not_be_attached(site: Site) -> None:
    attached = (io.BytesIO(b"secret"), "secret.txt")
    theirs = site.browser("sunyue").post("/tickets", {"type": "crash_report", "attachments": attached})
    file_id = theirs.value("[name='attachments:kept']")
    answer = site.browser("zhoulan").post("/tickets", {"type": "crash_report", **CRASH, "attachments:kept": file_id})
    assert answer.status == 422
    assert site.play.tickets() == []


def test_a_live_answer_is_the_fields_alone(site: Site) -> None:
    answer = site.browser("zhoulan").post("/tickets/new/crash_report/live", {"phone_model": "iPad"})
    assert answer.status == 200
    assert "<html" not in answer.text
    assert answer.value("[name=phone_model]") == "iPad"
    assert not answer.tree.cssselect(".gd-err"), "nobody is scolded while typing"


@pytest.mark.parametrize("key", ["nothing", "renewal_reminder", "%27", "crash_report%20"])
def test_an_unknown_type_is_not_found(site: Site, key: str) -> None:
    zhoulan = site.browser("zhoulan")
    assert zhoulan.get(f"/tickets/new/{key}").status == 404
    assert zhoulan.post(f"/tickets/new/{key}/live").status == 404
    assert zhoulan.get(f"/tickets/new/{key}/subjects").status == 404


def test_a_type_for_other_roles_is_hidden_and_refused(site: Site) -> None:
    settings: Any = {"start.roles": "designer"}
    site.play.define(start(), end(), flow("begin", "done"), **settings)
    zhoulan = site.browser("zhoulan")
    assert zhoulan.get("/tickets/new").words(".gd-cat b") == ["崩溃上报"]
    assert zhoulan.get("/tickets/new/errand").status == 403
    assert zhoulan.post("/tickets", {"type": "errand"}).status == 403
    assert site.browser("hejing").get("/tickets/new/errand").status == 200


def test_nobody_files_without_signing_in(site: Site) -> None:
    visitor = site.anonymous()
    assert visitor.get("/tickets/new/crash_report").status == 303
    assert visitor.post("/tickets", {"type": "crash_report", **CRASH}).location == "/login"
    assert site.play.tickets() == []


def test_a_designer_without_work_files_and_follows_in_the_staff_s_frame(site: Site) -> None:
    hejing = site.browser("hejing")
    page = hejing.follow(hejing.post("/tickets", {"type": "crash_report", **CRASH}))
    assert page.status == 200
    assert page.tree.cssselect(".gd-rail")


def test_a_type_about_students_asks_which_one(site: Site) -> None:
    site.cast.add_subjects()
    site.play.define(start(), end(), flow("begin", "done"), standard="student")
    zhaomin = site.browser("zhaomin")
    page = zhaomin.get("/tickets/new/errand")
    assert page.tree.cssselect("[name=':subject_name']")
    assert page.words("#subject-title") == ["是关于哪位学员的？"]
    assert len(page.words(".gd-choice")) == 4, "those of her campus, before she has searched"
    refused = zhaomin.post("/tickets", {"type": "errand", ":subject_name": "林"})
    assert refused.status == 422
    assert refused.words("[role=alert]") == ["选一下是关于什么的。"]
    found = zhaomin.get("/tickets/new/errand/subjects?:subject_name=林")
    assert [words.split()[0] for words in found.words(".gd-choice")] == ["林小满"]
    chosen = found.value("[name=':subject']")
    number = zhaomin.post("/tickets", {"type": "errand", ":subject": chosen}).location.removeprefix("/tickets/")
    assert site.play.ticket(number).subject_id is not None


def test_a_subject_that_has_such_a_ticket_under_way_says_so(site: Site) -> None:
    site.cast.add_subjects()
    site.play.define(start(), staff("look"), end(), chain("begin", "look", "done"), standard="student")
    zhaomin = site.browser("zhaomin")
    address = "/tickets/new/errand/subjects?:subject_name=林小满"
    found = zhaomin.get(address)
    assert not found.words(".gd-choice .gd-chip")
    chosen = found.value("[name=':subject']")
    number = zhaomin.post("/tickets", {"type": "errand", ":subject": chosen}).location.removeprefix("/tickets/")
    assert zhaomin.get(address).words(".gd-choice .gd-chip") == [f"{number} 正在办"]
    site.play.complete("lina", "look", number)
    assert not zhaomin.get(address).words(".gd-choice .gd-chip")


def test_who_sees_nothing_that_a_ticket_could_be_about_is_told_whom_to_ask(site: Site) -> None:
    site.play.define(start(), end(), flow("begin", "done"), standard="product")
    page = site.browser("zhaomin").get("/tickets/new/errand")
    assert page.words("#subject-title") == ["是关于哪个产品的？"]
    assert "你看得到的一个也没有" in page.words("#subjects-found")[0]


def test_subjects_of_other_places_are_not_found(site: Site) -> None:
    site.cast.add_subjects()
    site.play.define(start(), end(), flow("begin", "done"), standard="student")
    found = site.browser("zhaomin").get("/tickets/new/errand/subjects?:subject_name=蒋沐阳")
    assert not found.tree.cssselect("[name=':subject']")
    assert "没有找到" in found.text
    theirs = site.play.count(Ticket)
    answer = site.browser("zhaomin").post(
        "/tickets", {"type": "errand", ":subject": "01234567-89ab-7def-8123-456789abcdef"}
    )
    assert answer.status == 404
    assert site.play.count(Ticket) == theirs
