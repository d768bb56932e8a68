"""Owns where one can go: every entry of the side bar and the portal's head, and who sees it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from flask import g, request, url_for
from werkzeug.urls import iri_to_uri

from engine.expressions import N_
from tickets.access import Actor, Permission, Scope
from tickets.assigning.queue import count_waiting
from tickets.inbox import count_for_me
from tickets.organising.menus import Item, menu_of
from tickets.places import Place
from tickets.standards.waiving.reading import count_to_decide
from web.context import is_staff, me, reading
from web.language import named


@dataclass(frozen=True, slots=True)
class Entry:
    """A page one can go to: who has any of these permissions sees it; `area` is the first part of its addresses."""

    icon: str
    text: str
    endpoint: str
    area: str
    permissions: frozenset[Permission]
    of_group: bool = False
    """Whether only those see it who have them for the whole group."""

    def seen_by(self, actor: Actor) -> bool:
        held = (actor.having(permission) for permission in self.permissions)
        return any(not self.of_group or grant.scope is Scope.GROUP for grants in held for grant in grants)

    @property
    def address(self) -> str:
        return url_for(self.endpoint)

    @property
    def here(self) -> bool:
        """Whether the page shown belongs to it."""
        return getattr(g, "area", None) == self.area or request.endpoint == self.endpoint

    @property
    def count(self) -> int:
        """What waits there for the reader."""
        if self.area == "dispatch":
            return count_waiting(reading(), me())
        if self.area == "waivers":
            return count_to_decide(reading(), me()) if me().may(Permission.WAIVE) else 0
        return _mine() if self.area == "inbox" else 0


def _mine() -> int:
    if "mine" not in g:
        g.mine = count_for_me(reading(), me())
    return cast(int, g.mine)


_P = Permission
CC = Entry("at", N_("Cc'd to me"), "copies.index", "cc", frozenset({_P.FILE}))
FILED = Entry("ticket", N_("My tickets"), "lists.mine", "mine", frozenset({_P.FILE}))
TASKS = Entry("checklist", N_("My tasks"), "lists.inbox", "inbox", frozenset({_P.FILE}))
"""The portal's way to what waits for the reader: a class teacher may have steps to do and no right of staff."""
NEW = Entry("plus", N_("New ticket"), "filing.choose", "new", frozenset({_P.FILE}))
HEADQUARTERS, CAMPUS = N_("Headquarters"), N_("Standards of the campus")
"""Over the standards: for those who look at several campuses, and for those who do the steps of their own."""
STAFF: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry("inbox", N_("Inbox"), "lists.inbox", "inbox", frozenset({_P.WORK})),
            Entry("list-details", N_("All tickets"), "lists.tickets", "tickets", frozenset({_P.SEE})),
            FILED,
            CC,
        ),
    ),
    (
        N_("Team"),
        (
            Entry("arrows-split-2", N_("Dispatch queue"), "dispatch.index", "dispatch", frozenset({_P.DISPATCH})),
            Entry("layout-dashboard", N_("Dashboard"), "dashboard.page", "dashboard", frozenset({_P.SEE})),
            Entry("beach", N_("Absences"), "absences.index", "absences", frozenset({_P.WORK, _P.MANAGE_PEOPLE})),
            Entry("message-2-bolt", N_("Canned replies"), "canned.index", "replies", frozenset({_P.NOTE})),
        ),
    ),
    (
        HEADQUARTERS,
        (
            Entry("layout-grid", N_("Matrix"), "matrix.overview", "matrix", frozenset({_P.SEE_STANDARDS})),
            Entry(
                "checklist",
                N_("Standards"),
                "standards.index",
                "standards",
                frozenset({_P.SEE_STANDARDS, _P.MANAGE_STANDARDS}),
            ),
            Entry(
                "eye-check",
                N_("Spot checks"),
                "checks.index",
                "checks",
                frozenset({_P.SEE_STANDARDS, _P.CHECK_STANDARDS}),
            ),
            Entry("shield-check", N_("Waivers"), "waivers.index", "waivers", frozenset({_P.SEE_STANDARDS, _P.WAIVE})),
        ),
    ),
    (
        N_("Design"),
        (
            Entry("sitemap", N_("Ticket types"), "types.index", "types", frozenset({_P.SEE_TYPES, _P.DEPLOY})),
            Entry("route", N_("Assignment rules"), "rules.index", "rules", frozenset({_P.MANAGE_TYPES})),
            Entry("clock-cog", N_("Service levels"), "service.policy_index", "service", frozenset({_P.MANAGE_TYPES})),
        ),
    ),
    (
        N_("Business"),
        (
            Entry(
                "school", N_("Subjects"), "subjects.index", "subjects", frozenset({_P.SEE_SUBJECTS, _P.EDIT_SUBJECTS})
            ),
            Entry("lock", N_("Closures"), "service.closure_index", "closures", frozenset({_P.DISPATCH})),
        ),
    ),
    (
        N_("System"),
        (
            Entry("users", N_("People"), "people.index", "people", frozenset({_P.SEE_PEOPLE, _P.MANAGE_PEOPLE})),
            Entry("id-badge-2", N_("Roles"), "roles.index", "roles", frozenset({_P.MANAGE_ROLES})),
            Entry("building-community", N_("Places"), "places.index", "places", frozenset({_P.MANAGE_PLACES})),
            Entry("door-exit", N_("Departures"), "departures.index", "departures", frozenset({_P.MANAGE_PEOPLE})),
            Entry("plug", N_("Access"), "clients.index", "access", frozenset({_P.MANAGE_ACCESS})),
            Entry("api", N_("Connectors"), "connectors.index", "connectors", frozenset({_P.MANAGE_CONNECTORS})),
            Entry("key", N_("Secrets"), "secrets.index", "secrets", frozenset({_P.MANAGE_CONNECTORS})),
            Entry("speakerphone", N_("Channels"), "notices.channels", "channels", frozenset({_P.MANAGE_ACCESS})),
            Entry("menu-order", N_("Menus"), "menus.index", "menus", frozenset({_P.MANAGE_MENUS})),
            Entry("history", N_("Audit log"), "audit.index", "audit", frozenset({_P.SEE_AUDIT})),
            Entry("heartbeat", N_("Operations"), "operations.index", "operations", frozenset({_P.RUN}), of_group=True),
        ),
    ),
)
PORTAL = (("", (FILED, NEW)),)


