"""The designers' pages: the list of ticket types, one type, the upload and its report, the files as uploaded."""

from __future__ import annotations

import io
import json
import re
import uuid
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import processes
from engine.models import Deployment, ProcessDefinition
from forms import parse_json
from tests.api.caller import FILES, REPAIR
from tests.engine import build
from tests.web.site import Page, Site, Visitor
from tickets.deploying import deploy
from tickets.filing import file_ticket
from tickets.types import TicketType
from web.standards.words import cycle_words

CRASH = Path(str(processes.__file__)).parent / "crash_report"
BAD = Path(__file__).parents[1] / "engine" / "files"


def upload(visitor: Visitor, *files: tuple[str, bytes]) -> Page:
    parts: list[Any] = [(io.BytesIO(content), name) for name, content in files]
    return visitor.post("/types", {"files": parts})


def crash_files() -> list[tuple[str, bytes]]:
    return [(path.name, path.read_bytes()) for path in sorted(CRASH.iterdir())]


def publish(site: Site) -> None:
    """The shipped crash report, for the whole group."""
    assert deploy(site.cast.runtime, None, dict(crash_files())).types


def page_of(site: Site, login: str = "hejing") -> str:
    """The address of the only type's page."""
    visitor = site.browser(login)
    return str(visitor.get("/types").value("a.gd-subj", "href"))


def test_a_designer_uploads_and_lands_on_the_types_page(site: Site) -> None:
    hejing = site.browser("hejing")
    answer = upload(hejing, *crash_files())
    assert answer.status == 303
    page = hejing.follow(answer)
    assert page.toasts == ["「崩溃上报」v1 已上线。"]
    assert "崩溃上报" in page.words("title")[0]
    (diagram,) = page.tree.cssselect("[data-bpmn-src]")
    drawing = hejing.get(str(diagram.get("data-bpmn-src")))
    assert "<bpmndi:BPMNDiagram" in drawing.text
    assert drawing.headers["Content-Type"] == "application/xml; charset=utf-8"


def check(visitor: Visitor, *files: tuple[str, bytes]) -> Page:
    """As with the button “Only check”."""
    parts: list[Any] = [(io.BytesIO(content), name) for name, content in files]
    return visitor.post("/types", {"files": parts, "check": "1"})


def test_what_is_only_checked_gets_its_report_and_is_not_kept(site: Site) -> None:
    hejing = site.browser("hejing")
    assert 'name="check"' in hejing.get("/types/new").text
    page = check(hejing, *crash_files())
    assert page.status == 200
    (told,) = page.words("section [role=status]")
    assert "「崩溃上报」 v1" in told or "「崩溃上报」v1" in told
    assert page.tree.cssselect(".gd-diagram[data-bpmn-xml]")
    for model in (TicketType, Deployment, ProcessDefinition):
        with site.cast.runtime.reading() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(model)) == 0
    upload(hejing, *crash_files())
    assert "v1" in check(hejing, *crash_files()).words("section [role=status]")[0]


def test_a_check_says_every_mistake(site: Site) -> None:
    bad = ("bad_timer.bpmn", (BAD / "bad_timer.bpmn").read_bytes())
    hejing = site.browser("hejing")
    found, refused = check(hejing, bad), upload(hejing, bad)
    assert found.words("ol.gd-list") == refused.words("ol.gd-list")
    assert found.words("[role=alert]")
    assert check(hejing, ("notes.txt", b"hello")).status == 422


def test_the_same_files_again_make_no_version(site: Site) -> None:
    hejing = site.browser("hejing")
    hejing.follow(upload(hejing, *crash_files()))
    assert "v1" in hejing.follow(upload(hejing, *crash_files())).toasts[0]
    assert len(hejing.get(page_of(site)).words("table tbody tr")) == 1


