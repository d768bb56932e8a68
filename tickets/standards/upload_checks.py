"""Owns what an upload is told of its standards: properties that can't be read are refused, idle ones warned of."""

from __future__ import annotations

from collections.abc import Iterator

from engine.definitions import At, Node, Process, Report
from engine.definitions.kinds import PEOPLES
from engine.expressions import N_
from tickets.standards.said import (
    DEADLINE,
    MANDATORY,
    SLUG,
    STANDARD,
    START,
    STEP,
    NotSaid,
    is_step_of,
    kind_said,
    read_deadline,
    start_element,
    start_said,
    step_key,
)


def check_standard(process: Process, report: Report, *, has_steps: bool) -> None:
    """Looks at a process's and its tasks' properties; `has_steps`: what it calls counts too."""
    _check_process(process, report, has_steps=has_steps)
    deadlines: dict[str, str] = {}
    for node in process.scope.walk():
        _check_task(node, report)
        key, deadline = step_key(node.settings), node.settings.get(DEADLINE, "").strip()
        if key and is_step_of(node) and deadlines.setdefault(key, deadline) != deadline:
            problem = N_("The step “%(key)s” has another deadline at an earlier task; that one counts.")
            remedy = N_("Give both tasks the same deadline, or keys of their own.")
            report.warning("standard-deadlines", _at(node), problem, remedy, key=key[:80])


def _check_process(process: Process, report: Report, *, has_steps: bool) -> None:
    at = At(process.id, process.name, process.line)
    said = process.settings.get(STANDARD, "").strip()
    if not said:
        if START in process.settings:
            problem = N_("`standard.start` says what starts a standard, and this process is none.")
            report.warning("standard-none", at, problem, N_("Add the property `standard`, or take this one away."))
        return
    if kind_said(process.settings) is None:
        problem = N_("“%(text)s” is no kind of subject that a standard can be for.")
        report.error("standard-kind", at, problem, N_("Write class, student or product."), text=said[:80])
    try:
        start_said(process.settings.get(START, "") or "created")
    except NotSaid as error:
        problem = N_("What starts the standard can't be read: %(reason)s")
        remedy = N_("Write `standard.start` as created, date start_date -P7D, or cycle 0 9 * * MON.")
        report.error("standard-start", at, problem, remedy, reason=error.message)
    if start_element(process) is None:
        problem = N_("A standard starts its tickets by itself, and no start event here lets it.")
        remedy = N_("Add a plain start event, or one of the message standard.start.")
        report.error("standard-begin", at, problem, remedy)
    if not has_steps:
        problem = N_("This standard has no step, so nothing of it can be followed.")
        remedy = N_("Give the user tasks that matter the property `standardStep`, a key such as first_meeting.")
        report.warning("standard-steps", at, problem, remedy)


def _check_task(node: Node, report: Report) -> None:
    for code, problem, remedy in _problems(node):
        text = node.settings.get({"standard-key": STEP, "standard-mandatory": MANDATORY}.get(code, DEADLINE), "")
        report.error(code, _at(node), problem, remedy, text=text[:80])
    if STEP not in node.settings:
        for name in (MANDATORY, DEADLINE):
            if name in node.settings and node.kind in PEOPLES:
                problem = N_("`%(name)s` says something of a standard step, and this task is none.")
                remedy = N_("Add the property `standardStep`, or take this one away.")
                report.warning("standard-idle", _at(node), problem, remedy, name=name)


def _problems(node: Node) -> Iterator[tuple[str, str, str]]:
    settings = node.settings
    if STEP in settings and node.kind not in PEOPLES:
        yield (
            "standard-key",
            N_("The step “%(text)s” is no person's task, so nobody could be shown to have done it."),
            N_("Give `standardStep` to user tasks only."),
        )
    elif STEP in settings and not SLUG.fullmatch(step_key(settings)):
        yield (
            "standard-key",
            N_("“%(text)s” is no key of a step."),
            N_("Write a Latin letter, then letters, digits, _ or -, at most 64 in all, such as first_meeting."),
        )
    if settings.get(MANDATORY, "true").strip().casefold() not in ("true", "false"):
        yield "standard-mandatory", N_("`mandatory` is true or false, not “%(text)s”."), N_("Write true or false.")
    if deadline := settings.get(DEADLINE, "").strip():
        try:
            read_deadline(deadline)
        except NotSaid:
            yield (
                "standard-deadline",
                N_("The deadline “%(text)s” is no duration."),
                N_("Write how long after the start it is due, such as PT4H, P3D or P2W."),
            )


def _at(node: Node) -> At:
    return At(node.id, node.name, node.line)
