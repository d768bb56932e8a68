"""Owns what is said while the database cannot be reached: 503 and when to come again, without asking it anything."""

from __future__ import annotations

from flask import Flask, Response, g, render_template, request
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import InternalServerError
from werkzeug.wrappers import Response as AnyResponse

from engine.database import Away
from engine.expressions import N_
from web import error_pages
from web.api import problems
from web.language import translate

RETRY_AFTER = 5
"""Seconds."""
TITLE = N_("Back in a moment")
DETAIL = N_(
    "The database can't be reached just now, most likely because it is being restarted. Wait a few seconds, then load "
    "the page again; it shows whether your last step was saved."
)
PROGRAM = N_("The database can't be reached just now. Send the same again in a few seconds, with its Idempotency-Key.")


def setup(app: Flask) -> None:
    """Answer for the database while it is away, and when all connections to it are taken."""
    app.register_error_handler(Away, answer)
    app.register_error_handler(NoConnection, answer)
    app.register_error_handler(InternalServerError, answer_fault)


def answer(_error: Exception) -> Response:
    """The page, the fragment or the problem document; nobody is looked up for it."""
    g.actor = g.signed_in = None
    if request.path.startswith("/api/"):
        response = problems.problem(503, translate(PROGRAM), code="away")
    else:
        template = "errors/fragment.html" if request.headers.get("HX-Request") else "errors/page.html"
        words = {"title": translate(TITLE), "detail": translate(DETAIL)}
        response = Response(render_template(template, status=503, **words), 503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def answer_fault(error: InternalServerError) -> AnyResponse:
    """What goes wrong after a view has answered comes as a fault of ours, whatever it was."""
    if isinstance(error.original_exception, Away | NoConnection):
        return answer(error.original_exception)
    return error_pages.answer_http_error(error)
