"""Every address with values that nobody means: no fault of ours, nobody led away, nothing changed by looking."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from flask import got_request_exception, url_for
from werkzeug.routing import BuildError, IntegerConverter, Rule, UUIDConverter

import web
from engine.database import Base
from tests.access.stage import CAST, Stage, set_stage
from tests.databases import Databases

HERE = Path(web.__file__).parent
SEED = 20261122
FIELDS = 40
"""Of all names of fields that any page sends, so many go along with each request."""
NASTY = (
    *("", "\0", "a\0b", "x" * 30_000, "\u202e乱", "😀" * 300, "\ud800", "\r\nBcc: a@b.example", "=1+1", "%(name)s"),
    *("-1", "0", "9" * 30, "9223372036854775808", "1e999", "NaN", "٣", "²", "true", "null", "[]", "{me}"),
    *("0001-01-01", "9999-12-31", "0001-01-01T00:00", "9999-12-31T23:59:59+14:00", "2026-13-45", "24:00-25:00"),
    *("not-a-uuid", "00000000-0000-0000-0000-000000000000", "AAAA", "eyJ9", "../../etc/passwd", "_%\\"),
    *("http://127.0.0.1/", "//evil.example", "\\\\evil.example", "https://evil.example/", "/\\evil.example"),
    *("P99999999999D", "PT1.5H", "R/PT1S", "Etc/../../x", ",,,;;;", "a@b", "<script>", "'\""),
)
UNTRIED = {"static", "home.logout", "me.end_sessions"}
"""These end the session in which all is tried."""


@pytest.fixture(scope="module")
def stage(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with set_stage(databases, tmp_path_factory.mktemp("inputs")) as stage:
        yield stage


def fields() -> list[str]:
    """The names of all fields and parameters that pages read or send."""
    code = "".join(path.read_text("utf-8") for path in sorted(HERE.rglob("*.py")))
    pages = "".join(path.read_text("utf-8") for path in sorted((HERE / "templates").rglob("*.html")))
    read = re.findall(r"(?:args|form)(?:\.get|\.getlist)?[\[(]\"([a-z_:-]+)\"", code)
    return sorted({*read, *re.findall(r'name="([a-zA-Z_:-]+)"', pages), "cursor", "sort"} - {"csrf_token"})


def rules(stage: Stage, *, pages: bool = False) -> list[tuple[str, Rule]]:
    every = sorted(stage.site.app.url_map.iter_rules(), key=lambda rule: rule.rule)
    tried = (rule for rule in every if rule.endpoint not in UNTRIED)
    chosen = (rule for rule in tried if not (pages and rule.rule.startswith("/api/")))
    return [(method, rule) for rule in chosen for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]


def nasty_path(stage: Stage, rule: Rule, chance: random.Random) -> str:
    """The address with the scene's own things in it, or with what is none."""
    values: dict[str, Any] = {}
    for name in rule.arguments:
        own, kind = stage.at.get(name), rule._converters[name]
        if isinstance(kind, IntegerConverter):
            number = own if isinstance(own, int) else 1
            values[name] = chance.choice([number, 0, kind.max or 2**63, kind.max or 10**25])
        elif isinstance(kind, UUIDConverter):
            values[name] = own if isinstance(own, UUID) and chance.random() < 0.7 else uuid4()
        else:
            values[name] = own if own and chance.random() < 0.5 else chance.choice(["x", "a b\u202e", "🙂", "y" * 500])
    with stage.site.app.test_request_context():
        return url_for(rule.endpoint, **values)


def nasty_values(stage: Stage, chance: random.Random, names: list[str]) -> dict[str, str]:
    own = [str(value) for value in stage.at.values()]
    picked = chance.sample(names, min(FIELDS, len(names)))
    return {name: chance.choice(NASTY) if chance.random() < 0.75 else chance.choice(own) for name in picked}


