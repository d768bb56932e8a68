"""Owns the matrix and its list as files: the same question, the same numbers, as CSV or XLSX."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from urllib.parse import parse_qsl
from uuid import UUID

from flask import Response, request

from engine.expressions import N_, Message
from tickets.audit import record
from tickets.errors import Invalid
from tickets.evidence.reading import Proof, evidence_of
from tickets.evidence.wanted import CONFIRMATION
from tickets.exporting.exports import check_may_export
from tickets.exporting.sheet import Format, Row, opened
from tickets.standards.matrix.asked import Asked, read_asked
from tickets.standards.matrix.overview import overview_of
from tickets.standards.matrix.reading import matrix_of
from tickets.standards.matrix.records import Record, records_of
from tickets.standards.matrix.sheet import LIST_HEADS, MOST, matrix_rows, overview_rows, record_rows
from web.context import me, now, reading, runtime
from web.filled import attendance_words
from web.language import gettext as _
from web.language import language, listed, named, time_zone, translate
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
    return _sent(_list(standard_id, asked), kind, asked, named(head.names, head.name))


def _wanted() -> tuple[Asked, Format]:
    """What the page's form asks for; only for whoever may export."""
    check_may_export(me())
    kind = request.form.get("format", "")
    if kind not in set(Format):
        raise Invalid(Message(N_("Choose CSV or XLSX.")))
    pairs = parse_qsl(request.form.get("query", "")[:4000])
    return read_asked(pairs, now=now(), zone=time_zone()).asked, Format(kind)


def _list(standard_id: UUID, asked: Asked) -> Iterator[Row]:
    """The head, then page after page, each with its evidence."""
    yield [translate(head) for head in LIST_HEADS]
    for records in _pages(standard_id, asked):
        done = [each.task_id for each in records if each.done_at and each.task_id]
        proofs = evidence_of(reading(), me(), done, language=language())
        yield from record_rows(records, translate, named, time_zone(), partial(_proved, proofs))


def _pages(standard_id: UUID, asked: Asked) -> Iterator[Sequence[Record]]:
    """Page after page. Raises Invalid when there are too many for one file."""
    count, cursor = 0, None
    while True:
        page = records_of(reading(), me(), standard_id, asked, cursor=cursor, limit=AT_ONCE).page
        count += len(page.rows)
        if count > MOST:
            text = N_("This list has more than %(most)s rows; narrow it by a place, a step or a shorter period.")
            raise Invalid(Message(text, {"most": f"{MOST:,}"}))
        yield page.rows
        if (cursor := page.next_cursor) is None:
            return


def _proved(proofs: Mapping[int, Sequence[Proof]], record: Record) -> tuple[str, str]:
    """The evidence of a step in words: how many files, who of a sign-in list was there; and who confirmed it."""
    here = proofs.get(record.task_id or 0, ()) if record.done_at else ()
    files = Counter(proof.label for proof in here if proof.file_id)
    told = [f"{label} × {number}" for label, number in files.items()]
    told += [f"{each.label}{_(': ')}{_said(each)}" for each in here if _speaks(each)]
    return listed(told), listed([proof.text for proof in here if proof.kind == CONFIRMATION])


def _speaks(proof: Proof) -> bool:
    return not proof.file_id and proof.kind != CONFIRMATION


def _said(proof: Proof) -> str:
    return attendance_words(proof.people) if proof.people else proof.text


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
