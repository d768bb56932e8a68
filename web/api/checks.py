"""Owns /spot-checks: drawing samples, reading them campus by campus, and judging their steps."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from tickets.standards.checking import drawing
from tickets.standards.checking.judging import judge
from tickets.standards.checking.reading import CheckPage, CheckRow, Tally, check_page, checks
from tickets.standards.checking.sampled import StepRow, step_row
from web.api.entrance import BODIES, api
from web.api.idempotent import idempotent
from web.api.schemas import Given, Loose, Taken
from web.context import me, read_again, reading, runtime
from web.language import named

BODIES["api.prove_check"] = None
Seed = Annotated[str, Field(max_length=32, pattern=r"^[0-9A-Za-z_-]*$", examples=["3f2a9c41d0e85b76"])]


class NewCheck(Taken):
    """A sample of the steps that were done from the first to the last day; a seed of one's own draws the same again."""

    standard: Annotated[UUID, Loose]
    place: Annotated[UUID, Loose] = Field(description="With all below it.")
    starts_on: Annotated[date, Loose]
    ends_on: Annotated[date, Loose]
    size: int = Field(ge=1, le=drawing.LARGEST, description="Steps of each campus.")
    seed: Seed = ""


class NewVerdict(Taken):
    """What was found; `reason` is required of what failed."""

    verdict: Literal["passed", "failed"]
    reason: str = Field(default="", max_length=2000)


class CheckQuery(Taken):
    """Which page of the list."""

    cursor: str | None = Field(default=None, max_length=512)


class SampleQuery(Taken):
    """Which campus (by default the first with something left to judge) and which page of its steps."""

    campus: Annotated[UUID, Loose] | None = None
    cursor: str | None = Field(default=None, max_length=512)


class Counts(Given):
    """How many steps of the sample there are, and what was found."""

    total: int
    passed: int
    failed: int


class CheckState(Given):
    """A spot check, counted as far as the caller sees its campuses."""

    id: UUID
    standard: str
    place: str
    starts_on: date
    ends_on: date
    size: int
    seed: str
    drawn_at: datetime
    drawn_by: str
    counts: Counts


class CheckList(Given):
    """The newest first."""

    items: list[CheckState]
    next_cursor: str | None


class CampusResult(Given):
    id: UUID
    name: str
    counts: Counts


class CheckedState(Given):
    """A step of the sample; `redo` is the ticket in which it waits to be done again."""

    id: UUID
    step: str
    subject: str
    period: str
    place: str
    due_at: datetime
    done_at: datetime
    done_by: str
    ticket: str
    verdict: Literal["passed", "failed"] | None
    reason: str
    judged_at: datetime | None
    judged_by: str
    redo: str
    redone_at: datetime | None


class SampleState(CheckState):
    """The same with the results of each campus, and the steps of one."""

    campuses: list[CampusResult]
    campus: UUID | None
    steps: list[CheckedState]
    next_cursor: str | None


class Proof(Given):
    """Whether drawing again by the seed, of the facts as they were then, gives the very same steps."""

    same: bool


@api.get("/spot-checks")
@api.input(CheckQuery, location="query", arg_name="query")
@api.output(CheckList)
@api.doc(operation_id="listSpotChecks")
def list_checks(query: CheckQuery) -> CheckList:
    """List spot checks

    Those of places whose standards the caller sees.
    """
    page = checks(reading(), me(), cursor=query.cursor)
    return CheckList(items=[CheckState(**_check(row)) for row in page.rows], next_cursor=page.next_cursor)


@api.post("/spot-checks")
@idempotent
@api.input(NewCheck, arg_name="body")
@api.output(SampleState, status_code=201)
@api.doc(operation_id="drawSpotCheck")
def draw_check(body: NewCheck) -> SampleState:
    """Draw a sample

    With `standard.check` there. 409 when no step was done there in these days.
    """
    made = drawing.draw(runtime(), me(), drawing.Wanted(**body.model_dump()))
    read_again()
    return _sample(check_page(reading(), me(), made))


@api.get("/spot-checks/<uuid:check_id>")
@api.input(SampleQuery, location="query", arg_name="query")
@api.output(SampleState)
@api.doc(operation_id="getSpotCheck")
def read_check(check_id: UUID, query: SampleQuery) -> SampleState:
    """Read a spot check"""
    return _sample(check_page(reading(), me(), check_id, campus=query.campus, cursor=query.cursor))


@api.post("/spot-checks/<uuid:check_id>/proof")
@api.output(Proof)
@api.doc(operation_id="proveSpotCheck")
def prove_check(check_id: UUID) -> Proof:
    """Prove a sample"""
    page = check_page(reading(), me(), check_id)
    return Proof(same=drawing.proves(reading(), page.row.check))


@api.put("/spot-check-steps/<uuid:checked_id>/verdict")
@api.input(NewVerdict, arg_name="body")
@api.output(CheckedState)
@api.doc(operation_id="judgeStep")
def put_verdict(checked_id: UUID, body: NewVerdict) -> CheckedState:
    """Judge a step

    What failed opens again for whoever did it. Nobody judges what they did or confirmed themselves. A verdict can be
    corrected for 7 days.
    """
    judge(runtime(), me(), checked_id, body.verdict, body.reason)
    read_again()
    return _step(step_row(reading(), me(), checked_id)[0])


def _check(row: CheckRow) -> dict[str, Any]:
    check = row.check
    return {
        "id": check.public_id,
        "standard": named(row.standard.names, row.standard.name),
        "place": named(row.place.names, row.place.name),
        "starts_on": check.starts_on,
        "ends_on": check.ends_on,
        "size": check.size,
        "seed": check.seed,
        "drawn_at": check.drawn_at,
        "drawn_by": row.drawn_by,
        "counts": _counts(row.tally),
    }


def _sample(page: CheckPage) -> SampleState:
    campuses = [
        CampusResult(id=each.id, name=named(each.name.names, each.name.name), counts=_counts(each.tally))
        for each in page.campuses
    ]
    return SampleState.model_validate(
        {
            **_check(page.row),
            "campuses": campuses,
            "campus": page.campus.id if page.campus else None,
            "steps": [_step(row) for row in page.steps],
            "next_cursor": page.next_cursor,
        }
    )


def _step(row: StepRow) -> CheckedState:
    names = ("id", "subject", "period", "due_at", "done_at", "done_by", "ticket", "verdict", "reason")
    given = {name: getattr(row, name) for name in (*names, "judged_at", "judged_by", "redo", "redone_at")}
    step, place = named(row.step.names, row.step.name), named(row.place.names, row.place.name)
    return CheckedState(**given, step=step, place=place)


def _counts(tally: Tally) -> Counts:
    return Counts(total=tally.total, passed=tally.passed, failed=tally.failed)
