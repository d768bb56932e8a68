"""Owns the policy: what a role may do and over whose tickets and subjects; the whole of it reads in a minute."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """What a role may do. What it reaches is the role's scope."""

    FILE = "ticket.file"
    FILE_FOR = "ticket.file_for"  # take a call or a mail and file the ticket for whoever calls
    SEE = "ticket.see"  # every ticket of the scope, not only one's own
    WORK = "task.work"
    NOTE = "ticket.note"
    DISPATCH = "ticket.dispatch"  # give owners and tasks to others, also in bulk; close and merge for them
    EXPORT = "ticket.export"
    SEE_SENSITIVE = "sensitive.see"  # what forms mark as sensitive, unmasked; each look is audited
    SEE_REPORTS = "report.see"
    SEE_TYPES = "type.see"
    DEPLOY = "type.deploy"
    MANAGE_TYPES = "type.manage"  # a type's settings, assignment rules, service levels, calendars
    SEE_SUBJECTS = "subject.see"
    EDIT_SUBJECTS = "subject.edit"
    SEE_PEOPLE = "people.see"
    MANAGE_PEOPLE = "people.manage"
    MANAGE_ROLES = "role.manage"
    MANAGE_PLACES = "place.manage"
    MANAGE_MENUS = "menu.manage"
    MANAGE_ACCESS = "access.manage"  # the clients of other systems
    SEE_AUDIT = "audit.see"
    ERASE = "privacy.erase"
    OPERATE = "incident.retry"
    SEND_MESSAGES = "message.send"
    SEE_STANDARDS = "standard.see"  # the matrix: which campus did which step
    MANAGE_STANDARDS = "standard.manage"  # set standards up and launch them
    CHECK_STANDARDS = "standard.check"  # draw spot checks and judge them
    WAIVE = "standard.waive"  # approve that a step need not be done; whoever works there may ask for it
    SEE_ORIGINALS = "evidence.original"  # photos as they were taken; others see them small
    MANAGE_CONNECTORS = "connector.manage"  # secrets that processes call other systems with
    RUN = "installation.run"  # jobs, timers, incidents and messages of the whole installation; only for the group


class Scope(StrEnum):
    """How far a role reaches: its holder's own, the membership's place and what is below it, its brand, the group."""

    OWN = "own"
    CAMPUS = "campus"
    BRAND = "brand"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class ShippedRole:
    """A role that a fresh installation has; from then on it is data."""

    key: str
    zh: str
    en: str
    scope: Scope
    permissions: frozenset[Permission]


def permissions_in(stored: Iterable[str]) -> frozenset[Permission]:
    """The permissions of a stored role; what another version called one and this one does not know gives nothing."""
    return frozenset(_PERMISSIONS[value] for value in stored if value in _PERMISSIONS)


def scope_of(stored: str) -> Scope:
    """The scope of a stored role; an unknown one is the narrowest."""
    return _SCOPES.get(stored, Scope.OWN)


_PERMISSIONS = {permission.value: permission for permission in Permission}
_SCOPES = {scope.value: scope for scope in Scope}

_P = Permission
_WORKER = {_P.FILE, _P.FILE_FOR, _P.WORK, _P.NOTE}
_LEAD = _WORKER | {_P.SEE, _P.DISPATCH, _P.EXPORT, _P.SEE_REPORTS, _P.SEE_PEOPLE}
_BRAND = _LEAD | {
    _P.SEE_TYPES,
    _P.MANAGE_TYPES,
    _P.SEE_SUBJECTS,
    _P.EDIT_SUBJECTS,
    _P.MANAGE_PEOPLE,
    _P.MANAGE_ROLES,
    _P.MANAGE_PLACES,
    _P.MANAGE_MENUS,
    _P.MANAGE_ACCESS,
    _P.SEE_AUDIT,
    _P.SEE_SENSITIVE,
    _P.SEE_STANDARDS,
    _P.MANAGE_STANDARDS,
    _P.CHECK_STANDARDS,
    _P.WAIVE,
    _P.SEE_ORIGINALS,
    _P.MANAGE_CONNECTORS,
    _P.SEND_MESSAGES,
}
_HEADQUARTERS = {_P.SEE_STANDARDS, _P.MANAGE_STANDARDS, _P.CHECK_STANDARDS, _P.WAIVE, _P.SEE_ORIGINALS}

SHIPPED_ROLES: tuple[ShippedRole, ...] = (
    ShippedRole("requester", "提单人", "Requester", Scope.OWN, frozenset({_P.FILE})),
    ShippedRole("support", "技术支持", "Support", Scope.GROUP, frozenset(_WORKER | {_P.SEE})),
    ShippedRole("support_lead", "技术支持主管", "Support lead", Scope.GROUP, frozenset(_LEAD | {_P.OPERATE})),
    ShippedRole("dispatcher", "分派员", "Dispatcher", Scope.BRAND, frozenset(_LEAD)),
    ShippedRole("developer", "研发工程师", "Developer", Scope.OWN, frozenset(_WORKER)),
    ShippedRole("consultant", "课程顾问", "Consultant", Scope.CAMPUS, frozenset(_WORKER | {_P.SEE_SUBJECTS})),
    ShippedRole(
        "campus_head",
        "校区负责人",
        "Campus head",
        Scope.CAMPUS,
        frozenset(_LEAD | {_P.SEE_SUBJECTS, _P.EDIT_SUBJECTS, _P.SEE_SENSITIVE, _P.SEE_STANDARDS, _P.SEE_ORIGINALS}),
    ),
    ShippedRole("brand_administrator", "品牌管理员", "Brand administrator", Scope.BRAND, frozenset(_BRAND)),
    ShippedRole(
        "hq_operations",
        "总部运营",
        "HQ operations",
        Scope.GROUP,
        frozenset(_LEAD | _HEADQUARTERS | {_P.SEE_TYPES, _P.MANAGE_TYPES, _P.SEE_SUBJECTS, _P.EDIT_SUBJECTS}),
    ),
    ShippedRole(
        "designer",
        "流程设计师",
        "Process designer",
        Scope.GROUP,
        frozenset({_P.FILE, _P.SEE_TYPES, _P.DEPLOY, _P.MANAGE_TYPES}),
    ),
    ShippedRole("administrator", "系统管理员", "Administrator", Scope.GROUP, frozenset(Permission)),
)
"""The roles of a fresh installation (product.md, "People")."""
