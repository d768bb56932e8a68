"""Owns the words for the values before and after a change, in the reader's language: by the field and its kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from engine.expressions import N_
from tickets.assigning.models import Method
from tickets.clients.client import CLIENT_SCOPES
from tickets.event_words import PRIORITY_WORDS
from tickets.notices.table import TOPICS
from tickets.notices.urls import KIND_WORDS
from tickets.organising.audit_log import AuditRow, Difference
from tickets.organising.audit_names import PEOPLE_FIELDS, PLACE_FIELDS, Known
from tickets.organising.audit_words import FIELDS
from tickets.organising.permission_words import SCOPES, WORDS
from tickets.settings import SETTINGS, SettingKind
from web.checks import VERDICTS
from web.departures import WAYS
from web.language import gettext as _
from web.language import listed, named, time_zone, translate
from web.navigation import ENTRIES
from web.rules import METHODS, SUPERIORS
from web.service.calendars import HOLIDAYS, WEEKDAYS
from web.service.policies import shown
from web.standards.words import IS, TRIGGERS, attribute_words, condition_words, timing_words
from web.subject_form import shown as fact_words
from web.subjects import KINDS
from web.system.audit_queries import query_words
from web.system.audit_what import ANY_PRIORITY, FORMATS, place_words, role_words, type_words
from web.system.places import KINDS as PLACES
from web.waivers import STATES

SPANS = frozenset({"response", "resolution", "warn_before", "escalate_after"})
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S*")
TOLD: Mapping[str, str] = {"superior": N_("The superior"), "role": N_("Role"), "person": N_("Person")}
LANGUAGES: Mapping[str, str] = {"zh": "中文", "en": "English", "": N_("As the browser says")}
Word = Callable[[AuditRow, Any], str]


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


def plain_words(value: Any) -> str:
    """A value that is said as it is."""
    if value in (None, "", [], {}):
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        return _moment(value) if MOMENT.fullmatch(value) else value
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        return listed(map(str, value))
    if isinstance(value, dict):
        return "; ".join(
            f"{key}: {each if isinstance(each, str) else orjson.dumps(each).decode()}" for key, each in value.items()
        )
    return orjson.dumps(value).decode()


def _moment(value: str) -> str:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return (at.astimezone(time_zone()) if at.tzinfo else at).strftime("%Y-%m-%d %H:%M")


def _one_of(words: Mapping[Any, str]) -> Word:
    """A key by its words; several with commas between."""

    def word(_row: AuditRow, value: Any) -> str:
        if isinstance(value, list):
            return listed(translate(words.get(each, str(each))) for each in value)
        return translate(words.get(value, str(value)))

    return word


def _id_of(names: Callable[[Known], Mapping[int, str]]) -> Word:
    """An id by the name of what it stands for."""
    return lambda row, value: names(row.known).get(value, str(value)) if isinstance(value, int) else plain_words(value)


def _span(_row: AuditRow, value: Any) -> str:
    return shown(value) if isinstance(value, str) and value else plain_words(value)


def _priority(_row: AuditRow, value: Any) -> str:
    return translate(PRIORITY_WORDS.get(value, ANY_PRIORITY) if isinstance(value, str) else str(value))


def _calendar(row: AuditRow, value: Any) -> str:
    return named(row.known.calendars.get(value, {}) if isinstance(value, int) else {}, str(value))


def _types(row: AuditRow, value: Any) -> str:
    return listed(type_words(row.known, str(key)) for key in value) if isinstance(value, list) else str(value)


def _role(row: AuditRow, value: Any) -> str:
    """A role, or several; `key@place` is one at a place. Logins and expressions of settings stay as they are."""
    if isinstance(value, list):
        return listed(_role(row, each) for each in value)
    key, at, place = str(value).partition("@")
    return (
        f"{role_words(row.known, key)} @ {place_words(row.known, place)}"
        if at and place
        else role_words(row.known, key)
    )


def _role_id(row: AuditRow, value: Any) -> str:
    name, names = row.known.role_ids.get(value, (str(value), {}))
    return named(names, name)


def _place_id(row: AuditRow, value: Any) -> str:
    if not isinstance(value, int):
        return plain_words(value)
    name, names = row.known.places.get(value, (str(value), {}))
    return named(names, name)


def _escalate(row: AuditRow, value: Any) -> str:
    kind, _colon, key = str(value).partition(":")
    return " ".join(
        filter(None, (translate(TOLD.get(kind, kind)), role_words(row.known, key) if kind == "role" else key))
    )


def _args(row: AuditRow, value: Any) -> str:
    """What a rule's method goes by: a role, skills, a person, whose superior, a field of the form."""
    if not isinstance(value, dict):
        return str(value)
    words: Mapping[str, Callable[[Any], str]] = {
        "role": lambda each: role_words(row.known, str(each)),
        "of": lambda each: translate(SUPERIORS.get(str(each), str(each))),
        "skills": lambda each: listed(map(str, each)),
        "field": lambda each: _("field %(field)s", field=each),
    }
    return "; ".join(words[name](each) if name in words else str(each) for name, each in value.items() if each)


def _hours(_row: AuditRow, value: Any) -> str:
    """A week's hours by weekday ("0" is Monday)."""
    if not isinstance(value, dict):
        return str(value)
    days = ((translate(WEEKDAYS[int(day)]) if day in tuple("0123456") else day, hours) for day, hours in value.items())
    return "; ".join(f"{day} {hours}" for day, hours in days)


def _names(_row: AuditRow, value: Any) -> str:
    return " / ".join(map(str, filter(None, value.values()))) if isinstance(value, dict) else str(value)


