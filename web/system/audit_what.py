"""Owns the words for what an entry of the audit log is about, and for the values before and after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson

from engine.expressions import N_
from tickets.assigning.models import Method
from tickets.event_words import PRIORITY_WORDS
from tickets.organising.audit_log import PEOPLE_FIELDS, PLACE_FIELDS, AuditRow, Difference
from tickets.organising.audit_words import FIELDS
from tickets.subjects import SubjectKind
from web.departures import WAYS
from web.language import gettext as _
from web.language import named, time_zone, translate
from web.rules import METHODS
from web.service.calendars import HOLIDAYS, WEEKDAYS
from web.service.policies import shown
from web.subjects import KINDS

SPANS = frozenset({"response", "resolution", "warn_before", "escalate_after"})
OLD_PREFIX = re.compile(r"(policy|calendar|place) ")
"""What entries of the first version began with."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\S*")
ALL_TYPES, ANY_PRIORITY = N_("All ticket types"), N_("any priority")
ELEMENTS: Mapping[str, str] = {"owner": N_("the owner"), "*": N_("every task")}
TOLD: Mapping[str, str] = {"superior": N_("the superior"), "role": N_("role"), "person": N_("person")}
ERASED: Mapping[str, str] = {"person": N_("person"), "subject": N_("subject")}


def what_words(row: AuditRow) -> str:
    """What was changed, in the reader's language: a type by its name, a priority in words."""
    action, what = row.entry.action, row.entry.what
    word = next((words for begin, words in _WORDS.items() if action.startswith(begin)), None)
    return word(row, what) if word is not None else what


def value_words(value: Any, difference: Difference, row: AuditRow) -> str:
    """A value as one reads it: people by name, spans and moments in words, lists with commas, nothing as a dash."""
    named_by_id = {**dict.fromkeys(PEOPLE_FIELDS, row.people), **dict.fromkeys(PLACE_FIELDS, row.places)}
    if difference.field in named_by_id and isinstance(value, int) and not isinstance(value, bool):
        return named_by_id[difference.field].get(value, str(value))
    if difference.field in _VALUES and value is not None:
        return _VALUES[difference.field](row, value)
    if value in (None, "", [], {}):
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return "; ".join(
            f"{key}: {each if isinstance(each, str) else orjson.dumps(each).decode()}" for key, each in value.items()
        )
    return _text(value, difference.field) if isinstance(value, str) else orjson.dumps(value).decode()


def _text(value: str, field: str) -> str:
    if field in SPANS:
        return shown(value)
    if field == "escalate_to":
        kind, _colon, key = value.partition(":")
        return " ".join(filter(None, (translate(TOLD.get(kind, kind)), key)))
    return _moment(value) if MOMENT.fullmatch(value) else value


def _moment(value: str) -> str:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return value
    return (at.astimezone(time_zone()) if at.tzinfo else at).strftime("%Y-%m-%d %H:%M")


def _policy(row: AuditRow, what: str) -> str:
    key, _space, priority = OLD_PREFIX.sub("", what, count=1).partition(" ")
    level = translate(PRIORITY_WORDS[priority]) if priority in PRIORITY_WORDS else translate(ANY_PRIORITY)
    return f"{_type(row, key)} · {level}"


def _rule(row: AuditRow, what: str) -> str:
    key, _space, element = what.partition(" ")
    return f"{_type(row, key)} · {translate(ELEMENTS[element]) if element in ELEMENTS else element}"


def _setting(row: AuditRow, what: str) -> str:
    key, space, rest = what.partition(" ")
    return _type(row, key) + space + rest


def _service(_row: AuditRow, what: str) -> str:
    return OLD_PREFIX.sub("", what, count=1)


def _erased(_row: AuditRow, what: str) -> str:
    kind, space, rest = what.partition(" ")
    return translate(ERASED.get(kind, kind)) + space + rest


def _subject(_row: AuditRow, what: str) -> str:
    kind, space, rest = what.partition(" ")
    return (translate(KINDS[SubjectKind(kind)].text) if kind in set(SubjectKind) else kind) + space + rest


def _priority(_row: AuditRow, value: Any) -> str:
    return translate(PRIORITY_WORDS.get(value, ANY_PRIORITY) if isinstance(value, str) else str(value))


def _calendar(row: AuditRow, value: Any) -> str:
    return named(row.calendars.get(value, {}) if isinstance(value, int) else {}, str(value))


def _types(row: AuditRow, value: Any) -> str:
    return ", ".join(_type(row, str(key)) for key in value) or "—" if isinstance(value, list) else str(value)


def _hours(_row: AuditRow, value: Any) -> str:
    """A week's hours by weekday ("0" is Monday)."""
    if not isinstance(value, dict):
        return str(value)
    days = ((translate(WEEKDAYS[int(day)]) if day in tuple("0123456") else day, hours) for day, hours in value.items())
    return "; ".join(f"{day} {hours}" for day, hours in days) or "—"


def _holidays(_row: AuditRow, value: Any) -> str:
    return translate(HOLIDAYS.get(str(value), str(value)))


def _names(_row: AuditRow, value: Any) -> str:
    return " / ".join(map(str, value.values())) or "—" if isinstance(value, dict) else str(value)


def _plan(row: AuditRow, value: Any) -> str:
    """What a departure does with tickets, those of some types, and tasks that were given to them alone."""
    if not isinstance(value, dict):
        return str(value)
    told = [f"{translate(FIELDS['default'])}: {_way(value.get('default'))}"]
    told += [f"{_type(row, key)}: {_way(way)}" for key, way in (value.get("types") or {}).items()]
    told.append(f"{translate(FIELDS['alone'])}: {_way(value.get('alone'))}")
    if value.get("people"):
        told.append(f"{translate(FIELDS['people'])}: {', '.join(map(str, value['people']))}")
    return "; ".join(told)


def _way(way: Any) -> str:
    return translate(WAYS.get(str(way), "—"))


def _type(row: AuditRow, key: str) -> str:
    if key in ("", "*"):
        return translate(ALL_TYPES)
    return named(row.types[key][1], row.types[key][0]) if key in row.types else key


_WORDS: Mapping[str, Callable[[AuditRow, str], str]] = {
    "service.policy": _policy,
    "service.": _service,
    "rule.": _rule,
    "type.": _setting,
    "privacy.": _erased,
    "subject.": _subject,
}
_VALUES: Mapping[str, Callable[[AuditRow, Any], str]] = {
    "calendar": _calendar,
    "holidays": _holidays,
    "hours": _hours,
    "method": lambda _row, value: translate(METHODS[Method(value)]) if str(value) in set(Method) else str(value),
    "names": _names,
    "plan": _plan,
    "priority": _priority,
    "type_key": lambda row, value: _type(row, str(value)),
    "types": _types,
}
