"""The first minutes with Gongdan: the demo on an empty folder, its logins, deploying, upgrading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import lxml.html
import orjson
import pytest
import sqlalchemy as sa

import processes
from engine.database import Base, create_engine
from engine.models import Job, JobStatus, ProcessDefinition
from tests.slow.server import READY, ROOT, Server, gongdan, serving
from tests.slow.test_kill import until
from tickets.demo import PASSWORD
from tickets.demo.organisation import ALL_PEOPLE
from tickets.standards.checking.redone import KEY as REDO
from tickets.ticket import Ticket
from tickets.types import TicketType
from web.cli import main
from web.demo.roles import LOGINS

pytestmark = pytest.mark.slow

SHIPPED = Path(str(processes.__file__)).parent
BAD = ROOT / "tests/engine/files/bad_timer.bpmn"
LASTING = (
    "place",
    "person",
    "role",
    "membership",
    "subject",
    "ticket",
    "ticket_type",
    "process_definition",
    "deployment",
)
"""Tables that a second start must leave as they are."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("installation")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Server]:
    """`gongdan run --demo` on an empty folder, at rest."""
    with serving(folder, "", "--demo") as server:
        until(lambda: not count(folder, Job, sa.and_(Job.status != JobStatus.DONE, Job.run_at <= datetime.now(UTC))))
        yield server


def test_the_demo_prints_its_address_and_every_login(demo: Server) -> None:
    printed = "".join(demo.said)
    assert demo.address in printed
    assert PASSWORD in printed
    assert set(re.findall(r"^  (\w+) ", printed, re.MULTILINE)) == LOGINS
    with urlopen(f"{demo.address}/login", timeout=30) as answer:
        assert answer.status == 200


def test_each_demo_login_can_sign_in_with_its_password_and_lands_on_a_page(demo: Server) -> None:
    logins = re.findall(r"^  (\w+) ", "".join(demo.said), re.MULTILINE)
    assert sorted(logins) == sorted(LOGINS)
    for login in logins:
        visitor = Visitor(demo.address)
        form = visitor.form("//form[.//input[@name='password']]")
        landed, _ = visitor.send("/login", {**form, "login": login, "password": PASSWORD})
        assert not landed.endswith(("/login", "/welcome"))


def test_each_role_card_signs_in_as_its_role_and_its_first_page_has_something_on_it(demo: Server) -> None:
    for login in sorted(LOGINS):
        visitor = Visitor(demo.address)
        form = visitor.form(f"//form[contains(@class, 'gd-demo-card')][.//input[@name='login'][@value='{login}']]")
        assert form["login"] == login
        landed, page = visitor.send("/demo/session", form)
        assert not landed.endswith(("/login", "/welcome"))
        person = next(one for one in ALL_PEOPLE if one.login == login)
        assert person.name in page.xpath("string(//*[contains(@class, 'gd-demo')]//summary)")
        assert page.xpath("//main//a[@href]"), f"{login} has something to go on with"


def test_a_second_start_adds_nothing(demo: Server, folder: Path) -> None:
    before = {table: rows(folder, table) for table in LASTING}
    redone = {REDO} if has_steps_done_again(folder) else set()
    assert definitions(folder) == sorted({path.stem for path in SHIPPED.glob("*/*.bpmn")} | redone)
    assert demo.stop() == 0
    demo.start()
    assert {table: rows(folder, table) for table in LASTING} == before
    assert "Traceback" not in "".join(demo.said)


def test_good_files_are_published_and_told_of_in_text_and_json(demo: Server, folder: Path) -> None:
    assert demo.alive()
    text = gongdan(folder, "deploy", SHIPPED)
    assert (text.returncode, text.stderr) == (0, "")
    assert "crash_report v1 is live already" in text.stdout
    changed = folder / "crash_report"
    changed.mkdir()
    for path in (SHIPPED / "crash_report").iterdir():
        (changed / path.name).write_bytes(path.read_bytes().replace("崩溃上报".encode(), "闪退上报".encode()))
    report = gongdan(folder, "deploy", "--json", changed)
    assert (report.returncode, report.stderr) == (0, "")
    told = orjson.loads(report.stdout)
    assert told["accepted"] is True
    assert [(each["key"], each["version"], each["new"]) for each in told["types"]] == [("crash_report", 2, True)]


