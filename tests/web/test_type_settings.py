"""A type's settings: what a brand sets is its own, the rest is inherited, and running tickets feel it at once."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.web.site import Page, Site, Visitor
from tickets.audit import AuditEntry
from tickets.types import TicketType


@pytest.fixture
def where(site: Site) -> str:
    """The address of the crash report's settings."""
    site.play.ship("crash_report")
    with site.cast.runtime.reading() as session:
        kind = session.scalars(sa.select(TicketType)).one()
        return f"/types/{kind.public_id}/settings"


def set_(visitor: Visitor, where: str, name: str, *values: str, **more: str) -> Page:
    brand = visitor.get(where).value("input[name=brand]")
    return visitor.post(f"{where}/{name}", {"brand": brand, "value": list(values), **more})


def source(page: Page, name: str) -> str:
    (chip,) = page.words(f"[id='s-{name}'] .gd-chip")
    return chip


def test_what_a_brand_sets_is_local_and_can_be_given_up(site: Site, where: str) -> None:
    guohao = site.browser("guohao")
    assert source(guohao.get(where), "reopen.within") == "默认"
    saved = guohao.follow(set_(guohao, where, "reopen.within", "P9D"))
    assert source(saved, "reopen.within") == "本处设置"
    assert span_of(saved, "reopen.within") == ("9", "天")
    again = guohao.follow(set_(guohao, where, "reopen.within", "P9D", inherit="1"))
    assert source(again, "reopen.within") == "默认"


def span_of(page: Page, name: str) -> tuple[str, str]:
    """The number and the unit that a setting's form shows."""
    (unit,) = page.tree.cssselect(f"[id='s-{name}'] [name=unit] option[selected]")
    return page.value(f"[id='s-{name}'] input[name=value]"), str(unit.text)


def test_a_span_is_set_by_its_number_and_unit_and_no_other_than_a_number_is_taken(site: Site, where: str) -> None:
    guohao = site.browser("guohao")
    assert span_of(guohao.follow(set_(guohao, where, "urge.cooldown", "45", unit="m")), "urge.cooldown") == (
        "45",
        "分钟",
    )
    refused = set_(guohao, where, "urge.cooldown", "半天", unit="h")
    assert (refused.status, span_of(refused, "urge.cooldown")) == (422, ("半天", "小时"))
    long = guohao.follow(set_(guohao, where, "urge.cooldown", "P1DT2H"))
    assert long.value("[id='s-urge.cooldown'] input[name=value]") == "P1DT2H", (
        "as it was written, where it has two units"
    )


def test_what_the_group_sets_a_brand_inherits(site: Site, where: str) -> None:
    admin = site.browser("admin")
    set_(admin, where, "close.after", "P7D")
    shown = site.browser("guohao").get(where)
    assert source(shown, "close.after") == "来自集团"
    assert span_of(shown, "close.after") == ("7", "天")


def test_a_type_that_a_brand_does_not_offer_is_not_filed_there(site: Site, where: str) -> None:
    set_(site.browser("guohao"), where, "offered", "false")
    assert site.browser("zhoulan").get("/tickets/new/crash_report").status == 404
    assert "崩溃上报" not in site.browser("zhoulan").get("/tickets/new").text
    assert site.browser("huangyi").get("/tickets/new/crash_report").status == 200


def test_only_the_roles_named_file_it(site: Site, where: str) -> None:
    set_(site.browser("guohao"), where, "start.roles", "consultant", "campus_head")
    assert site.browser("zhoulan").get("/tickets/new/crash_report").status == 403
    assert site.browser("zhaomin").get("/tickets/new/crash_report").status == 200


@pytest.mark.parametrize(
    ("name", "value"), [("urge.cooldown", "soon"), ("cc", "nobody-here"), ("owner", "${"), ("owner", "x" * 600)]
)
def test_what_can_not_be_is_refused_beside_its_field(site: Site, where: str, name: str, value: str) -> None:
    refused = set_(site.browser("guohao"), where, name, value)
    assert refused.status == 422
    assert refused.words(f"[id='e-{name}']")
    assert refused.value(f"[id='s-{name}'] input[name=value]") == value[:600]


def test_each_change_is_audited_with_before_and_after(site: Site, where: str) -> None:
    guohao = site.browser("guohao")
    set_(guohao, where, "cc", "zhaomin, campus_head")
    set_(guohao, where, "cc", "zhaomin")
    with site.cast.runtime.reading() as session:
        rows = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "type.setting")).all()
    assert [(row.before, row.after) for row in rows] == [
        ({}, {"cc": ["zhaomin", "campus_head"]}),
        ({"cc": ["zhaomin", "campus_head"]}, {"cc": ["zhaomin"]}),
    ]


def test_who_does_not_manage_types_is_told_so_and_another_brand_is_not_found(site: Site, where: str) -> None:
    assert site.browser("lina").get(where).status == 403
    admin, guohao = site.browser("admin"), site.browser("guohao")
    brands = [a.get("href") or "" for a in admin.get(where).tree.cssselect(".gd-tabs a")]
    assert [guohao.get(each).status for each in brands] == [404, 200, 404]
