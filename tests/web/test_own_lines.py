"""Of texts written in both languages each reader gets the lines in theirs."""

from __future__ import annotations

import pytest

from engine.expressions import Message
from tests.web.site import Site
from tickets.notices.addressing import YOU
from web.language import own_lines, worded
from web.templating import bold


@pytest.mark.parametrize(
    ("text", "chinese", "english"),
    [
        ("有一步超时了。\nA step is late.", "有一步超时了。", "A step is late."),
        (
            "周六 拼读 有一步超时了。\nA step of 周六 拼读 is late.",
            "周六 拼读 有一步超时了。",
            "A step of 周六 拼读 is late.",
        ),
        ("iPad Pro 11 崩溃，App 3.2.0\nA crash", "iPad Pro 11 崩溃，App 3.2.0", "A crash"),
        ("只有中文", "只有中文", "只有中文"),
        ("Only English", "Only English", "Only English"),
    ],
)
def test_a_name_within_a_sentence_does_not_change_its_language(
    site: Site, text: str, chinese: str, english: str
) -> None:
    for language, wanted in (("zh", chinese), ("en", english)):
        with site.app.test_request_context(headers={"Accept-Language": language}):
            assert own_lines(text) == wanted


def test_words_are_listed_as_the_reader_s_language_lists_them(site: Site) -> None:
    several = Message("%(names)s", {"names": ("王磊", "李娜")})
    for language, wanted in (("zh", "王磊、李娜"), ("en", "王磊, 李娜")):
        with site.app.test_request_context(headers={"Accept-Language": language}):
            assert worded(several) == wanted
    assert str(several) == "王磊, 李娜"


def test_a_text_that_somebody_wrote_in_two_languages_is_read_in_one_s_own(site: Site) -> None:
    told = Message("%(message)s", {"message": {"": "版本要写全三段", "en": "Give all three parts"}})
    for language, wanted in (("zh", "版本要写全三段"), ("en", "Give all three parts")):
        with site.app.test_request_context(headers={"Accept-Language": language}):
            assert worded(told) == wanted


def test_you_stands_as_close_as_the_other_words_of_a_chinese_sentence(site: Site) -> None:
    told = Message("%(who)s has done “%(task)s” and returned it to %(to)s", {"who": "李娜", "task": "核对", "to": YOU})
    with site.app.test_request_context(headers={"Accept-Language": "zh"}):
        assert worded(told) == "李娜 办完「核对」，交回你"
        assert bold(told, "who") == "<b>李娜</b> 办完「核对」，交回你"