def _facts(_row: AuditRow, value: Any) -> str:
    """What a subject's own facts are."""
    if not isinstance(value, dict):
        return str(value)
    return "; ".join(f"{attribute_words(name)}: {_fact(each)}" for name, each in value.items())


def _fact(value: Any) -> str:
    """Names and days as people list them: 王小明, 李雷; 第一阶段 2026-11-28."""
    if not isinstance(value, list):
        return fact_words(value)
    lines = [" ".join(map(str, each.values())) if isinstance(each, dict) else str(each) for each in value]
    return listed(lines)


def _conditions(_row: AuditRow, value: Any) -> str:
    """All that have to hold, in a list or one alone of a list's differences."""
    each = value if isinstance(value, list) else [value]
    return "; ".join(
        condition_words(one) if isinstance(one, dict) and one.get("is") in IS else str(one) for one in each
    )


def _timing(_row: AuditRow, value: Any) -> str:
    return timing_words(value) if isinstance(value, dict) else str(value)


def _items(row: AuditRow, value: Any) -> str:
    """A menu's entry as it was written down: `2. lists.inbox (hidden; roles: teacher)`."""
    if isinstance(value, list):
        return "; ".join(_items(row, each) for each in value)
    found = _ITEM.fullmatch(str(value))
    if found is None or found["key"] not in ENTRIES:
        return str(value)
    notes = []
    for note in filter(None, (found["notes"] or "").split("; ")):
        keys = note.removeprefix("roles: ").split(", ")
        notes.append(_("hidden") if note == "hidden" else listed(role_words(row.known, key) for key in keys))
    return f"{found['place']}. {translate(ENTRIES[found['key']].text)}" + (f" ({'; '.join(notes)})" if notes else "")


_ITEM = re.compile(r"(?P<place>\d+)\. (?P<key>[\w.]+)(?: \((?P<notes>.*)\))?")


def _plan(row: AuditRow, value: Any) -> str:
    """What a departure does with tickets, those of some types, and tasks that were given to them alone."""
    if not isinstance(value, dict):
        return str(value)
    told = [f"{translate(FIELDS['default'])}: {_way(value.get('default'))}"]
    told += [f"{type_words(row.known, key)}: {_way(way)}" for key, way in (value.get("types") or {}).items()]
    told.append(f"{translate(FIELDS['alone'])}: {_way(value.get('alone'))}")
    if value.get("role_id"):
        place = _place_id(row, value["role_place_id"]) if value.get("role_place_id") else ""
        told.append(
            f"{translate(FIELDS['role'])}: {_role_id(row, value['role_id'])}" + (f" @ {place}" if place else "")
        )
    if value.get("people"):
        people = (row.known.people.get(each, str(each)) for each in value["people"])
        told.append(f"{translate(FIELDS['people'])}: {listed(people)}")
    return "; ".join(told)


def _way(way: Any) -> str:
    return translate(WAYS.get(str(way), "—"))


def _setting(name: str) -> Word | None:
    kind = SETTINGS[name].kind
    if kind is SettingKind.SPAN:
        return _span
    return _role if kind in (SettingKind.ROLES, SettingKind.PEOPLE, SettingKind.WHO) else None


def _scope(_row: AuditRow, value: Any) -> str:
    return translate(SCOPES[value][0]) if value in SCOPES else str(value)


_PERMISSIONS = {permission.value: words[0] for permission, words in WORDS.items()}
_VALUES: Mapping[str, Word] = {
    **dict.fromkeys(SPANS, _span),
    **dict.fromkeys(PEOPLE_FIELDS, _id_of(lambda known: known.people)),
    **dict.fromkeys(PLACE_FIELDS, _place_id),
    "args": _args,
    "attributes": _facts,
    "calendar": _calendar,
    "conditions": _conditions,
    "escalate_to": _escalate,
    "format": _one_of(FORMATS),
    "holidays": _one_of(HOLIDAYS),
    "hours": _hours,
    "items": _items,
    "language": _one_of(LANGUAGES),
    "method": _one_of({method.value: METHODS[method] for method in Method}),
    "names": _names,
    "permissions": _one_of(_PERMISSIONS),
    "place": lambda row, value: place_words(row.known, value) if isinstance(value, str) else plain_words(value),
    "plan": _plan,
    "priority": _priority,
    "query": lambda _row, value: query_words(str(value)),
    "role": _role,
    "role_id": _role_id,
    "roles": _role,
    "scope": _scope,
    "scopes": _one_of({key: scope.words for key, scope in CLIENT_SCOPES.items()}),
    "subject_kind": _one_of({kind: look.text for kind, look in KINDS.items()}),
    "timing": _timing,
    "topics": _one_of({topic.value: about.text for topic, about in TOPICS.items()}),
    "trigger": _one_of(TRIGGERS),
    "type_key": lambda row, value: type_words(row.known, str(value)),
    "types": _types,
    "verdict": _one_of({key: look[2] for key, look in VERDICTS.items()}),
}
"""By the field, whatever the action."""
_OF_ACTIONS: Mapping[str, Mapping[str, Word]] = {
    "channel.": {"kind": _one_of(KIND_WORDS)},
    "place.": {"kind": _one_of({kind: look[1] for kind, look in PLACES.items()})},
    "standards.": {"query": lambda _row, value: query_words(str(value), of_standards=True)},
    "subject.": {"kind": _one_of({kind: look.text for kind, look in KINDS.items()})},
    "waiver.": {"state": _one_of({key: look[1] for key, look in STATES.items()})},
}
"""By the field where one word means different things, for actions that begin so."""