def test_bad_files_are_refused_with_line_and_remedy_and_nothing_is_published(demo: Server, folder: Path) -> None:
    assert demo.alive()
    before = rows(folder, "process_definition")
    text = gongdan(folder, "deploy", BAD)
    assert text.returncode == 1
    assert "bad_timer.bpmn:5" in text.stdout
    report = gongdan(folder, "deploy", "--json", BAD)
    assert report.returncode == 1
    told = orjson.loads(report.stdout)
    assert told["accepted"] is False
    assert told["types"] == []
    (problem,) = [each for each in told["problems"] if each["level"] == "error"]
    assert (problem["file"], problem["element"], problem["line"]) == ("bad_timer.bpmn", "wait", 5)
    assert problem["remedy"] in text.stdout
    assert gongdan(folder, "deploy", folder / "nowhere.bpmn").returncode == 2
    assert rows(folder, "process_definition") == before


def test_help_names_every_command(folder: Path) -> None:
    text = gongdan(folder, "--help")
    assert text.returncode == 0
    for name in main.commands:
        assert re.search(rf"^  {name}\b", text.stdout, re.MULTILINE), name
        assert gongdan(folder, name, "--help").returncode == 0
    assert gongdan(folder, "fly").returncode == 2


def test_upgrading_makes_a_database_and_twice_is_fine(tmp_path: Path) -> None:
    for _ in range(2):
        done = gongdan(tmp_path, "db", "upgrade")
        assert (done.returncode, done.stderr) == (0, "")
    assert {table: rows(tmp_path, table) for table in LASTING} == dict.fromkeys(LASTING, 0)


class Visitor:
    """Somebody with a browser that runs no scripts."""

    def __init__(self, address: str) -> None:
        self.address, self.browser = address, build_opener(HTTPCookieProcessor(CookieJar()))

    def form(self, path: str) -> dict[str, str]:
        """What the one form there is on the first page at this path is sent with."""
        page = lxml.html.fromstring(self.browser.open(f"{self.address}/login", timeout=READY).read())
        (found,) = page.xpath(path)
        return {str(name): str(value or "") for name, value in found.form_values()}

    def send(self, path: str, values: dict[str, str]) -> tuple[str, lxml.html.HtmlElement]:
        """Where the form leads, and the page there."""
        with self.browser.open(self.address + path, urlencode(values).encode(), timeout=READY) as landed:
            assert landed.status == 200
            return landed.url, lxml.html.fromstring(landed.read())


def definitions(folder: Path) -> list[str]:
    """The key of each version of a process that there is; a step to be done again has a process of the product's."""
    database = create_engine(f"sqlite:///{folder / 'gongdan.db'}")
    try:
        with database.connect() as connection:
            return list(connection.scalars(sa.select(ProcessDefinition.key).order_by(ProcessDefinition.key)))
    finally:
        database.dispose()


def has_steps_done_again(folder: Path) -> bool:
    """Whether a step that failed its check is done again in a ticket of its own, its first one being over."""
    database = create_engine(f"sqlite:///{folder / 'gongdan.db'}")
    try:
        with database.connect() as connection:
            ours = sa.select(Ticket.id).join(TicketType, TicketType.id == Ticket.type_id).where(TicketType.key == REDO)
            return connection.scalar(ours.limit(1)) is not None
    finally:
        database.dispose()


def rows(folder: Path, table: str) -> int:
    """How many rows the installation's table has."""
    return count(folder, Base.metadata.tables[table])


def count(folder: Path, table: type[Base] | sa.Table, *criteria: sa.ColumnElement[bool]) -> int:
    """How many rows of the installation's table fit."""
    database = create_engine(f"sqlite:///{folder / 'gongdan.db'}")
    try:
        with database.connect() as connection:
            return connection.scalar(sa.select(sa.func.count()).select_from(table).where(*criteria)) or 0
    finally:
        database.dispose()
