"""Owns menus: which entries a brand's roles see, in which order, and its own links. A menu only hides and orders."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.expressions import N_, Message
from tickets import audit
from tickets.actor import Actor
from tickets.errors import Forbidden, NotFound
from tickets.organising.fields import FieldsInvalid
from tickets.organising.menu_rows import Menu
from tickets.organising.reach import places_within
from tickets.permissions import Permission
from tickets.places import Place, PlaceKind
from tickets.runtime import Runtime
from tickets.texts import line_problem

MOST_LINKS = 30


@dataclass(frozen=True, slots=True)
class Item:
    """An entry of ours by its `key`, or a link (`url`, with its words). No `roles` means everybody's."""

    key: str = ""
    url: str = ""
    zh: str = ""
    en: str = ""
    icon: str = "link"
    hidden: bool = False
    roles: tuple[str, ...] = ()

    def shown_to(self, actor: Actor) -> bool:
        """Whether the menu leaves it in for them; what they may is asked elsewhere."""
        return not self.hidden and (not self.roles or any(grant.role_key in self.roles for grant in actor.grants))


def menu_of(session: Session, brand_id: int, root_id: int) -> Sequence[Item] | None:
    """The brand's menu, else the group's, else None; one statement."""
    found = session.execute(_MENUS, {"brands": [brand_id, root_id]}).all()
    by_brand = {row[0]: row[1] for row in found}
    stored = by_brand.get(brand_id, by_brand.get(root_id))
    return None if stored is None else [_item(each) for each in stored]


_MENUS = sa.select(Menu.brand_id, Menu.items).where(Menu.brand_id.in_(sa.bindparam("brands", expanding=True)))
"""Built once: every page asks."""


def menu_brands(session: Session, actor: Actor) -> list[tuple[Place, bool]]:
    """The brands (and the group) whose menus one manages, and whether each has one of its own. Raises NotFound."""
    if not actor.may(Permission.MANAGE_MENUS):
        raise NotFound
    query = sa.select(Place, Menu.brand_id).outerjoin(Menu, Menu.brand_id == Place.id).where(_managed(actor))
    return [(place, own is not None) for place, own in session.execute(query.order_by(Place.id))]


def set_menu(
    runtime: Runtime,
    actor: Actor,
    brand_id: int,
    items: Sequence[Item],
    *,
    known: Collection[str],
    icons: Collection[str],
) -> None:
    """Keep a brand's menu. `known` are the keys of our entries. Raises Forbidden, NotFound, FieldsInvalid."""
    kept = [item for item in items if item.key in known or item.url]
    _check(kept, icons)
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        brand = _brand(session, actor, brand_id)
        row = session.get(Menu, brand.id, with_for_update=True)
        before = list(row.items) if row else []
        after = [_stored(item) for item in kept]
        if row is None:
            session.add(Menu(brand_id=brand.id, items=after, updated_at=now))
        else:
            row.items, row.updated_at = after, now
        if before != after:
            was, then = {"items": _lines(before)}, {"items": _lines(after)}
            audit.record(session, actor, "menu.changed", brand.name, brand_id=brand.id, at=now, before=was, after=then)


def remove_menu(runtime: Runtime, actor: Actor, brand_id: int) -> None:
    """Let a brand have the group's menu again, or the group ours; twice is fine. Raises Forbidden, NotFound."""
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        brand = _brand(session, actor, brand_id)
        row = session.get(Menu, brand.id, with_for_update=True)
        if row is not None:
            before = {"items": _lines(row.items)}
            session.delete(row)
            audit.record(session, actor, "menu.removed", brand.name, brand_id=brand.id, at=now, before=before)


def _managed(actor: Actor) -> sa.ColumnElement[bool]:
    heads = Place.kind.in_((PlaceKind.GROUP, PlaceKind.BRAND))
    return sa.and_(heads, places_within(actor, Permission.MANAGE_MENUS))


def _brand(session: Session, actor: Actor, brand_id: int) -> Place:
    if not actor.may(Permission.MANAGE_MENUS):
        raise Forbidden(Message(N_("Your roles don't let you manage menus; ask an administrator.")))
    brand = session.scalar(sa.select(Place).where(Place.id == brand_id, _managed(actor)).with_for_update())
    if brand is None:
        raise NotFound(N_("This brand"))
    return brand


def _check(items: Sequence[Item], icons: Collection[str]) -> None:
    errors: dict[str, Message] = {}
    links = [item for item in items if item.url]
    if len(links) > MOST_LINKS:
        errors["links"] = Message(N_("A menu has at most %(most)s links."), {"most": MOST_LINKS})
    for number, link in enumerate(links):
        parts = _parts(link.url)
        if parts is None or len(link.url) > 500:
            errors[f"url-{number}"] = Message(N_("A link begins with https:// and names a site."))
        if problem := line_problem(link.zh, 40):
            errors[f"zh-{number}"] = problem
        if link.en and (problem := line_problem(link.en, 40)):
            errors[f"en-{number}"] = problem
        if link.icon not in icons:
            errors[f"icon-{number}"] = Message(N_("There is no such icon; choose one of the list."))
    if errors:
        raise FieldsInvalid(errors)


def _parts(url: str) -> str | None:
    """The site of an address one may link to; None for anything but plain https."""
    if not url.isprintable() or any(character.isspace() or character in '\\"<>' for character in url):
        return None
    try:
        parts = urlsplit(url)
        return parts.hostname if parts.scheme == "https" and parts.username is None else None
    except ValueError:
        return None


def _item(stored: Mapping[str, Any]) -> Item:
    known = {name: stored[name] for name in ("key", "url", "zh", "en", "icon", "hidden") if name in stored}
    return Item(**known, roles=tuple(stored.get("roles", ())))


def _stored(item: Item) -> dict[str, Any]:
    link = {"url": item.url, "zh": item.zh.strip(), "en": item.en.strip(), "icon": item.icon}
    return {**(link if item.url else {"key": item.key}), "hidden": item.hidden, "roles": list(item.roles)}


def _lines(stored: Iterable[Mapping[str, Any]]) -> list[str]:
    """A menu as the audit log shows it: a line each, in order."""
    lines = []
    for number, item in enumerate(map(_item, stored), 1):
        what = item.key or f"{item.zh} {item.url}"
        notes = ["hidden"] * item.hidden + [f"roles: {', '.join(item.roles)}"] * bool(item.roles)
        lines.append(f"{number}. {what}" + (f" ({'; '.join(notes)})" if notes else ""))
    return lines
