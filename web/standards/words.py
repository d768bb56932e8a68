"""Owns how a standard is said: its rule in a sentence, durations, evidence, states, and why something failed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from engine.expressions import N_
from engine.timing import Duration, NotATime, parse_cycle, parse_duration
from tickets.evidence.wanted import WORDS, wanted_of
from tickets.standards.conditions import UNVALUED, Is
from tickets.standards.starting import reason_of
from tickets.standards.tables import Progress, Standard, Trigger
from web.language import gettext as _
from web.language import listed, ngettext, translate, worded
from web.service.calendars import WEEKDAYS
from web.subject_form import shown
from web.times import calendar_day

TRIGGERS: Mapping[str, str] = {
    Trigger.CREATED: N_("When the subject is created"),
    Trigger.DATE: N_("By a date of the subject"),
    Trigger.CYCLE: N_("Again and again while the subject is active"),
}
IS: Mapping[str, str] = {
    Is.EQUALS: N_("is"),
    Is.DIFFERS: N_("is not"),
    Is.ONE_OF: N_("is one of"),
    Is.CONTAINS: N_("contains"),
    Is.AT_LEAST: N_("is at least"),
    Is.AT_MOST: N_("is at most"),
    Is.PRESENT: N_("is filled in"),
    Is.ABSENT: N_("is empty"),
}
STATES: Mapping[str, tuple[str, str, str]] = {
    Progress.PLANNED: ("t-grey", "calendar-event", N_("Yet to begin")),
    Progress.RUNNING: ("t-blue", "player-play", N_("Going on")),
    Progress.DONE: ("t-green", "check", N_("Ended")),
    Progress.FAILED: ("t-red", "alert-circle", N_("Not started")),
    Progress.CANCELLED: ("t-grey", "x", N_("Called off")),
}
"""The tone, icon and words of each."""


def rule_words(standard: Standard) -> str:
    """What starts it, of which subjects, since when."""
    parts = [start_words(standard.trigger, standard.timing), *map(condition_words, standard.conditions)]
    return _("%(rule)s; from %(day)s on", rule=_("; ").join(parts), day=calendar_day(standard.begins_on))


def span_words(text: str) -> str:
    """A duration: 3 days, 4 hours; as it is written where it is longer than that."""
    try:
        span = parse_duration(text)
    except NotATime:
        return text
    hours, minutes = int(span.seconds // 3600), int(span.seconds % 3600 // 60)
    parts = [
        (span.months, ngettext("%(number)s month", "%(number)s months", span.months)),
        (span.days, ngettext("%(number)s day", "%(number)s days", span.days)),
        (hours, _("%(number)s h", number=hours)),
        (minutes, _("%(number)s min", number=minutes)),
    ]
    return " ".join(words % {"number": number} for number, words in parts if number) or text


def evidence_words(text: str) -> str:
    """What has to be there: Photos ≥ 2."""
    wanted = wanted_of({"evidence": text})
    return _(", ").join(
        f"{translate(WORDS[kind])} ≥ {least}" if least > 1 else translate(WORDS[kind]) for kind, least in wanted.items()
    )


def reason_words(text: str) -> str:
    """Why an occurrence could not be started."""
    reason = reason_of(text)
    return worded(reason) if reason is not None else ""


def start_words(trigger: str, timing: Mapping[str, Any]) -> str:
    """What starts it: 7 days before its start date; every month; when the subject is created."""
    return translate(TRIGGERS[Trigger.CREATED]) if trigger == Trigger.CREATED else timing_words(timing)


def timing_words(timing: Mapping[str, Any]) -> str:
    """A trigger's settings, as `Standard.timing` keeps them; a dash where it has none."""
    if cycle := str(timing.get("cycle") or ""):
        dates = {
            name: attribute_words(str(timing.get(key) or "")) for name, key in (("since", "from"), ("until", "until"))
        }
        if not all(dates.values()):
            return cycle_words(cycle)
        return _("%(cycle)s, from its %(since)s to its %(until)s", cycle=cycle_words(cycle), **dates)
    if not (attribute := attribute_words(str(timing.get("attribute") or ""))):
        return "—"
    days = int(timing.get("days") or 0)
    if not days:
        return _("On its %(attribute)s", attribute=attribute)
    if days < 0:
        return _("%(days)s days before its %(attribute)s", days=-days, attribute=attribute)
    return _("%(days)s days after its %(attribute)s", days=days, attribute=attribute)


