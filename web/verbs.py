"""Owns the verbs of the ticket page: each has an entry in its menu and a form, a page by itself or a dialog."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, render_template, request, url_for

from engine.expressions import N_, Message
from tickets.assigning.dispatching import Manner
from tickets.copying import copied_people
from tickets.errors import DomainError, Forbidden, Invalid, NotFound
from tickets.event_words import PRIORITY_WORDS
from tickets.evidence.leaving import left_undone
from tickets.family.children import waits_for
from tickets.family.tagging import suggestions, tags_of
from tickets.lookup import brand_of_visible
from tickets.policy import POLICY, Verb
from tickets.reading import TicketPage, ticket_page
from tickets.ticket import Ticket
from web.context import me, now, read_again, reading
from web.errors import status_of
from web.language import language, worded

blueprint = Blueprint("verbs", __name__, url_prefix="/tickets")


MANNERS = (
    (Manner.TICKET, N_("They answer for it from now on, and its open tasks that nobody has are theirs")),
    (Manner.OFFER, N_("They are asked to accept it; not accepted in time, it goes on")),
    (Manner.TASKS, N_("Only its open tasks that nobody has")),
)


def _nothing(_page: TicketPage) -> Mapping[str, Any]:
    return {}


def _always(_page: TicketPage) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Entry:
    """A verb on the page. `endpoint` takes its POST with the ticket's `number`; `text` is its menu entry and title,
    `button` what is pressed in the end. Its fields are in `ticket/verbs/<verb>.html`, with what `given` adds; a `plain`
    one has none and is pressed in the menu itself. `group` parts the menu by lines. `when`: what the menu asks besides
    the table of verbs.
    """

    verb: Verb
    group: int
    icon: str
    text: str
    button: str
    endpoint: str
    plain: bool = False
    given: Callable[[TicketPage], Mapping[str, Any]] = _nothing
    when: Callable[[TicketPage], bool] = _always

    @property
    def template(self) -> str:
        return f"ticket/verbs/{self.verb}.html"


def _priorities(_page: TicketPage) -> Mapping[str, Any]:
    return {"priorities": PRIORITY_WORDS}


def _waits(page: TicketPage) -> bool:
    """Nobody answers for it, or a task of it is nobody's."""
    return page.ticket.owner is None or any(task.assignee is None for task in page.tasks)


def _manners(page: TicketPage) -> Mapping[str, Any]:
    free = page.ticket.owner is None
    return {"manners": [(key, words) for key, words in MANNERS if free or key is Manner.TASKS]}


def _left(page: TicketPage) -> Mapping[str, Any]:
    """The steps of a standard that would never be done."""
    return {"left": left_undone(reading(), me(), page.ticket.number)}


def _children(page: TicketPage) -> Mapping[str, Any]:
    return {"children": waits_for(reading(), me(), page.ticket.number), **_left(page)}


def _copied(page: TicketPage) -> Mapping[str, Any]:
    return {"copied": copied_people(reading(), page.ticket.number)}


def _tags(page: TicketPage) -> Mapping[str, Any]:
    session, number = reading(), page.ticket.number
    found = tags_of(session, session.scalars(sa.select(Ticket.id).where(Ticket.number == number)).one())
    known = suggestions(session, brand_of_visible(session, me(), number), "")
    return {"tags": found, "known": [name for name in known if name not in found]}


