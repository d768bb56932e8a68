"""Pages, API and command line: thin, and the only importer of Flask. `create_app` puts everything together."""

from __future__ import annotations

from importlib import import_module

from apiflask import APIFlask

from tickets.runtime import Runtime
from web.config import Config


def create_app(runtime: Runtime, config: Config) -> APIFlask:
    """The application on a runtime; it starts no thread, so commands and tests can make as many as they like."""
    from web import access_log, away, context, database, error_pages, language, security, session, templating

    app = APIFlask(
        __name__,
        title="Gongdan",
        version="1",
        spec_path="/api/v1/openapi.json",
        docs_path=None,
        json_errors=False,
        static_url_path="/static",
    )
    app.extensions |= {context.RUNTIME: runtime, context.CONFIG: config}
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 31536000
    for part in (access_log, database, language, templating, error_pages, away, session):
        part.setup(app)
    security.setup(app, config)
    register(app)
    if config.demo:
        import_module("web.demo").setup(app)
    return app


PAGES = (
    "absences",
    "callers",
    "canned",
    "checks",
    "clients",
    "confirmations",
    "copies",
    "dashboard",
    "departures",
    "dispatch",
    "family",
    "files",
    "filing",
    "health",
    "home",
    "incidents",
    "lists",
    "matrix",
    "me",
    "metrics",
    "moves",
    "notices",
    "operations",
    "palette",
    "picking",
    "privacy",
    "publishing",
    "rules",
    "service",
    "standards",
    "subjects",
    "task_verbs",
    "tasks",
    "ticket",
    "type_settings",
    "types",
    "verbs",
    "version_moves",
    "waivers",
)
"""The modules whose `blueprint` has pages."""


def register(app: APIFlask) -> None:
    """Give every part of the pages its addresses."""
    from web import api, system
    from web.security import csrf

    for name in PAGES:
        app.register_blueprint(import_module(f"web.{name}").blueprint)
    system.register(app)
    app.register_blueprint(api.blueprint)
    csrf.exempt(api.blueprint)
