"""Owns the words for what an entry of the audit log is about, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from engine.expressions import N_
from tickets.event_words import PRIORITY_WORDS
from tickets.organising.audit_log import AuditRow
from tickets.organising.audit_names import AT_PLACES, OF_PEOPLE, OF_PLACES, PARTS, Known
from tickets.subjects import SubjectKind
from web.language import gettext as _
from web.language import named, translate
from web.subjects import KINDS

OLD_PREFIX = re.compile(r"(policy|calendar|place) ")
"""What entries of the first version began with."""
ALL_TYPES, ANY_PRIORITY = N_("All ticket types"), N_("any priority")
ELEMENTS: Mapping[str, str] = {"owner": N_("the owner"), "*": N_("every task")}
ERASED: Mapping[str, str] = {"person": N_("person"), "subject": N_("subject")}
FORMATS: Mapping[str, str] = {"csv": "CSV", "xlsx": "Excel (XLSX)"}


def what_words(row: AuditRow) -> str:
    """What was changed: types, roles, tasks and steps by their names, priorities and kinds in words."""
    action, what = row.entry.action, row.entry.what
    word = next((words for begin, words in _WORDS.items() if action.startswith(begin)), None)
    return word(row, what) if word is not None else what


def type_words(known: Known, key: str) -> str:
    """A ticket type by its key; "" and "*" are all of them."""
    if key in ("", "*"):
        return translate(ALL_TYPES)
    return named(known.types[key][1], known.types[key][0]) if key in known.types else key


def role_words(known: Known, key: str) -> str:
    """A role by its key."""
    return named(known.roles[key][1], known.roles[key][0]) if key in known.roles else key


def place_words(known: Known, name: str) -> str:
    """A place by the name that an entry kept of it."""
    return named(known.places_named[name][1], name) if name in known.places_named else name


def _policy(row: AuditRow, what: str) -> str:
    key, _space, priority = OLD_PREFIX.sub("", what, count=1).partition(" ")
    level = translate(PRIORITY_WORDS[priority]) if priority in PRIORITY_WORDS else translate(ANY_PRIORITY)
    return f"{type_words(row.known, key)} · {level}"


def _rule(row: AuditRow, what: str) -> str:
    key, _space, element = what.partition(" ")
    name, names = row.known.elements.get((key, element), (element, {}))
    task = translate(ELEMENTS[element]) if element in ELEMENTS else named(names, name)
    return f"{type_words(row.known, key)} · {task}"


def _setting(row: AuditRow, what: str) -> str:
    key, space, rest = what.partition(" ")
    return type_words(row.known, key) + space + rest


def _standard(row: AuditRow, what: str) -> str:
    """`class_kickoff/visit · 一班`: the standard, one of its steps, and where or of whom."""
    begin, *rest = PARTS.split(what, maxsplit=1)
    key, _stroke, step = begin.partition("/")
    said = [type_words(row.known, key)]
    if step:
        name, names = row.known.steps.get((key, step), (step, {}))
        said.append(named(names, name))
    if row.entry.action.startswith(AT_PLACES):
        rest = [place_words(row.known, each) for each in rest]
    return " · ".join((*said, *rest))


def _role(row: AuditRow, what: str) -> str:
    """By its name, which a role that is no more has left in the entry."""
    was = {**row.entry.before, **row.entry.after}
    if what in row.known.roles or not was.get("name_zh"):
        return role_words(row.known, what)
    return named({"zh": was["name_zh"], "en": was.get("name_en", "")}, was["name_zh"])


def _service(row: AuditRow, what: str) -> str:
    what = OLD_PREFIX.sub("", what, count=1)
    return place_words(row.known, what) if row.entry.action.startswith(OF_PLACES) else what


def _erased(_row: AuditRow, what: str) -> str:
    """Which one it was is what the erasure took; the last signs of the id tell two entries apart."""
    kind, space, public_id = what.partition(" ")
    return translate(ERASED.get(kind, kind)) + space + (f"…{public_id[-6:]}" if len(public_id) > 12 else public_id)


def _subject(_row: AuditRow, what: str) -> str:
    kind, space, rest = what.partition(" ")
    return (translate(KINDS[SubjectKind(kind)].text) if kind in set(SubjectKind) else kind) + space + rest


def _numbered(text: str) -> Callable[[AuditRow, str], str]:
    return lambda _row, what: _(text, number=what.rpartition(" ")[2])


def _person(row: AuditRow, login: str) -> str:
    """Who has the login, unless they came after it: then another had it."""
    name, since = row.known.logins.get(login, ("", row.entry.at))
    return f"{name} ({login})" if name and since <= row.entry.at else login


_WORDS: Mapping[str, Callable[[AuditRow, str], str]] = {
    **dict.fromkeys(OF_PEOPLE, _person),
    "job.": _numbered(N_("Job %(number)s")),
    "message.": _numbered(N_("Message %(number)s")),
    "place.": lambda row, what: place_words(row.known, what),
    "privacy.": _erased,
    "role.": _role,
    "rule.": _rule,
    "service.policy": _policy,
    "service.": _service,
    "spot_check.drawn": _standard,
    "spot_check.judged": _standard,
    "spot_check.corrected": _standard,
    "standard.": _standard,
    "subject.": _subject,
    "tickets.exported": lambda _row, what: FORMATS.get(what, what),
    "type.": _setting,
    "variant.": _setting,
    "waiver.": _standard,
}
"""The first that an action begins with."""
