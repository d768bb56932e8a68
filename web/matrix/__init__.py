"""Owns the pages of the matrix: one standard's, all standards', the list behind a cell, and their files."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, g, render_template, request

from tickets.evidence.reading import evidence_of
from tickets.standards.matrix.asked import Read, read_asked
from tickets.standards.matrix.overview import overview_of
from tickets.standards.matrix.period import offered
from tickets.standards.matrix.reading import matrix_of
from tickets.standards.matrix.records import records_of
from tickets.standards.matrix.sheet import FIRST, shown
from web.context import me, now, reading
from web.language import language, time_zone
from web.matrix.cells import Pen
from web.matrix.links import Links
from web.matrix.looks import LOOKS, formula, period_words

blueprint = Blueprint("matrix", __name__, url_prefix="/standards")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "matrix"))
blueprint.add_app_template_filter(period_words, "period_words")


@blueprint.get("/matrix")
def overview() -> str:
    """All standards: places by standards, a score each."""
    read = asked_now()
    found = overview_of(reading(), me(), read.asked)
    links = Links("matrix.overview", {}, read.asked)
    return render_template("matrix/overview.html", found=found, links=links, **_around(read))


@blueprint.get("/<uuid:standard_id>/matrix")
def page(standard_id: UUID) -> str:
    """One standard: places, subjects or occurrences by steps."""
    read = asked_now()
    found = matrix_of(reading(), me(), standard_id, read.asked)
    links = Links("matrix.page", {"standard_id": standard_id}, read.asked)
    return render_template("matrix/page.html", found=found, links=links, **_around(read))


@blueprint.get("/<uuid:standard_id>/records")
def records(standard_id: UUID) -> str:
    """The list behind a cell."""
    read = asked_now()
    found = records_of(reading(), me(), standard_id, read.asked, cursor=request.args.get("cursor"))
    links = Links("matrix.records", {"standard_id": standard_id}, read.asked)
    done = [each.task_id for each in found.page.rows if each.done_at and each.task_id]
    proofs = evidence_of(reading(), me(), done, language=language())
    return render_template("matrix/records.html", found=found, links=links, proofs=proofs, **_around(read))


def asked_now() -> Read:
    """What this request's address asks."""
    return read_asked(request.args.items(multi=True), now=now(), zone=time_zone())


def _around(read: Read) -> dict[str, object]:
    """What every one of the pages knows."""
    months, quarters = offered(now().astimezone(time_zone()).date())
    return {
        "asked": read.asked,
        "misread": read.misread,
        "months": months,
        "quarters": quarters,
        "LOOKS": LOOKS,
        "FIRST": FIRST,
        "shown": shown(read.asked),
        "formula": formula,
        "pen": Pen(read.asked),
        "today": now().astimezone(time_zone()).date(),
    }


from web.matrix import files as files  # noqa: E402 - its routes are of this blueprint
