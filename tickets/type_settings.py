"""Owns a type's settings as a brand sees them: what holds and where it comes from, keeping and inheriting; audited."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.definitions.parts import Expr
from engine.definitions.stored import load
from engine.definitions.wording import compile_expr
from engine.expressions import N_, ExpressionError, Message
from engine.models import ProcessDefinition
from engine.timing import NotATime, parse_duration
from tickets import audit
from tickets.access import Actor, Permission, visible_types
from tickets.errors import Forbidden, Invalid, NotFound
from tickets.people import Person, normal_login
from tickets.places import Place, PlaceKind
from tickets.roles import Role
from tickets.runtime import Runtime
from tickets.settings import SETTINGS, Held, Setting, SettingKind, TypeSetting, settings_of
from tickets.types import TicketType

MOST = 50
MOST_TEXT = 500


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting as it holds for the brand; `local`: the brand itself says so for this type, so it can be given up."""

    setting: Setting
    held: Held
    source: str
    local: bool


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """A type's settings for one brand; `brands` are those that the reader manages, `roles` what can be named."""

    type: TicketType
    brand: Place
    brands: Sequence[Place]
    roles: Sequence[Role]
    settings: Sequence[Shown]


def settings_page(session: Session, actor: Actor, type_id: UUID, brand_id: UUID | None = None) -> SettingsPage:
    """Raises Forbidden, NotFound."""
    brands = _brands(session, actor)
    kind, file = _type(session, actor, type_id)
    brand = _chosen(brands, brand_id, actor)
    held = settings_of(session, list(SETTINGS), type_key=kind.key, brand_id=brand.id, root_id=actor.root_id, file=file)
    shown = [_shown(name, one, brand, actor.root_id) for name, one in held.items()]
    return SettingsPage(kind, brand, brands, _roles(session, brand, actor.root_id), shown)


def keep(runtime: Runtime, actor: Actor, type_id: UUID, brand_id: UUID, name: str, texts: Sequence[str]) -> None:
    """Set it for a brand's tickets of the type, running ones too, from now on. Raises Invalid with the remedy."""
    with runtime.writing() as session, session.begin():
        kind, brand, setting = _target(session, actor, type_id, brand_id, name)
        value = _READERS[setting.kind](session, [text.strip() for text in texts], (brand.id, actor.root_id))
        row = _row(session, kind, brand, name)
        before = {} if row is None else {name: row.value}
        if row is None:
            row = TypeSetting(brand_id=brand.id, type_key=kind.key, name=name)
            session.add(row)
        row.value, row.updated_at, row.updated_by_id = value, runtime.clock.now(), actor.person_id
        _record(session, runtime, actor, brand, kind, before, {name: value})


def inherit(runtime: Runtime, actor: Actor, type_id: UUID, brand_id: UUID, name: str) -> None:
    """Give up what the brand set, so that the group's, the file's or the default holds again. Twice is fine."""
    with runtime.writing() as session, session.begin():
        kind, brand, _ = _target(session, actor, type_id, brand_id, name)
        row = _row(session, kind, brand, name)
        if row is not None:
            session.delete(row)
            _record(session, runtime, actor, brand, kind, {name: row.value}, {})


def _target(
    session: Session, actor: Actor, type_id: UUID, brand_id: UUID, name: str
) -> tuple[TicketType, Place, Setting]:
    kind, _ = _type(session, actor, type_id)
    brand = next((one for one in _brands(session, actor) if one.public_id == brand_id), None)
    if brand is None or name not in SETTINGS:
        raise NotFound(N_("This setting"))
    return kind, brand, SETTINGS[name]


def _brands(session: Session, actor: Actor) -> Sequence[Place]:
    """The brands, and the group, whose settings the actor manages. Raises Forbidden when there are none."""
    kinds = (PlaceKind.GROUP.value, PlaceKind.BRAND.value)
    rows = session.scalars(sa.select(Place).where(Place.kind.in_(kinds)).order_by(Place.path).limit(500))
    wanted = Permission.MANAGE_TYPES
    found = [one for one in rows if actor.covers(wanted, brand_id=one.brand_id, place_path=one.path)]
    if not found:
        raise Forbidden(Message(N_("Your roles don't let you change the settings of ticket types.")))
    return found


def _chosen(brands: Sequence[Place], wanted: UUID | None, actor: Actor) -> Place:
    if wanted is None:
        return next((one for one in brands if one.id == actor.brand_id), brands[0])
    found = next((one for one in brands if one.public_id == wanted), None)
    if found is None:
        raise NotFound(N_("This brand"))
    return found


