"""Owns /standards: setting standards up, looking at them, launching them, and letting what failed begin again."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

from tickets.standards import launching, setting_up, starting
from tickets.standards.listing import StandardRow, standard_list
from tickets.standards.preview import Preview, preview
from tickets.standards.scope import find_standard
from tickets.standards.setting_up import Wanted
from tickets.standards.showing import StandardPage, standard_page
from tickets.standards.tables import Launch, Standard
from web.api.entrance import BODIES, api
from web.api.idempotent import idempotent
from web.api.standard_schemas import (
    Activity,
    FailedState,
    LaunchState,
    NewLaunch,
    NewStandard,
    PreviewState,
    Retry,
    RetryState,
    StandardDetail,
    StandardItem,
    StandardList,
    StandardRule,
    StandardState,
    StartState,
    StepState,
)
from web.context import me, now, read_again, reading, runtime
from web.language import named
from web.standards.words import reason_words

BODIES["api.cancel_launch"] = None


@api.get("/standards")
@api.output(StandardList)
@api.doc(operation_id="listStandards")
def list_standards() -> StandardList:
    """List standards

    Those that hold at the caller's places, the active ones first.
    """
    return StandardList(items=[_item(row) for row in standard_list(reading(), me(), now())])


@api.post("/standards")
@idempotent
@api.input(NewStandard, arg_name="body")
@api.output(StandardState, status_code=201)
@api.doc(operation_id="setUpStandard")
def set_up_standard(body: NewStandard) -> tuple[StandardState, int]:
    """Set a standard up

    It is planned at once; what it plans is there a moment later.
    """
    wanted = replace(_wanted(body, body.type, body.place), alongside=body.alongside)
    made = setting_up.set_up(runtime(), me(), wanted)
    return _detail(made.public_id), HTTPStatus.CREATED


@api.post("/standards/preview")
@api.input(NewStandard, arg_name="body")
@api.output(PreviewState)
@api.doc(operation_id="previewStandard")
def preview_standard(body: NewStandard) -> PreviewState:
    """Preview a standard

    How many subjects it would apply to and when it would start next; nothing is kept.
    """
    return _preview(preview(reading(), me(), _wanted(body, body.type, body.place), now()))


@api.get("/standards/<uuid:standard_id>")
@api.output(StandardDetail)
@api.doc(operation_id="getStandard")
def get_standard(standard_id: UUID) -> StandardDetail:
    """Get a standard

    With its steps, what failed (the first 50) and its latest launches.
    """
    return _whole(standard_page(reading(), me(), standard_id))


@api.put("/standards/<uuid:standard_id>")
@api.input(StandardRule, arg_name="body")
@api.output(StandardState)
@api.doc(operation_id="changeStandard")
def change_standard(standard_id: UUID, body: StandardRule) -> StandardState:
    """Change a standard's rule

    Its type and place stay. What is planned follows, what has begun goes on.
    """
    found = find_standard(reading(), me(), standard_id)
    place = standard_page(reading(), me(), standard_id).place
    setting_up.change(runtime(), me(), standard_id, _wanted(body, found.type_key, place.public_id))
    return _detail(standard_id)


@api.put("/standards/<uuid:standard_id>/activity")
@api.input(Activity, arg_name="body")
@api.output(StandardState)
@api.doc(operation_id="switchStandard")
def switch_standard(standard_id: UUID, body: Activity) -> StandardState:
    """Switch a standard on or off

    Off: what was planned is called off. On: it begins again from today.
    """
    setting_up.switch(runtime(), me(), standard_id, on=body.active)
    return _detail(standard_id)


@api.post("/standards/<uuid:standard_id>/launches")
@idempotent
@api.input(NewLaunch, arg_name="body")
@api.output(LaunchState, status_code=201)
@api.doc(operation_id="launchStandard")
def launch_standard(standard_id: UUID, body: NewLaunch) -> tuple[LaunchState, int]:
    """Launch a standard for all subjects that exist

    A job does it; ask for the launch to see how far it is. No subject gets one period twice.
    """
    made = launching.launch(runtime(), me(), standard_id, place_id=body.place)
    return _launch_now(standard_id, made.public_id), HTTPStatus.CREATED


@api.get("/standards/<uuid:standard_id>/launches/<uuid:launch_id>")
@api.output(LaunchState)
@api.doc(operation_id="getLaunch")
def get_launch(standard_id: UUID, launch_id: UUID) -> LaunchState:
    """Get a launch"""
    return _launch_now(standard_id, launch_id)


@api.post("/standards/<uuid:standard_id>/launches/<uuid:launch_id>/cancellation")
@api.output(LaunchState)
@api.doc(operation_id="cancelLaunch")
def cancel_launch(standard_id: UUID, launch_id: UUID) -> LaunchState:
    """Stop a launch

    What has begun goes on, nothing else begins.
    """
    launching.cancel(runtime(), me(), launch_id)
    return _launch_now(standard_id, launch_id)


@api.post("/standards/<uuid:standard_id>/retries")
@api.input(Retry, arg_name="body")
@api.output(RetryState)
@api.doc(operation_id="retryOccurrences")
def retry_occurrences(standard_id: UUID, body: Retry) -> RetryState:
    """Let occurrences that failed begin again"""
    return RetryState(again=starting.try_again(runtime(), me(), standard_id, body.occurrences))


def _wanted(body: StandardRule, type_key: str, place: UUID) -> Wanted:
    return Wanted(
        type_key,
        place,
        subject_kind=body.subject_kind,
        conditions=[each.model_dump(by_alias=True) for each in body.conditions],
        trigger=body.trigger,
        timing=body.timing,
        begins_on=body.begins_on,
    )


def _facts(standard: Standard, name: str, place: UUID) -> dict[str, Any]:
    return {
        "id": standard.public_id,
        "type": standard.type_key,
        "name": name,
        "place": place,
        "subject_kind": standard.subject_kind,
        "conditions": standard.conditions,
        "trigger": standard.trigger,
        "timing": standard.timing,
        "begins_on": standard.begins_on,
        "active": standard.active,
    }


def _item(row: StandardRow) -> StandardItem:
    counts = {name: getattr(row, name) for name in ("steps", "running", "planned", "failed", "due", "late", "next_at")}
    return StandardItem(**_facts(row.standard, named(row.names, row.name), row.place.public_id), **counts)


def _detail(standard_id: UUID) -> StandardState:
    shown = standard_page(read_again(), me(), standard_id)
    return StandardState(**_facts(shown.standard, named(shown.names, shown.name), shown.place.public_id))


def _whole(shown: StandardPage) -> StandardDetail:
    failed = [
        FailedState(
            id=each.occurrence.public_id,
            subject=each.subject.public_id,
            period=each.occurrence.period,
            starts_at=each.occurrence.starts_at,
            reason=reason_words(each.occurrence.reason),
        )
        for each in shown.failed
    ]
    steps = [
        StepState(
            key=step.key,
            name=named(step.names, step.name),
            mandatory=step.mandatory,
            deadline=step.deadline,
            evidence=step.evidence,
        )
        for step in shown.steps
    ]
    return StandardDetail(
        **_facts(shown.standard, named(shown.names, shown.name), shown.place.public_id),
        steps=steps,
        occurrences=dict(shown.counts),
        failed=failed,
        launches=[_launch(launch, shown.standard, place.public_id) for launch, place in shown.launches],
    )


def _launch_now(standard_id: UUID, launch_id: UUID) -> LaunchState:
    launch, standard, place = launching.launch_shown(read_again(), me(), standard_id, launch_id)
    return _launch(launch, standard, place.public_id)


def _launch(launch: Launch, standard: Standard, place: UUID) -> LaunchState:
    counts = {name: getattr(launch, name) for name in ("state", "total", "started", "skipped", "failed")}
    return LaunchState(
        id=launch.public_id,
        standard=standard.public_id,
        place=place,
        created_at=launch.created_at,
        finished_at=launch.finished_at,
        **counts,
    )


def _preview(found: Preview) -> PreviewState:
    first = [
        StartState(
            subject=each.subject_id, name=each.subject, place=each.place.public_id, period=each.period, at=each.at
        )
        for each in found.first
    ]
    return PreviewState(subjects=found.subjects, of=found.of, ahead=found.ahead, days=found.days, first=first)
