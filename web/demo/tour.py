"""Owns the guided tour: the main job step by step, who does it, on which page, and what to look at there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.expressions import N_, Message


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `path` is where it is done ({ticket}: the one that the tour's reader has filed), `look_at` a selector.

    The tour goes on by itself once the address looks like `done_at`, or the page has what `done_with` selects, or has
    no longer what `done_without` selects; without any of them the reader says so.
    """

    login: str
    title: str
    text: str
    path: str
    look_at: str
    done_at: str = ""
    done_with: str = ""
    done_without: str = ""
    fills: str = ""
    """The form that may be filled in, as a selector."""
    values: Mapping[str, str | Message] = field(default_factory=dict)
    """What may be filled in there, texts in the reader's language; `{...}` are days and times (`values_of`)."""


def values_of(step: Step, now: datetime, worded: Callable[[Message], str] = str) -> Mapping[str, str]:
    """What the page fills in for those who would rather look than type; it happened a quarter of an hour ago."""
    then, tomorrow = now - timedelta(minutes=15 + now.minute % 5), now + timedelta(days=1)
    moments = {
        "then_day": then.date().isoformat(),
        "then_time": then.strftime("%H:%M"),
        "tomorrow": tomorrow.date().isoformat(),
    }
    texts = {name: worded(each) if isinstance(each, Message) else each for name, each in step.values.items()}
    return {name: text.format(**moments) for name, text in texts.items()}


CRASH: Mapping[str, str | Message] = {
    "phone_model": "HUAWEI DBY2-W09",
    "app_version": "3.2.0",
    "os": "harmonyos",
    "os_version": "4.2",
    "symptom": "quit",
    "scene": "class",
    "how_often": "always",
    "what_happened": Message(N_("Two tablets of class 3-2 crash as soon as they enter a lesson.")),
    "happened_at": "{then_day}",
    "happened_at:time": "{then_time}",
    "affected_students": "2",
}
REPLY: Mapping[str, str | Message] = {
    "body": Message(
        N_(
            "We have reproduced it on the same tablet and will tell you how it goes on. For today’s lesson you can show"
            " it from the teacher’s own screen."
        )
    )
}
TRIAGE: Mapping[str, str | Message] = {
    "finding": "defect",
    "severity": "major",
    "triage_note": Message(N_("Only in 3.2.0; with 3.1.9 it is fine.")),
}
FIX: Mapping[str, str | Message] = {
    "development_result": "fixed",
    "cause": "permission",
    "cause_detail": Message(
        N_("The system’s upgrade took the microphone’s permission back, and entering a lesson did not look.")
    ),
    "fix_version": "3.2.1",
    "release_on": "{tomorrow}",
}
EXPECTED: Mapping[str, str | Message] = {
    "body": Message(N_("The cause is found; the fix is being tested and comes out once that passes.")),
    "expected": "{tomorrow}T18:00",
}
ANSWER: Mapping[str, str | Message] = {
    "outcome": "fixed",
    "reply": Message(N_("3.2.1 mends it: update, allow the microphone once more, and lessons work again.")),
}

STEPS: tuple[Step, ...] = (
    Step(
        "zhoulan",
        N_("File a crash report"),
        N_("The form asks at once for what a developer needs. Fill it in, then press the button at its end."),
        "/tickets/new/crash_report",
        "main form",
        done_at="^/tickets/CR-[0-9]+$",
        fills="main form",
        values=CRASH,
    ),
    Step(
        "lina",
        N_("Accept it and reply"),
        N_("Your report waits in support's inbox. Accept it, so that Li Na answers for it; then write a reply."),
        "{ticket}",
        "form[action$='/acceptance'] button, #composer, main",
        done_with=".gd-msg.own",
        fills="#composer:has([name=to][value=reply]:checked)",
        values=REPLY,
    ),
    Step(
        "lina",
        N_("Complete the triage"),
        N_("Accepted, its first task is hers. A new defect goes on to the developers: choose that and complete it."),
        "{ticket}",
        "#task, main",
        done_without="#task [name=finding]",
        fills="#task form",
        values=TRIAGE,
    ),
    Step(
        "wanglei",
        N_("Find cause and fix"),
        N_(
            "The next task waits in Wang Lei's inbox: claim it, fill it in, complete it. He may leave a note for"
            " colleagues; he can't write to the teacher."
        ),
        "{ticket}",
        "#task [formaction$='/claim'], #task, main",
        done_without="#task [name=development_result]",
        fills="#task form:not(:has([formaction$='/claim']))",
        values=FIX,
    ),
    Step(
        "zhoulan",
        N_("Urge it"),
        N_("The teacher sees where it is and who answers for it. If it takes too long, she urges it, once in a while."),
        "{ticket}",
        "[href$='/do/urge'], #story",
        done_without="[href$='/do/urge']",
    ),
    Step(
        "lina",
        N_("Answer the urge"),
        N_("Whoever answers for the ticket says why it takes so long and by when it is done; else the urge climbs."),
        "{ticket}",
        "#urged, main",
        done_without="#urged",
        fills="#urged form",
        values=EXPECTED,
    ),
    Step(
        "lina",
        N_("Reply with the result"),
        N_(
            "The task Reply has come to her with the version that the developer gave. The teacher reads what she"
            " writes."
        ),
        "{ticket}",
        "#task, main",
        done_without="#task [name=outcome]",
        fills="#task form",
        values=ANSWER,
    ),
    Step(
        "zhoulan",
        N_("Confirm it"),
        N_(
            "The teacher says that it is solved, or what is still wrong, and may rate it. If she says nothing, it"
            " closes by itself after three days."
        ),
        "{ticket}",
        "#task, #story",
        done_without="#task [name=solved]",
        fills="#task form",
        values={"solved": "yes"},
    ),
    Step(
        "chenxiao",
        N_("What headquarters sees"),
        N_("The dashboard shows what waits, where, and how promises were kept; each number leads to its tickets."),
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