def cycle_words(text: str) -> str:
    """A cycle as people say it: every month, Mondays at 09:00; as it is written where it is more than that."""
    if found := CRON.fullmatch(" ".join(text.split())):
        return _cron_words(found)
    try:
        every = parse_cycle(text, _UTC).every
    except NotATime:
        return text
    if not isinstance(every, Duration) or text.upper().count("/") > 1 or not text.upper().startswith(("R/", "P")):
        return text
    known = {(1, 0): N_("Every month"), (12, 0): N_("Every year"), (0, 1): N_("Every day"), (0, 7): N_("Every week")}
    whole = not every.seconds and (every.months, every.days) in known
    return (
        translate(known[every.months, every.days])
        if whole
        else _("Every %(span)s", span=span_words(text.rpartition("/")[2]))
    )


_UTC = ZoneInfo("UTC")
CRON = re.compile(r"(?P<minute>\d{1,2}) (?P<hour>\d{1,2}) (?P<day>\*|\?|\d{1,2}) \* (?P<week>\*|\?|[0-7]|[A-Za-z]{3})")
WEEK = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def _cron_words(cron: re.Match[str]) -> str:
    """One turn a day, a week or a month, of five fields."""
    at = f"{int(cron['hour']):02}:{int(cron['minute']):02}"
    any_day, any_week = cron["day"] in "*?", cron["week"] in "*?"
    if any_day and any_week:
        return _("Every day at %(time)s", time=at)
    if any_week:
        return _("On day %(day)s of every month at %(time)s", day=int(cron["day"]), time=at)
    week = cron["week"].upper()
    if not any_day or not (week.isdigit() or week in WEEK):
        return cron.string
    number = (int(week) + 6) % 7 if week.isdigit() else WEEK.index(week)
    return _("Every %(weekday)s at %(time)s", weekday=translate(WEEKDAYS[number]), time=at)


def fact_words(value: Any) -> str:
    """What a subject's attribute says: dates with their names, lists as lists; what is no text, as JSON writes it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list) and value and all(isinstance(each, str | int) for each in value):
        return listed([str(each) for each in value])
    if isinstance(value, list) and value and all(_is_named_date(each) for each in value):
        return listed([f"{each['name']} {each['date']}" for each in value])
    return shown(value) if value not in (None, [], {}) else "—"


def _is_named_date(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"name", "date"}


def attribute_words(attribute: str) -> str:
    """What an attribute of a subject is called; what another system calls it where we have no name."""
    return translate(ATTRIBUTES[attribute]) if attribute in ATTRIBUTES else attribute


def fact_name(attribute: str) -> str:
    """What an attribute is called where it stands alone: with a capital letter where we have a name for it."""
    words = attribute_words(attribute)
    return words[:1].upper() + words[1:] if attribute in ATTRIBUTES else words


ATTRIBUTES: Mapping[str, str] = {
    "start_date": N_("start date"),
    "end_date": N_("end date"),
    "stages": N_("stage dates"),
    "contract_end": N_("contract end"),
    "mature_date": N_("maturity date"),
    "status": N_("status"),
    "timetable": N_("timetable"),
    "students": N_("students"),
    "level": N_("level"),
}
"""The names of the facts that the shipped standards and the demo go by."""


def condition_words(condition: Mapping[str, str]) -> str:
    """What has to be so of a subject: level is A1."""
    said = translate(IS[condition["is"]])
    value = "" if condition["is"] in UNVALUED else f" {condition['value']}"
    return f"{attribute_words(condition['attribute'])} {said}{value}"


def is_our_fact(attribute: str) -> bool:
    """Whether we have a name for it."""
    return attribute in ATTRIBUTES


FILTERS: Sequence[Callable[..., object]] = (
    attribute_words,
    cycle_words,
    evidence_words,
    fact_name,
    fact_words,
    is_our_fact,
    reason_words,
    rule_words,
    span_words,
)
"""What templates say of standards and of the facts they go by."""
