"""The pages of variants: where a standard may be extended, which variants hold, and the way round on the diagram."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa

from tests.tickets.play import Play, shipped
from tests.web.site import Page, Site
from tickets.notices.models import News, Notice
from tickets.people import Person
from tickets.staff import grant_role
from tickets.types import TicketType

KEY, FILE = "class_kickoff", "class_kickoff.bpmn"
PLAIN = b'sourceRef="StartEvent_Campus" targetRef="EndEvent_Campus"'
PLANE = b"</bpmndi:BPMNPlane>"
END = b'<bpmn:endEvent id="EndEvent_Campus">'


def extended() -> dict[str, bytes]:
    """A rehearsal where the standard leaves room for one."""
    flow = b'<bpmn:sequenceFlow id="Flow_Local" sourceRef="Task_Rehearse" targetRef="EndEvent_Campus" />'
    task = b'<bpmn:userTask id="Task_Rehearse" name="Rehearsal" />'
    return changed(
        drawn(b"Task_Rehearse"),
        (END, task + flow + END),
        (PLAIN, b'sourceRef="StartEvent_Campus" targetRef="Task_Rehearse"'),
    )


def leading_past() -> dict[str, bytes]:
    """Bad weather ends it all."""
    stop = (
        b'<bpmn:endEvent id="Stop" name="Called off"><bpmn:errorEventDefinition id="Off" /></bpmn:endEvent>'
        b'<bpmn:exclusiveGateway id="Weather" default="Flow_Fine" />'
        b'<bpmn:sequenceFlow id="Flow_Fine" sourceRef="Weather" targetRef="EndEvent_Campus" />'
        b'<bpmn:sequenceFlow id="Flow_Stop" sourceRef="Weather" targetRef="Stop"><bpmn:conditionExpression>'
        b'weather == "bad"</bpmn:conditionExpression></bpmn:sequenceFlow>'
    )
    return changed(
        drawn(b"Weather", b"Stop"), (END, stop + END), (PLAIN, b'sourceRef="StartEvent_Campus" targetRef="Weather"')
    )


def drawn(*elements: bytes) -> tuple[bytes, bytes]:
    """Where they stand in the diagram: one below the other, under what is there."""
    shapes = b"".join(
        b'<bpmndi:BPMNShape id="%b_di" bpmnElement="%b"><dc:Bounds x="900" y="%d" width="36" height="36" />'
        b"</bpmndi:BPMNShape>" % (element, element, 420 + 60 * place)
        for place, element in enumerate(elements)
    )
    return PLANE, shapes + PLANE


def changed(*changes: tuple[bytes, bytes]) -> dict[str, bytes]:
    files = dict(shipped(KEY))
    for before, after in changes:
        assert before in files[FILE]
        files[FILE] = files[FILE].replace(before, after)
    return files


@pytest.fixture
def standard(site: Site) -> Site:
    """The shipped standard is published; Zhou Lan publishes for her brand."""
    play = Play(site.cast)
    assert play.ship(KEY).types
    with play.writing() as session, session.begin():
        person = session.get_one(Person, site.cast.people["zhoulan"])
        grant_role(session, person, role_id=site.cast.roles["designer"], place_id=site.cast.places["qinghe"])
    return site


def upload(site: Site, files: dict[str, bytes], login: str = "zhoulan") -> Page:
    parts: list[Any] = [(io.BytesIO(content), name) for name, content in files.items()]
    return site.browser(login).post("/types", {"files": parts})


def page_of(site: Site, brand: str, login: str) -> Page:
    with site.cast.runtime.reading() as session:
        query = sa.select(TicketType.public_id).where(
            TicketType.key == KEY, TicketType.brand_id == site.cast.places[brand]
        )
        type_id = session.scalars(query).one()
    return site.browser(login).get(f"/types/{type_id}")


def test_a_brands_designer_is_offered_a_variant_and_gets_the_files(standard: Site) -> None:
    page = page_of(standard, "qiming", "zhoulan")
    assert any("SubProcess_Campus" in words for words in page.words("section[aria-labelledby=variants] li"))
    (link,) = page.tree.cssselect("section a[download].gd-push")
    packed = standard.browser("zhoulan").get(str(link.get("href")))
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert FILE in archive.namelist()
    assert not page_of(standard, "qiming", "hejing").tree.cssselect("section a[download].gd-push")


def test_a_refused_variant_shows_its_way_on_the_diagram(standard: Site) -> None:
    page = upload(standard, leading_past())
    assert page.status == 422
    assert "<bpmndi:BPMNDiagram" in page.value("[data-bpmn-xml]", "data-bpmn-xml")
    ways = [json.loads(str(button.get("data-way"))) for button in page.tree.cssselect("[data-way]")]
    assert all(way[-1] == "Stop" for way in ways)
    assert {"SubProcess_Campus", "Weather"} <= set(ways[0])
    assert "Called off" in page.words("ol.gd-list > li")[0]


def test_a_way_is_told_in_the_reader_s_language(standard: Site) -> None:
    told = upload(standard, leading_past()).words("ol.gd-list > li")[0]
    assert "「举办典礼、收集反馈」" in told
    assert "确认开班 → 做完 → 开班吗？ → 邀请家长，逾期督促 →" in told
    assert "Confirm opening" not in told


def test_a_variant_of_an_older_version_leads_to_the_files_of_the_live_one(standard: Site) -> None:
    assert upload(standard, changed((b'value="P2D"', b'value="P1D"')), "hejing").status == 303
    page = upload(standard, extended())
    assert page.status == 422
    assert "第 1 版" in page.words("ol.gd-list > li")[0]
    files, about = (str(link.get("href")) for link in page.tree.cssselect("ol.gd-list > li:first-child a"))
    assert files == f"{about}/versions/2.zip"
    with zipfile.ZipFile(io.BytesIO(standard.browser("zhoulan").get(files).content)) as archive:
        assert b'value="P1D"' in archive.read(FILE)


def test_a_report_without_a_way_has_the_diagram_too(standard: Site) -> None:
    files = changed((b'id="Task_Hold"', b'id="Task_Held"'))
    assert upload(standard, files).tree.cssselect("[data-bpmn-xml]")


def test_a_variant_that_holds_is_listed_and_knows_its_standard(standard: Site) -> None:
    assert upload(standard, extended()).status == 303
    assert "v1" in page_of(standard, "qiming", "chenxiao").words("table.cards tbody tr")[0]
    own = page_of(standard, "qinghe", "zhoulan")
    assert own.words(".gd-note.t-green")
    assert not own.words(".gd-note.t-red")


def test_a_variant_that_was_lost_is_marked_for_both(standard: Site) -> None:
    upload(standard, extended())
    files = changed((b"Task_Feedback", b"Task_Reactions"))
    assert Play(standard.cast).upload(files).report.accepted
    assert page_of(standard, "qiming", "chenxiao").words(".gd-chip.t-red")
    assert page_of(standard, "qinghe", "zhoulan").words(".gd-note.t-red")
    for login in ("chenxiao", "zhoulan"):
        assert len(standard.browser(login).get("/types").words("td.main .t-orange")) == 1, "the list says so, too"


def test_who_publishes_for_the_brand_is_told_that_its_variant_is_lost_and_led_to_it(standard: Site) -> None:
    upload(standard, extended())
    assert Play(standard.cast).upload(changed((b"Task_Feedback", b"Task_Reactions"))).report.accepted
    with standard.cast.runtime.reading() as session:
        (told,) = session.scalars(sa.select(Notice).where(Notice.news_id.is_not(None))).all()
    assert told.person_id == standard.cast.people["zhoulan"], "not who published it, nor another brand"
    zhoulan = standard.browser("zhoulan")
    assert "青禾英语" in zhoulan.get("/notices").words("main")[0]
    assert "v1" in zhoulan.get("/notices").text
    led = zhoulan.post(f"/notices/{told.id}/reading")
    assert zhoulan.follow(led).words(".gd-note.t-red")
    assert standard.browser("huangyi").post(f"/notices/{told.id}/reading").status == 404


def test_a_new_standard_that_variants_hold_to_tells_nobody(standard: Site) -> None:
    upload(standard, extended())
    assert Play(standard.cast).upload(changed((b"</bpmn:definitions>", b"<!-- as it was -->\n</bpmn:definitions>")))
    with standard.cast.runtime.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(News)) == 0


def test_other_brands_learn_nothing_of_it(standard: Site) -> None:
    upload(standard, extended())
    with standard.cast.runtime.writing() as session, session.begin():
        person = session.get_one(Person, standard.cast.people["huangyi"])
        grant_role(session, person, role_id=standard.cast.roles["designer"], place_id=standard.cast.places["kapok"])
    assert "青禾英语" not in page_of(standard, "qiming", "huangyi").text
    assert page_of(standard, "qinghe", "huangyi").status == 404
