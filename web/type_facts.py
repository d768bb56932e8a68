"""Owns how a ticket type's settings are said: known ones in words, times as people say them, others as they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from engine.expressions import N_
from engine.expressions.temporal import parse_duration
from web.language import translate
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
SAID_ELSEWHERE = frozenset({"name.zh", "name.en", "category", "icon", "prefix", "start.roles"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One setting; `code` when its name or value stands as the designer wrote it."""

    name: str
    value: str
    code: bool


def facts(settings: Mapping[str, str]) -> Iterator[Fact]:
    """The settings worth showing, known ones first."""
    for key, text in WORDS.items():
        if value := settings.get(key):
            said = translate(VALUES.get((key, value), "")) or _duration(value)
            yield Fact(translate(text), said or value, code=not said and "${" in value)
    for key in sorted(settings.keys() - WORDS.keys() - SAID_ELSEWHERE):
        if settings[key]:
            yield Fact(key, settings[key], code=True)


def _duration(text: str) -> str:
    """`P2D` as people say it; "" when it is no plain duration."""
    try:
        length = parse_duration(text)
    except ValueError:
        return ""
    return span(length) if isinstance(length, timedelta) and length > timedelta() else ""