ENTRIES: Mapping[str, Entry] = {entry.endpoint: entry for _, entries in (*STAFF, *PORTAL) for entry in entries}
"""Every entry by its key, as menus name them."""


@dataclass(frozen=True, slots=True)
class Link:
    """A page elsewhere that a brand's menu leads to."""

    icon: str
    text: str
    address: str
    here = False
    count = 0


def navigation() -> Iterator[tuple[str, list[Entry | Link]]]:
    """The headings and entries that the reader sees: those they may, as far as the brand's menu leaves them in."""
    actor = me()
    menu = _menu(actor)
    order = {item.key: place for place, item in enumerate(menu)}
    left_out = {item.key for item in menu if item.key and not item.shown_to(actor)}
    for heading, entries in STAFF if is_staff(actor) else _portal():
        shown = [entry for entry in entries if entry.endpoint not in left_out and entry.seen_by(actor)]
        if shown:
            shown.sort(key=lambda entry: order.get(entry.endpoint, len(order)))
            yield CAMPUS if heading == HEADQUARTERS and not _oversees(actor) else heading, list[Entry | Link](shown)
    links = [item for item in menu if item.url and item.shown_to(actor)]
    if links:
        yield N_("Links"), [Link(item.icon, named({"zh": item.zh, "en": item.en}, item.zh), item.url) for item in links]


def _oversees(actor: Actor) -> bool:
    """Whether their standards are those of more than a campus."""
    held = (*actor.having(_P.SEE_STANDARDS), *actor.having(_P.MANAGE_STANDARDS))
    return any(grant.scope in (Scope.BRAND, Scope.GROUP) for grant in held)


def _portal() -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    return (("", (FILED, NEW, TASKS)),) if TASKS.here or TASKS.count else PORTAL


def _menu(actor: Actor) -> Sequence[Item]:
    if "menu" not in g:
        g.menu = menu_of(reading(), actor.brand_id, actor.root_id) or ()
    return cast(Sequence[Item], g.menu)


LANDINGS = {
    "dispatcher": "dispatch.index",
    "hq_operations": "dashboard.page",
    "administrator": "dashboard.page",
    "designer": "types.index",
}
"""Where those start who hold the role and none that works on tickets otherwise; all others at their first entry."""


def landing() -> str:
    """Where one starts."""
    ours = [entry for _, entries in navigation() for entry in entries if isinstance(entry, Entry)]
    if not ours:
        return url_for("home.nothing")
    wanted = _wanted(me())
    return next((entry for entry in ours if entry.endpoint in wanted), ours[0]).address


def _wanted(actor: Actor) -> set[str]:
    """The entries that their roles lead to; none if one of them is somebody's who works through the inbox."""
    working = {grant.role_key for grant in actor.grants if grant.permissions - {_P.FILE}}
    return {LANDINGS[key] for key in working} if working <= LANDINGS.keys() else set()


@dataclass(frozen=True, slots=True)
class Organisation:
    """The names in the pages' heads; `key` chooses the brand's colours."""

    group: str
    brand: str
    key: str


def organisation() -> Organisation:
    """The reader's group and brand."""
    if "organisation" not in g:
        actor = me()
        places = {
            place.id: place for place in reading().query(Place).where(Place.id.in_((actor.root_id, actor.brand_id)))
        }
        group, brand = places[actor.root_id], places[actor.brand_id]
        g.organisation = Organisation(
            named(group.names, group.name), named(brand.names, brand.name), brand.external_id or ""
        )
    return cast(Organisation, g.organisation)


PARAMETERS = ("stage", "view", "q", "status", "type", "owner", "kind", "category")
"""What a list's address may say besides where its page begins; nothing else of an address is taken over."""


def address(**changes: str | None) -> str:
    """This list's address with some of its parameters changed; None takes one away."""
    kept = {name: request.args.get(name) for name in PARAMETERS} | changes
    values: dict[str, Any] = {name: value for name, value in kept.items() if value}
    return url_for(request.endpoint or "", **values)


def here() -> str:
    """This page's address within the site, to come back to; of an answer to a POST, what it `stands_for`."""
    if request.method == "GET":
        return iri_to_uri(request.full_path.rstrip("?"))
    return str(g.get("stands_for") or url_for("home.index"))


def stands_for(address: str) -> None:
    """The page that this answer to a POST shows once more, with what was refused."""
    g.stands_for = address


def local(address: str | None) -> str | None:
    """The address if it stays on this site, else None: nobody can be led away by a link to our sign-in page."""
    if not address or not address.startswith("/") or address[1:2] in ("/", "\\") or not address.isprintable():
        return None
    return iri_to_uri(address)


def undo(address: str) -> str:
    """The kind of a flashed message whose toast has a button that sends to this address of ours."""
    return f"undo {address}"
