"""Notices by mail and webhook, to a real mail server and a real receiver: once, again when they are away, given up."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from engine.expressions import Message
from engine.jobs import LEASE, MAX_ATTEMPTS
from engine.models import Job, JobStatus
from tests.tickets.desk import Desk
from tests.tickets.hearing import deliveries, has_mail
from tests.web.outside import Mailbox, Receiver, free_port
from tickets import conversation
from tickets.errors import Invalid
from tickets.notices.addresses import add_channel, add_own
from tickets.notices.addressing import YOU
from tickets.notices.deliveries import failures, send_again
from tickets.notices.models import Delivery
from tickets.notices.spreading import JOB
from tickets.notices.urls import AddressKind, Url, read_url
from tickets.operating import mending
from tickets.people import Person
from tickets.ticket import Status, Ticket
from tickets.timeline import EventKind
from web.config import Config
from web.post import reach, sending
from web.post.robots import robot_at
from web.post.smtp import Refused, Server, read_server
from web.post.wording import worded


def reply(desk: Desk, ticket: Ticket, text: str = "已收到，请更新到 3.2.1。") -> None:
    conversation.reply(desk.runtime, desk.actor("lina"), ticket.number, text)
    desk.clock.advance(timedelta(seconds=1))


def sent(desk: Desk, config: Config) -> int:
    deliveries(desk)
    with capture_logs():
        return sending.drain(desk.runtime, config)


def statuses(desk: Desk) -> list[str]:
    return [f"{row.status} {row.attempts}" for row in deliveries(desk)]


def mine(desk: Desk, **columns: object) -> Ticket:
    has_mail(desk, "zhoulan")
    return desk.ticket(**{"owner": "lina", "status": Status.IN_PROGRESS, **columns})  # type: ignore[arg-type]


def test_a_reply_is_a_mail_in_the_reader_s_language(desk: Desk, config: Config, mailbox: Mailbox) -> None:
    ticket = mine(desk, title="App 上课时闪退")
    reply(desk, ticket)
    assert sent(desk, config) == 1
    (mail,) = mailbox.mails
    assert isinstance(mail, EmailMessage)
    assert mail["To"] == "周岚 <zhoulan@qiming.example>"
    assert mail["From"] == "青禾英语 <gongdan@gongdan.qiming.example>"
    assert mail["Subject"].startswith(f"[{ticket.number}] 李娜")
    assert mail["Subject"].endswith("App 上课时闪退")
    assert mail["References"].strip() == f"<ticket.{ticket.public_id}@gongdan.qiming.example>"
    assert mail["List-Unsubscribe"] == "<https://gongdan.qiming.example/me/notices>"
    text, page = (part.get_content() for part in mail.iter_parts())
    for part in (text, page):
        assert "已收到，请更新到 3.2.1。" in part
        assert f"https://gongdan.qiming.example/tickets/{ticket.number}" in part
    assert statuses(desk) == ["sent 1"]


def test_a_chinese_mail_s_you_stands_as_close_as_its_other_words() -> None:
    told = Message("“%(task)s” came back to %(to)s", {"task": "核对", "to": YOU})
    assert worded(told, "zh", "Asia/Shanghai") == "「核对」交回你"
    assert worded(told, "en", "Asia/Shanghai") == "“核对” came back to you"


def test_all_mails_of_a_ticket_are_one_thread_and_each_has_its_id(desk: Desk, config: Config, mailbox: Mailbox) -> None:
    ticket = mine(desk)
    reply(desk, ticket)
    reply(desk, ticket)
    sent(desk, config)
    assert len({mail["References"] for mail in mailbox.mails}) == 1
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 2


def test_an_english_reader_gets_english_words(desk: Desk, config: Config, mailbox: Mailbox) -> None:
    ticket = mine(desk)
    with desk.writing() as session:
        session.get_one(Person, desk.people["zhoulan"]).language = "en"
    reply(desk, ticket)
    sent(desk, config)
    assert "李娜 replied" in mailbox.mails[0]["Subject"]


def test_what_people_write_is_neither_markup_nor_another_header(desk: Desk, config: Config, mailbox: Mailbox) -> None:
    ticket = mine(desk, title="x\r\nBcc: all@qiming.example <script>")
    with desk.writing() as session:
        session.get_one(Person, desk.people["zhoulan"]).name = "周\r\nBcc: you@qiming.example"
    reply(desk, ticket, "<b>粗</b> & {{ letter.to }}")
    sent(desk, config)
    (mail,) = mailbox.mails
    assert isinstance(mail, EmailMessage)
    assert mail["Bcc"] is None
    page = list(mail.iter_parts())[1].get_content()
    assert "&lt;b&gt;粗&lt;/b&gt; &amp; {{ letter.to }}" in page
    assert "<script>" not in page


@pytest.mark.parametrize("wrong", ["not an address", "a@b\r\nBcc: c@d", "@", "a@", "„a“@b c"])
def test_an_address_that_is_none_is_given_up_at_once(desk: Desk, config: Config, mailbox: Mailbox, wrong: str) -> None:
    ticket = mine(desk)
    with desk.writing() as session:
        session.get_one(Person, desk.people["zhoulan"]).email = wrong
    reply(desk, ticket)
    assert sent(desk, config) == 1
    assert (statuses(desk), mailbox.mails) == (["failed 1"], [])


def test_a_server_that_is_busy_is_asked_again_later(desk: Desk, config: Config, mailbox: Mailbox) -> None:
    reply(desk, mine(desk))
    mailbox.answers = ["451 try later", "450 greylisted"]
    for tries in (1, 2):
        assert sent(desk, config) == 1
        assert statuses(desk) == [f"queued {tries}"]
        assert sent(desk, config) == 0, "not before its time"
        desk.clock.advance(timedelta(minutes=1))
    assert sent(desk, config) == 1
    assert (statuses(desk), len(mailbox.mails)) == (["sent 3"], 1)


def test_what_the_server_refuses_is_given_up_and_shown_to_administrators(
    desk: Desk, config: Config, mailbox: Mailbox
) -> None:
    ticket = mine(desk)
    reply(desk, ticket)
    mailbox.answers = ["550 no such person"]
    sent(desk, config)
    assert statuses(desk) == ["failed 1"]
    with desk.runtime.reading() as session:
        (failure,) = failures(session, desk.actor("guohao"))
    assert (failure.name, failure.number) == ("周岚", ticket.number)
    assert "does not take mail for this address" in failure.problem
    send_again(desk.runtime, desk.actor("guohao"), failure.id)
    sent(desk, config)
    assert (statuses(desk), len(mailbox.mails)) == (["sent 1"], 1)


def test_a_message_of_which_the_job_is_cancelled_is_given_up_and_sent_when_the_job_is_done_again(
    desk: Desk, config: Config, mailbox: Mailbox
) -> None:
    reply(desk, mine(desk))
    deliveries(desk)
    with desk.runtime.reading() as session:
        (job_id,) = session.scalars(sa.select(Job.id).where(Job.name == JOB, Job.status == JobStatus.QUEUED))
    admin = desk.actor("admin")
    mending.cancel_job(desk.runtime, admin, job_id)
    assert statuses(desk) == ["failed 0"]
    with desk.runtime.reading() as session:
        assert [one.problem for one in failures(session, admin)] == ["Its job was cancelled"]
    sent(desk, config)
    assert mailbox.mails == []
    mending.retry_job(desk.runtime, admin, job_id)
    sent(desk, config)
    assert (statuses(desk), len(mailbox.mails)) == (["sent 1"], 1)


def test_a_server_that_stays_away_is_given_up_after_the_last_attempt(desk: Desk, config: Config) -> None:
    away = replace(config, smtp=Server("smtp", "127.0.0.1", free_port()))
    reply(desk, mine(desk))
    for _ in range(MAX_ATTEMPTS + 2):
        sent(desk, away)
        desk.clock.advance(timedelta(hours=2))
    (row,) = deliveries(desk)
    assert (row.status, row.attempts) == ("failed", MAX_ATTEMPTS)
    assert "can't be reached" in row.problem


def test_a_password_is_never_sent_in_the_clear(desk: Desk, config: Config, mailbox: Mailbox) -> None:
    reply(desk, mine(desk))
    for server in (
        Server("smtp", "127.0.0.1", mailbox.port, "u", "p"),
        Server("smtp+starttls", "127.0.0.1", mailbox.port),
    ):
        sent(desk, replace(config, smtp=server))
        desk.clock.advance(timedelta(hours=1))
    (row,) = deliveries(desk)
    assert (row.status, "no encryption" in row.problem, mailbox.mails) == ("queued", True, [])


def test_without_a_mail_server_nothing_waits(desk: Desk, config: Config) -> None:
    reply(desk, mine(desk))
    sent(desk, replace(config, smtp=None))
    assert [row.status for row in deliveries(desk)] == ["dropped"]


def test_who_leaves_before_it_goes_out_gets_nothing(desk: Desk, config: Config, mailbox: Mailbox) -> None:
    reply(desk, mine(desk))
    deliveries(desk)
    with desk.writing() as session:
        session.get_one(Person, desk.people["zhoulan"]).departed_at = desk.clock.now()
    sent(desk, config)
    assert (statuses(desk), mailbox.mails) == (["dropped 0"], [])


def test_a_crash_before_sending_sends_it_later_once(desk: Desk, config: Config, mailbox: Mailbox) -> None:
    reply(desk, mine(desk))
    deliveries(desk)
    lost = {"status": "running", "attempts": 1, "locked_until": desk.clock.now() + LEASE}
    with desk.writing() as session:
        session.execute(sa.update(Job).where(Job.name == "notice.deliver").values(lost))
    assert sent(desk, config) == 0
    desk.clock.advance(LEASE + timedelta(seconds=1))
    assert sent(desk, config) == 1
    assert (statuses(desk), len(mailbox.mails)) == (["sent 1"], 1)


def test_a_crash_after_the_mark_sends_nothing_again(desk: Desk, config: Config, mailbox: Mailbox) -> None:
    reply(desk, mine(desk))
    (row,) = deliveries(desk)
    for _ in range(2):
        sending.deliver(desk.runtime, config, {"key": row.key})
    assert len(mailbox.mails) == 1


def test_a_crash_between_sending_and_the_mark_sends_the_same_id_again(
    desk: Desk, config: Config, mailbox: Mailbox
) -> None:
    reply(desk, mine(desk))
    (row,) = deliveries(desk)
    sending.deliver(desk.runtime, config, {"key": row.key})
    with desk.writing() as session:
        session.execute(sa.update(Delivery).values(status="queued"))
    sending.deliver(desk.runtime, config, {"key": row.key})
    first, second = mailbox.mails
    assert first["Message-ID"] == second["Message-ID"], "a mail program shows it once"


def test_a_webhook_is_told_with_a_key(desk: Desk, config: Config, hook: Receiver) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    add_own(desk.runtime, desk.actor("zhoulan"), "群", read_url(hook.url))
    reply(desk, ticket)
    assert sent(desk, config) == 1
    (body,) = hook.bodies
    (row,) = deliveries(desk)
    assert hook.keys == [body["id"]] == [row.key]
    assert (body["event"], body["ticket"], body["path"]) == ("replied", ticket.number, "/hook?a=b")
    assert body["url"] == f"https://gongdan.qiming.example/tickets/{ticket.number}"
    assert "李娜" in body["text"]


def test_a_webhook_that_fails_is_told_again_and_one_that_refuses_is_not(
    desk: Desk, config: Config, hook: Receiver
) -> None:
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    add_own(desk.runtime, desk.actor("zhoulan"), "群", read_url(hook.url))
    reply(desk, ticket)
    hook.statuses = [500, 429]
    for _ in range(3):
        sent(desk, config)
        desk.clock.advance(timedelta(minutes=1))
    assert (statuses(desk), len(set(hook.keys)), len(hook.bodies)) == (["sent 3"], 1, 1)
    reply(desk, ticket)
    hook.statuses = [302]
    sent(desk, config)
    assert statuses(desk)[1:] == ["failed 1"], "a redirect is not followed"
    assert len(hook.keys) == 4


def test_a_brand_s_channel_hears_of_its_topics_and_no_other_brand(desk: Desk, config: Config, hook: Receiver) -> None:
    add_channel(desk.runtime, desk.actor("guohao"), "催单群", read_url(hook.url), ["urges", "outcome"])
    ticket = desk.ticket(owner="lina", status=Status.IN_PROGRESS)
    other = desk.ticket("huangyi", owner="lina", status=Status.IN_PROGRESS)
    for each in (ticket, other):
        desk.event(each, EventKind.URGED, "zhaomin", params={"why": "明天开课"})
        desk.event(each, EventKind.PRIORITY, "zhaomin")
    sent(desk, config)
    assert [body["ticket"] for body in hook.bodies] == [ticket.number]
    with pytest.raises(Invalid):
        add_channel(desk.runtime, desk.actor("guohao"), "无", read_url(hook.url), [])


def test_an_address_inside_is_refused_when_added_and_when_sent(desk: Desk, config: Config, hook: Receiver) -> None:
    with pytest.raises(Invalid, match="inside a private network"):
        reach.check(read_url(hook.url), private=False)
    reach.check(read_url(hook.url), private=True)
    add_own(desk.runtime, desk.actor("zhoulan"), "群", read_url(hook.url))
    reply(desk, desk.ticket(owner="lina", status=Status.IN_PROGRESS))
    sent(desk, replace(config, private_addresses=False))
    assert (statuses(desk), hook.keys) == (["failed 1"], [])


INNER = """
localhost 127.0.0.1 127.1 2130706433 0.0.0.0 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 224.0.0.1
[::1] [::] [::ffff:10.0.0.1] [fe80::1] [fd00::1] [64:ff9b::7f00:1] [2002:7f00:1::] nowhere.invalid
"""


@pytest.mark.parametrize("host", INNER.split())
def test_no_way_of_writing_an_inner_address_gets_through(host: str) -> None:
    with pytest.raises(Invalid):
        reach.check(Url(AddressKind.WEBHOOK, f"https://{host}/hook", ""), private=False)


def test_an_outer_address_gets_through() -> None:
    reach.check(read_url("https://1.1.1.1/hook"), private=False)


@pytest.mark.parametrize(
    ("text", "kind", "kept"),
    [
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1234abcd-12", "wecom", "wecombot://1234abcd-12/"),
        ("https://oapi.dingtalk.com/robot/send?access_token=abcdef0123", "dingtalk", "dingtalk://abcdef0123/"),
        ("dingtalk://SECabcdef01@abcdef0123", "dingtalk", "dingtalk://SECabcdef01@abcdef0123/"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/1234abcd-12", "feishu", "feishu://1234abcd-12/"),
        ("https://hooks.example.com:8443/a?b=c", "webhook", "https://hooks.example.com:8443/a?b=c"),
    ],
)
def test_addresses_are_read_as_platforms_show_them(text: str, kind: str, kept: str) -> None:
    found = read_url(f" {text} ")
    assert (found.kind, found.url) == (kind, kept)
    assert "1234abcd" not in found.hint
    assert "abcdef01" not in found.hint


def test_apprise_knows_the_robots_addresses() -> None:
    for text in ("wecombot://1234abcd-1234-1234-1234-123456789012", "dingtalk://abcdef0123", "feishu://1234abcd-12"):
        assert robot_at(read_url(text).url).url(privacy=True).startswith(text.partition(":")[0])
    with pytest.raises(Refused):
        robot_at("wecombot:///")


NO_ADDRESSES = (
    *("", "hook", "file:///etc/passwd", "dbus://", "mailto://a:b@c", "https://", "https://u:p@example.com/"),
    *("https://[::1", "https://example.com:99999/", "https://例子.cn/", "https://a b/", "wecombot://x"),
    *(
        "dingtalk://a b@c",
        "https://qyapi.weixin.qq.com/",
        f"https://example.com/{'a' * 1000}",
        "gopher://example.com/1",
    ),
)


@pytest.mark.parametrize("wrong", NO_ADDRESSES)
def test_what_is_no_address_is_refused_in_words(wrong: str) -> None:
    with pytest.raises(Invalid, match="no address"):
        read_url(wrong)


@pytest.mark.parametrize("wrong", ["http://a", "smtp://", "smtp://host/path", "smtp://host:port", "mail.example.com"])
def test_a_mail_server_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"begin with|write scheme|Port"):
        read_server(wrong)
