"""Owns the words for the values before and after a change, in the reader's language: by the field and its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.expressions import N_
from tickets.assigning.models import Method
from tickets.clients.client import CLIENT_SCOPES
from tickets.notices.table import TOPICS
from tickets.notices.urls import KIND_WORDS
from tickets.organising.audit_log import AuditRow, Difference
from tickets.organising.audit_names import PEOPLE_FIELDS, PLACE_FIELDS
from tickets.organising.permission_words import WORDS
from tickets.settings import SETTINGS, SettingKind
from web.checks import VERDICTS
from web.rules import METHODS
from web.service.calendars import HOLIDAYS
from web.standards.words import TRIGGERS
from web.subjects import KINDS
from web.system import audit_forms as say
from web.system.audit_forms import Word, plain_words
from web.system.audit_queries import query_words
from web.system.audit_what import FORMATS, place_words, type_words
from web.system.places import KINDS as PLACES
from web.waivers import STATES

SPANS = frozenset({"response", "resolution", "warn_before", "escalate_after"})
LANGUAGES: Mapping[str, str] = {"zh": "中文", "en": "English", "": N_("As the browser says")}


def value_words(value: Any, difference: Difference, row: AuditRow) -> str:
    """A value as one reads it: people by name, keys by what they stand for, spans and moments in words; nothing as a
    dash.
    """
    name = difference.field
    word = next(
        (words[name] for begin, words in _OF_ACTIONS.items() if row.entry.action.startswith(begin) and name in words),
        None,
    )
    word = word or _VALUES.get(name) or (_setting(name) if name in SETTINGS else None)
    if value not in (None, [], {}) and word is not None:
        return word(row, value) or "—"
    return plain_words(value)


def _setting(name: str) -> Word | None:
    kind = SETTINGS[name].kind
    if kind is SettingKind.SPAN:
        return say.span
    return say.role if kind in (SettingKind.ROLES, SettingKind.PEOPLE, SettingKind.WHO) else None


_PERMISSIONS = {permission.value: words[0] for permission, words in WORDS.items()}
_VALUES: Mapping[str, Word] = {
    **dict.fromkeys(SPANS, say.span),
    **dict.fromkeys(PEOPLE_FIELDS, say.id_of(lambda known: known.people)),
    **dict.fromkeys(PLACE_FIELDS, say.place_id),
    "args": say.args,
    "attributes": say.facts,
    "calendar": say.calendar,
    "conditions": say.conditions,
    "escalate_to": say.escalate,
    "format": say.one_of(FORMATS),
    "holidays": say.one_of(HOLIDAYS),
    "hours": say.hours,
    "items": say.items,
    "language": say.one_of(LANGUAGES),
    "method": say.one_of({method.value: METHODS[method] for method in Method}),
    "names": say.names,
    "permissions": say.one_of(_PERMISSIONS),
    "place": lambda row, value: place_words(row.known, value) if isinstance(value, str) else plain_words(value),
    "plan": say.plan,
    "priority": say.priority,
    "query": lambda _row, value: query_words(str(value)),
    "role": say.role,
    "role_id": say.role_id,
    "roles": say.role,
    "scope": say.scope,
    "scopes": say.one_of({key: given.words for key, given in CLIENT_SCOPES.items()}),
    "subject_kind": say.one_of({kind: look.text for kind, look in KINDS.items()}),
    "timing": say.timing,
    "topics": say.one_of({topic.value: about.text for topic, about in TOPICS.items()}),
    "trigger": say.one_of(TRIGGERS),
    "type_key": lambda row, value: type_words(row.known, str(value)),
    "types": say.types,
    "verdict": say.one_of({key: look[2] for key, look in VERDICTS.items()}),
}
"""By the field, whatever the action."""
_OF_ACTIONS: Mapping[str, Mapping[str, Word]] = {
    "channel.": {"kind": say.one_of(KIND_WORDS)},
    "place.": {"kind": say.one_of({kind: look[1] for kind, look in PLACES.items()})},
    "standards.": {"query": lambda _row, value: query_words(str(value), of_standards=True)},
    "subject.": {"kind": say.one_of({kind: look.text for kind, look in KINDS.items()})},
    "waiver.": {"state": say.one_of({key: look[1] for key, look in STATES.items()})},
}
"""By the field where one word means different things, for actions that begin so."""
