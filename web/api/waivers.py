"""Owns /waivers: asking that steps need not be done, deciding on it, and ending it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from tickets.standards.waiving import deciding
from tickets.standards.waiving.asking import Wanted
from tickets.standards.waiving.deciding import Days
from tickets.standards.waiving.reading import Filters, Stage, WaiverRow, waiver_row, waivers
from web.api.entrance import api
from web.api.idempotent import idempotent
from web.api.schemas import Given, Loose, Taken
from web.context import me, read_again, reading, runtime
from web.language import named

Reason = Annotated[str, Field(min_length=1, max_length=2000)]


class NewWaiver(Taken):
    """What for: one of `ticket`, `occurrence`, `subject` or `place`; `step` is a step's key, all steps without it.

    A ticket or occurrence says which standard it is of; the others need `standard`.
    """

    standard: Annotated[UUID, Loose] | None = None
    step: str = Field(default="", max_length=64)
    ticket: str = Field(default="", max_length=64, examples=["KO-118"])
    occurrence: Annotated[UUID, Loose] | None = None
    subject: Annotated[UUID, Loose] | None = None
    place: Annotated[UUID, Loose] | None = None
    starts_on: Annotated[date, Loose]
    ends_on: Annotated[date, Loose] = Field(description="Included; at most a year from today.")
    reason: Reason


class WaiverAnswer(Taken):
    """What whoever asked reads."""

    answer: str = Field(default="", max_length=2000)


class WaiverRefusal(Taken):
    """Why it is refused."""

    answer: Reason


class WaiverEnd(Taken):
    """Why it ends."""

    reason: Reason


class WaiverQuery(Taken):
    """Which waivers."""

    stage: Annotated[Stage, Loose] | None = None
    place: Annotated[UUID, Loose] | None = Field(default=None, description="With all below it.")
    standard: Annotated[UUID, Loose] | None = None
    cursor: str | None = Field(default=None, max_length=512)


class WaiverStateOut(Given):
    """A waiver; `steps` counts the steps that it holds for now."""

    id: UUID
    standard: UUID
    standard_name: str
    step: str | None
    place: str
    subject: str
    ticket: str
    starts_on: date
    ends_on: date
    state: Literal["asked", "approved", "refused", "ended"]
    reason: str
    asked_by: str
    asked_at: datetime
    answer: str
    decided_by: str
    decided_at: datetime | None
    ended_at: datetime | None
    steps: int


class WaiverList(Given):
    """The newest first."""

    items: list[WaiverStateOut]
    next_cursor: str | None


@api.get("/waivers")
@api.input(WaiverQuery, location="query", arg_name="query")
@api.output(WaiverList)
@api.doc(operation_id="listWaivers")
def list_waivers(query: WaiverQuery) -> WaiverList:
    """List waivers

    Those that the caller asked for, and those of places whose standards they see.
    """
    filters = Filters(query.stage, query.place, query.standard)
    page = waivers(reading(), me(), filters, cursor=query.cursor)
    return WaiverList(items=[_state(row) for row in page.rows], next_cursor=page.next_cursor)


@api.post("/waivers")
@idempotent
@api.input(NewWaiver, arg_name="body")
@api.output(WaiverStateOut, status_code=201)
@api.doc(operation_id="askForWaiver")
def ask_waiver(body: NewWaiver) -> WaiverStateOut:
    """Ask for a waiver

    Whoever works there does; somebody else decides.
    """
    names = ("standard", "step", "ticket", "occurrence", "subject", "place")
    wanted = Wanted(**{name: getattr(body, name) for name in names})
    return _now(deciding.ask(runtime(), me(), wanted, Days(body.starts_on, body.ends_on), body.reason))


@api.get("/waivers/<uuid:waiver_id>")
@api.output(WaiverStateOut)
@api.doc(operation_id="getWaiver")
def read_waiver(waiver_id: UUID) -> WaiverStateOut:
    """Read a waiver"""
    return _state(waiver_row(reading(), me(), waiver_id))


@api.post("/waivers/<uuid:waiver_id>/approval")
@idempotent
@api.input(WaiverAnswer, arg_name="body")
@api.output(WaiverStateOut)
@api.doc(operation_id="approveWaiver")
def approve_waiver(waiver_id: UUID, body: WaiverAnswer) -> WaiverStateOut:
    """Approve a waiver

    With `standard.waive` there, and not by whoever asked.
    """
    deciding.approve(runtime(), me(), waiver_id, body.answer)
    return _now(waiver_id)


@api.post("/waivers/<uuid:waiver_id>/refusal")
@idempotent
@api.input(WaiverRefusal, arg_name="body")
@api.output(WaiverStateOut)
@api.doc(operation_id="refuseWaiver")
def refuse_waiver(waiver_id: UUID, body: WaiverRefusal) -> WaiverStateOut:
    """Refuse a waiver"""
    deciding.refuse(runtime(), me(), waiver_id, body.answer)
    return _now(waiver_id)


@api.post("/waivers/<uuid:waiver_id>/end")
@idempotent
@api.input(WaiverEnd, arg_name="body")
@api.output(WaiverStateOut)
@api.doc(operation_id="endWaiver")
def end_waiver(waiver_id: UUID, body: WaiverEnd) -> WaiverStateOut:
    """End a waiver

    What is due from now on has to be done again; one that was only asked for is taken back.
    """
    deciding.end(runtime(), me(), waiver_id, body.reason)
    return _now(waiver_id)


def _now(waiver_id: UUID) -> WaiverStateOut:
    read_again()
    return _state(waiver_row(reading(), me(), waiver_id))


def _state(row: WaiverRow) -> WaiverStateOut:
    waiver = row.waiver
    names = ("starts_on", "ends_on", "state", "reason", "asked_at", "answer", "decided_at", "ended_at")
    return WaiverStateOut(
        id=waiver.public_id,
        standard=row.standard_id,
        standard_name=named(row.standard.names, row.standard.name),
        step=named(row.step.names, row.step.name) if row.step else None,
        place=named(row.place.names, row.place.name),
        subject=row.subject,
        ticket=row.ticket,
        asked_by=row.asked_by,
        decided_by=row.decided_by,
        steps=row.steps,
        **{name: getattr(waiver, name) for name in names},
    )
