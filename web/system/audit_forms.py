"""Owns how the values of an audit entry read, each kind of them: moments, roles at places, hours, rules, menus."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from engine.expressions import N_
from tickets.event_words import PRIORITY_WORDS
from tickets.organising.audit_log import AuditRow
from tickets.organising.audit_names import Known
from tickets.organising.audit_words import FIELDS
from tickets.organising.permission_words import SCOPES
from web.departures import WAYS
from web.language import gettext as _
from web.language import listed, named, time_zone, translate
from web.navigation import ENTRIES
from web.rules import SUPERIORS
from web.service.calendars import WEEKDAYS
from web.service.policies import shown
from web.standards.words import IS, attribute_words, condition_words, timing_words
from web.subject_form import shown as fact_words
from web.system.audit_what import ANY_PRIORITY, place_words, role_words, type_words

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S*")
TOLD: Mapping[str, str] = {"superior": N_("The superior"), "role": N_("Role"), "person": N_("Person")}
Word = Callable[[AuditRow, Any], str]


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


def one_of(words: Mapping[Any, str]) -> Word:
    """A key by its words; several with commas between."""

    def word(_row: AuditRow, value: Any) -> str:
        if isinstance(value, list):
            return listed(translate(words.get(each, str(each))) for each in value)
        return translate(words.get(value, str(value)))

    return word


def id_of(names: Callable[[Known], Mapping[int, str]]) -> Word:
    """An id by the name of what it stands for."""
    return lambda row, value: names(row.known).get(value, str(value)) if isinstance(value, int) else plain_words(value)


def span(_row: AuditRow, value: Any) -> str:
    return shown(value) if isinstance(value, str) and value else plain_words(value)


def priority(_row: AuditRow, value: Any) -> str:
    return translate(PRIORITY_WORDS.get(value, ANY_PRIORITY) if isinstance(value, str) else str(value))


def calendar(row: AuditRow, value: Any) -> str:
    return named(row.known.calendars.get(value, {}) if isinstance(value, int) else {}, str(value))


def types(row: AuditRow, value: Any) -> str:
    return listed(type_words(row.known, str(key)) for key in value) if isinstance(value, list) else str(value)


def role(row: AuditRow, value: Any) -> str:
    """A role, or several; `key@place` is one at a place. Logins and expressions of settings stay as they are."""
    if isinstance(value, list):
        return listed(role(row, each) for each in value)
    key, at, place = str(value).partition("@")
    return (
        f"{role_words(row.known, key)} @ {place_words(row.known, place)}"
        if at and place
        else role_words(row.known, key)
    )


def role_id(row: AuditRow, value: Any) -> str:
    name, names = row.known.role_ids.get(value, (str(value), {}))
    return named(names, name)


def place_id(row: AuditRow, value: Any) -> str:
    if not isinstance(value, int):
        return plain_words(value)
    name, names = row.known.places.get(value, (str(value), {}))
    return named(names, name)


def escalate(row: AuditRow, value: Any) -> str:
    kind, _colon, key = str(value).partition(":")
    return " ".join(
        filter(None, (translate(TOLD.get(kind, kind)), role_words(row.known, key) if kind == "role" else key))
    )


def args(row: AuditRow, value: Any) -> str:
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


def hours(_row: AuditRow, value: Any) -> str:
    """A week's hours by weekday ("0" is Monday)."""
    if not isinstance(value, dict):
        return str(value)
    days = ((translate(WEEKDAYS[int(day)]) if day in tuple("0123456") else day, hours) for day, hours in value.items())
    return "; ".join(f"{day} {hours}" for day, hours in days)


def names(_row: AuditRow, value: Any) -> str:
    return " / ".join(map(str, filter(None, value.values()))) if isinstance(value, dict) else str(value)


def facts(_row: AuditRow, value: Any) -> str:
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


def conditions(_row: AuditRow, value: Any) -> str:
    """All that have to hold, in a list or one alone of a list's differences."""
    each = value if isinstance(value, list) else [value]
    return "; ".join(
        condition_words(one) if isinstance(one, dict) and one.get("is") in IS else str(one) for one in each
    )


def timing(_row: AuditRow, value: Any) -> str:
    return timing_words(value) if isinstance(value, dict) else str(value)


def items(row: AuditRow, value: Any) -> str:
    """A menu's entry as it was written down: `2. lists.inbox (hidden; roles: teacher)`."""
    if isinstance(value, list):
        return "; ".join(items(row, each) for each in value)
    found = _ITEM.fullmatch(str(value))
    if found is None or found["key"] not in ENTRIES:
        return str(value)
    notes = []
    for note in filter(None, (found["notes"] or "").split("; ")):
        keys = note.removeprefix("roles: ").split(", ")
        notes.append(_("hidden") if note == "hidden" else listed(role_words(row.known, key) for key in keys))
    return f"{found['place']}. {translate(ENTRIES[found['key']].text)}" + (f" ({'; '.join(notes)})" if notes else "")


_ITEM = re.compile(r"(?P<place>\d+)\. (?P<key>[\w.]+)(?: \((?P<notes>.*)\))?")


def plan(row: AuditRow, value: Any) -> str:
    """What a departure does with tickets, those of some types, and tasks that were given to them alone."""
    if not isinstance(value, dict):
        return str(value)
    told = [f"{translate(FIELDS['default'])}: {_way(value.get('default'))}"]
    told += [f"{type_words(row.known, key)}: {_way(way)}" for key, way in (value.get("types") or {}).items()]
    told.append(f"{translate(FIELDS['alone'])}: {_way(value.get('alone'))}")
    if value.get("role_id"):
        place = place_id(row, value["role_place_id"]) if value.get("role_place_id") else ""
        told.append(f"{translate(FIELDS['role'])}: {role_id(row, value['role_id'])}" + (f" @ {place}" if place else ""))
    if value.get("people"):
        people = (row.known.people.get(each, str(each)) for each in value["people"])
        told.append(f"{translate(FIELDS['people'])}: {listed(people)}")
    return "; ".join(told)


def _way(way: Any) -> str:
    return translate(WAYS.get(str(way), "—"))


def scope(_row: AuditRow, value: Any) -> str:
    return translate(SCOPES[value][0]) if value in SCOPES else str(value)