def test_a_designer_of_the_group_says_for_which_brand_a_type_is(site: Site) -> None:
    hejing = site.browser("hejing")
    form = hejing.get("/types/new")
    choices = {str(each.text): str(each.get("value")) for each in form.tree.cssselect("#brand option")}
    assert next(iter(choices)) == "启明教育集团"
    assert form.value("#brand option[selected]", "value") == choices["启明教育集团"]
    parts: list[Any] = [(io.BytesIO(content), name) for name, content in crash_files()]
    assert hejing.post("/types", {"files": parts, "brand": choices["青禾英语"]}).status == 303
    assert "青禾英语" in hejing.get("/types").words("table tbody tr")[0]
    parts = [(io.BytesIO(content), name) for name, content in crash_files()]
    assert hejing.post("/types", {"files": parts, "brand": str(uuid.uuid4())}).status == 422


def test_a_new_version_is_for_whom_the_type_is(site: Site) -> None:
    hejing = site.browser("hejing")
    choices = {str(each.text): str(each.get("value")) for each in hejing.get("/types/new").tree.cssselect("option")}
    parts: list[Any] = [(io.BytesIO(content), name) for name, content in crash_files()]
    hejing.post("/types", {"files": parts, "brand": choices["青禾英语"]})
    link = hejing.get(page_of(site)).value("a.btn-primary[href^='/types/new']", "href")
    assert hejing.get(link).value("#brand option[selected]", "value") == choices["青禾英语"]


def test_a_new_version_is_live_and_the_old_one_is_kept(site: Site) -> None:
    hejing = site.browser("hejing")
    upload(hejing, *crash_files())
    bpmn = [(name, content.replace("崩溃上报".encode(), "闪退上报".encode())) for name, content in crash_files()]
    page = hejing.follow(upload(hejing, *bpmn))
    rows = page.words("table tbody tr")
    assert [row.split()[:2] for row in rows] == [["v2", "线上"], ["v1", "已停用"]]


def changed_files(name: str) -> list[tuple[str, bytes]]:
    """The crash report under another name."""
    return [(path, content.replace("崩溃上报".encode(), name.encode())) for path, content in crash_files()]


def test_an_older_version_is_published_again_after_saying_what_that_means(site: Site) -> None:
    hejing = site.browser("hejing")
    upload(hejing, *crash_files())
    page = hejing.follow(upload(hejing, *changed_files("闪退上报")))
    (offer,) = page.tree.cssselect("table a.btn")
    asked = hejing.get(str(offer.get("href")))
    words = " ".join(asked.words("form li"))
    assert "v1 成为 v3" in words
    assert "新工单按 v3 走" in words
    assert asked.value("input[name=live]", "value") == "2"
    answer = hejing.post(str(offer.get("href")), {"live": "2"})
    shown = hejing.follow(answer)
    assert shown.toasts == ["「崩溃上报」v3 已上线，用的是 v1 的文件。"]
    rows = [row.split()[:2] for row in shown.words("table tbody tr")]
    assert rows == [["v3", "线上"], ["v2", "已停用"], ["v1", "已停用"]]
    offers = [str(link.get("href")) for link in shown.tree.cssselect("table a.btn")]
    assert [address.split("/versions/")[1] for address in offers] == ["2/publication"], "v1 is what is live"


def test_going_back_says_when_it_is_too_late_or_needless(site: Site) -> None:
    hejing = site.browser("hejing")
    upload(hejing, *crash_files())
    upload(hejing, *changed_files("闪退上报"))
    address = page_of(site)
    upload(hejing, *changed_files("宕机上报"))
    late = hejing.follow(hejing.post(f"{address}/versions/1/publication", {"live": "2"}))
    assert "v3" in late.toasts[-1]
    needless = hejing.get(f"{address}/versions/3/publication")
    assert "版本 3" in hejing.follow(needless).toasts[-1]
    assert len(hejing.get(address).words("table tbody tr")) == 3


def test_only_those_who_publish_are_offered_to_go_back(site: Site) -> None:
    hejing = site.browser("hejing")
    upload(hejing, *crash_files())
    upload(hejing, *changed_files("闪退上报"))
    address = f"{page_of(site)}/versions/1/publication"
    chenxiao = site.browser("chenxiao")
    assert not chenxiao.get(page_of(site)).tree.cssselect("table a.btn")
    assert chenxiao.get(address).status == 403
    assert chenxiao.post(address, {"live": "2"}).status == 403
    assert site.browser("lina").get(address).status == 403


