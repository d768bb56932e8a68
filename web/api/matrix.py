"""Owns GET /standards/<id>/matrix and …/records: the numbers of the page and the list behind them, for programs."""

from __future__ import annotations

from datetime import date, datetime
from http import HTTPStatus
from uuid import UUID

from flask import Response, request

from engine.expressions import N_
from tickets.paging import read_cursor
from tickets.standards.matrix.asked import PARAMETERS, Asked, read_asked
from tickets.standards.matrix.counting import Rows
from tickets.standards.matrix.reading import Line, Matrix, matrix_of
from tickets.standards.matrix.records import Record, records_of
from tickets.standards.matrix.states import COUNTED, State, Tally, rounded
from web.api import problems
from web.api.entrance import api
from web.api.schemas import Given
from web.context import me, now, runtime
from web.language import named, time_zone, translate, worded

KINDS = {Rows.PLACES: "places", Rows.SUBJECTS: "subjects", Rows.OCCURRENCES: "occurrences"}


class Counts(Given):
    """How many steps are in which state, and how many checks of them failed.

    `score` is 100 × (`in_time` + ½ `late` − ½ `failed_checks`) ÷ `due`, at least 0; null if nothing was due.
    """

    in_time: int
    late: int
    overdue: int
    missing: int
    waived: int
    not_yet_due: int
    failed_checks: int
    due: int
    score: float | None


class MatrixStep(Given):
    """A column; `active` is false for a step that the standard no longer has."""

    key: str
    name: str
    mandatory: bool
    active: bool


class MatrixRow(Given):
    """A place, a subject or an occurrence; `cells` are in the order of `steps`."""

    id: UUID
    name: str
    period: str | None
    cells: list[Counts]
    total: Counts


class MatrixTotals(Given):
    cells: list[Counts]
    total: Counts


class MatrixState(Given):
    """The matrix of a standard in a period (days, both included), as it was at `as_of`."""

    standard: UUID
    name: str
    first_day: date
    last_day: date
    as_of: datetime
    rows_are: str
    steps: list[MatrixStep]
    rows: list[MatrixRow]
    totals: MatrixTotals
    page: int
    pages: int


@api.get("/standards/<uuid:standard_id>/matrix")
@api.output(MatrixState)
@api.doc(
    operation_id="getStandardMatrix",
    description="Places by steps: how many were done in time, late, are overdue, missing, waived or not yet due. The "
    "rows are brands, campuses, or with `place` one campus' subjects, as far as the caller's roles reach.",
)
def read_matrix(standard_id: UUID) -> MatrixState | Response:
    """Read the matrix of a standard"""
    asked = _asked()
    if isinstance(asked, Response):
        return asked
    with runtime().reading() as session:
        found = matrix_of(session, me(), standard_id, asked)
    return _state(found, asked)


read_matrix._spec["parameters"] = [  # type: ignore[attr-defined]  # APIFlask keeps a view's description on it
    {"in": "query", "name": name, "description": text, "required": False, "schema": {"type": "string"}}
    for name, text in PARAMETERS.items()
    if name != "failed"
]


class RecordWaiver(Given):
    """Why the step need not be done, and until when."""

    id: UUID
    reason: str
    last_day: date


class RecordState(Given):
    """A step of an occurrence: `state` as the matrix counts it. `turn` 2 and more: to be done again after a check."""

    id: int
    step: str
    name: str
    state: str
    place: UUID
    subject: UUID
    subject_kind: str
    subject_external_id: str
    subject_name: str
    period: str
    due_at: datetime
    opened_at: datetime | None
    done_at: datetime | None
    done_by: str | None
    turn: int
    failed_checks: int
    ticket: str | None
    waiver: RecordWaiver | None


class RecordList(Given):
    """The first due first."""

    items: list[RecordState]
    next_cursor: str | None


