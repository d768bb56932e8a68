"""Owns sending a message to a group robot of WeCom, DingTalk or Feishu, through apprise."""

from __future__ import annotations

import logging
from typing import Any

from engine.expressions import N_
from tickets.notices.deliveries import Letter
from web.post.smtp import Refused, Unreachable
from web.post.wording import said

CONNECT, READ = 4.0, 8.0
"""Seconds."""


def tell_robot(letter: Letter, link: str) -> None:
    """Raises Unreachable, Refused. Apprise says only that it failed, so it is tried again."""
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would write parts of the address
    robot = robot_at(letter.to)
    robot.socket_connect_timeout, robot.socket_read_timeout = CONNECT, READ
    text = f"{letter.number} {letter.title}".strip() + f"\n{said(letter)}\n{link}"
    if not robot.notify(body=text, title=""):
        raise Unreachable(N_("The robot did not take the message"))


def robot_at(url: str) -> Any:
    """Apprise's plugin for an address. Raises Refused."""
    # each by its own name: asked for any, apprise would load a hundred
    from apprise.plugins.dingtalk import NotifyDingTalk
    from apprise.plugins.feishu import NotifyFeishu
    from apprise.plugins.wecombot import NotifyWeComBot

    plugins = {"wecombot": NotifyWeComBot, "dingtalk": NotifyDingTalk, "feishu": NotifyFeishu}
    plugin: Any = plugins[url.partition(":")[0]]
    try:
        return plugin(**plugin.parse_url(url))
    except TypeError:  # what parse_url gives for a wrong address, and what plugins raise
        raise Refused(N_("The robot's address can't be used")) from None