def test_a_types_page_leads_those_who_may_to_its_form(site: Site) -> None:
    publish(site)
    link = "a[href='/tickets/new/crash_report']"
    assert site.browser("hejing").get(page_of(site)).tree.cssselect(link)
    with site.cast.runtime.writing() as session, session.begin():
        session.scalars(sa.select(TicketType)).one().start_roles = ["developer"]
    assert not site.browser("hejing").get(page_of(site)).tree.cssselect(link)


def test_warnings_stay_with_the_version_and_are_marked_in_its_diagram(site: Site) -> None:
    hejing = site.browser("hejing")
    unassigned = [
        (name, content.replace(b'camunda:candidateGroups="developer"', b"")) for name, content in crash_files()
    ]
    page = hejing.follow(upload(hejing, *unassigned))
    (diagram,) = page.tree.cssselect(".gd-diagram")
    assert "Task_Develop" in json.loads(str(diagram.get("data-incident")))
    assert "Task_Develop" in " ".join(page.words("ol.gd-list"))


def test_the_same_of_several_elements_is_told_once(site: Site) -> None:
    hejing = site.browser("hejing")
    nobodys = [build.user(each, camunda__candidateGroups="") for each in ("a", "b", "c")]
    drawn = build.bpmn(build.start(), *nobodys, build.end(), build.chain("begin", "a", "b", "c", "done"))
    page = hejing.follow(upload(hejing, ("nobody.bpmn", drawn)))
    (row,) = page.tree.cssselect("ol.gd-list > li")
    assert [place.text_content().split()[0] for place in row.cssselect("ul > li")] == ["a", "b", "c"]
    assert len(row.cssselect("p")) == 2


def test_a_file_without_a_drawing_says_so(site: Site) -> None:
    hejing = site.browser("hejing")
    page = hejing.follow(upload(hejing, ("loop_back.bpmn", (BAD / "loop_back.bpmn").read_bytes())))
    assert not page.tree.cssselect("[data-bpmn-src]")


def test_several_processes_of_one_upload_lead_to_the_list(site: Site) -> None:
    hejing = site.browser("hejing")
    both = [(path.name, path.read_bytes()) for path in BAD.glob("*call*.bpmn") if not path.stem.startswith("bad")]
    answer = upload(hejing, *both)
    assert answer.location == "/types"


@pytest.mark.parametrize("name", sorted(path.name for path in BAD.glob("bad_*.bpmn") if path.stem != "bad_endless"))
def test_a_bad_file_gets_a_report_that_says_how_to_mend_it_or_what_was_made_of_it(site: Site, name: str) -> None:
    hejing = site.browser("hejing")
    page = upload(hejing, (name, (BAD / name).read_bytes()))
    if page.status == 303:
        page = hejing.follow(page)
    else:
        assert page.status == 422
    items = page.tree.cssselect("ol.gd-list > li")
    assert items
    for item in items:
        problem, remedy = item.cssselect("p")
        assert problem.text_content().strip()
        assert remedy.text_content().strip()
    assert name in " ".join(page.words("ol.gd-list"))


def test_a_refused_drawing_shows_which_row_of_the_report_is_about_what(site: Site) -> None:
    name, content = crash_files()[[name for name, _ in crash_files()].index("crash_report.bpmn")]
    wrong = content.replace(b'id="Task_Reply" name', b'id="Task_Reply" camunda:dueDate="${1 +}" name')
    assert wrong != content
    page = upload(site.browser("hejing"), (name, wrong))
    (drawn,) = page.tree.cssselect("[data-bpmn-xml]")
    assert json.loads(str(drawn.get("data-wrong"))) == ["Task_Reply"]
    assert "Task_Triage" in json.loads(str(drawn.get("data-incident"))), "its form was not uploaded"
    numbers = json.loads(str(drawn.get("data-numbers")))
    assert numbers["Task_Reply"].split(" · ")[0] == "1"
    first = page.tree.cssselect("ol.gd-list > li")[0]
    assert [button.get("data-show") for button in first.cssselect("button")] == ["Task_Reply"]


