"""Owns what keeps pages safe: cookies, forgery tokens, headers, limits on guessing passwords, no control characters."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, Response, abort, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.expressions import N_
from web.config import Config

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
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=False)


def setup(app: Flask, config: Config) -> None:
    """Set the rules that hold for every request of this app."""
    app.config.update(
        SECRET_KEY=config.secret_key,
        MAX_CONTENT_LENGTH=config.max_request_bytes,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        SESSION_COOKIE_NAME="gongdan",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.secure_cookies,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=config.session_hours),
        WTF_CSRF_TIME_LIMIT=None,
    )
    if config.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=config.trusted_proxies, x_proto=config.trusted_proxies)  # type: ignore[method-assign]  # how Flask documents it
    csrf.init_app(app)
    limiter.init_app(app)
    app.before_request(refuse_control_characters)
    app.after_request(add_headers)


def refuse_control_characters() -> None:
    """NUL ends no text that a person typed, and PostgreSQL can't store it."""
    written = (request.path, *request.args, *request.args.values())
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        written += (*request.form, *(value for values in request.form.listvalues() for value in values))
    if any("\0" in text for text in written):
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
