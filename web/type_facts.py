"""Owns how a ticket type's settings are said: known ones in words, times as people say them, others as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from engine.expressions import N_
from engine.expressions.temporal import parse_duration
from tickets.standards.said import START, NotSaid, start_said
from web.language import listed, translate
from web.standards.words import start_words
from web.templating import role_name
from web.times import span

WORDS: Mapping[str, str] = {
    "title": N_("Title"),
    "owner": N_("Owner"),
    "cc": N_("Cc"),
    "sla.first_response": N_("First response"),
    "sla.resolution": N_("Resolution"),
    "calendar": N_("Calendar"),
    "urge.cooldown": N_("Urging again after"),
    "departure": N_("When the owner leaves"),
    "correlation": N_("Messages by"),
    "standard": N_("Standard for"),
    "standard.start": N_("Starts when"),
    "retention": N_("Kept for"),
}
"""Settings of a process, in the order they are shown."""
VALUES: Mapping[tuple[str, str], str] = {
    ("departure", "superior"): N_("to their superior"),
    ("departure", "queue"): N_("to the dispatch queue"),
    ("departure", "split"): N_("shared out by load"),
    ("standard", "class"): N_("Class"),
    ("standard", "student"): N_("Student"),
    ("standard", "product"): N_("Product"),
}
OF_PEOPLE = ("owner", "cc")
SAID_ELSEWHERE = frozenset({"name.zh", "name.en", "category", "icon", "prefix", "start.roles"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One setting; `code` when its name or value stands as the designer wrote it."""

    name: str
    value: str
    code: bool


def role_keys(settings: Mapping[str, str]) -> frozenset[str]:
    """What may be keys of roles among the settings that name people."""
    return frozenset(key for name in OF_PEOPLE for key in _listed(settings.get(name, "")))


def facts(settings: Mapping[str, str], roles: Mapping[str, tuple[str, str]]) -> Iterator[Fact]:
    """The settings worth showing, known ones first; roles by their names."""
    for key, text in WORDS.items():
        if value := settings.get(key):
            said = translate(VALUES.get((key, value), "")) or _said(key, value, roles)
            yield Fact(translate(text), said or value, code=not said and "${" in value)
    for key in sorted(settings.keys() - WORDS.keys() - SAID_ELSEWHERE):
        if settings[key]:
            yield Fact(key, settings[key], code=True)


def _said(key: str, value: str, roles: Mapping[str, tuple[str, str]]) -> str:
    """In words, where there are any: what starts a standard, whom a setting names, how long."""
    if key == START:
        return _start(value)
    if key in OF_PEOPLE:
        names = _listed(value)
        known = any(name in roles for name in names)
        return listed(role_name(roles[name]) if name in roles else name for name in names) if known else ""
    return _duration(value)


def _listed(value: str) -> list[str]:
    """Logins and keys of roles with commas between, or the role of `${role('support')}`."""
    if whom := _ROLE.fullmatch(value):
        return [whom[1]]
    return [] if "${" in value else [part.strip() for part in value.split(",") if part.strip()]


_ROLE = re.compile(r"""\$\{\s*role\(\s*['"](\w+)['"]\s*\)\s*\}""")


def _start(text: str) -> str:
    """What starts a standard, in words; "" when it can't be read."""
    try:
        start = start_said(text)
    except NotSaid:
        return ""
    return start_words(start.trigger, start.timing)


def _duration(text: str) -> str:
    """`P2D` as people say it; "" when it is no plain duration."""
    try:
        length = parse_duration(text)
    except ValueError:
        return ""
    return span(length) if isinstance(length, timedelta) and length > timedelta() else ""
