"""Owns saved views: a list's filters, order and columns under a name, for oneself or shared with a brand or a role."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, BigId, new_public_id
from engine.expressions import N_, Message
from tickets.access import Actor, Permission
from tickets.audit import record
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.inserts import insert_unless_there
from tickets.people import Person
from tickets.roles import Membership, Role
from tickets.runtime import Runtime
from tickets.texts import line_problem

LONGEST_NAME = 60
LONGEST_QUERY = 2000
MOST = 50
"""Views that one person may keep."""


class SavedView(Base):
    """`query` is the list's address after its question mark, without where a page begins.

    A shared one is seen by everybody of its brand, or by those who hold `role_id` there; the group's by every brand.
    What it shows is what each reader may see.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "name"),
        sa.Index("ix_saved_view_shared", "brand_id", "shared"),
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[uuid.UUID] = mapped_column(default=new_public_id, unique=True)
    brand_id: Mapped[int]
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    shared: Mapped[bool] = mapped_column(default=False)
    role_id: Mapped[int | None] = mapped_column(sa.ForeignKey("role.id"))
    name: Mapped[str] = mapped_column(sa.String(LONGEST_NAME))
    query: Mapped[str] = mapped_column(sa.String(LONGEST_QUERY))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DefaultView(Base):
    """The view that a person's list opens with."""

    __tablename__ = "default_view"
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True, autoincrement=False)
    view_id: Mapped[int] = mapped_column(sa.ForeignKey("saved_view.id"), index=True)


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A view as its reader sees it; `by` is whose it is, `role_names` (zh, en) whom it is shared with."""

    public_id: uuid.UUID
    name: str
    query: str
    mine: bool
    default: bool
    shared: bool
    by: str
    role_key: str
    role_names: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class NewView:
    """What is to be kept. `role` is the key of the role it is shared with; empty with `shared`: the whole brand."""

    name: str
    query: str
    shared: bool = False
    role: str = ""


def views_of(session: Session, actor: Actor) -> list[ViewRow]:
    """Their own views, then those shared with them, by name; one statement."""
    mine = SavedView.person_id == actor.person_id
    query = (
        sa.select(SavedView, DefaultView.view_id, Person.name, Role.key, Role.name_zh, Role.name_en)
        .join(Person, Person.id == SavedView.person_id)
        .outerjoin(Role, Role.id == SavedView.role_id)
        .outerjoin(DefaultView, sa.and_(DefaultView.person_id == actor.person_id, DefaultView.view_id == SavedView.id))
        .where(_seen_by(actor))
        .order_by(mine.desc(), SavedView.name, SavedView.id)
        .limit(2 * MOST)
    )
    return [_row(actor, *found) for found in session.execute(query)]


def view_of(session: Session, actor: Actor, public_id: uuid.UUID) -> ViewRow:
    """One view that they see. Raises NotFound."""
    found = next((row for row in views_of(session, actor) if row.public_id == public_id), None)
    if found is None:
        raise NotFound(N_("This view"))
    return found


def may_share(actor: Actor) -> bool:
    """Whether they make views for others."""
    return actor.may(Permission.DISPATCH) or actor.may(Permission.MANAGE_TYPES)


def roles_to_share_with(session: Session, actor: Actor) -> list[Role]:
    """The roles of their brand and of the group."""
    if not may_share(actor):
        return []
    wanted = Role.brand_id.in_((actor.brand_id, actor.root_id))
    return list(session.scalars(sa.select(Role).where(wanted).order_by(Role.name_zh)))


def keep(runtime: Runtime, actor: Actor, new: NewView) -> uuid.UUID:
    """Keep a view; one's own of that name is replaced, so that sending twice keeps one. Its public id.

    Raises Invalid, Forbidden (sharing is for dispatchers and those who manage ticket types).
    """
    _check(new)
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        values = {"query": new.query, "updated_at": now, **_sharing(session, actor, new)}
        found = session.scalar(_mine(actor, SavedView.name == new.name.strip()))
        if found is None:
            _check_room(session, actor)
            identity = {"person_id": actor.person_id, "name": new.name.strip(), "public_id": new_public_id()}
            insert_unless_there(session, SavedView, **identity, created_at=now, **values)
        session.execute(sa.update(SavedView).where(*_named(actor, new.name)).values(**values))
        kept = session.scalars(sa.select(SavedView).where(*_named(actor, new.name))).one()
        if kept.shared:
            _record(session, actor, "view.shared", kept, now)
        return kept.public_id


def change(runtime: Runtime, actor: Actor, public_id: uuid.UUID, new: NewView) -> None:
    """Rename a view of one's own, give it other filters, share it or not. Raises NotFound, Invalid, Forbidden."""
    _check(new)
    now = runtime.clock.now()
    with runtime.writing() as session, session.begin():
        view = _own(session, actor, public_id)
        same = sa.select(SavedView.id).where(*_named(actor, new.name), SavedView.id != view.id)
        if session.scalar(same) is not None:
            raise Invalid(Message(N_("You have a view of this name already; choose another."), {}))
        was_shared = view.shared
        for name, value in {"name": new.name.strip(), "query": new.query, **_sharing(session, actor, new)}.items():
            setattr(view, name, value)
        view.updated_at = now
        if was_shared or view.shared:
            _record(session, actor, "view.shared", view, now)


