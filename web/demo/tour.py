"""Owns the guided tour: the main job step by step, who does it, on which page, and what to look at there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.expressions import N_


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `path` is where it is done ({ticket}: the one that the tour's reader has filed), `look_at` a selector.

    `done_at` is how the address looks once it is done, so that the tour goes on by itself; empty: the reader says so.
    """

    login: str
    title: str
    text: str
    path: str
    look_at: str
    done_at: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    """What may be filled in there; the day and time of what happened are set when it is shown."""


def values_of(step: Step, now: datetime) -> Mapping[str, str]:
    """What the page fills in for those who would rather look than type; it happened a quarter of an hour ago."""
    then = now - timedelta(minutes=15 + now.minute % 5)
    times = {"happened_at": then.date().isoformat(), "happened_at:time": then.strftime("%H:%M")}
    return {**step.values, **times}


CRASH = {
    "phone_model": "HUAWEI DBY2-W09",
    "app_version": "3.2.0",
    "os": "harmonyos",
    "os_version": "4.2",
    "symptom": "quit",
    "scene": "class",
    "how_often": "always",
    "what_happened": "三年级 2 班有两台平板，一进课堂就闪退。",
    "affected_students": "2",
}

STEPS: tuple[Step, ...] = (
    Step(
        "zhoulan",
        N_("File a crash report"),
        N_("The form asks at once for what a developer needs. Fill it in, then press the button at its end."),
        "/tickets/new/crash_report",
        "main form",
        "^/tickets/CR-[0-9]+$",
        CRASH,
    ),
    Step(
        "lina",
        N_("Accept it and reply"),
        N_("Your report waits in support's inbox. Accept it, so that Li Na answers for it; then write a reply."),
        "{ticket}",
        "form[action$='/accept'] button, #composer, main",
    ),
    Step(
        "lina",
        N_("Complete the task"),
        N_("Choose a finding in the form of the triage and complete it: the process goes on to whoever is next."),
        "{ticket}",
        "#task, main",
    ),
    Step(
        "zhoulan",
        N_("Urge it"),
        N_("The teacher sees where it is and who answers for it. If it takes too long, she urges it, once in a while."),
        "{ticket}",
        "[href$='/do/urge'], #story",
    ),
    Step(
        "lina",
        N_("Answer the urge"),
        N_("Whoever answers for the ticket says why it takes so long and by when it is done; else the urge climbs."),
        "{ticket}",
        "[href$='/do/answer_urge'], main",
    ),
    Step(
        "chenxiao",
        N_("What headquarters sees"),
        N_("The dashboard shows what waits, how promises were kept, and where crashes of one model have jumped."),
        "/dashboard",
        "main",
    ),
    Step(
        "chenxiao",
        N_("Which campus did which step"),
        N_("The matrix of a standard shows each campus and step: in time, late, overdue, missing or waived."),
        "/standards/matrix",
        "main",
    ),
)
