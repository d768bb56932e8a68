"""How a Chinese sentence takes in words of its own, which have no space beside them, and names, which have."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.expressions import Message
from forms.sentences import Words, closed_up, own_words

YOU = Message("you")
DUE = datetime(2026, 11, 24, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "param", "worded", "said"),
    [
        ("%(who)s 办完「核对」，交回 %(to)s", YOU, "你", "李娜 办完「核对」，交回你"),
        ("%(who)s 把任务转交给 %(to)s 处理", YOU, "你", "李娜 把任务转交给你处理"),
        ("%(who)s 把任务转交给 %(to)s 处理", "张伟", "张伟", "李娜 把任务转交给 张伟 处理"),
        ("%(who)s 把任务转交给 %(to)s 处理", "Zoë", "Zoë", "李娜 把任务转交给 Zoë 处理"),
        ("%(who)s 答复：预计 %(to)s 前", DUE, "今天 18:00", "李娜 答复：预计今天 18:00 前"),
        ("%(who)s 答复：预计 %(to)s 前", DUE, "11-24 18:00", "李娜 答复：预计 11-24 18:00 前"),
        ("%(who)s 请了 %(to)s", Message("help"), "App 支持", "李娜 请了 App 支持"),
        ("%(who)s sends it to %(to)s now", YOU, "you", "李娜 sends it to you now"),
    ],
)
def test_words_of_the_language_join_on_and_names_stand_apart(text: str, param: object, worded: str, said: str) -> None:
    params = {"who": "李娜", "to": worded}
    assert closed_up(text, params, own_words(Message("", {"who": "李娜", "to": param}))) % params == said


def test_words_that_were_worded_before_join_on_too() -> None:
    shown = {Words("今天 18:00"): "预计今天 18:00 前", "今天": "预计 今天 前", Words("11-24"): "预计 11-24 前"}
    for due, said in shown.items():
        assert closed_up("预计 %(due)s 前", {"due": due}) % {"due": due} == said
