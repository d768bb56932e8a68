"""The webhooks of other systems: what they hear of, signed, and nothing once they are disabled."""

from __future__ import annotations

import re
import textwrap
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from tests.tickets.desk import Desk
from tests.tickets.hearing import deliveries
from tests.web.outside import Receiver
from tests.web.site import Site
from tests.web.test_clients import address, make
from tickets import conversation
from tickets.audit import AuditEntry
from tickets.clients import managing
from tickets.clients.client import ApiClient
from tickets.clients.facts import Facts
from tickets.clients.webhooks import MOST, add_webhook, latest
from tickets.connectors.sealing import Keyring, reseal, unopenable
from tickets.errors import Conflict, Forbidden, Invalid, NotFound
from tickets.notices.addresses import add_channel, add_own, remove_address
from tickets.notices.models import NoticeAddress
from tickets.notices.signing import secret_of, signature, webhook_secrets
from tickets.notices.urls import read_url
from tickets.places import Place
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind
from web import context
from web.config import Config
from web.post import sending

API = Path(__file__).parents[2] / "docs" / "api.md"
ALL = ("progress", "outcome", "letters", "notes", "work", "urges", "due", "trouble")


def documented() -> Callable[[Mapping[str, str], bytes, str], bool]:
    """How docs/api.md has receivers check a message."""
    (code,) = re.findall(r"    import base64, hmac\n(?:    .*\n|\n)+", API.read_text("utf-8"))
    made: dict[str, Any] = {}
    exec(textwrap.dedent(code), made)
    return cast("Callable[[Mapping[str, str], bytes, str], bool]", made["is_ours"])


def client(desk: Desk, *scopes: str, at: str = "qinghe", types: tuple[str, ...] = ()) -> UUID:
    with desk.runtime.reading() as session:
        place = str(session.get_one(Place, desk.cast.places[at]).public_id)
    facts = Facts(name="教务系统", place=place, scopes=scopes, types=types)
    return managing.create(desk.runtime, desk.actor("admin"), facts)[0]


def account(desk: Desk, client_id: UUID) -> int:
    with desk.runtime.reading() as session:
        return session.scalars(sa.select(ApiClient.person_id).where(ApiClient.public_id == client_id)).one()


def listens(desk: Desk, client_id: UUID, hook: Receiver, *topics: str) -> UUID:
    return add_webhook(desk.runtime, desk.actor("admin"), client_id, "回调", read_url(hook.url), topics or ALL)


def post(desk: Desk, config: Config) -> None:
    deliveries(desk)
    with capture_logs():
        sending.drain(desk.runtime, config)


def said(desk: Desk, config: Config, *tickets: Ticket) -> None:
    """On each an internal note and a reply."""
    for ticket in tickets:
        desk.event(ticket, EventKind.NOTED, "lina", public=False)
        desk.clock.advance(timedelta(seconds=1))
        conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "已收到。")
    post(desk, config)


def heard(hook: Receiver) -> list[tuple[str, str]]:
    return [(body["ticket"], body["event"]) for body in hook.bodies]


def taken(desk: Desk, requester: str = "zhoulan", **columns: object) -> Ticket:
    return desk.ticket(requester, owner="lina", status=Status.IN_PROGRESS, **columns)


def test_who_reads_tickets_hears_of_those_below_its_place(desk: Desk, config: Config, hook: Receiver) -> None:
    listens(desk, client(desk, "tickets:read"), hook)
    ours, others = taken(desk), taken(desk, "huangyi")
    said(desk, config, ours, others)
    assert heard(hook) == [(ours.number, "noted"), (ours.number, "replied")]
    assert [(body["type"], body["status"]) for body in hook.bodies] == [("crash_report", "in_progress")] * 2


def test_who_only_files_hears_the_public_side_of_what_it_filed(desk: Desk, config: Config, hook: Receiver) -> None:
    made = client(desk, "tickets:file")
    listens(desk, made, hook)
    ours, others = taken(desk, filed_by_id=account(desk, made)), taken(desk)
    said(desk, config, ours, others)
    assert heard(hook) == [(ours.number, "replied")]


def test_it_hears_of_its_types_and_topics_and_not_of_what_it_did(desk: Desk, config: Config, hook: Receiver) -> None:
    listens(desk, client(desk, "tickets:read", types=("customer_inquiry",)), hook)
    made = client(desk, "tickets:read", types=("crash_report",))
    listens(desk, made, hook, "letters")
    ticket, desk.people["crm"] = taken(desk), account(desk, made)
    desk.event(ticket, EventKind.ANSWERED, actor="crm")
    said(desk, config, ticket)
    assert heard(hook) == [(ticket.number, "replied")]


def test_a_disabled_client_hears_nothing_more_not_even_what_waited(desk: Desk, config: Config, hook: Receiver) -> None:
    made = client(desk, "tickets:read")
    listens(desk, made, hook)
    ticket = taken(desk)
    conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, "已收到。")
    assert [row.status for row in deliveries(desk)] == ["queued"]
    managing.disable(desk.runtime, desk.actor("admin"), made)
    said(desk, config, ticket)
    assert ([row.status for row in deliveries(desk)], hook.sent) == (["dropped"], [])


