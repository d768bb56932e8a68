"""Owns the words of the audit log: what each action is called, and each field that an entry tells of."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import N_

ACTIONS: Mapping[str, str] = {
    "absence.ended": N_("Absence ended"),
    "absence.set": N_("Absence entered"),
    "channel.added": N_("Channel added"),
    "channel.removed": N_("Channel removed"),
    "client.changed": N_("API client changed"),
    "client.created": N_("API client created"),
    "client.disabled": N_("API client disabled"),
    "client.enabled": N_("API client enabled"),
    "client.token_issued": N_("API client's token issued"),
    "client.token_revoked": N_("API client's token ended"),
    "menu.changed": N_("Menu changed"),
    "menu.removed": N_("Menu back to the group's"),
    "organisation.founded": N_("Organisation founded"),
    "people.imported": N_("People imported"),
    "person.changed": N_("Person changed"),
    "person.created": N_("Person taken on"),
    "person.departed": N_("Person departed"),
    "person.locked": N_("Login locked after wrong passwords"),
    "person.password_changed": N_("Own password changed"),
    "person.password_reset": N_("Password reset"),
    "person.returned": N_("Departure undone"),
    "person.role_given": N_("Role given"),
    "person.role_taken": N_("Role taken away"),
    "person.signed_out": N_("Person signed out"),
    "person.skills": N_("Skills changed"),
    "person.superior": N_("Superior changed"),
    "person.unlocked": N_("Login unlocked"),
    "place.changed": N_("Place changed"),
    "place.closed": N_("Place closed"),
    "place.created": N_("Place created"),
    "place.moved": N_("Place moved"),
    "place.opened": N_("Place opened again"),
    "privacy.erased": N_("Personal data erased"),
    "role.changed": N_("Role changed"),
    "role.created": N_("Role created"),
    "role.deleted": N_("Role deleted"),
    "sensitive.seen": N_("Sensitive value looked at"),
    "subject.changed": N_("Subject changed"),
    "subject.created": N_("Subject created"),
    "token.issued": N_("API token issued"),
    "token.revoked": N_("API token ended"),
    "type.deployed": N_("Ticket type published"),
    "type.setting": N_("Setting of a ticket type changed"),
    "view.removed": N_("Shared view removed"),
    "view.shared": N_("View shared"),
}
"""Every action that is recorded, by its key; a test finds those that are missing."""

FIELDS: Mapping[str, str] = {
    "address": N_("Address"),
    "attributes": N_("More facts"),
    "closed_at": N_("Closed"),
    "contract_end": N_("Contract end"),
    "email": N_("E-mail"),
    "expires_at": N_("Good until"),
    "external_id": N_("External id"),
    "items": N_("Entries"),
    "kind": N_("Kind"),
    "language": N_("Language"),
    "login": N_("Login"),
    "name": N_("Name"),
    "names": N_("Names"),
    "name_en": N_("English name"),
    "name_zh": N_("Chinese name"),
    "permissions": N_("Permissions"),
    "phone": N_("Phone"),
    "place": N_("Place"),
    "place_id": N_("Place"),
    "responsible_id": N_("Responsible"),
    "role": N_("Role"),
    "roles": N_("Roles"),
    "scope": N_("Scope"),
    "skills": N_("Skills"),
    "superior_id": N_("Superior"),
    "time_zone": N_("Time zone"),
    "title": N_("Title"),
    "until": N_("Until"),
    "version": N_("Version"),
}
"""Fields that people know by another word than their key."""

VIA: Mapping[str, str] = {
    "page": N_("page"),
    "api": N_("API"),
    "cli": N_("command line"),
    "system": N_("by itself"),
}
"""How it came about."""
