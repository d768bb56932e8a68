"""System management: the pages of people, roles, places, menus, connectors and the audit log."""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Give these pages their addresses."""
    from web.system.audit import blueprint as audit
    from web.system.connectors import blueprint as connectors
    from web.system.menus import blueprint as menus
    from web.system.people import blueprint as people
    from web.system.people_import import blueprint as people_import
    from web.system.person import blueprint as person
    from web.system.places import blueprint as places
    from web.system.roles import blueprint as roles
    from web.system.secrets import blueprint as secrets

    for pages in (people, people_import, person, roles, places, menus, audit, secrets, connectors):
        app.register_blueprint(pages)