def _type(session: Session, actor: Actor, type_id: UUID) -> tuple[TicketType, Mapping[str, str]]:
    """The type and the properties of its live file."""
    found = session.execute(
        sa.select(TicketType, ProcessDefinition.compiled)
        .join(ProcessDefinition, ProcessDefinition.id == TicketType.definition_id)
        .where(TicketType.public_id == type_id, visible_types(actor))
    ).one_or_none()
    if found is None:
        raise NotFound(N_("This ticket type"))
    return found[0], load(found[1]).process.settings


def _roles(session: Session, brand: Place, root_id: int) -> Sequence[Role]:
    query = sa.select(Role).where(Role.brand_id.in_((brand.id, root_id))).order_by(Role.brand_id, Role.id)
    return session.scalars(query.limit(500)).all()


def _row(session: Session, kind: TicketType, brand: Place, name: str) -> TypeSetting | None:
    mine = (TypeSetting.brand_id == brand.id, TypeSetting.type_key == kind.key, TypeSetting.name == name)
    return session.scalar(sa.select(TypeSetting).where(*mine).with_for_update())


def _shown(name: str, held: Held, brand: Place, root_id: int) -> Shown:
    local = held.brand_id == brand.id and held.of_type
    if local:
        source = N_("set here")
    elif held.brand_id is not None:
        source = N_("from the group") if held.brand_id == root_id and brand.id != root_id else N_("set for all types")
    else:
        source = N_("from the BPMN file") if held.in_file else N_("default")
    return Shown(SETTINGS[name], held, source, local)


def _record(
    session: Session,
    runtime: Runtime,
    actor: Actor,
    brand: Place,
    kind: TicketType,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    now = runtime.clock.now()
    audit.record(session, actor, "type.setting", kind.key, brand_id=brand.id, at=now, before=before, after=after)


Reader = Callable[[Session, Sequence[str], tuple[int, int]], Any]
"""Reads what was typed, for a brand and its group; raises Invalid."""


def _one(texts: Sequence[str]) -> str:
    text = texts[0] if texts else ""
    if len(text) > MOST_TEXT:
        raise Invalid(Message(N_("It has %(length)s characters; shorten it to %(longest)s."), _length(text)))
    return text


def _length(text: str) -> dict[str, int]:
    return {"length": len(text), "longest": MOST_TEXT}


def _span(_session: Session, texts: Sequence[str], _brands: tuple[int, int]) -> str:
    text = _one(texts)
    if text:
        try:
            parse_duration(text)
        except NotATime as error:
            raise Invalid(error.message) from None
    return text


def _switch(_session: Session, texts: Sequence[str], _brands: tuple[int, int]) -> bool:
    return _one(texts) == "true"


def _number(_session: Session, texts: Sequence[str], _brands: tuple[int, int]) -> int:
    text = _one(texts)
    if not text.isdecimal() or len(text) > 6:
        raise Invalid(Message(N_("Write a whole number.")))
    return int(text)


def _who(session: Session, texts: Sequence[str], brands: tuple[int, int]) -> str:
    text = _one(texts)
    if text.startswith("${") and text.endswith("}"):
        try:
            compile_expr(Expr(text, "juel"))
        except ExpressionError as error:
            raise Invalid(error.message) from None
    elif text:
        _check_known(session, [text], brands)
    return text


def _people(session: Session, texts: Sequence[str], brands: tuple[int, int]) -> list[str]:
    names = list(dict.fromkeys(part.strip() for text in texts for part in text.split(",") if part.strip()))
    if len(names) > MOST:
        raise Invalid(Message(N_("Name at most %(most)s."), {"most": MOST}))
    _check_known(session, names, brands)
    return names


def _check_known(session: Session, names: Sequence[str], brands: tuple[int, int]) -> None:
    """Each is the login of somebody who has not left, or the key of a role, of the brand or the group."""
    logins = [login for name in names if (login := normal_login(name))]
    people = sa.select(Person.login).where(
        Person.login.in_(logins), Person.brand_id.in_(brands), Person.departed_at.is_(None)
    )
    roles = sa.select(Role.key).where(Role.key.in_([name[:64] for name in names]), Role.brand_id.in_(brands))
    known = {*session.scalars(people), *session.scalars(roles)}
    unknown = [name for name in names if name not in known and name.lower() not in known]
    if unknown:
        text = N_("Nobody here has the login, and no role the key “%(name)s”. Check it.")
        raise Invalid(Message(text, {"name": unknown[0][:80]}))


_READERS: Mapping[SettingKind, Reader] = {
    SettingKind.SPAN: _span,
    SettingKind.SWITCH: _switch,
    SettingKind.NUMBER: _number,
    SettingKind.WHO: _who,
    SettingKind.PEOPLE: _people,
    SettingKind.ROLES: _people,
}
