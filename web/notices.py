"""Owns the pages of notices: the bell, the list, what one hears of and where messages go, a brand's channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_
from tickets.clients.client import ApiClient
from tickets.errors import Invalid
from tickets.notices import addresses, deliveries, reading
from tickets.notices.choices import choices_of
from tickets.notices.choices import choose as keep_choices
from tickets.notices.models import Channel
from tickets.notices.signing import secret_of
from tickets.notices.table import BROADCAST, TOPICS, Topic
from tickets.notices.urls import KIND_WORDS, Url, read_url
from tickets.people import Person
from web import context
from web.context import config, me, runtime
from web.language import gettext as _
from web.language import language, worded
from web.lists import versioned
from web.post import reach
from web.post.links import path
from web.post.testing import test
from web.post.trouble import parts
from web.security import limiter

blueprint = Blueprint("notices", __name__)

CHANNELS: Mapping[Channel, str] = {Channel.APP: N_("In app"), Channel.MAIL: N_("Mail"), Channel.IM: N_("Group chats")}


@dataclass(frozen=True, slots=True)
class Bell:
    """What the bell shows."""

    count: int
    version: str


@blueprint.app_template_filter()
def told(problem: str) -> str:
    """Why something could not be sent, in the reader's language."""
    text, detail = parts(problem)
    return _("%(said)s: %(detail)s", said=_(text), detail=detail) if detail else _(text)


@blueprint.app_template_global("bell_state")
def bell_state() -> Bell:
    """How much is unread, in one statement."""
    if "bell" not in g:
        version = reading.bell_version(context.reading(), me())
        g.bell = Bell(int(version.rpartition("-")[2]), version)
    return cast(Bell, g.bell)


@blueprint.get("/notices")
def index() -> str:
    """All notices, or only the unread."""
    unread = request.args.get("view") == "unread"
    cursor = request.args.get("cursor")
    page = reading.notices(context.reading(), me(), unread=unread, cursor=cursor, language=language())
    return render_template("notices/index.html", page=page, unread=unread)


@blueprint.get("/notices/version")
def version() -> Response:
    """What the bell asks for."""
    return versioned(reading.bell_version(context.reading(), me()))


@blueprint.get("/notices/badge")
def badge() -> str:
    """The bell's badge, once its version has changed."""
    me()
    return render_template("notices/badge.html")


@blueprint.get("/notices/newest")
def newest() -> str:
    """What the opened bell shows."""
    page = reading.notices(context.reading(), me(), limit=8, language=language())
    return render_template("notices/newest.html", page=page)


@blueprint.post("/notices/<int:notice_id>/reading")
def open_one(notice_id: int) -> Response:
    """Take it as read and go to its ticket, or to the page that it is about."""
    return redirect(path(reading.open_notice(runtime(), me(), notice_id)), 303)


@blueprint.post("/notices/reading")
def read_everything() -> Response:
    """Nothing is unread any more."""
    reading.read_all(runtime(), me())
    return redirect(url_for("notices.index"), 303)


@blueprint.get("/me/notices")
def choices() -> str:
    """What one hears of, and where messages go."""
    return _choices()


@blueprint.post("/me/notices")
def choose() -> Response:
    """Keep what was ticked."""
    ticked = (value.partition(".") for value in request.form.getlist("on"))
    keep_choices(runtime(), me(), {(topic, channel) for topic, _dot, channel in ticked})
    flash(_("Saved."))
    return redirect(url_for("notices.choices"), 303)


@blueprint.post("/me/notices/addresses")
def add_address() -> Response | tuple[str, int]:
    """One more address of one's own."""
    try:
        addresses.add_own(runtime(), me(), request.form.get("name", ""), sent_url())
    except Invalid as refused:
        return _choices(error=worded(refused.message)), 422
    flash(_("Added. Send a test to see whether it arrives."))
    return redirect(url_for("notices.choices"), 303)


