"""The pages of subjects: the list, one with its tickets, the form, the import from CSV."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.web.site import Page, Site, Visitor
from tickets.departing import depart
from tickets.departing.plan import Wish
from tickets.subject_sheet import read_sheet
from tickets.subjects import Subject, SubjectKind

COLUMNS = "kind,external_id,name,place,contract_end\n"


def address(site: Site, external_id: str) -> str:
    with site.cast.runtime.reading() as session:
        public_id = session.scalars(sa.select(Subject.public_id).where(Subject.external_id == external_id)).one()
    return f"/subjects/{public_id}"


def names(page: Page) -> list[str]:
    return page.words("table tbody a.gd-subj")


def filled(page: Page, **changed: str) -> dict[str, Any]:
    """What the form would send as it stands, but for `changed`."""
    form = next(each for each in page.tree.forms if each.fields.get("responsible") is not None)
    values: dict[str, Any] = {}
    for name, value in form.form_values():
        values.setdefault(name, []).append(value)
    return {**values, **changed}


def import_csv(visitor: Visitor, text: str | bytes) -> Page:
    content = text if isinstance(text, bytes) else text.encode()
    return visitor.post("/subjects/import", {"file": (io.BytesIO(content), "subjects.csv")})


def test_a_campus_head_sees_their_campus(site: Site) -> None:
    site.cast.add_subjects()
    found = names(site.browser("zhaomin").get("/subjects"))
    assert "林小满" in found
    assert "梁嘉怡" not in found  # of another campus
    assert "蒋沐阳" not in found  # of another brand


def test_who_takes_over_from_a_leaver_is_led_to_what_they_look_after_without_a_role(site: Site) -> None:
    site.cast.add_subjects()
    site.play.ship("staff_departure")
    depart(site.cast.runtime, site.cast.admin, "liutao", Wish())
    site.play.settle()
    site.play.complete("zhaomin", "Task_HandOver", subjects=[{"to": "zhoulan"}, {}, {}])
    site.play.settle()
    number, zhoulan = site.play.ticket().number, site.browser("zhoulan")
    (told,) = [each for each in zhoulan.get("/notices").tree.cssselect(".gd-notice") if "林小满" in each.text_content()]
    assert "刘涛" in told.text_content()
    page = zhoulan.follow(zhoulan.post(told.xpath("string(../@action)")))
    assert names(page) == ["周六上午 剑桥少儿三级", "林小满"], "with the class that was hers before"
    assert "林小满 现在由 周岚 负责" in site.browser("zhaomin").get(f"/tickets/{number}").text


def test_the_list_is_searched_and_parted_by_kind(site: Site) -> None:
    site.cast.add_subjects()
    chenxiao = site.browser("chenxiao")
    assert names(chenxiao.get("/subjects?q=林小")) == ["林小满"]
    assert names(chenxiao.get("/subjects?q=QH-S-1001")) == ["林小满"]
    assert len(names(chenxiao.get("/subjects?kind=class"))) == 3
    assert chenxiao.get("/subjects?q=没有这个").words(".gd-empty h2") == ["没有找到"]
    assert chenxiao.get("/subjects?kind=dog&q=%25&cursor=").status == 200


def test_a_broken_page_mark_is_said_so(site: Site) -> None:
    assert site.browser("chenxiao").get("/subjects?cursor=x").status == 422


def test_pages_follow_each_other(site: Site) -> None:
    rows = "".join(f"student,S-{n},Student {n},sz-nanshan,\n" for n in range(60))
    admin = site.browser("admin")
    assert import_csv(admin, COLUMNS + rows).status == 303
    first = admin.get("/subjects?kind=student")
    (onward,) = first.tree.cssselect("main a.btn-sm")
    second = admin.get(str(onward.get("href")))
    assert (len(names(first)), len(names(second))) == (50, 10)
    assert not set(names(first)) & set(names(second))


def test_one_is_shown_with_its_facts_and_tickets(site: Site) -> None:
    site.cast.add_subjects()
    page = site.browser("zhaomin").get(address(site, "QH-S-1001"))
    facts = dict(zip(page.words("dl dt"), page.words("dl dd"), strict=True))
    assert facts["年级"] == "三年级"
    assert "刘涛" in facts["负责人"]
    assert "剩 12 天" in facts["合同到期"]


def test_what_standards_go_by_is_said_in_words(site: Site) -> None:
    from tickets.subject_register import put_subject

    facts = {
        "start_date": "2026-12-01",
        "stages": [{"name": "结业", "date": "2027-01-20"}],
        "open": True,
        "教室": "302",
    }
    values = {"name": "小一班", "place": "sz-nanshan", "attributes": {**facts, "students": ["安然", "伯言"], "n": []}}
    put_subject(site.cast.runtime, site.cast.zhaomin, "class", "C-1", values)
    page = site.browser("zhaomin").get(address(site, "C-1"))
    said = dict(zip(page.words("dl dt"), page.words("dl dd"), strict=True))
    wanted = {
        "开课日期": "2026-12-01",
        "阶段日期": "结业 2027-01-20",
        "open": "是",
        "教室": "302",
        "学生": "安然、伯言",
    }
    assert wanted.items() <= said.items()
    assert said["n"] == "—"


def test_a_new_subject_s_page_looks_for_what_standards_begin_until_that_is_over(site: Site) -> None:
    site.cast.add_subjects()
    zhaomin, path = site.browser("zhaomin"), address(site, "QH-S-1001")
    assert zhaomin.get(path).value("#tickets-about", "hx-trigger") == "load delay:3s"
    site.cast.clock.advance(timedelta(minutes=1))
    assert not zhaomin.get(path).tree.cssselect("#tickets-about[hx-trigger]")


def test_a_departed_responsible_is_said_to_be(site: Site) -> None:
    site.cast.add_subjects()
    page = site.browser("zhaomin").get(address(site, "QH-S-1003"))
    assert "已离职" in " ".join(page.words("dl"))


@pytest.mark.parametrize("login", ["zhoulan", "huangyi", "lina"])
def test_who_may_not_see_it_does_not_find_it(site: Site, login: str) -> None:
    site.cast.add_subjects()
    assert site.browser(login).get(address(site, "QH-S-1001")).status == 404


def test_it_is_changed_in_its_form(site: Site) -> None:
    site.cast.add_subjects()
    zhaomin, path = site.browser("zhaomin"), address(site, "QH-S-1001")
    form = zhaomin.get(f"{path}/edit")
    sent = filled(form, name="林小满（转班）", responsible="zhoulan", contract_end="2027-12-31")
    page = zhaomin.follow(zhaomin.post(path, sent))
    facts = dict(zip(page.words("dl dt"), page.words("dl dd"), strict=True))
    assert page.words("h1") == ["林小满（转班）"]
    assert "周岚" in facts["负责人"]
    assert facts["合同到期"] == "2027-12-31"
    assert facts["年级"] == "三年级"


def test_who_answers_for_it_is_said_by_name(site: Site) -> None:
    site.cast.add_subjects()
    zhaomin, path = site.browser("zhaomin"), address(site, "QH-S-1001")
    form = zhaomin.get(f"{path}/edit")
    assert form.value("#responsible") == "刘涛 (liutao)"
    page = zhaomin.follow(zhaomin.post(path, filled(form, responsible="周岚")))
    assert "周岚" in dict(zip(page.words("dl dt"), page.words("dl dd"), strict=True))["负责人"]
    assert "蓝精灵" in zhaomin.post(path, filled(form, responsible="蓝精灵")).words("#responsible-error")[0]


def test_a_class_is_asked_for_the_dates_that_standards_begin_by(site: Site) -> None:
    zhaomin = site.browser("zhaomin")
    asked = zhaomin.get("/subjects/new?kind=class")
    assert asked.words("#dates label") == ["开课日期", "结束日期", "阶段日期", "学生"]
    assert zhaomin.get("/subjects/new").words("#dates label") == ["合同到期"]
    stages = "第一阶段 2027-01-09\r\n结业：2027/3/20\r\n"
    sent = {
        "kind": "class",
        "external_id": "C-9",
        "name": "小九班",
        "place": next(str(each) for each in asked.tree.xpath("//select[@name='place']//option/@value") if each),
        "responsible": "zhoulan",
        "attribute_name": ["start_date", "end_date", "stages", "students", "timetable"],
        "attribute_value": ["2026-12-01", "", stages, "安然、伯言\r\n春生", "周六"],
    }
    page = zhaomin.follow(zhaomin.post("/subjects", sent))
    said = dict(zip(page.words("dl dt"), page.words("dl dd"), strict=True))
    wanted = {
        "开课日期": "2026-12-01",
        "阶段日期": "第一阶段 2027-01-09、结业 2027-03-20",
        "课表": "周六",
        "学生": "安然、伯言、春生",
    }
    assert wanted.items() <= said.items()
    assert not {"结束日期", "合同到期"} & said.keys()


def test_a_stage_without_its_date_is_said_and_what_was_typed_stays(site: Site) -> None:
    site.cast.add_subjects()
    zhaomin, path = site.browser("zhaomin"), address(site, "QH-C-301")
    sent = filled(zhaomin.get(f"{path}/edit"))
    sent["attribute_value"][sent["attribute_name"].index("stages")] = "第一阶段 下周"
    page = zhaomin.post(path, sent)
    assert page.status == 422
    assert page.tree.xpath("//textarea[@id='stages']")[0].text.strip() == "第一阶段 下周"
    assert "“第一阶段 下周”" in page.text or "「第一阶段 下周」" in page.text


def test_facts_that_we_name_are_changed_under_that_name(site: Site) -> None:
    from tickets.subject_register import put_subject

    facts = {"timetable": "周六", "students": ["安然", "伯言"], "stages": [{"name": "结业", "date": "2027-01-20"}]}
    put_subject(
        site.cast.runtime,
        site.cast.zhaomin,
        "class",
        "C-1",
        {"name": "小一班", "place": "sz-nanshan", "attributes": facts},
    )
    zhaomin, path = site.browser("zhaomin"), address(site, "C-1")
    form = zhaomin.get(f"{path}/edit")
    assert form.words(".gd-fact") == ["课表"]
    sent = filled(form)
    assert dict(zip(sent["attribute_name"], sent["attribute_value"], strict=True))["stages"] == "结业 2027-01-20"
    sent["attribute_value"][sent["attribute_name"].index("students")] = "安然、伯言，春生"
    zhaomin.post(path, sent)
    with site.cast.runtime.reading() as session:
        kept = session.scalars(sa.select(Subject.attributes).where(Subject.external_id == "C-1")).one()
    assert kept == {**facts, "students": ["安然", "伯言", "春生"]}


def test_saving_it_unchanged_changes_nothing(site: Site) -> None:
    site.cast.add_subjects()
    path = address(site, "QH-S-1001")
    zhaomin = site.browser("zhaomin")
    before = zhaomin.get(path).words("dl")
    zhaomin.post(path, filled(zhaomin.get(f"{path}/edit")))
    assert zhaomin.get(path).words("dl") == before


def test_attributes_that_are_not_text_stay_what_they_are(site: Site) -> None:
    from tickets.subject_register import put_subject

    values = {"name": "A", "place": "sz-nanshan", "attributes": {"age": 9, "likes": ["music"], "note": "x"}}
    put_subject(site.cast.runtime, site.cast.zhaomin, "student", "S-1", values)
    zhaomin, path = site.browser("zhaomin"), address(site, "S-1")
    sent = filled(zhaomin.get(f"{path}/edit"))
    at = sent["attribute_name"].index("note")
    sent["attribute_value"][at] = "y"
    zhaomin.post(path, sent)
    with site.cast.runtime.reading() as session:
        kept = session.scalars(sa.select(Subject.attributes).where(Subject.external_id == "S-1")).one()
    assert kept == {"age": 9, "likes": ["music"], "note": "y"}


def test_an_empty_name_removes_a_fact(site: Site) -> None:
    site.cast.add_subjects()
    zhaomin, path = site.browser("zhaomin"), address(site, "QH-S-1001")
    sent = filled(zhaomin.get(f"{path}/edit"))
    sent["attribute_name"][sent["attribute_name"].index("年级")] = ""
    page = zhaomin.follow(zhaomin.post(path, sent))
    assert "年级" not in page.words("dl dt")
    assert "课程" in page.words("dl dt")


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 300), ("responsible", "nobody"), ("contract_end", "tomorrow")],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(site: Site, field: str, value: str) -> None:
    site.cast.add_subjects()
    zhaomin, path = site.browser("zhaomin"), address(site, "QH-S-1001")
    page = zhaomin.post(path, filled(zhaomin.get(f"{path}/edit"), **{field: value}))
    assert page.status == 422
    (control,) = page.tree.cssselect(f"#{field}")
    assert control.get("aria-invalid") == "true"
    assert control.get("value") == value
    assert page.tree.cssselect(f"#{field}-error")
    assert page.tree.cssselect(f"#errors a[href='#{field}']")


def test_a_new_one_is_made(site: Site) -> None:
    zhaomin = site.browser("zhaomin")
    form = zhaomin.get("/subjects/new")
    (campus,) = form.tree.cssselect("#place option[value]:not([value=''])")
    answer = zhaomin.post("/subjects", filled(form, name="周子墨", external_id="S-77", place=str(campus.get("value"))))
    page = zhaomin.follow(answer)
    assert page.words("h1") == ["周子墨"]
    said = {of.text_content(): here for of, here in zip(*map(page.tree.cssselect, ("dl dt", "dl dd")), strict=True)}
    assert not said["合同到期"].cssselect(".gd-hide"), "on a phone, too, it says that there is none"


def test_a_new_one_without_anything_names_what_is_missing(site: Site) -> None:
    zhaomin = site.browser("zhaomin")
    page = zhaomin.post("/subjects", filled(zhaomin.get("/subjects/new")))
    assert page.status == 422
    assert page.tree.cssselect("#external_id[aria-invalid]")


def test_who_may_only_look_is_offered_no_form(site: Site) -> None:
    site.cast.add_subjects()
    liutao, path = site.browser("liutao"), address(site, "QH-S-1001")
    page = liutao.get(path)
    assert page.status == 200
    assert not page.tree.cssselect("a[href$='/edit']")
    for refused in (liutao.get(f"{path}/edit"), liutao.get("/subjects/new"), liutao.get("/subjects/import")):
        assert refused.status == 403
    assert liutao.post(path, {"name": "x"}).status == 403


def test_a_file_is_imported(site: Site) -> None:
    admin = site.browser("admin")
    answer = import_csv(admin, COLUMNS + "student,S-1,甲,sz-nanshan,2027-08-31\nclass,C-1,乙,gz-tianhe,\n")
    page = admin.follow(answer)
    assert page.toasts == ["读入 2 行：新建 2 个，修改 0 个。"]
    assert {"甲", "乙"} <= set(names(page))


def test_a_file_with_errors_is_reported_row_by_row_and_nothing_is_imported(site: Site) -> None:
    admin = site.browser("admin")
    page = import_csv(admin, COLUMNS + "student,S-1,甲,sz-nanshan,\nstudent,S-2,,nowhere,soon\n")
    assert page.status == 422
    assert {cell.split()[-1] for cell in page.words("td.num")} == {"3"}
    assert {"name", "contract_end"} <= set(page.words("td.gd-no"))
    assert names(admin.get("/subjects")) == []


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01", b"no,such,columns\n1,2,3\n", b"kind,external_id\n" + b"x" * 6_000]
)
def test_a_file_that_is_no_table_is_refused(site: Site, content: bytes) -> None:
    page = import_csv(site.browser("admin"), content)
    assert page.status == 422
    assert page.words("[role=alert]")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", list(SubjectKind))
def test_a_column_may_be_called_as_the_form_calls_its_field(site: Site, kind: str, language: str) -> None:
    admin = site.browser("admin", language=language)
    form = admin.get(f"/subjects/new?kind={kind}")
    shown = form.words("form[novalidate] label.form-label")
    assert len(shown) >= 6
    template = admin.client.get("/subjects/import/template.csv", buffered=True).data.decode("utf-8-sig")
    assert kind == "product" or set(shown) <= set(template.partition("\r\n")[0].split(","))
    sheet = read_sheet((",".join(shown) + "\n" + ",".join("1" for _ in shown)).encode())
    assert [field for field, name in sheet.headers.items() if name not in shown] == []
    assert {"kind", "external_id", "name", "place", "responsible"} <= sheet.headers.keys()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_template_can_be_imported_as_it_is(site: Site, language: str) -> None:
    admin = site.browser("admin")
    admin.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    template = admin.client.get("/subjects/import/template.csv", buffered=True)
    assert template.data.startswith(b"\xef\xbb\xbf")
    assert import_csv(admin, template.data).status == 303


def test_an_unknown_subject_is_not_found(site: Site) -> None:
    assert site.browser("admin").get(f"/subjects/{uuid.UUID(int=1)}").status == 404


def test_nobody_signed_in_is_led_to_the_sign_in_page(site: Site) -> None:
    assert site.anonymous().get("/subjects").location.startswith("/login")


def test_everything_that_is_missing_is_said_at_once(site: Site) -> None:
    zhaomin = site.browser("zhaomin")
    form = zhaomin.get("/subjects/new")
    refused = zhaomin.post("/subjects", filled(form, name="", external_id="", contract_end="soon", place=""))
    assert refused.status == 422
    wrong = {element.get("name") for element in refused.tree.cssselect("[aria-invalid=true]")}
    assert {"name", "external_id", "contract_end", "place"} <= wrong