_V = Verb
ENTRIES: tuple[Entry, ...] = (
    Entry(_V.RESOLVE, 1, "circle-check", N_("Resolve"), N_("Resolve"), "moves.resolve", given=_left),
    Entry(_V.CONFIRM, 1, "thumb-up", N_("Confirm: it is resolved"), "", "moves.confirm", plain=True),
    Entry(_V.RESUME, 1, "player-play", N_("Resume"), "", "moves.resume", plain=True),
    Entry(_V.SUSPEND, 1, "player-pause", N_("Suspend"), N_("Suspend"), "moves.suspend"),
    Entry(_V.ASSIGN, 1, "user-plus", N_("Assign"), N_("Assign"), "moves.assign", given=_manners, when=_waits),
    Entry(_V.HAND_OVER, 1, "user-share", N_("Hand over"), N_("Hand over"), "moves.hand_over"),
    Entry(_V.DECLINE, 1, "user-x", N_("Decline"), N_("Decline"), "moves.decline"),
    Entry(_V.URGE, 1, "bell-ringing", N_("Urge"), N_("Urge"), "copies.press"),
    Entry(_V.ANSWER_URGE, 1, "message-reply", N_("Answer the urge"), N_("Send"), "copies.answer"),
    Entry(_V.CC, 2, "at", N_("People in copy"), N_("Put in copy"), "copies.add", given=_copied),
    Entry(_V.PRIORITY, 2, "flag", N_("Priority"), N_("Change"), "moves.priority", given=_priorities),
    Entry(_V.RETITLE, 2, "pencil", N_("Change the title"), N_("Change"), "moves.retitle"),
    Entry(_V.TAG, 2, "tag", N_("Tags"), N_("Set"), "family.tag", given=_tags),
    Entry(_V.LINK, 2, "link", N_("Link with another ticket"), N_("Link"), "family.link"),
    Entry(_V.MERGE, 2, "git-merge", N_("Merge into another ticket"), N_("Merge"), "family.merge", given=_left),
    Entry(_V.RATE, 4, "star", N_("Rate"), N_("Send"), "moves.rate"),
    Entry(_V.REOPEN, 4, "refresh", N_("Reopen"), N_("Reopen"), "moves.reopen"),
    Entry(_V.CLOSE, 4, "circle-x", N_("Close"), N_("Close"), "moves.close", given=_children),
    Entry(_V.WITHDRAW, 4, "arrow-back-up", N_("Withdraw"), N_("Withdraw"), "moves.withdraw", given=_left),
)
"""In the menu's order. What has a place of its own on the page (reply, note, accept) is not here."""


def menu(page: TicketPage) -> list[Entry]:
    """What the reader of this page may do now."""
    return [entry for entry in ENTRIES if entry.verb in page.verbs and entry.when(page)]


@blueprint.get("/<number>/do/<verb>")
def form(number: str, verb: str) -> str:
    """A verb's form: by htmx a dialog's content, else a page. Raises NotFound, Forbidden."""
    page, entry = _page(number), _entry(verb)
    if entry.verb not in page.verbs:
        raise Forbidden(Message(POLICY[entry.verb].refusal))
    return _shown(page, entry, typed={}, error="")


def refused(number: str, verb: Verb, error: DomainError) -> tuple[str, int]:
    """The verb's form once more, with what was typed and what is wrong: the answer of its POST. Raises Forbidden."""
    read_again()
    page = _page(number)
    if isinstance(error, Invalid) and verb not in page.verbs:
        raise Forbidden(Message(POLICY[verb].refusal))
    return _shown(page, _entry(verb), typed=request.form, error=worded(error.message)), status_of(error)


@blueprint.after_app_request
def lead_on(response: Response) -> Response:
    """A dialog that was sent is told where to go; it can't follow by itself without losing what is said there."""
    if response.status_code == 303 and request.headers.get("HX-Target") == "dialog-body":
        response.status_code, response.data = 204, b""
        response.headers["HX-Redirect"] = response.headers.pop("Location")
    return response


def _page(number: str) -> TicketPage:
    return ticket_page(reading(), me(), number, now(), language=language(), events=1)


def _entry(verb: str) -> Entry:
    found = next((entry for entry in ENTRIES if entry.verb == verb and not entry.plain), None)
    if found is None:
        raise NotFound(N_("This page"))
    return found


def _shown(page: TicketPage, entry: Entry, *, typed: Mapping[str, str], error: str) -> str:
    frame = "ticket/do_dialog.html" if request.headers.get("HX-Request") else "ticket/do.html"
    action = url_for(entry.endpoint, number=page.ticket.number)
    given = dict(entry.given(page))
    return render_template(
        frame, page=page, ticket=page.ticket, entry=entry, action=action, typed=typed, error=error, **given
    )
