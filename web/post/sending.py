"""Owns sending: the drain of the jobs that go outside, each delivery once unless a crash comes between (0011)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from engine import jobs, measures
from engine.expressions import N_
from engine.jobs import Handler
from tickets.connectors.sealing import Unopenable
from tickets.notices import deliveries
from tickets.notices.deliveries import Letter
from tickets.notices.models import Channel
from tickets.notices.spreading import JOB
from tickets.notices.urls import AddressKind
from tickets.runtime import Runtime
from web.config import Config
from web.post.links import path
from web.post.mail import mail
from web.post.robots import tell_robot
from web.post.smtp import Refused, Unreachable, hand_over
from web.post.webhook import post

NO_SERVER = N_("No mail server is set")


def drain(runtime: Runtime, config: Config, *, limit: int = 100) -> int:
    """Sends what is due, one after another; how many were tried. What fails comes again later, later each time."""
    return jobs.drain(runtime.database, handlers(runtime, config), runtime.clock, limit=limit, only=True)


def handlers(runtime: Runtime, config: Config) -> Mapping[str, Handler]:
    """What each kind of job does that goes outside."""
    return {JOB: partial(deliver, runtime, config)}


def deliver(runtime: Runtime, config: Config, args: Mapping[str, Any]) -> None:
    """The job of one delivery. Raises Unreachable to be tried again."""
    key = str(args["key"])
    with runtime.reading() as session:
        letter = deliveries.read_letter(session, key)
    if letter is None:
        deliveries.dropped(runtime, key)
    elif letter.channel is Channel.MAIL and config.smtp is None:
        deliveries.dropped(runtime, key, NO_SERVER)
    else:
        _try(runtime, config, letter)


def _try(runtime: Runtime, config: Config, letter: Letter) -> None:
    try:
        send(config, letter)
    except Refused as error:
        measures.MESSAGES.labels(letter.channel, "refused").inc()
        deliveries.failed(runtime, letter.key, str(error), for_good=True)
    except Unreachable as error:
        measures.MESSAGES.labels(letter.channel, "unreachable").inc()
        if deliveries.failed(runtime, letter.key, str(error), for_good=False):
            raise
    else:
        measures.MESSAGES.labels(letter.channel, "sent").inc()
        deliveries.sent(runtime, letter.key)


def send(config: Config, letter: Letter) -> None:
    """Hand it over, whatever the channel. Raises Unreachable, Refused."""
    link = config.site + path(letter.about)
    if letter.channel is Channel.MAIL and config.smtp is not None:
        hand_over(config.smtp, mail(letter, config))
    elif letter.kind == AddressKind.WEBHOOK:
        post(letter, link, private=config.private_addresses, secret=_secret(config, letter))
    else:
        tell_robot(letter, link)


def _secret(config: Config, letter: Letter) -> str:
    """What it is signed with, empty without a secret. Raises Refused: a message that might be anybody's is not sent."""
    try:
        return letter.seal.open(config.keyring) if letter.seal else ""
    except Unopenable:
        raise Refused(N_("Its signing secret can't be opened; remove the webhook and add it again")) from None
