"""Owns bulk actions on a list: what the bar sends, and the page that says what came of each ticket."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.expressions import N_, Message
from tickets.bulk import BulkOutcome, Chosen, Given, outcome_of, run_bulk
from tickets.bulk.verbs import Asks
from tickets.errors import Invalid
from web.context import me, reading, runtime
from web.ids import uuid_or_none
from web.language import gettext as _
from web.language import worded
from web.lists.area import blueprint
from web.navigation import local

BULK_ICONS: Mapping[str, str] = {
    "accept": "user-check",
    "assign": "user-plus",
    "transfer": "arrow-forward-up",
    "hand_over": "transfer",
    "priority": "flag",
    "tag": "tag",
    "cc": "at",
    "note": "note",
    "suspend": "player-pause",
    "resume": "player-play",
    "resolve": "circle-check",
    "merge": "git-merge",
    "close": "checks",
}
"""By the actions' names."""


@blueprint.post("/tickets/bulk")
def run_bulk_action() -> AnyResponse:
    """Do one action on the selected tickets; the same form sent twice does it once."""
    key, verb = _key(request.form.get("key", "")), request.form.get("verb", "")
    outcome = run_bulk(runtime(), me(), key, verb, _chosen(), _given(verb), say=worded)
    back = local(request.form.get("back")) or url_for("lists.tickets")
    if outcome.refused:
        return redirect(url_for("lists.bulk_result", key=key, back=back), 303)
    flash(_("%(count)s done: %(verb)s.", count=len(outcome.done), verb=_(outcome.verb.text)))
    return redirect(back, 303)


@blueprint.get("/tickets/bulk/<uuid:key>")
def bulk_result(key: UUID) -> str:
    """What an action did, ticket by ticket."""
    g.area = "tickets"
    outcome: BulkOutcome = outcome_of(reading(), me(), key)
    back = local(request.args.get("back")) or url_for("lists.tickets")
    return render_template("lists/bulk_result.html", outcome=outcome, back=back)


def _chosen() -> list[str | Chosen]:
    """The selected rows: a number, or in an inbox `number/task`."""
    return [_row(text) for text in request.form.getlist("number")]


def _row(text: str) -> Chosen:
    number, _slash, task = text.partition("/")
    return Chosen(number, uuid_or_none(task))


def _given(verb: str) -> Given:
    """The fields of one action: each has its own, since all go along."""
    values = {what.value: request.form.get(f"{verb}-{what}", "") for what in Asks if what}
    return Given(**values)


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Invalid(Message(N_("The form is broken; load the list again."))) from None