@api.get("/standards/<uuid:standard_id>/records")
@api.output(RecordList)
@api.doc(
    operation_id="listStandardRecords",
    description="The steps behind the matrix' numbers, one by one, as far as the caller's roles reach: what was done, "
    "when and by whom, what is missing, waived or yet to be done. The filters are those of the matrix.",
)
def list_records(standard_id: UUID) -> RecordList | Response:
    """List the step records of a standard"""
    asked = _asked()
    if isinstance(asked, Response):
        return asked
    cursor, limit = request.args.get("cursor"), request.args.get("limit", "50")
    if not (limit.isascii() and limit.isdigit() and len(limit) < 5 and int(limit)):
        return _wrong("limit", N_("Choose how many to list: 1 to 100."))
    if cursor and read_cursor(cursor) is None:
        return _wrong("cursor", N_("This address has a broken page mark; start from the first page."))
    with runtime().reading() as session:
        found = records_of(session, me(), standard_id, asked, cursor=cursor, limit=int(limit))
    return RecordList(items=[_record(each) for each in found.page.rows], next_cursor=found.page.next_cursor)


_OF_A_LIST = {
    "cursor": "What the page before gave as `next_cursor`.",
    "limit": "How many at once, 1 to 100; 50 when nothing is said.",
}
list_records._spec["parameters"] = [  # type: ignore[attr-defined]  # APIFlask keeps a view's description on it
    {"in": "query", "name": name, "description": text, "required": False, "schema": {"type": "string"}}
    for name, text in {**PARAMETERS, **_OF_A_LIST}.items()
    if name not in ("sort", "page")
]


def _record(record: Record) -> RecordState:
    waived = record.waived
    return RecordState(
        id=record.id,
        step=record.column.key,
        name=named(record.column.names, record.column.name),
        state=record.state.value,
        place=record.place_id,
        subject=record.subject_id,
        subject_kind=record.subject_kind,
        subject_external_id=record.subject_number,
        subject_name=record.subject,
        period=record.period,
        due_at=record.due_at,
        opened_at=record.opened_at,
        done_at=record.done_at,
        done_by=record.done_by or None,
        turn=record.turn,
        failed_checks=record.failed,
        ticket=record.number or None,
        waiver=RecordWaiver(id=waived.public_id, reason=waived.reason, last_day=waived.ends_on) if waived else None,
    )


def _wrong(name: str, text: str) -> Response:
    fault = problems.fault(name, translate(text))
    return problems.problem(HTTPStatus.UNPROCESSABLE_ENTITY, translate(text), code="invalid", errors=[fault])


def _asked() -> Asked | Response:
    """What the address asks for, or the refusal of filters that can't be used."""
    read = read_asked(request.args.items(multi=True), now=now(), zone=time_zone())
    if not read.misread:
        return read.asked
    faults = [problems.fault(each.name, worded(each.why)) for each in read.misread]
    detail = translate(N_("Some filters can't be used; “errors” names each."))
    return problems.problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, code="invalid", errors=faults)


def _state(found: Matrix, asked: Asked) -> MatrixState:
    return MatrixState(
        standard=found.standard.public_id,
        name=named(found.standard.names, found.standard.name),
        first_day=asked.period.first,
        last_day=asked.period.last,
        as_of=asked.as_of,
        rows_are=KINDS[found.rows_are],
        steps=[
            MatrixStep(key=each.key, name=named(each.names, each.name), mandatory=each.mandatory, active=each.active)
            for each in found.columns
        ],
        rows=[_row(line) for line in found.lines],
        totals=MatrixTotals(cells=[_counts(each) for each in found.total.cells], total=_counts(found.total.total)),
        page=min(asked.page, found.pages),
        pages=found.pages,
    )


def _row(line: Line) -> MatrixRow:
    return MatrixRow(
        id=line.public_id,
        name=named(line.names, line.name),
        period=line.period or None,
        cells=[_counts(each) for each in line.cells],
        total=_counts(line.total),
    )


def _counts(tally: Tally) -> Counts:
    counts = {state.value: tally[state] for state in State}
    due = sum(tally[state] for state in COUNTED)
    return Counts(**counts, failed_checks=tally.failed, due=due, score=rounded(tally.score))
