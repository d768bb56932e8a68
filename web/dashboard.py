"""Owns the dashboard: the reader's own work and all that they see, every number a way to the list it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Blueprint, g, render_template

from engine.expressions import N_
from tickets.access import Permission
from tickets.dashboard import Figure, Measure, dashboard
from tickets.errors import NotFound
from tickets.lists.address import write_query
from tickets.service.tables import ClockKind
from web.charts import line_chart
from web.context import me, now, reading
from web.language import time_zone
from web.lists.area import with_pairs

blueprint = Blueprint("dashboard", __name__)


@dataclass(frozen=True, slots=True)
class Tile:
    """How a measure is shown; a `bad` one is red unless it is 0."""

    icon: str
    text: str
    bad: bool = False


TILES: Mapping[Measure, Tile] = {
    Measure.UNASSIGNED: Tile("circle-dashed", N_("Unassigned")),
    Measure.OVERDUE: Tile("alert-triangle", N_("Overdue"), bad=True),
    Measure.DUE_SOON: Tile("clock-exclamation", N_("Due within 24 hours")),
    Measure.URGED: Tile("bell-ringing", N_("Urged, not answered"), bad=True),
    Measure.OPEN: Tile("ticket", N_("Open")),
}
PROMISES: Mapping[ClockKind, str] = {ClockKind.RESPONSE: N_("First reply"), ClockKind.RESOLUTION: N_("Resolution")}


@blueprint.get("/dashboard")
def page() -> str:
    """The numbers of whoever sees tickets."""
    if not me().may(Permission.SEE):
        raise NotFound
    g.area = "dashboard"
    board = dashboard(reading(), me(), now())
    days = [each.day for each in board.days]
    opened, closed = ([getattr(each, name).number for each in board.days] for name in ("opened", "closed"))
    return render_template(
        "dashboard/page.html",
        board=board,
        TILES=TILES,
        promises=PROMISES,
        chart=line_chart(days, opened, closed),
        most=max([figure.number for figure in board.backlog.values()], default=0),
        link=link,
    )


def link(figure: Figure) -> str:
    """The address of the list that a number counts."""
    return with_pairs("lists.tickets", write_query(figure.query, time_zone()))
