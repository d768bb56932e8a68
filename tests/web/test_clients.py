"""The pages of access: a client is made, its token shown once, and it is disabled at once."""

from __future__ import annotations

import re

from tests.web.site import Page, Site, Visitor


def make(site: Site, visitor: Visitor, **given: str) -> Page:
    form = visitor.get("/system/access/new")
    place = next(o.get("value") for o in form.tree.cssselect("#place option") if o.text_content() == "青禾英语")
    values = {"name": "教务系统", "place": place, "scopes": "subjects:write", "per_minute": "600", **given}
    return visitor.post("/system/access", values)


def address(page: Page) -> str:
    found = re.search(r"/system/access/[0-9a-f-]{36}", page.text)
    assert found
    return found[0]


def test_a_client_is_made_and_its_token_shown_once(site: Site) -> None:
    admin = site.browser("admin")
    made = make(site, admin)
    assert made.status == 201
    token = made.value("#token")
    assert token.startswith("gdt_")
    shown = admin.get(address(made))
    assert token not in shown.text
    listed = admin.get("/system/access")
    assert listed.words("tbody .gd-subj") == ["教务系统"]
    assert listed.words("tbody .gd-micro") == ["更新学员、班级和产品"]


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(site: Site) -> None:
    refused = make(site, site.browser("admin"), addresses="nowhere", contact="张伟")
    assert refused.status == 422
    assert refused.words("#addresses-error") == ["请按 10.20.0.0/16 的格式填写网段，多个用逗号分开。"]
    assert refused.value("#contact") == "张伟"


def test_it_is_changed_disabled_and_enabled(site: Site) -> None:
    admin = site.browser("admin")
    where = address(make(site, admin))
    place = admin.get(where).value("#place option[selected]")
    saved = admin.post(where, {"name": "教务", "place": place, "scopes": "tickets:read", "per_minute": "5"})
    assert admin.follow(saved).value("#name") == "教务"
    disabled = admin.follow(admin.post(f"{where}/disabling"))
    assert "已停用" in disabled.words(".gd-chip")
    assert "可以调用" in admin.follow(admin.post(f"{where}/enabling")).words(".gd-chip")


def test_who_does_not_manage_access_is_told_so_and_another_brand_does_not_find_it(site: Site) -> None:
    assert site.browser("lina").get("/system/access").status == 403
    where = address(make(site, site.browser("admin")))
    assert site.browser("guohao").get(where).status == 200
    assert site.browser("huangyi").get(where).status == 403