@blueprint.post("/notices/addresses/<uuid:address_id>/removal")
def remove(address_id: UUID) -> Response:
    """Forget an address."""
    back = _back_from(address_id)
    addresses.remove_address(runtime(), me(), address_id)
    flash(_("Removed."))
    return redirect(back, 303)


@blueprint.post("/notices/addresses/<uuid:address_id>/test")
@limiter.limit("30 per hour")
def test_address(address_id: UUID) -> Response:
    """Send a message there at once and say how it went."""
    address = addresses.find_address(context.reading(), me(), address_id)
    problem = test(config(), me(), address, context.now())
    flash(_("It did not arrive: %(problem)s", problem=told(problem)) if problem else _("The test was sent."))
    return redirect(_back_from(address_id), 303)


@blueprint.post("/notices/addresses/<uuid:address_id>/secret")
def secret(address_id: UUID) -> Response:
    """What messages to a webhook are signed with: in this one answer, neither in an address nor in a cookie."""
    text = secret_of(runtime(), config().keyring, me(), address_id)
    address, back = addresses.find_address(context.reading(), me(), address_id), _back_from(address_id)
    shown = render_template("notices/secret.html", secret=text, address=address, back=back)
    return Response(shown, mimetype="text/html")


@blueprint.get("/channels")
def channels() -> str:
    """The channels of the administrator's brand, and what could not be sent."""
    return _channels()


@blueprint.post("/channels")
def add_channel_of_brand() -> Response | tuple[str, int]:
    """One more channel."""
    try:
        addresses.brand_channels(context.reading(), me())  # who may not add one learns that first
        wanted = request.form.getlist("topic")
        addresses.add_channel(runtime(), me(), request.form.get("name", ""), sent_url(), wanted)
    except Invalid as refused:
        return _channels(error=worded(refused.message)), 422
    flash(_("Added. Send a test to see whether it arrives."))
    return redirect(url_for("notices.channels"), 303)


@blueprint.post("/channels/failures/<int:delivery_id>/again")
def again(delivery_id: int) -> Response:
    """Send once more what was given up."""
    deliveries.send_again(runtime(), me(), delivery_id)
    flash(_("It is sent again."))
    return redirect(url_for("notices.channels"), 303)


def _choices(error: str = "") -> str:
    g.area = "me"
    session, actor = context.reading(), me()
    return render_template(
        "notices/choices.html",
        matrix=choices_of(session, actor),
        addresses=addresses.own_addresses(session, actor),
        email=session.get_one(Person, actor.person_id).email,
        **_common(error),
    )


def _channels(error: str = "") -> str:
    g.area = "channels"
    session, actor = context.reading(), me()
    found = addresses.brand_channels(session, actor)
    failed = deliveries.failures(session, actor)
    typed_topics = request.form.getlist("topic") or [Topic.URGES, Topic.DUE]
    given = {"addresses": found, "failed": failed, "choose_topics": True, "typed_topics": typed_topics}
    return render_template("notices/channels.html", **given, **_common(error))


def _common(error: str) -> dict[str, Any]:
    mails = config().smtp
    return {
        "topics": TOPICS,
        "broadcast": BROADCAST,
        "channels": CHANNELS,
        "kinds": KIND_WORDS,
        "mails": mails.host if mails else "",
        "typed": request.form,
        "error": error,
    }


def sent_url() -> Url:
    """The address that was typed, which leads outside. Raises Invalid."""
    url = read_url(request.form.get("url", ""))
    reach.check(url, private=config().private_addresses)
    return url


def _back_from(address_id: UUID) -> str:
    address = addresses.find_address(context.reading(), me(), address_id)
    if address.client_id is not None:
        client = context.reading().get_one(ApiClient, address.client_id)
        return url_for("clients.page", client_id=client.public_id, _anchor="webhooks")
    return url_for("notices.choices" if address.person_id is not None else "notices.channels")
