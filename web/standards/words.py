"""Owns how a standard is said: its rule in a sentence, durations, evidence, states, and why something failed."""

from __future__ import annotations

from collections.abc import Mapping

from engine.expressions import N_
from engine.timing import NotATime, parse_duration
from tickets.evidence.wanted import WORDS, wanted_of
from tickets.standards.conditions import UNVALUED, Is
from tickets.standards.starting import reason_of
from tickets.standards.tables import Progress, Standard, Trigger
from web.language import gettext as _
from web.language import translate, worded

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
    parts = [_starts(standard), *(_condition(each) for each in standard.conditions)]
    return _("%(rule)s; from %(day)s on", rule=_("; ").join(parts), day=standard.begins_on.isoformat())


def span_words(text: str) -> str:
    """A duration: 3 days, 4 hours; as it is written where it is longer than that."""
    try:
        span = parse_duration(text)
    except NotATime:
        return text
    parts = [
        (span.months, N_("%(number)s months")),
        (span.days, N_("%(number)s days")),
        (int(span.seconds // 3600), N_("%(number)s h")),
        (int(span.seconds % 3600 // 60), N_("%(number)s min")),
    ]
    return " ".join(_(words, number=number) for number, words in parts if number) or text


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


def _starts(standard: Standard) -> str:
    timing = standard.timing
    if standard.trigger == Trigger.CREATED:
        return translate(TRIGGERS[Trigger.CREATED])
    if standard.trigger == Trigger.CYCLE:
        names = {"cycle": timing.get("cycle", ""), "since": timing.get("from"), "until": timing.get("until")}
        return _("By the cycle %(cycle)s, from its %(since)s to its %(until)s", **names)
    days, attribute = int(timing.get("days", 0)), _date(str(timing.get("attribute", "")))
    if not days:
        return _("On its %(attribute)s", attribute=attribute)
    if days < 0:
        return _("%(days)s days before its %(attribute)s", days=-days, attribute=attribute)
    return _("%(days)s days after its %(attribute)s", days=days, attribute=attribute)


def _date(attribute: str) -> str:
    """The date's name; what another system calls it where we have none."""
    return translate(DATES[attribute]) if attribute in DATES else attribute


DATES = {
    "start_date": N_("start date"),
    "end_date": N_("end date"),
    "stages": N_("stage dates"),
    "contract_end": N_("contract end"),
    "mature_date": N_("maturity date"),
}
"""The names of the dates that the shipped standards and the demo go by."""


def _condition(condition: Mapping[str, str]) -> str:
    said = translate(IS[condition["is"]])
    value = "" if condition["is"] in UNVALUED else f" {condition['value']}"
    return f"{condition['attribute']} {said}{value}"
