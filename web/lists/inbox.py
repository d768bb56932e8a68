"""Owns the lists: the inbox with its views, all tickets with their filters, and a requester's own."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.expressions import N_
from tickets import bulk, tasks
from tickets.errors import Conflict, NotFound
from tickets.inbox import Badges, Stage, View, badges, inbox_version, my_tickets
from tickets.inbox import inbox as inbox_page
from web.context import is_staff, me, reading, runtime
from web.language import gettext as _
from web.lists.area import blueprint, versioned
from web.lists.bulk import BULK_ICONS
from web.navigation import undo

VIEWS: Mapping[View, str] = {
    View.MINE: N_("My tasks"),
    View.ROLES: N_("For my roles"),
    View.OWNED: N_("I own"),
    View.ASKED: N_("Asked of me"),
}
"""The inbox's views, in order; the first is what one sees first."""
STAGES: Mapping[Stage, str] = {
    Stage.OPEN: N_("Open"),
    Stage.TURN: N_("Waiting for me"),
    Stage.ENDED: N_("Ended"),
}
"""What a requester's list narrows to."""
TRIES = 5
"""How many of the first tasks are tried when others claim at the same moment."""


@blueprint.get("/inbox")
def inbox() -> str:
    """What waits for the reader, soonest due first."""
    view, actor = _view(), me()
    g.area = "inbox"
    g.badges = badges(reading(), actor)
    page = inbox_page(reading(), actor, view=view, cursor=request.args.get("cursor"))
    return render_template(
        "lists/inbox.html",
        page=page,
        view=view,
        views=_offered(view, g.badges),
        badges=g.badges,
        version=inbox_version(page),
        verbs=bulk.offered(actor, with_tasks=view is not View.OWNED),
        BULK_ICONS=BULK_ICONS,
        key=uuid4(),
    )


@blueprint.get("/inbox/version")
def version() -> AnyResponse:
    """What a live inbox asks for: an ETag that changes with anything it shows."""
    page = inbox_page(reading(), me(), view=_view(), cursor=request.args.get("cursor"))
    return versioned(inbox_version(page))


@blueprint.post("/inbox/claims")
def claim_next() -> AnyResponse:
    """The first task that waits for the reader's roles becomes theirs; what others were faster with is passed over."""
    for row in inbox_page(reading(), me(), view=View.ROLES, limit=TRIES).rows:
        try:
            number = tasks.claim(runtime(), me(), row.task.public_id) if row.task else ""
        except (Conflict, NotFound):
            continue
        if row.task:
            flash(_("The task is yours now."), undo(url_for("tasks.release", task_id=row.task.public_id)))
            return redirect(url_for("ticket.show", number=number, task=row.task.public_id), 303)
    flash(_("Nothing waits for your roles."))
    return redirect(url_for("lists.inbox"), 303)


@blueprint.get("/my-tickets")
def mine() -> str:
    """The tickets that the reader filed or that were filed for them."""
    g.area = "mine"
    wanted, text = request.args.get("stage", ""), request.args.get("q", "").strip()
    stage = Stage(wanted) if wanted in set(Stage) else None
    page = my_tickets(reading(), me(), stage=stage, text=text, cursor=request.args.get("cursor"))
    return render_template("lists/mine.html", page=page, stage=stage, stages=STAGES, text=text)


def _offered(view: View, waiting: Badges) -> Mapping[View, str]:
    """Staff choose among all; in the portal only what holds something is worth choosing, besides where one is."""
    if is_staff(me()):
        return VIEWS
    return {key: text for key, text in VIEWS.items() if key in (View.MINE, view) or getattr(waiting, key)}


def _view() -> View:
    wanted = request.args.get("view", "")
    return View(wanted) if wanted in set(View) else View.MINE