def test_a_process_without_a_name_is_said_to_show_its_id(site: Site) -> None:
    content = build.bpmn(
        build.start(), build.user("a"), build.end(), build.chain("begin", "a", "done"), process="p_17x"
    )
    hejing = site.browser("hejing")
    assert "没有名称" in " ".join(check(hejing, ("p.bpmn", content)).words("[role=status]"))
    assert "没有名称" in " ".join(hejing.follow(upload(hejing, ("p.bpmn", content))).words(".gd-note.t-orange"))
    named = content.replace(b'id="p_17x"', b'id="p_17x" name="Errand"')
    assert "没有名称" not in check(hejing, ("p.bpmn", named)).text
    assert "没有名称" not in hejing.follow(upload(hejing, ("p.bpmn", named))).text


def test_the_report_is_in_the_readers_language(site: Site) -> None:
    bad = ("bad_timer.bpmn", (BAD / "bad_timer.bpmn").read_bytes())
    chinese = upload(site.browser("hejing"), bad).words("[role=alert]")
    english = site.browser("hejing")
    english.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert upload(english, bad).words("[role=alert]") != chinese


def test_the_report_calls_elements_as_they_are_called_in_the_readers_language(site: Site) -> None:
    names = build.settings(**{"name.zh": "分诊", "name.en": "Triage"})
    triage = build.user("triage", names, name="分诊 Triage", camunda__formKey="ask")
    content = build.bpmn(build.start(), triage, build.end(), build.chain("begin", "triage", "done"))
    hejing = site.browser("hejing")
    checked = check(hejing, ("a.bpmn", content))
    assert "1. 分诊" in checked.words("ol.gd-list strong")
    live = hejing.follow(upload(hejing, ("a.bpmn", content)))
    assert "1. 分诊" in live.words("ol.gd-list strong")
    hejing.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "1. Triage" in check(hejing, ("a.bpmn", content)).words("ol.gd-list strong")


@pytest.mark.parametrize(
    ("name", "content"),
    [("notes.txt", b"hello"), ("p.zip", b"PK\x03\x04 cut off"), ("evil<b>.zip", b"PK\x03\x04"), ("", b"")],
)
def test_what_is_no_bundle_is_refused_and_said_why(site: Site, name: str, content: bytes) -> None:
    page = upload(site.browser("hejing"), (name, content))
    assert page.status == 422
    assert page.words("[role=alert]")
    assert "<b>" not in page.text


def test_hostile_names_in_a_file_are_shown_as_text(site: Site) -> None:
    raw = (BAD / "bad_timer.bpmn").read_bytes().replace(b'name="Wait"', b'name="&lt;script&gt;alert(1)&lt;/script&gt;"')
    page = upload(site.browser("hejing"), ("a.bpmn", raw))
    assert "<script>alert" not in page.text


