"""Owns the tickets like one, shown beside it: a part of its page, fetched once the page stands."""

from __future__ import annotations

from flask import g, render_template, request

from tickets.similar import similar_tickets
from web.context import me, reading
from web.lists.area import blueprint


@blueprint.get("/tickets/<number>/similar")
def similar(number: str) -> str:
    """A few tickets like it; by htmx the part alone, else a page."""
    found = similar_tickets(reading(), me(), number)
    g.area = "inbox"
    template = "lists/similar.html" if request.headers.get("HX-Request") else "lists/similar_page.html"
    return render_template(template, found=found, number=number)
