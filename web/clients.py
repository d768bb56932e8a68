"""Owns the pages of access (接入管理): the clients of other systems, their tokens, limits and latest calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.access import Actor
from tickets.clients import managing, webhooks
from tickets.clients.client import CLIENT_SCOPES, ApiClient
from tickets.clients.facts import ClientInvalid, Facts
from tickets.clients.reading import ClientPage, client_list, client_page, places_for, types_for
from tickets.errors import Invalid
from tickets.notices.models import DeliveryStatus
from tickets.notices.table import BROADCAST, Topic
from tickets.notices.urls import KIND_WORDS
from tickets.places import Place
from tickets.runtime import Runtime
from web.context import me, now, reading, runtime
from web.language import gettext as _
from web.language import translate, worded
from web.notices import sent_url

blueprint = Blueprint("clients", __name__, url_prefix="/system/access")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "access"))
_DELIVERED: Mapping[str, str] = {
    DeliveryStatus.QUEUED: N_("Under way"),
    DeliveryStatus.SENT: N_("Taken"),
    DeliveryStatus.FAILED: N_("Given up"),
    DeliveryStatus.DROPPED: N_("Not sent"),
}
Verb = Callable[[Runtime, Actor, UUID], None]


@blueprint.get("")
def index() -> str:
    """The clients one manages."""
    given = {name: translate(scope.words) for name, scope in CLIENT_SCOPES.items()}
    return render_template("clients/index.html", rows=client_list(reading(), me()), now=now(), given=given)


@blueprint.get("/new")
def new() -> str:
    """An empty form."""
    return _form(None, Facts(name="", place="", scopes=("tickets:file",)), {})


@blueprint.post("")
def create() -> Response | tuple[str, int]:
    """Make a client; the next page shows its token, this once."""
    facts = _facts()
    try:
        public_id, token = managing.create(runtime(), me(), facts)
    except ClientInvalid as refused:
        return _form(None, facts, refused.errors), 422
    return _told_once(public_id, token)


@blueprint.get("/<uuid:client_id>")
def page(client_id: UUID) -> str:
    """One client: its settings, tokens and calls."""
    shown = _page(client_id)
    return _form(shown, _of(shown.row.client, shown.row.place), {})


@blueprint.post("/<uuid:client_id>")
def change(client_id: UUID) -> Response | tuple[str, int]:
    """Keep what was changed; it holds for the next call."""
    shown, facts = _page(client_id), _facts()
    try:
        managing.change(runtime(), me(), client_id, facts)
    except ClientInvalid as refused:
        return _form(shown, facts, refused.errors), 422
    flash(_("Saved; it holds from the next call on."))
    return _back(client_id)


@blueprint.post("/<uuid:client_id>/tokens")
def issue(client_id: UUID) -> Response:
    """One more token; those before end a day later."""
    return _told_once(client_id, managing.issue(runtime(), me(), client_id))


@blueprint.post("/<uuid:client_id>/tokens/<uuid:token_id>/revocation")
def revoke(client_id: UUID, token_id: UUID) -> Response:
    """End one token at once."""
    managing.revoke(runtime(), me(), client_id, token_id)
    flash(_("The token is revoked; calls with it are refused from now on."))
    return _back(client_id)


@blueprint.post("/<uuid:client_id>/webhooks")
def add_webhook(client_id: UUID) -> Response | tuple[str, int]:
    """One more address where the system hears of tickets."""
    shown = _page(client_id)
    try:
        webhooks.add_webhook(
            runtime(), me(), client_id, request.form.get("name", ""), sent_url(), request.form.getlist("topic")
        )
    except Invalid as refused:
        facts = _of(shown.row.client, shown.row.place)
        return _form(shown, facts, {}, webhook_error=worded(refused.message)), 422
    flash(_("Added. Show its signing secret to the system, then send a test to see whether it arrives."))
    return redirect(url_for("clients.page", client_id=client_id, _anchor="webhooks"), 303)


@blueprint.post("/<uuid:client_id>/disabling")
def disable(client_id: UUID) -> Response:
    """Let no call of the client in any more."""
    return _switched(managing.disable, client_id, _("The client is disabled; its calls are refused from now on."))


@blueprint.post("/<uuid:client_id>/enabling")
def enable(client_id: UUID) -> Response:
    """Let its calls in again."""
    return _switched(managing.enable, client_id, _("The client may call again."))


def _switched(verb: Verb, client_id: UUID, done: str) -> Response:
    verb(runtime(), me(), client_id)
    flash(done)
    return _back(client_id)


def _back(client_id: UUID) -> Response:
    return redirect(url_for("clients.page", client_id=client_id), 303)


def _told_once(client_id: UUID, token: str) -> Response:
    """The token is in this one answer and nowhere else: neither in an address nor in a cookie."""
    return Response(
        render_template("clients/token.html", token=token, shown=_page(client_id)), 201, mimetype="text/html"
    )


def _page(client_id: UUID) -> ClientPage:
    reading().rollback()  # what a verb has just written is shown
    return client_page(reading(), me(), client_id, now())


def _form(shown: ClientPage | None, facts: Facts, errors: Mapping[str, Message], webhook_error: str = "") -> str:
    places = places_for(reading(), me())
    brand_id = shown.row.client.brand_id if shown else me().brand_id
    types = types_for(reading(), brand_id, me().root_id)
    return render_template(
        "clients/page.html",
        shown=shown,
        facts=facts,
        errors=errors,
        places=places,
        types=types,
        scopes=CLIENT_SCOPES,
        may_give={name for name, scope in CLIENT_SCOPES.items() if all(map(me().may, scope.permissions))},
        now=now(),
        kinds=KIND_WORDS,
        broadcast=BROADCAST,
        delivered=_DELIVERED,
        typed=request.form if webhook_error else {},
        typed_topics=request.form.getlist("topic") or [Topic.LETTERS, Topic.OUTCOME],
        webhook_error=webhook_error,
    )


def _facts() -> Facts:
    """The form as it was sent."""
    sent = request.form
    names = ("name", "place", "contact", "addresses", "per_minute", "last_day")
    texts = {name: sent.get(name, "").strip() for name in names}
    facts = Facts(**texts, scopes=sent.getlist("scopes"), types=sent.getlist("types"))
    return facts if facts.per_minute else replace(facts, per_minute="0")


def _of(client: ApiClient, place: Place) -> Facts:
    """The form as the client is."""
    return Facts(
        name=client.name,
        place=str(place.public_id),
        scopes=client.scopes,
        types=client.types,
        contact=client.contact,
        addresses=", ".join(client.addresses),
        per_minute=str(client.per_minute),
        last_day=_last_day(client, place),
    )


def _last_day(client: ApiClient, place: Place) -> str:
    if client.expires_at is None:
        return ""
    return (client.expires_at.astimezone(ZoneInfo(place.time_zone)) - timedelta(seconds=1)).date().isoformat()