def test_files_are_given_back_byte_for_byte(site: Site) -> None:
    hejing = site.browser("hejing")
    upload(hejing, *crash_files())
    address = page_of(site)
    one = hejing.client.get(f"{address}/versions/1/files/triage.form", buffered=True)
    assert one.data == (CRASH / "triage.form").read_bytes()
    assert one.headers["Content-Disposition"].startswith("attachment")
    assert one.headers["X-Content-Type-Options"] == "nosniff"
    every = hejing.client.get(f"{address}/versions/1.zip", buffered=True)
    assert every.headers["Content-Disposition"] == "attachment; filename=crash_report-v1.zip"
    with zipfile.ZipFile(io.BytesIO(every.data)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == dict(crash_files())


def test_a_gbk_file_is_drawn_in_utf8_and_given_back_in_gbk(site: Site) -> None:
    hejing = site.browser("hejing")
    raw = (BAD / "gbk.bpmn").read_bytes()
    page = hejing.follow(upload(hejing, ("gbk.bpmn", raw)))
    assert page.status == 200
    drawn = hejing.client.get(f"{page_of(site)}/versions/1/diagram.bpmn", buffered=True).data
    assert "请假" in drawn.decode("utf-8")
    assert drawn.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert hejing.client.get(f"{page_of(site)}/versions/1/files/gbk.bpmn", buffered=True).data == raw


@pytest.mark.parametrize("path", ["/versions/2/files/triage.form", "/versions/1/files/../x", "/versions/9.zip"])
def test_a_file_or_version_that_is_not_there_is_not_found(site: Site, path: str) -> None:
    publish(site)
    assert site.browser("hejing").get(page_of(site) + path).status == 404


@pytest.mark.parametrize("login", ["zhoulan", "lina", "zhaomin"])
def test_others_are_kept_out(site: Site, login: str) -> None:
    publish(site)
    visitor = site.browser(login)
    for path in ("/types", "/types/new", page_of(site), page_of(site) + "/versions/1.zip"):
        assert visitor.get(path).status == 403
    assert upload(visitor, *crash_files()).status == 403
    assert check(visitor, *crash_files()).status == 403


def test_who_may_look_may_not_deploy(site: Site) -> None:
    publish(site)
    chenxiao = site.browser("chenxiao")
    assert not chenxiao.get("/types").tree.cssselect("a[href='/types/new']")
    assert chenxiao.get(page_of(site)).status == 200
    assert upload(chenxiao, *crash_files()).status == 403


def test_nobody_signed_in_is_led_to_the_sign_in_page(site: Site) -> None:
    assert site.anonymous().get("/types").location.startswith("/login")


def test_an_upload_without_the_forgery_token_is_refused(site: Site) -> None:
    client = site.browser("hejing").client
    answer = client.post("/types", data={"files": (io.BytesIO(b"x"), "a.bpmn")}, buffered=True)
    assert answer.status_code == 400


def test_an_unknown_type_is_not_found(site: Site) -> None:
    assert site.browser("hejing").get(f"/types/{uuid.UUID(int=1)}").status == 404


def test_open_tickets_are_counted(site: Site) -> None:
    upload(site.browser("hejing"), *((name, (FILES / name).read_bytes()) for name in REPAIR))
    answer = partial(parse_json, values={"device": "投影仪"}, now=site.cast.clock.now())
    file_ticket(site.cast.runtime, site.cast.zhoulan, type_key="repair", answer=lambda form, _before: answer(form))
    assert sorted(site.browser("hejing").get("/types").words("td.num")) == ["0", "1"]


def test_without_types_it_says_what_to_do(site: Site) -> None:
    page = site.browser("hejing").get("/types")
    assert page.tree.cssselect(".gd-empty a[href='/types/new']")


def test_the_facts_of_a_standard_say_roles_and_the_trigger_in_words(site: Site) -> None:
    site.play.ship("class_kickoff")
    designer = site.browser("chenxiao")
    designer.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    with site.cast.runtime.reading() as session:
        where = session.scalars(sa.select(TicketType.public_id).where(TicketType.key == "class_kickoff")).one()
    told = " ".join(designer.get(f"/types/{where}").words("section[aria-labelledby=facts]"))
    assert "10 days before its start date" in told
    assert "Campus head" in told
    assert not re.search(r"campus_head|-P10D|start_date", told)


@pytest.mark.parametrize(
    ("cycle", "words"),
    [
        ("0 9 1 * *", "On day 1 of every month at 09:00"),
        ("30 8 * * MON", "Every Monday at 08:30"),
        ("0 9 * * 0", "Every Sunday at 09:00"),
        ("15 7 * * *", "Every day at 07:15"),
        ("R/P1M", "Every month"),
        ("R/P7D", "Every week"),
        ("R/P3D", "Every 3 days"),
        ("R3/P1D", "R3/P1D"),
        ("0 9 * * MON-FRI", "0 9 * * MON-FRI"),
        ("no cycle", "no cycle"),
    ],
)
def test_a_cycle_is_said_as_people_say_it(site: Site, cycle: str, words: str) -> None:
    with site.app.test_request_context("/", headers={"Accept-Language": "en"}):
        assert cycle_words(cycle) == words
