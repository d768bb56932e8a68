"""Owns the page of connectors (连接器): the calls that processes made to other systems lately, and how they went."""

from __future__ import annotations

from flask import Blueprint, g, render_template, request

from engine.expressions import N_
from tickets.connectors.reading import call_list
from tickets.connectors.tables import CallState
from web.context import me, reading

blueprint = Blueprint("connectors", __name__, url_prefix="/system/connectors")
blueprint.url_value_preprocessor(lambda _endpoint, _values: setattr(g, "area", "connectors"))

STATES = {
    CallState.WAITING: ("t-blue", N_("Under way")),
    CallState.DONE: ("t-green", N_("Done")),
    CallState.ERROR: ("t-orange", N_("Error, caught")),
    CallState.FAILED: ("t-red", N_("Gave up")),
    CallState.REFUSED: ("t-red", N_("Not sent")),
}
"""Each state's tone and words."""
TROUBLES = {
    "network": N_("not reached"),
    "timeout": N_("no answer in time"),
    "too_large": N_("answer too large"),
    "unreadable": N_("answer not readable"),
}


@blueprint.get("")
def index() -> str:
    """The latest calls; `?failed=1` those that wait for somebody."""
    failed = request.args.get("failed") == "1"
    rows = call_list(reading(), me(), failed=failed)
    words = {"states": STATES, "troubles": TROUBLES}
    return render_template("system/connectors.html", rows=rows, failed=failed, **words)