def test_a_message_is_signed_from_the_first_look_at_the_secret(desk: Desk, config: Config, hook: Receiver) -> None:
    made = client(desk, "tickets:read")
    webhook, ticket = listens(desk, made, hook, "letters"), taken(desk)
    said(desk, config, ticket)
    secret = secret_of(desk.runtime, config.keyring, desk.actor("admin"), webhook)
    assert secret == secret_of(desk.runtime, config.keyring, desk.actor("admin"), webhook)
    said(desk, config, ticket)
    (before, _), (headers, body) = hook.sent
    assert "webhook-signature" not in before
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    is_ours = documented()
    assert is_ours(headers, body, secret)
    assert not is_ours(headers, body + b" ", secret)
    assert not is_ours({**headers, "webhook-timestamp": "1"}, body, secret)
    assert headers["webhook-id"] == headers["idempotency-key"] == hook.bodies[1]["id"]
    with desk.runtime.reading() as session:
        looks = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "webhook.secret_shown")).all()
        shown = latest(session, session.scalars(sa.select(ApiClient)).one())
    assert len(looks) == 2
    assert secret not in str([(look.before, look.after) for look in looks])
    assert [(one.number, one.event, one.status) for one in shown] == [(ticket.number, "replied", "sent")] * 2


def test_the_example_that_other_implementations_are_tested_with_holds() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    message = b'{"test": 2432232314}'
    assert (
        signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, message)
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_without_its_key_nothing_is_sent_and_the_keys_are_exchanged_as_connectors_are(
    desk: Desk, config: Config, hook: Receiver
) -> None:
    webhook = listens(desk, client(desk, "tickets:read"), hook, "letters")
    secret = secret_of(desk.runtime, config.keyring, desk.actor("admin"), webhook)
    elsewhere = replace(config, secret_key="y" * 32)
    said(desk, elsewhere, taken(desk))
    (row,) = deliveries(desk)
    assert (row.status, hook.sent) == ("failed", [])
    with pytest.raises(Conflict, match="can't be opened"):
        secret_of(desk.runtime, elsewhere.keyring, desk.actor("admin"), webhook)
    new = Keyring.of("y" * 32, config.secret_key)
    with desk.writing() as session:
        assert unopenable(webhook_secrets(session), elsewhere.keyring) == [f"webhook {webhook}"]
        assert reseal(webhook_secrets(session), new) == (1, 0)
    assert secret_of(desk.runtime, elsewhere.keyring, desk.actor("admin"), webhook) == secret


def test_a_person_s_and_a_brand_s_webhook_are_signed_too_a_robot_s_is_not(
    desk: Desk, config: Config, hook: Receiver
) -> None:
    runtime, ring, zhoulan, guohao = desk.runtime, config.keyring, desk.actor("zhoulan"), desk.actor("guohao")
    own = add_own(runtime, zhoulan, "我的", read_url(hook.url))
    channel = add_channel(runtime, guohao, "群", read_url(hook.url), ["letters"])
    robot = add_own(runtime, zhoulan, "机器人", read_url("dingtalk://abcdef0123"))
    assert secret_of(runtime, ring, zhoulan, own) != secret_of(runtime, ring, guohao, channel)
    with pytest.raises(Invalid, match="group robots"):
        secret_of(runtime, ring, zhoulan, robot)
    with pytest.raises(NotFound):
        secret_of(runtime, ring, guohao, own)
    said(desk, config, taken(desk))
    assert ["webhook-signature" in headers for headers, _ in hook.sent] == [True, True]


def test_another_brand_s_administrator_finds_no_webhook_of_a_client(desk: Desk, config: Config, hook: Receiver) -> None:
    made = client(desk, "tickets:read", at="kapok")
    webhook = listens(desk, made, hook)
    guohao = desk.actor("guohao")
    with pytest.raises(NotFound):
        add_webhook(desk.runtime, guohao, made, "回调", read_url(hook.url), ALL)
    with pytest.raises(NotFound):
        secret_of(desk.runtime, config.keyring, guohao, webhook)
    with pytest.raises(NotFound):
        remove_address(desk.runtime, guohao, webhook)
    with pytest.raises(Forbidden):
        add_webhook(desk.runtime, desk.actor("lina"), made, "回调", read_url(hook.url), ALL)


def test_a_client_has_a_few_webhooks_and_no_robot(desk: Desk, hook: Receiver) -> None:
    made = client(desk, "tickets:read")
    with pytest.raises(Invalid, match="group robots are channels"):
        add_webhook(desk.runtime, desk.actor("admin"), made, "群", read_url("dingtalk://abcdef0123"), ALL)
    with pytest.raises(Invalid, match="at least one kind"):
        add_webhook(desk.runtime, desk.actor("admin"), made, "无", read_url(hook.url), ["role", "copies"])
    for _ in range(MOST):
        listens(desk, made, hook)
    with pytest.raises(Invalid, match="At most 5"):
        listens(desk, made, hook)


def test_on_the_client_s_page_one_adds_a_webhook_sees_its_secret_and_tests_it(site: Site, hook: Receiver) -> None:
    site.app.extensions[context.CONFIG] = replace(site.config, private_addresses=True)
    admin = site.browser("admin")
    where = address(make(site, admin, scopes="tickets:read"))
    wrong = admin.post(f"{where}/webhooks", {"name": "回调", "url": "ftp://x", "topic": "letters"})
    assert (wrong.status, wrong.value("#address-url")) == (422, "ftp://x")
    added = admin.follow(admin.post(f"{where}/webhooks", {"name": "回调", "url": hook.url, "topic": "letters"}))
    form = added.tree.cssselect("form[action$='/secret']")[0].attrib["action"]
    shown = admin.post(form)
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", shown.value("#secret"))
    assert shown.value("#secret") not in admin.get(where).text
    assert admin.post(form.replace("/secret", "/test")).headers["Location"].endswith(f"{where}#webhooks")
    assert [body["event"] for body in hook.bodies] == ["test"]
    admin.post(form.replace("/secret", "/removal"))
    with site.cast.runtime.reading() as session:
        assert session.scalars(sa.select(NoticeAddress)).all() == []
