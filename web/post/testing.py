"""Owns the test of an address: a message is sent there at once, and how that went is said."""

from __future__ import annotations

import uuid
from datetime import datetime

from engine.expressions import N_, Message
from tickets.access import Actor
from tickets.notices.deliveries import Letter
from tickets.notices.models import Channel, NoticeAddress
from tickets.notices.news import Whither
from tickets.notices.signing import seal_of
from web.config import Config
from web.post.sending import send
from web.post.smtp import Refused, Unreachable


def test(config: Config, actor: Actor, address: NoticeAddress, now: datetime) -> str:
    """What went wrong; empty when it was taken."""
    letter = Letter(
        key=f"test:{uuid.uuid4()}",
        channel=Channel.IM,
        to=address.url,
        kind=address.kind,
        name=address.name,
        language=actor.language or "zh",
        time_zone=actor.time_zone,
        words=Message(N_("%(who)s sent a test"), {"who": actor.name}),
        body="",
        who=actor.name,
        event="test",
        at=now,
        about=Whither("TEST"),
        title=address.name,
        about_id=address.public_id,
        brand="",
        seal=seal_of(address),
    )
    try:
        send(config, letter)
    except (Refused, Unreachable) as error:
        return str(error)
    return ""
