"""Owns what each permission means in words, grouped as the roles page shows them; a test finds those missing."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import N_
from tickets.permissions import Permission, Scope

_P = Permission

GROUPS: tuple[tuple[str, tuple[Permission, ...]], ...] = (
    (N_("Tickets"), (_P.FILE, _P.FILE_FOR, _P.SEE, _P.WORK, _P.NOTE, _P.DISPATCH, _P.EXPORT, _P.SEE_SENSITIVE)),
    (N_("Business"), (_P.SEE_SUBJECTS, _P.EDIT_SUBJECTS, _P.SEE_REPORTS)),
    (N_("Design"), (_P.SEE_TYPES, _P.DEPLOY, _P.MANAGE_TYPES)),
    (
        N_("Standards"),
        (_P.SEE_STANDARDS, _P.MANAGE_STANDARDS, _P.CHECK_STANDARDS, _P.WAIVE, _P.SEE_ORIGINALS),
    ),
    (N_("People and places"), (_P.SEE_PEOPLE, _P.MANAGE_PEOPLE, _P.MANAGE_ROLES, _P.MANAGE_PLACES)),
    (
        N_("System"),
        (
            _P.MANAGE_MENUS,
            _P.MANAGE_ACCESS,
            _P.MANAGE_CONNECTORS,
            _P.SEND_MESSAGES,
            _P.SEE_AUDIT,
            _P.ERASE,
            _P.OPERATE,
            _P.RUN,
        ),
    ),
)

WORDS: Mapping[Permission, tuple[str, str]] = {
    _P.FILE: (N_("File tickets"), N_("New tickets of their own, and following them.")),
    _P.FILE_FOR: (N_("File for others"), N_("Take a call or a mail and file the ticket for whoever calls.")),
    _P.SEE: (N_("See all tickets"), N_("Every ticket of the scope, not only one's own.")),
    _P.WORK: (N_("Work on tasks"), N_("Claim tasks, fill in their forms, own tickets.")),
    _P.NOTE: (N_("Write notes"), N_("Internal notes, which requesters never see.")),
    _P.DISPATCH: (N_("Dispatch"), N_("Give owners and tasks to others, also in bulk; close and merge for them.")),
    _P.EXPORT: (N_("Export tickets"), N_("Lists as CSV and Excel files.")),
    _P.SEE_SENSITIVE: (
        N_("See sensitive values"),
        N_("What forms mark as sensitive, unmasked; each look is recorded."),
    ),
    _P.SEE_REPORTS: (N_("See reports"), N_("The dashboard of the scope: workload, service levels, types.")),
    _P.SEE_TYPES: (N_("See ticket types"), N_("Their drawings, forms and versions.")),
    _P.DEPLOY: (N_("Publish ticket types"), N_("Upload drawings and forms; what is published counts at once.")),
    _P.MANAGE_TYPES: (N_("Settings of ticket types"), N_("Rules of assignment, service levels, calendars, urging.")),
    _P.SEE_SUBJECTS: (
        N_("See students, classes, products"),
        N_("Those of the scope, products kept above it too, with the tickets about them."),
    ),
    _P.EDIT_SUBJECTS: (N_("Change students, classes, products"), N_("Create, change and import them.")),
    _P.SEE_STANDARDS: (N_("See standards"), N_("Which campus did which step, in time or late.")),
    _P.MANAGE_STANDARDS: (N_("Set up standards"), N_("Whom they apply to and when they start; launch them.")),
    _P.CHECK_STANDARDS: (N_("Spot-check"), N_("Draw samples of steps that were done, and judge them.")),
    _P.WAIVE: (N_("Approve waivers"), N_("Say that a step need not be done, for a time.")),
    _P.SEE_ORIGINALS: (N_("See original photos"), N_("Evidence as it was taken; others see it small.")),
    _P.MANAGE_CONNECTORS: (
        N_("Manage connectors"),
        N_("Secrets that processes call other systems with; calls that stopped are tried again."),
    ),
    _P.SEE_PEOPLE: (N_("See people"), N_("The list of people and their pages.")),
    _P.MANAGE_PEOPLE: (
        N_("Manage people"),
        N_("Take on, change, import, let go; give roles that are within one's own."),
    ),
    _P.MANAGE_ROLES: (N_("Manage roles"), N_("Make and change roles that are within one's own.")),
    _P.MANAGE_PLACES: (N_("Manage places"), N_("Create, rename, move and close campuses and departments.")),
    _P.MANAGE_MENUS: (N_("Manage menus"), N_("Which entries a role sees, in which order, and own links.")),
    _P.MANAGE_ACCESS: (N_("Manage access"), N_("Other systems: their tokens, what they may call, what they called.")),
    _P.SEE_AUDIT: (N_("See the audit log"), N_("Who changed what in the system, and export it.")),
    _P.ERASE: (N_("Erase personal data"), N_("Of a person or a student, for good.")),
    _P.OPERATE: (N_("Mend stopped tickets"), N_("Try again where a process could not go on.")),
    _P.RUN: (N_("Run the installation"), N_("Its jobs, timers, stopped processes and messages; for the whole group.")),
    _P.SEND_MESSAGES: (N_("Send events"), N_("Messages and signals that start and move tickets.")),
}
"""Of each permission: what it is called, and what it lets one do."""

SCOPES: Mapping[Scope, tuple[str, str]] = {
    Scope.OWN: (N_("Own"), N_("Only what is theirs: asked, owned, worked on.")),
    Scope.CAMPUS: (N_("Place"), N_("The place where they hold the role, and all below it.")),
    Scope.BRAND: (N_("Brand"), N_("The whole brand of that place.")),
    Scope.GROUP: (N_("Group"), N_("Every brand; held inside a brand, that brand.")),
}
"""Of each scope: what it is called, and how far it reaches."""
