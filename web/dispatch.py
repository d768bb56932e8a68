"""Owns the dispatch queue's page: what waits and why, who could take it, assigning one or many, taking the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.expressions import N_, Message
from tickets.access import Permission
from tickets.assigning import dispatching, queue
from tickets.assigning.dispatching import Outcome, What
from tickets.assigning.queue import QueueRow, QueueView
from tickets.assigning.suited import suited
from tickets.errors import Forbidden, Invalid
from tickets.event_words import people_named, worded
from tickets.paging import Page
from tickets.people import Person
from tickets.reading.people import everyone
from web import picking
from web.context import me, now, read_again, reading, runtime
from web.errors import status_of
from web.language import gettext as _
from web.language import language, listed, named
from web.language import worded as said
from web.times import sentence

blueprint = Blueprint("dispatch", __name__, url_prefix="/dispatch")

VIEWS: Mapping[QueueView, str] = {QueueView.WAITING: N_("Nobody found"), QueueView.OFFERED: N_("Offered to a role")}


@blueprint.get("")
def index() -> str:
    """What waits in the reader's scopes."""
    return _page()


@blueprint.post("/assignments")
def assign() -> Response | tuple[str, int]:
    """Give the ticked tickets to somebody; those that another has assigned meanwhile are told."""
    _must_dispatch()
    numbers, note = request.form.getlist("tickets"), request.form.get("note", "")
    what = What(owner="owner" in request.form, tasks="tasks" in request.form)
    try:
        person = _chosen()
        outcomes = dispatching.assign_all(runtime(), me(), numbers, person.id, what, note=note)
    except Invalid as refused:
        return _page(error=said(refused.message)), status_of(refused)
    _tell(person, outcomes)
    return redirect(url_for("dispatch.index", view=request.form.get("view") or None), 303)


@blueprint.post("/next")
def take_next() -> Response:
    """The first of the queue becomes the reader's."""
    _must_dispatch()
    number = dispatching.take_next(runtime(), me())
    if number is None:
        flash(_("Nothing waits any more."))
        return redirect(url_for("dispatch.index"), 303)
    flash(_("%(number)s is yours now.", number=number))
    return redirect(url_for("ticket.show", number=number), 303)


def _must_dispatch() -> None:
    if not me().may(Permission.DISPATCH):
        raise Forbidden(Message(N_("Only dispatchers see the dispatch queue; ask an administrator.")))


def _page(error: str = "") -> str:
    _must_dispatch()
    g.area = "dispatch"
    wanted = request.values.get("view", "")
    view = QueueView(wanted) if wanted in set(QueueView) else QueueView.WAITING
    session, type_key = read_again() if error else reading(), request.args.get("type", "")
    page = queue.dispatch_queue(session, me(), view=view, type_key=type_key, cursor=request.args.get("cursor"))
    ticked = set(request.values.getlist("tickets"))
    rows = [row for row in page.rows if row.ticket.number in ticked] or page.rows
    suits = suited(session, [row.ticket.id for row in rows])
    people = queue.able(session, me(), now(), suits, [row.ticket.id for row in rows])
    shown = [one for one in people if one.away_until is None][: queue.SHOWN]
    away = [one for one in people if one.away_until is not None][: queue.SHOWN]
    return render_template(
        "assigning/queue.html",
        page=page,
        view=view,
        views=VIEWS,
        counts={each: queue.count_waiting(session, me(), each) for each in VIEWS},
        why=_why(page),
        types=[(kind.key, named(kind.names, kind.name)) for kind in queue.types_waiting(session, me(), view)],
        type_key=type_key,
        people=shown,
        away=away,
        skills=queue.skills_of(session, [one.id for one in (*shown, *away)]),
        most=max([one.load for one in shown], default=0) or 1,
        suits=suits,
        looked_at=len(rows),
        ticked=ticked,
        typed=request.values,
        error=error,
    )


def _why(page: Page[QueueRow]) -> dict[int, str]:
    """In words, by ticket: the tasks that name nobody, or what brought it here."""
    events = [row.event for row in page.rows if row.event is not None]
    names = {who: person.name for who, person in everyone(reading(), people_named(events)).items()} if events else {}
    return {row.ticket.id: _reason(row, names) for row in page.rows}


def _reason(row: QueueRow, names: Mapping[int, str]) -> str:
    if row.tasks:
        tasks = listed(named(task.names, task.name) for task in row.tasks[:3])
        return _("Nobody for “%(tasks)s”", tasks=tasks)
    if row.event is not None:
        return sentence(worded(row.event, names, language=language()))
    return _("No rule found anybody") if row.since else _("Waits for somebody to claim it")


def _chosen() -> Person:
    """Whom the radio button or, before it, the field for others means."""
    if request.form.get("other", "").strip():
        return picking.person("other")
    if "to" not in request.form:
        raise Invalid(Message(N_("Choose who gets them: one of the candidates, or somebody else by name.")))
    return picking.person("to")


def _tell(person: Person, outcomes: Sequence[Outcome]) -> None:
    done = sum(outcome.refusal is None for outcome in outcomes)
    if done:
        flash(_("%(count)s assigned to %(name)s.", count=done, name=person.name))
    for outcome in outcomes:
        if outcome.refusal is not None:
            flash(f"{outcome.number}: {said(outcome.refusal)}")
