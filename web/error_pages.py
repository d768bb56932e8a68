"""Owns what an error looks like: a page for people, a fragment for htmx, a problem document below /api/."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, Response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from engine.database import Stale
from engine.expressions import N_
from tickets.errors import Busy, DomainError
from web import session
from web.api import problems
from web.context import someone
from web.errors import TOO_LATE, PasswordChangeNeeded, SignInNeeded, status_of
from web.language import translate, worded

TITLES: Mapping[int, str] = {
    400: N_("The request can't be read"),
    401: N_("Sign in first"),
    403: N_("This is not yours to do"),
    404: N_("There is nothing here"),
    405: N_("This address doesn't do that"),
    409: N_("This has changed meanwhile"),
    413: N_("That is too large"),
    415: N_("This kind of content isn't understood"),
    422: N_("Something needs mending"),
    429: N_("Too many tries"),
    500: N_("Something broke on our side"),
    503: N_("Too much is going on"),
}
DETAILS: Mapping[int, str] = {
    400: N_("Go back, reload the page and try again."),
    404: N_("The address may be mistyped, or it belongs to a brand you don't see."),
    405: N_("Open it from a page instead of typing its address."),
    413: N_("Nothing was saved. Go back to what you wrote, and send smaller files or fewer at once."),
    429: N_("Wait a few minutes, then try again."),
    500: N_("Nothing was half saved. Try again; if it happens again, tell whoever runs Gongdan."),
}


def setup(app: Flask) -> None:
    """Answer every error of this app's pages; the API's blueprint answers its own."""
    app.register_error_handler(DomainError, answer_domain_error)
    app.register_error_handler(Stale, answer_stale)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(CSRFError, answer_forgery)


def answer_domain_error(error: DomainError) -> AnyResponse:
    """What a verb or a query refused."""
    if isinstance(error, SignInNeeded):
        return to_sign_in()
    if isinstance(error, PasswordChangeNeeded):
        return lead_to(url_for("me.password"))
    response = page(status_of(error), detail=worded(error.message))
    if isinstance(error, Busy):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def answer_stale(_error: Stale) -> AnyResponse:
    """Two changed the same at one moment, and nothing of this one was kept."""
    return page(status_of(TOO_LATE), detail=worded(TOO_LATE.message))


def answer_http_error(error: HTTPException) -> AnyResponse:
    """A wrong address or method, a body that is too large, and (500) what nobody expected; that one is logged."""
    if request.path.startswith("/api/"):
        return problems.of_http(error)
    status = error.code or 500
    if status < 400:
        return error.get_response()
    own = error.description != type(error).description and status != 429  # whose words are the bare limit
    response = page(status, detail=translate(str(error.description)) if own else "")
    response.headers.extend((name, value) for name, value in error.get_headers() if name in ("Allow", "Retry-After"))
    return response


def answer_forgery(_error: CSRFError) -> AnyResponse:
    """The form's token is missing or of another session: most often the page was open while one signed in anew.

    Who signs out of what another of their pages has signed out of is told nothing.
    """
    if request.endpoint == "home.logout" and someone() is None:
        return redirect(url_for("home.login"), 303)
    return page(400, detail=translate(N_("This page is from an earlier session. Reload it, then send again.")))


def page(status: int, *, detail: str = "") -> Response:
    """The page of an error, with what is wrong and what to do next; for htmx only the words."""
    title = translate(TITLES.get(status, "")) or HTTPStatus(status).phrase
    template = "errors/fragment.html" if request.headers.get("HX-Request") else "errors/page.html"
    detail = detail or translate(DETAILS.get(status, ""))
    left = _page_left() if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and request.method != "GET" else None
    return Response(render_template(template, status=status, title=title, detail=detail, left=left), status)


def to_sign_in() -> AnyResponse:
    """Lead to the sign-in page, and afterwards back to the page one was at."""
    left = url_for("home.login", next=None if session.was_ended() else _page_left())
    return lead_to(left, 401) if request.headers.get("HX-Request") else redirect(left, 303)


def _page_left() -> str | None:
    """The page that is asked for, or the one that asks for a part of itself or sends a form; none for the first."""
    asked, site = request.full_path.rstrip("?"), request.host_url
    if request.headers.get("HX-Request") or request.method != "GET":
        at = request.headers.get("HX-Current-URL") or request.referrer or ""
        asked = at.removeprefix(site.rstrip("/")) if at.startswith(site) else "/"
    return asked if asked != "/" else None


def lead_to(address: str, status: int = 403) -> AnyResponse:
    """Lead somewhere else first, also when htmx asked for a part of a page; `status` is what that is told."""
    if request.headers.get("HX-Request"):
        return Response(status=status, headers={"HX-Redirect": address})
    return redirect(address, 303)