def remove(runtime: Runtime, actor: Actor, public_id: uuid.UUID) -> str:
    """Delete a view of one's own, or a shared one of the places whose types they manage; its name."""
    with runtime.writing() as session, session.begin():
        view = _own(session, actor, public_id)
        session.execute(sa.delete(DefaultView).where(DefaultView.view_id == view.id))
        if view.shared:
            _record(session, actor, "view.removed", view, runtime.clock.now())
        session.delete(view)
        return view.name


def open_with(runtime: Runtime, actor: Actor, public_id: uuid.UUID | None) -> None:
    """Let their list open with this view; with none, with all tickets. Raises NotFound."""
    with runtime.writing() as session, session.begin():
        session.execute(sa.delete(DefaultView).where(DefaultView.person_id == actor.person_id))
        if public_id is None:
            return
        wanted = sa.select(SavedView.id).where(SavedView.public_id == public_id, _seen_by(actor))
        if (view_id := session.scalar(wanted)) is None:
            raise NotFound(N_("This view"))
        insert_unless_there(session, DefaultView, person_id=actor.person_id, view_id=view_id)


def _seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    held = sa.select(Membership.role_id).where(Membership.person_id == actor.person_id)
    with_me = sa.or_(SavedView.role_id.is_(None), SavedView.role_id.in_(held))
    brands = SavedView.brand_id.in_((actor.brand_id, actor.root_id))
    return sa.or_(SavedView.person_id == actor.person_id, sa.and_(SavedView.shared, brands, with_me))


def _own(session: Session, actor: Actor, public_id: uuid.UUID) -> SavedView:
    """A view that is theirs to change: their own, or a shared one of their brand if they manage its types."""
    seen = sa.select(SavedView).where(SavedView.public_id == public_id, _seen_by(actor)).with_for_update()
    view = session.scalar(seen)
    if view is None:
        raise NotFound(N_("This view"))
    manages = any(
        grant.reaches(brand_id=view.brand_id, place_path="") for grant in actor.having(Permission.MANAGE_TYPES)
    )
    if view.person_id != actor.person_id and not manages:
        raise Forbidden(Message(N_("Only whoever made this view changes it; save a view of your own instead.")))
    return view


def _mine(actor: Actor, *criteria: sa.ColumnElement[bool]) -> sa.Select[SavedView]:
    return sa.select(SavedView).where(SavedView.person_id == actor.person_id, *criteria)


def _named(actor: Actor, name: str) -> tuple[sa.ColumnElement[bool], ...]:
    return SavedView.person_id == actor.person_id, SavedView.name == name.strip()


def _check(new: NewView) -> None:
    if problem := line_problem(new.name, LONGEST_NAME):
        raise Invalid(Message(N_("The view's name: %(problem)s"), {"problem": problem}))
    if len(new.query) > LONGEST_QUERY or not new.query.isprintable():
        raise Invalid(Message(N_("These filters are too long to keep; take some away.")))


def _check_room(session: Session, actor: Actor) -> None:
    have = sa.select(sa.func.count()).select_from(SavedView).where(SavedView.person_id == actor.person_id)
    if (session.scalar(have) or 0) >= MOST:
        text = N_("You keep %(most)s views already; delete one that you no longer need.")
        raise Invalid(Message(text, {"most": MOST}))


def _sharing(session: Session, actor: Actor, new: NewView) -> dict[str, object]:
    """The columns that say whom it is shared with."""
    if not new.shared:
        return {"shared": False, "role_id": None, "brand_id": actor.brand_id}
    if not may_share(actor):
        raise Forbidden(Message(N_("Only dispatchers and those who manage ticket types share views.")))
    role = next((one for one in roles_to_share_with(session, actor) if one.key == new.role), None)
    if new.role and role is None:
        raise Invalid(Message(N_("There is no such role; choose one of the list.")))
    return {"shared": True, "role_id": role.id if role else None, "brand_id": actor.brand_id}


def _record(session: Session, actor: Actor, action: str, view: SavedView, now: datetime) -> None:
    after = {"query": view.query, "role_id": view.role_id}
    record(session, actor, action, view.name, brand_id=view.brand_id, at=now, after=after)


def _row(
    actor: Actor, view: SavedView, default: int | None, by: str, key: str | None, zh: str | None, en: str | None
) -> ViewRow:
    return ViewRow(
        public_id=view.public_id,
        name=view.name,
        query=view.query,
        mine=view.person_id == actor.person_id,
        default=default is not None,
        shared=view.shared,
        by=by,
        role_key=key or "",
        role_names=(zh or "", en or "") if key else None,
    )
