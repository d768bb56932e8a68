"""What a load balancer and Prometheus are told: without a sign-in, without secrets, in few labels."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.web.site import Page, Site, Visitor
from web import create_app, health
from web.metrics import FOLDER, may_read

TOKEN = "0123456789abcdef-for-tests"


@pytest.fixture
def number(site: Site) -> str:
    """A crash report of zhoulan's."""
    site.play.ship("crash_report")
    return site.file_crash()


def test_a_process_that_lives_says_so_and_looks_at_nothing(site: Site) -> None:
    site.cast.runtime.database.dispose()
    with Statements(site) as seen:
        answer = site.anonymous().get("/healthz")
    assert (answer.status, answer.text.strip(), seen) == (200, '{"status":"ok"}', [])
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


class Statements:
    """What the database was asked meanwhile."""

    def __init__(self, site: Site) -> None:
        self.database, self.seen = site.cast.runtime.database, list[str]()

    def __enter__(self) -> list[str]:
        sa.event.listen(self.database, "before_cursor_execute", self._note)
        return self.seen

    def __exit__(self, *_: object) -> None:
        sa.event.remove(self.database, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        self.seen.append(statement)


def test_a_site_that_can_serve_is_ready(site: Site) -> None:
    answer = site.anonymous().get("/readyz")
    assert answer.status == 200
    assert answer.response.get_json()["checks"] == dict.fromkeys(health.CHECKS, "ok")
    assert "Set-Cookie" not in answer.headers


def test_a_database_of_another_version_is_not_ready(site: Site) -> None:
    with site.cast.runtime.database.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    answer = site.anonymous().get("/readyz")
    assert answer.status == 503
    assert answer.response.get_json()["checks"]["migrations"] == "not the version of this program"


def test_a_database_that_is_away_is_named_without_its_address(site: Site, tmp_path: Path) -> None:
    from engine.database import create_engine

    away = create_engine(f"sqlite:///{tmp_path / 'no' / 'such' / 'secret.db'}")
    app = create_app(replace(site.cast.runtime, database=away), site.config)
    answer = Page(app.test_client().get("/readyz"))
    assert answer.status == 503
    assert answer.response.get_json()["checks"]["database"] == "unreachable"
    assert "secret.db" not in answer.text
    away.dispose()


def test_a_full_disk_is_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LEAST_FREE", shutil.disk_usage("/").total * 10**6)
    answer = site.anonymous().get("/readyz")
    assert (answer.status, answer.response.get_json()["checks"]["disk"]) == (503, "full")


def test_a_request_keeps_the_id_it_came_with_if_that_is_fit_for_a_log(site: Site) -> None:
    visitor = site.anonymous()
    assert visitor.get("/login", X_Request_ID="from-the-proxy.1").headers["X-Request-ID"] == "from-the-proxy.1"
    for unfit in ("short", "x" * 65, "two words here", "<script>alert", "a\tb\tc\td\te"):
        given = visitor.get("/login", X_Request_ID=unfit).headers["X-Request-ID"]
        assert re.fullmatch(r"[0-9a-f]{32}", given)


def test_metrics_are_read_on_this_machine_alone_unless_a_token_is_set(site: Site) -> None:
    config = site.config
    assert may_read(config, "", "127.0.0.1")
    assert may_read(config, "", "::1")
    assert not may_read(config, "", "10.0.0.7")
    assert not may_read(config, "", None)
    unknown_proxy = replace(config, base_url="https://gongdan.example.com")
    assert not may_read(unknown_proxy, "", "127.0.0.1")
    assert may_read(replace(unknown_proxy, trusted_proxies=1), "", "127.0.0.1")
    with_token = replace(config, metrics_token=TOKEN)
    assert may_read(with_token, f"Bearer {TOKEN}", "10.0.0.7")
    assert not may_read(with_token, "", "127.0.0.1")
    assert not may_read(with_token, f"Bearer {TOKEN}x", "127.0.0.1")
    assert not may_read(with_token, "Bearer é", "127.0.0.1")


def test_from_elsewhere_there_are_no_metrics(site: Site) -> None:
    client = site.app.test_client()
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.7"}).status_code == 404


def test_metrics_tell_of_steps_pages_and_what_is_open(site: Site, number: str) -> None:
    site.browser("zhoulan").get(f"/tickets/{number}")
    text = metrics(site.anonymous())
    assert value(text, 'gongdan_step_seconds_count{kind="start"}') >= 1
    assert value(text, 'gongdan_step_cpu_seconds_total{kind="start"}') > 0
    assert value(text, 'gongdan_requests_total{endpoint="ticket.show",status="200"}') >= 1
    assert value(text, 'gongdan_request_seconds_count{endpoint="ticket.show"}') >= 1
    assert value(text, "gongdan_incidents_open") == 0
    assert value(text, 'gongdan_overdue{kind="timer"}') == 0


def test_no_path_and_no_number_becomes_a_label(site: Site, number: str) -> None:
    visitor = site.browser("zhoulan")
    for path in (f"/tickets/{number}", "/no/such/place", "/tickets/CR-999999", "/static/none.css"):
        visitor.get(path)
    text = metrics(site.anonymous())
    labels = set(re.findall(r'="([^"]*)"', text))
    assert not {label for label in labels if "/" in label or number in label}
    assert "none" in labels  # the endpoint of what leads nowhere


def metrics(visitor: Visitor) -> str:
    answer = visitor.get("/metrics")
    assert answer.status == 200
    assert "Set-Cookie" not in answer.headers
    return answer.text


def value(text: str, name: str) -> float:
    return next(float(line.rpartition(" ")[2]) for line in text.splitlines() if line.startswith(name + " "))


def test_several_processes_of_a_machine_tell_their_sum(tmp_path: Path) -> None:
    """Each counts one page into the common folder, and a third tells."""
    count = "from engine import measures; measures.REQUESTS.labels('home.login', '200').inc()"
    tell = (
        "from prometheus_client import generate_latest as g; from web.metrics import _counted;"
        " print(g(_counted()).decode())"
    )
    environment = os.environ | {FOLDER: str(tmp_path)}
    run = partial(subprocess.run, env=environment, check=True, capture_output=True, text=True)
    for script in (count, count):
        run([sys.executable, "-c", script])
    told = run([sys.executable, "-c", tell]).stdout
    assert value(told, 'gongdan_requests_total{endpoint="home.login",status="200"}') == 2