@pytest.mark.parametrize("who", ["admin", "owner", "requester"])
def test_no_address_breaks_or_leads_away(stage: Stage, who: str) -> None:
    chance, names = random.Random(f"{SEED} {who}"), fields()
    broken: list[str] = []

    def note(_app: object, exception: BaseException, **_more: object) -> None:
        broken.append(repr(exception))

    visitor = stage.site.browser(CAST[who])
    token = visitor.token
    with got_request_exception.connected_to(note, stage.site.app):
        for method, rule in rules(stage, pages=True):
            try:
                path = nasty_path(stage, rule, chance)
            except (BuildError, ValueError):
                continue
            given = nasty_values(stage, chance, names)
            if method == "GET":
                query = urlencode({name: value[:3000].encode("utf-8", "replace") for name, value in given.items()})
                answer = visitor.client.get(f"{path}?{query[:8000]}")
            else:
                form = {name: value.encode("utf-8", "replace").decode() for name, value in given.items()}
                answer = visitor.client.open(path, method=method, data=form, headers={"X-CSRFToken": token})
            answer.close()
            assert answer.status_code < 500, f"{method} {path} {given}: {broken}"
            location = answer.headers.get("Location", "")
            assert location == "" or re.match(r"/(?![/\\])", location), f"{method} {path} leads to {location}"
            if location.startswith("/login"):
                visitor = stage.site.browser(CAST[who])
                token = visitor.token


@pytest.mark.parametrize("number", ["9223372036854775808", "9" * 25, "9" * 5000])
@pytest.mark.parametrize("path", ["/system/roles/%s", "/channels/failures/%s/again", "/notices/%s/reading"])
def test_a_number_that_no_database_holds_is_nothing(stage: Stage, path: str, number: str) -> None:
    admin = stage.site.browser("admin")
    method = "GET" if "roles" in path else "POST"
    answer = admin.client.open(path % number, method=method, headers={"X-CSRFToken": admin.token})
    assert answer.status_code == 404


READ_MARKS = {"notice", "ticket_cc", "person_session", "api_token"}
"""What says that something was looked at."""


def rows(stage: Stage) -> dict[str, Any]:
    with stage.cast.runtime.reading() as session:
        tables = (table for table in Base.metadata.sorted_tables if table.name not in READ_MARKS)
        return {table.name: session.execute(sa.select(table).order_by(*table.primary_key)).all() for table in tables}


def own_path(stage: Stage, rule: Rule) -> str | None:
    """The address of the scene's own things; None where it has none of the kind."""
    if not set(stage.at) >= set(rule.arguments):
        return None
    try:
        with stage.site.app.test_request_context():
            return url_for(rule.endpoint, **{name: stage.at[name] for name in rule.arguments})
    except (BuildError, ValueError):
        return None


def test_looking_changes_nothing(stage: Stage) -> None:
    visitors = [stage.site.browser(CAST[who]) for who in ("admin", "owner", "requester")]
    before = rows(stage)
    paths = [own_path(stage, rule) for method, rule in rules(stage, pages=True) if method == "GET"]
    for path in filter(None, paths):
        for visitor in visitors:
            visitor.client.get(path).close()
    after = rows(stage)
    assert [name for name in before if before[name] != after[name]] == []


def test_no_form_is_taken_without_its_sessions_token(stage: Stage) -> None:
    visitor, before = stage.site.browser("admin"), rows(stage)
    for method, rule in rules(stage, pages=True):
        path = own_path(stage, rule)
        if method == "GET" or path is None:
            continue
        for headers in ({}, {"X-CSRFToken": "ImE5Ig.forged"}, {"Origin": "https://evil.example"}):
            answer = visitor.client.open(path, method=method, data={"name": "x"}, headers=headers)
            assert answer.status_code == 400, f"{method} {path}: {answer.status_code}"
    after = rows(stage)
    assert [name for name in before if before[name] != after[name]] == []
