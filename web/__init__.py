"""Pages, API and command line: thin, and the only importer of Flask. `create_app` puts everything together."""

from __future__ import annotations

from apiflask import APIFlask

from tickets.runtime import Runtime
from web.config import Config


def create_app(runtime: Runtime, config: Config) -> APIFlask:
    """The application on a runtime; it starts no thread, so commands and tests can make as many as they like."""
    from web import context, database, error_pages, language, security, session, templating

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
    for part in (database, language, templating, error_pages, session):
        part.setup(app)
    security.setup(app, config)
    register(app)
    return app


def register(app: APIFlask) -> None:
    """Give every part of the pages its addresses."""
    from web import api, system
    from web.absences import blueprint as absences
    from web.callers import blueprint as callers
    from web.canned import blueprint as canned
    from web.clients import blueprint as clients
    from web.copies import blueprint as copies
    from web.dashboard import blueprint as dashboard
    from web.departures import blueprint as departures
    from web.dispatch import blueprint as dispatch
    from web.family import blueprint as family
    from web.files import blueprint as files
    from web.filing import blueprint as filing
    from web.home import blueprint as home
    from web.incidents import blueprint as incidents
    from web.lists import blueprint as lists
    from web.me import blueprint as me
    from web.moves import blueprint as moves
    from web.notices import blueprint as notices
    from web.palette import blueprint as palette
    from web.picking import blueprint as picking
    from web.privacy import blueprint as privacy
    from web.rules import blueprint as rules
    from web.security import csrf
    from web.service import blueprint as service
    from web.subjects import blueprint as subjects
    from web.task_verbs import blueprint as task_verbs
    from web.tasks import blueprint as tasks
    from web.ticket import blueprint as ticket
    from web.type_settings import blueprint as type_settings
    from web.types import blueprint as types
    from web.verbs import blueprint as verbs

    for pages in (
        service,
        home,
        me,
        lists,
        dashboard,
        filing,
        ticket,
        tasks,
        incidents,
        files,
        types,
        subjects,
        verbs,
        moves,
        family,
        canned,
        task_verbs,
        dispatch,
        absences,
        rules,
        picking,
        palette,
        clients,
        departures,
        callers,
        notices,
        copies,
        privacy,
        type_settings,
    ):
        app.register_blueprint(pages)
    system.register(app)
    app.register_blueprint(api.blueprint)
    csrf.exempt(api.blueprint)
