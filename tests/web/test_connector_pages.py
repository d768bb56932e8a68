"""The pages of secrets and connectors: kept and never shown, who may, what is missing, failed calls tried again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.connectors.other import Other, Say, other_system
from tests.connectors.stage import KEY, Stage, asks, config_for
from tests.tickets.organising.people import audited, last_audit
from tests.tickets.play import Play
from tests.web.site import Page, Site, Visitor
from tickets.audit import AuditEntry
from tickets.connectors.sealing import Keyring, Unopenable, reseal, unopenable
from tickets.connectors.secret import sealed_secrets
from tickets.connectors.tables import ConnectorSecret


@pytest.fixture
def other() -> Iterator[Other]:
    with other_system() as made:
        yield made


@pytest.fixture
def stage(site: Site, other: Other, tmp_path: object) -> Stage:
    return Stage(Play(site.cast), other, config_for(site.cast.runtime.files_folder))


def make(visitor: Visitor, whose: str = "青禾英语", **given: str) -> Page:
    form = visitor.get("/system/secrets/new")
    options = {o.text_content(): o.get("value") for o in form.tree.cssselect("#brand option")}
    place = options.get(whose) or list(options.values())[-1]
    typed = {"brand": place, "name": "coupon_key", "value": KEY, "about": "问陈晓", **given}
    return visitor.post("/system/secrets", typed)


def address(page: Page) -> str:
    found = re.search(r"/system/secrets/[0-9a-f-]{36}", page.headers["Location"])
    assert found
    return found[0]


def test_a_secret_is_kept_sealed_and_never_shown(site: Site) -> None:
    admin = site.browser("admin")
    made = make(admin)
    assert made.status == 303
    for where in (address(made), "/system/secrets", "/system/audit"):
        assert KEY not in admin.get(where).text
    with site.cast.runtime.reading() as session:
        row = session.scalars(sa.select(ConnectorSecret)).one()
        entries = session.scalars(sa.select(AuditEntry).where(AuditEntry.action.startswith("secret."))).all()
    assert KEY.encode() not in row.sealed
    assert [(entry.action, entry.what, entry.before, entry.after) for entry in entries] == [
        ("secret.created", "coupon_key", {}, {})
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "Ünfit-name"}, "name"),
        ({"value": "short"}, "value"),
        ({"value": "two\nlines of it"}, "value"),
        ({"about": "x" * 201}, "about"),
        ({"brand": "nobody"}, "brand"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_the_value_is_not_repeated(
    site: Site, given: dict[str, str], field: str
) -> None:
    refused = make(site.browser("admin"), **given)
    assert refused.status == 422
    assert refused.words(f"#{field}-error")
    assert KEY not in refused.text


def test_the_same_name_twice_is_refused_in_a_brand_and_not_in_another(site: Site) -> None:
    admin = site.browser("admin")
    make(admin)
    assert make(admin).status == 422
    assert make(admin, "another brand").status == 303


def test_it_is_replaced_and_deleted(site: Site) -> None:
    admin = site.browser("admin")
    where = address(make(admin))
    assert admin.post(where, {"value": "", "about": "问黄毅"}).status == 303
    assert admin.get(where).value("#about") == "问黄毅"
    assert admin.post(where, {"value": "", "about": "问黄毅"}).status == 303
    assert admin.post(where, {"value": "tiny", "about": ""}).status == 422
    assert admin.post(where, {"value": "another-good-value", "about": ""}).status == 303
    assert [entry for entry in audited(site.cast) if entry[0].startswith("secret.")] == [
        ("secret.created", "coupon_key"),
        ("secret.changed", "coupon_key"),
        ("secret.replaced", "coupon_key"),
    ]
    assert (last_audit(site.cast).before, last_audit(site.cast).after) == ({"about": "问黄毅"}, {"about": ""})
    assert "another-good-value" not in admin.get("/system/audit").text
    assert admin.post(f"{where}/deletion").status == 303
    assert admin.get(where).status == 404


def test_who_does_not_manage_connectors_is_told_so(site: Site) -> None:
    where = address(make(site.browser("admin")))
    lina = site.browser("lina")
    for page in ("/system/secrets", "/system/secrets/new", "/system/connectors", where):
        assert lina.get(page).status == 403


def test_an_upload_warns_of_a_secret_that_is_not_there_and_the_page_lists_it(site: Site, stage: Stage) -> None:
    asks(stage.play, url="https://shop.example/", header__X="${secrets.shop_key}")
    admin = site.browser("admin")
    assert "shop_key" in " ".join(admin.get("/system/secrets").words(".gd-note li"))
    assert admin.get("/system/secrets/new?name=shop_key").value("#name") == "shop_key"
    where = address(make(admin, name="shop_key"))
    assert "errand" in " ".join(admin.get(where).words("main li"))
    assert admin.get("/system/secrets").words(".gd-note li") == []


def test_calls_are_listed_and_a_failed_one_is_tried_again(site: Site, stage: Stage) -> None:
    stage.other.says = [Say(404, {"message": "No such customer"}), Say(200, {})]
    asks(stage.play, url=stage.other.url)
    number = stage.play.file("zhoulan")
    stage.calls()
    admin = site.browser("admin")
    (row,) = admin.get("/system/connectors?failed=1").words("tbody tr")
    assert "GET 127.0.0.1" in row
    assert "404" in row
    assert number in row
    form = admin.get("/system/connectors").tree.cssselect("tbody form")[0]
    assert admin.post(form.attrib["action"]).status == 303
    stage.calls()
    assert admin.get("/system/connectors?failed=1").words("tbody tr") == []
    assert stage.play.open_tasks(number) == ["look"]


def test_a_sealed_secret_opens_only_with_its_key_and_in_its_row() -> None:
    old, new = Keyring.of("a" * 40), Keyring.of("b" * 40, "a" * 40)
    sealed = old.seal(KEY, brand_id=3, name="k")
    assert new.open(sealed, brand_id=3, name="k") == KEY
    assert not new.is_newest(sealed)
    for ring, brand_id, name, content in (
        (Keyring.of("c" * 40), 3, "k", sealed),
        (old, 4, "k", sealed),
        (old, 3, "other", sealed),
        (old, 3, "k", sealed[:-1] + bytes([sealed[-1] ^ 1])),
        (old, 3, "k", b""),
    ):
        with pytest.raises(Unopenable):
            ring.open(content, brand_id=brand_id, name=name)


def test_keys_are_exchanged_and_the_doctor_knows_a_lost_one(site: Site) -> None:
    make(site.browser("admin"))
    runtime, old = site.cast.runtime, site.config.keyring
    new, newest = Keyring.of("b" * 40, site.config.secret_key), Keyring.of("b" * 40)
    with runtime.reading() as session:
        assert unopenable(sealed_secrets(session), newest) == ["coupon_key"]
    with runtime.writing() as session, session.begin():
        assert reseal(sealed_secrets(session), newest) == (0, 1)
        assert reseal(sealed_secrets(session), new) == (1, 0)
    with runtime.reading() as session:
        lost = [unopenable(sealed_secrets(session), ring) for ring in (newest, old)]
        assert lost == [[], ["coupon_key"]]
