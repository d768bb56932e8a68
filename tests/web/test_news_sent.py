"""News that no ticket carries, sent out: by mail, webhook and robot, given up and listed, dropped when they are old."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from tests.tickets.desk import Desk
from tests.tickets.hearing import deliveries, has_mail
from tests.web.outside import Mailbox, Receiver
from tests.web.site import Site
from tickets.notices.addresses import add_channel
from tickets.notices.announcing import announce
from tickets.notices.deliveries import failures, send_again
from tickets.notices.keeping import KEEP_DELIVERIES, KEEP_NOTICES, forget_old
from tickets.notices.models import Delivery, Leads, News, Notice
from tickets.notices.table import Part
from tickets.notices.urls import read_url
from tickets.timeline import EventKind
from web.config import Config
from web.post import sending

WAIVER = uuid4()
PAGE = f"https://gongdan.qiming.example/standards/waivers/{WAIVER}"


def tell(desk: Desk, *, place: str = "sz-nanshan", target: UUID = WAIVER, to: str = "guohao") -> None:
    """赵敏 asked for a waiver that no ticket carries; 郭浩 is told."""
    names = {"zh": "深圳南山校区", "en": "Shenzhen Nanshan"}
    words = {"task": "开班典礼", "task_names": {"en": "Class kickoff"}, "place": names["zh"], "place_names": names}
    with desk.writing() as session:
        news = News(
            brand_id=desk.cast.places["qinghe"],
            place_id=desk.cast.places[place],
            kind=EventKind.WAIVER_ASKED,
            actor_id=desk.cast.people["zhaomin"],
            leads=Leads.WAIVER,
            target=target,
            title=names["zh"],
            titles=names,
            params={**words, "until": "2026-11-30", "why": "台风停课"},
            at=desk.clock.now(),
        )
        announce(session, news, Part.NAMED, named=desk.cast.people[to])


def sent(desk: Desk, config: Config) -> int:
    with capture_logs():
        return sending.drain(desk.runtime, config)


def hears(desk: Desk, url: str) -> None:
    """A channel of the brand hears of what is to be done."""
    add_channel(desk.runtime, desk.actor("guohao"), "校区群", read_url(url), ["work"])


def test_a_webhook_is_told_of_what_no_ticket_carries_and_where_to_look(
    desk: Desk, config: Config, hook: Receiver
) -> None:
    hears(desk, hook.url)
    tell(desk)
    assert sent(desk, config) == 1
    (body,) = hook.bodies
    (row,) = deliveries(desk)
    assert hook.keys == [body["id"]] == [row.key]
    assert set(body) - {"path", "host"} == set(documented()), "docs/api.md tells receivers what comes"
    assert (body["ticket"], body["ticket_id"]) == (None, None)
    assert (body["event"], body["title"], body["url"]) == ("waiver_asked", "深圳南山校区", PAGE)
    assert "赵敏" in body["text"]
    assert "台风停课" in body["text"]


def documented() -> dict[str, object]:
    """The message that the guide shows."""
    guide = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")
    found = re.search(r'^ {4}(\{"id".+\n(?: {5}.+\n)*)', guide, re.MULTILINE)
    assert found
    return dict(orjson.loads(found[1]))


def test_a_robot_is_told_the_same_in_one_text(
    desk: Desk, config: Config, hook: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = f"http://127.0.0.1:{hook.port}/robot/{{token}}/"
    monkeypatch.setattr("apprise.plugins.feishu.NotifyFeishu.notify_url", inner)
    hook.statuses = [200]
    hears(desk, "https://open.feishu.cn/open-apis/bot/v2/hook/1234abcd-5678")
    tell(desk)
    assert sent(desk, config) == 1
    (body,) = hook.bodies
    title, said, link = body["content"]["text"].strip().splitlines()
    assert (body["path"], title, link) == ("/robot/1234abcd-5678/", "深圳南山校区", PAGE)
    assert "台风停课" in said
    assert [row.status for row in deliveries(desk)] == ["sent"]


def test_a_mail_of_news_has_no_number(desk: Desk, config: Config, mailbox: Mailbox) -> None:
    has_mail(desk, "guohao")
    tell(desk)
    assert sent(desk, config) == 1
    (mail,) = mailbox.mails
    assert isinstance(mail, EmailMessage)
    assert mail["Subject"].startswith("赵敏")
    assert mail["Subject"].endswith("深圳南山校区")
    for part in mail.iter_parts():
        assert PAGE in part.get_content()


def test_news_that_could_not_be_sent_are_listed_by_what_they_are_about_and_sent_again(
    desk: Desk, config: Config, hook: Receiver, tmp_path: Path
) -> None:
    hears(desk, hook.url)
    tell(desk)
    hook.statuses = [410]
    assert sent(desk, config) == 1
    with desk.runtime.reading() as session:
        (failure,) = failures(session, desk.actor("guohao"))
        assert failures(session, desk.actor("admin"))
    assert (failure.name, failure.number, failure.title) == ("校区群", "", "深圳南山校区")
    site = Site(desk.cast, tmp_path / "site")
    (row,) = [each for each in site.browser("guohao").get("/channels").words("tbody tr") if "校区群" in each]
    assert "深圳南山校区" in row
    assert "410" in row
    send_again(desk.runtime, desk.actor("guohao"), failure.id)
    assert sent(desk, config) == 1
    assert [each["url"] for each in hook.bodies] == [PAGE]


def left(desk: Desk) -> tuple[int, int, int]:
    """How many news, notices and deliveries there are."""
    with desk.runtime.reading() as session:
        models = (News, Notice, Delivery)
        news, notices, sent_out = (session.scalar(sa.select(sa.func.count()).select_from(each)) for each in models)
    return news or 0, notices or 0, sent_out or 0


def test_news_go_when_nobody_has_them_any_more(desk: Desk, config: Config, hook: Receiver) -> None:
    hears(desk, hook.url)
    tell(desk)
    hook.statuses = [410]
    sent(desk, config)
    assert left(desk) == (1, 1, 1)
    desk.clock.advance(KEEP_DELIVERIES + timedelta(days=1))
    tell(desk, target=uuid4())
    forget_old(desk.runtime)
    assert left(desk) == (2, 2, 1), "what could not be sent is over, what is still to be sent is not"
    desk.clock.advance(KEEP_NOTICES - KEEP_DELIVERIES)
    forget_old(desk.runtime)
    assert left(desk) == (1, 1, 1), "the older has gone with its notice; the younger has both"
    sent(desk, config)
    desk.clock.advance(KEEP_NOTICES)
    forget_old(desk.runtime)
    assert left(desk) == (0, 0, 0)
