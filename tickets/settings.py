"""Owns what a brand may set of a ticket type: the BPMN file gives defaults, a brand's row overrides them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base, BigId, Json
from engine.expressions import N_


class SettingKind(StrEnum):
    SPAN = "span"  # an ISO 8601 duration: PT30M, P3D
    NUMBER = "number"
    SWITCH = "switch"
    PEOPLE = "people"  # a list of logins and role keys
    WHO = "who"  # one login, role key or ${expression}
    ROLES = "roles"  # a list of role keys


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing to set. A BPMN file names it as a property of its process; `default` holds where nobody says more."""

    name: str
    kind: SettingKind
    default: Any
    label: str
    hint: str


_K = SettingKind
SETTINGS: Mapping[str, Setting] = {
    each.name: each
    for each in (
        Setting(
            "owner", _K.WHO, "", N_("Owner"), N_("Who answers for new tickets: a login, a role, or an expression.")
        ),
        Setting("cc", _K.PEOPLE, (), N_("In copy"), N_("Logins and roles that are put in copy of every new ticket.")),
        Setting("offered", _K.SWITCH, True, N_("Open for filing"), N_("Whether people of the brand may file it.")),
        Setting("start.roles", _K.ROLES, (), N_("Who files it"), N_("Roles that may file it; none is everybody.")),
        Setting("accept.within", _K.SPAN, "", N_("Accept within"), N_("How long, in working time, an offer stands.")),
        Setting("urge.cooldown", _K.SPAN, "PT30M", N_("Urge again after"), N_("How long until one may urge again.")),
        Setting("urge.answer", _K.SPAN, "PT1H", N_("Answer an urge within"), N_("Then it climbs to the superior.")),
        Setting("urge.enabled", _K.SWITCH, True, N_("May be urged"), N_("Whether requesters may urge.")),
        Setting("close.after", _K.SPAN, "P3D", N_("Close by itself after"), N_("How long a resolved ticket waits.")),
        Setting("reopen.within", _K.SPAN, "P30D", N_("Reopen within"), N_("Later a new ticket has to be filed.")),
        Setting(
            "children.first",
            _K.SWITCH,
            True,
            N_("Children first"),
            N_("A ticket does not close before the tickets below it."),
        ),
    )
}
"""Everything a brand may set of a type, besides service levels and assignment rules, which are tables of their own."""


class TypeSetting(Base):
    """What a brand (or the group) sets for one of its types by key, or for all of them (`type_key` "")."""

    __tablename__ = "type_setting"
    __table_args__ = (sa.UniqueConstraint("brand_id", "type_key", "name"),)
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    brand_id: Mapped[int]
    type_key: Mapped[str] = mapped_column(sa.String(255))
    name: Mapped[str] = mapped_column(sa.String(64))
    value: Mapped[Any] = mapped_column(Json)
    updated_at: Mapped[datetime]
    updated_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


@dataclass(frozen=True, slots=True)
class Held:
    """A setting's value and where it comes from: a brand's or group's row (`of_type`: for this type alone),
    the BPMN file (`in_file`), or the default.
    """

    value: Any
    brand_id: int | None = None
    of_type: bool = False
    in_file: bool = False


def settings_of(
    session: Session, names: Sequence[str], *, type_key: str, brand_id: int, root_id: int, file: Mapping[str, str]
) -> dict[str, Held]:
    """Each setting as it holds for a brand's tickets of a type: the brand's row before the group's, a type's before
    all types', any row before the file's (`Process.settings`), that before the default. One statement.
    """
    given = {"brands": [brand_id, root_id], "keys": [type_key, ""], "names": list(names)}
    rows = {(row.brand_id, row.type_key, row.name): row.value for row in session.scalars(_SET, given)}
    order = [(brand, key) for brand in (brand_id, root_id) for key in (type_key, "")]
    return {name: _held(name, rows, order, type_key, file) for name in names}


_SET = sa.select(TypeSetting).where(
    TypeSetting.brand_id.in_(sa.bindparam("brands", expanding=True)),
    TypeSetting.type_key.in_(sa.bindparam("keys", expanding=True)),
    TypeSetting.name.in_(sa.bindparam("names", expanding=True)),
)


def setting(session: Session, name: str, *, type_key: str, brand_id: int, root_id: int, file: Mapping[str, str]) -> Any:
    """The value of one setting, as `settings_of` finds it."""
    found = settings_of(session, [name], type_key=type_key, brand_id=brand_id, root_id=root_id, file=file)
    return found[name].value


def _held(
    name: str,
    rows: Mapping[tuple[int, str, str], Any],
    order: Sequence[tuple[int, str]],
    type_key: str,
    file: Mapping[str, str],
) -> Held:
    for brand, key in order:
        if (brand, key, name) in rows:
            return Held(rows[brand, key, name], brand, of_type=key == type_key)
    if name in file:
        return Held(_from_file(name, file[name]), in_file=True)
    return Held(SETTINGS[name].default)


def _from_file(name: str, text: str) -> Any:
    """A property's text as the setting's kind has it: a list by commas, a switch by its word."""
    match SETTINGS[name].kind:
        case SettingKind.PEOPLE | SettingKind.ROLES:
            return [part.strip() for part in text.split(",") if part.strip()]
        case SettingKind.SWITCH:
            return text.strip().lower() == "true"
        case SettingKind.NUMBER:
            return int(text) if text.strip().isdecimal() else SETTINGS[name].default
        case _:
            return text.strip()
