"""Owns GET /standards/<id>/matrix: the numbers of the page, for programs."""

from __future__ import annotations

from datetime import date, datetime
from http import HTTPStatus
from uuid import UUID

from flask import Response, request

from engine.expressions import N_
from tickets.standards.matrix.asked import PARAMETERS, Asked, read_asked
from tickets.standards.matrix.counting import Rows
from tickets.standards.matrix.reading import Line, Matrix, matrix_of
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
    read = read_asked(request.args.items(multi=True), now=now(), zone=time_zone())
    if read.misread:
        faults = [problems.fault(each.name, worded(each.why)) for each in read.misread]
        detail = translate(N_("Some filters can't be used; “errors” names each."))
        return problems.problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, code="invalid", errors=faults)
    with runtime().reading() as session:
        found = matrix_of(session, me(), standard_id, read.asked)
    return _state(found, read.asked)


read_matrix._spec["parameters"] = [  # type: ignore[attr-defined]  # APIFlask keeps a view's description on it
    {"in": "query", "name": name, "description": text, "required": False, "schema": {"type": "string"}}
    for name, text in PARAMETERS.items()
    if name != "failed"
]


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
