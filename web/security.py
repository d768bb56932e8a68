"""Owns what keeps pages safe: cookies, forgery tokens, headers, limits on guessing passwords, no control characters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from flask import Flask, Response, abort, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, ValidationError

from engine.expressions import N_
from web.config import Config
from web.context import me
from web.form_reader import FormRequest

SOURCES = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
"""Where a page may take its parts from: nothing inline, nothing evaluated, nothing from elsewhere."""
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{kind} {allowed}" for kind, allowed in SOURCES.items()),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(self), microphone=()",
}

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
FORM_BYTES = 2 * 1024 * 1024
"""Of a form's texts together; files have limits of their own."""
FORM_ENTRIES = 5000

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=False)


LARGEST_ID, LONGEST_ID = 2**63 - 1, 19


class Id(IntegerConverter):
    """A number in an address; one that no database holds leads nowhere."""

    def to_python(self, value: str) -> int:
        if len(value) > LONGEST_ID or (number := int(value)) > LARGEST_ID:
            raise ValidationError
        if self.max is not None and number > self.max:
            raise ValidationError
        return number


def setup(app: Flask, config: Config) -> None:
    """Set the rules that hold for every request of this app."""
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=config.max_request_bytes,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        MAX_FORM_PARTS=FORM_ENTRIES,
        SESSION_COOKIE_NAME="gongdan",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=config.session_hours),
        WTF_CSRF_TIME_LIMIT=None,
    )
    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.trusted_proxies, x_proto=config.trusted_proxies)  # type: ignore[method-assign]  # how Flask documents it
    app.url_map.converters["int"] = Id
    app.url_map.merge_slashes = False  # or a doubled slash leads to whatever host the request names
    app.request_class = FormRequest
    app.before_request(check_request)
    app.before_request(check_signed_in)
    csrf.init_app(app)
    limiter.init_app(app)
    app.after_request(add_headers)


def check_request() -> None:
    """Before anything else, since whatever comes next may read the form. The API checks first who asks."""
    refuse_nul((request.path, *request.args, *request.args.values()))
    if not request.path.startswith("/api/"):
        check_form()


OPEN = frozenset(
    {
        "demo.sign_in",
        "demo.tour",
        "demo.seen",
        "health.alive",
        "health.ready",
        "home.login",
        "home.logout",
        "home.sign_in",
        "metrics.page",
        "openapi.spec",
        "static",
    }
)
"""What everybody may ask for; the API and the metrics ask for tokens themselves."""


def check_signed_in() -> None:
    """No page answers anybody who is not signed in, whatever the page itself would look at first."""
    if request.endpoint and request.endpoint not in OPEN and not request.path.startswith("/api/"):
        me()


def check_form() -> None:
    """A form is counted before it is taken apart (of one with files werkzeug counts the parts), and fit to be kept."""
    if request.mimetype == URLENCODED:
        request.max_content_length = FORM_BYTES
        if request.get_data().count(b"&") >= FORM_ENTRIES:
            abort(413, N_("The form has too many entries. Send fewer rows at once; nothing was saved."))
    if request.mimetype in (URLENCODED, MULTIPART):
        names = [*request.form, *request.files]
        if None in names:
            abort(400, N_("A part of the form has no name. Give each part one and send again."))
        refuse_nul((*names, *(value for values in request.form.listvalues() for value in values)))


def refuse_nul(texts: Iterable[str]) -> None:
    """NUL ends no text that a person typed, and PostgreSQL can't store it."""
    if any("\0" in text for text in texts):
        abort(400, N_("The request holds a NUL character. Remove it and send again."))


def add_headers(response: Response) -> Response:
    """The same headers on every answer; a page with somebody's data stays out of caches."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
