"""Owns the matrix and its list as files: the same question, the same numbers, as CSV or XLSX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl
from uuid import UUID

from flask import Response, request

from engine.expressions import N_, Message
from tickets.audit import record
from tickets.errors import Invalid
from tickets.exporting.exports import check_may_export
from tickets.exporting.sheet import Format, Row, opened
from tickets.standards.matrix.asked import Asked, read_asked
from tickets.standards.matrix.overview import overview_of
from tickets.standards.matrix.reading import matrix_of
from tickets.standards.matrix.records import Record, records_of
from tickets.standards.matrix.sheet import LIST_HEADS, MOST, matrix_rows, overview_rows, record_rows
from web.context import me, now, reading, runtime
from web.language import gettext as _
from web.language import named, time_zone, translate
from web.matrix import blueprint
from web.matrix.links import written
from web.sheets import sent, spooled

AT_ONCE = 200


@blueprint.post("/matrix/exports")
def export_overview() -> Response:
    """The scores of all standards as a file."""
    asked, kind = _wanted()
    rows = overview_rows(overview_of(reading(), me(), asked, whole=True), translate, named)
    return _sent(rows, kind, asked, _("All standards"))


@blueprint.post("/<uuid:standard_id>/matrix/exports")
def export(standard_id: UUID) -> Response:
    """The matrix of one standard as a file, every row of it."""
    asked, kind = _wanted()
    found = matrix_of(reading(), me(), standard_id, asked, whole=True)
    rows = matrix_rows(found, asked, translate, named)
    return _sent(rows, kind, asked, named(found.standard.names, found.standard.name))


@blueprint.post("/<uuid:standard_id>/records/exports")
def export_records(standard_id: UUID) -> Response:
    """The list behind a cell as a file."""
    asked, kind = _wanted()
    head = records_of(reading(), me(), standard_id, asked, limit=1).standard
    rows = record_rows(_all_records(standard_id, asked), translate, named, time_zone())
    return _sent(_headed(rows), kind, asked, named(head.names, head.name))


def _wanted() -> tuple[Asked, Format]:
    """What the page's form asks for; only for whoever may export."""
    check_may_export(me())
    kind = request.form.get("format", "")
    if kind not in set(Format):
        raise Invalid(Message(N_("Choose CSV or XLSX.")))
    pairs = parse_qsl(request.form.get("query", "")[:4000])
    return read_asked(pairs, now=now(), zone=time_zone()).asked, Format(kind)


def _all_records(standard_id: UUID, asked: Asked) -> Iterator[Record]:
    """Page after page. Raises Invalid when there are too many for one file."""
    count, cursor = 0, None
    while True:
        page = records_of(reading(), me(), standard_id, asked, cursor=cursor, limit=AT_ONCE).page
        count += len(page.rows)
        if count > MOST:
            text = N_("This list has more than %(most)s rows; narrow it by a place, a step or a shorter period.")
            raise Invalid(Message(text, {"most": f"{MOST:,}"}))
        yield from page.rows
        if (cursor := page.next_cursor) is None:
            return


def _headed(rows: Iterable[Row]) -> Iterator[Row]:
    yield [translate(head) for head in LIST_HEADS]
    yield from rows


def _sent(rows: Iterable[Row], kind: Format, asked: Asked, title: str) -> Response:
    file = spooled()
    count = -1
    with opened(kind, file, title) as write:
        for row in rows:
            write(row)
            count += 1
    after = {"query": written(asked), "format": kind.value, "rows": count}
    with runtime().writing() as session, session.begin():
        record(session, me(), "standards.exported", title, brand_id=me().brand_id, at=now(), after=after)
    day = asked.day or now().astimezone(time_zone()).date()
    return sent(file, kind, f"{title} {asked.period.name or asked.period.first.isoformat()} {day.isoformat()}")
