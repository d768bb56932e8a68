"""Measures the pages on a million tickets: the time of the server and its statements, each asked 200 times.

The real application answers in this process, without a socket, to people of different scopes who have signed in: the
time is what a request takes from when it is read until its answer is complete. The database is the one that
`bench.seed` makes; its clock stands where the seed's stands.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa
from apiflask import APIFlask
from flask.testing import FlaskClient

from bench import http, seed
from bench.seeding.tickets import LONG_AT, LONG_EACH
from engine.clock import ManualClock
from engine.database import create_engine
from tickets.demo import PASSWORD
from tickets.lists.address import write_query
from tickets.lists.query import FieldFilter, FieldOp, Sort, TicketQuery
from tickets.people import Person
from tickets.permissions import Permission, Scope
from tickets.places import Place, PlaceKind
from tickets.roles import Membership, Role
from tickets.runtime import Runtime
from tickets.ticket import OPEN, Priority, Status, Ticket
from tickets.timeline import TimelineEvent
from web import create_app
from web.config import Config

REQUESTS = 200
WARM = 10
ZONE = ZoneInfo("Asia/Shanghai")
COMMON, RARE = ("登录", "课", "学员", "设备", "老师"), ("白屏", "勘误", "退费", "优惠", "印错", "投影", "锁定", "调课")


@dataclass(frozen=True)
class Visit:
    """Who asks for which address."""

    login: str
    address: str


@dataclass
class Bench:
    """The application on a seeded database, and everybody who has signed in so far."""

    runtime: Runtime
    app: APIFlask
    browsers: dict[str, FlaskClient] = field(default_factory=dict)
    statements: int = 0

    def browser(self, login: str) -> FlaskClient:
        if login not in self.browsers:
            client = self.app.test_client()
            token = http.token(client.get("/login").text)
            answer = client.post("/login", data={"csrf_token": token, "login": login, "password": PASSWORD})
            if answer.status_code != 303:
                raise SystemExit(f"{login} can't sign in: {answer.status}")
            self.browsers[login] = client
        return self.browsers[login]

    def ask(self, visit: Visit) -> float:
        """The milliseconds of one request."""
        client = self.browser(visit.login)
        self.statements = 0
        began = perf_counter()
        answer = client.get(visit.address, buffered=True)
        took = perf_counter() - began
        if answer.status_code != 200:
            raise SystemExit(f"{visit.address} answers {visit.login} with {answer.status}")
        return took * 1000

    def measure(self, visits: Sequence[Visit], requests: int) -> dict[str, float | int]:
        turns = cycle(visits)
        for _ in range(min(requests, max(WARM, len(visits)))):
            self.ask(next(turns))
        times, most = [], 0
        for _ in range(requests):
            times.append(self.ask(next(turns)))
            most = max(most, self.statements)
        times.sort()
        return {
            "p50_ms": round(times[len(times) // 2], 1),
            "p95_ms": round(times[min(len(times) - 1, len(times) * 95 // 100)], 1),
            "statements": most,
        }

    def count(self, _connection: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        self.statements += not text.startswith("BEGIN")


@dataclass
class Cast:
    """Whom the seed made, by what they see and do; logins of several each."""

    bench: Bench
    chance: random.Random

    def having(self, permission: Permission, *scopes: Scope, most: int = 4) -> list[str]:
        """Some people of each of the scopes (all when none is said) who have the permission."""
        found: list[str] = []
        with self.bench.runtime.reading() as session:
            roles = session.scalars(sa.select(Role).order_by(Role.id)).all()
            for role in roles:
                if permission in role.permissions and (not scopes or role.scope in scopes):
                    held = sa.select(Person.login).join(Membership, Membership.person_id == Person.id)
                    people = session.scalars(held.where(Membership.role_id == role.id).order_by(Person.id)).all()
                    found += self.chance.sample(people, min(most, len(people)))
        return found

    def team(self) -> list[str]:
        """Those who look into the queues of thirty places."""
        many = (
            sa.select(Person.login)
            .join(Membership, Membership.person_id == Person.id)
            .group_by(Person.id, Person.login)
        )
        with self.bench.runtime.reading() as session:
            return list(session.scalars(many.having(sa.func.count() >= 30).order_by(Person.id)))

    def campuses(self, logins: Sequence[str]) -> list[tuple[str, str]]:
        """With each person a campus within their scope, by its public id."""
        query = sa.select(Person.login, Place.public_id, Place.kind, Place.brand_id).join(
            Place, Place.id == Person.place_id
        )
        campuses = sa.select(Place.public_id, Place.brand_id).where(Place.kind == PlaceKind.CAMPUS).order_by(Place.id)
        with self.bench.runtime.reading() as session:
            all_of_them = session.execute(campuses).all()
            found = []
            for login, own, kind, brand in session.execute(query.where(Person.login.in_(logins)).order_by(Person.id)):
                inside = [each.public_id for each in all_of_them if each.brand_id == brand] or [
                    each.public_id for each in all_of_them
                ]
                found += [
                    (login, str(own if kind == PlaceKind.CAMPUS else self.chance.choice(inside))) for _ in range(3)
                ]
        return found

    def tickets(self, most: int, *criteria: sa.ColumnElement[bool]) -> list[Visit]:
        """Tickets with their owners, and the same with a support lead."""
        leads = cycle(self.having(Permission.SEE, Scope.GROUP))
        query = sa.select(Ticket.number, Person.login).join(Person, Person.id == Ticket.owner_id)
        with self.bench.runtime.reading() as session:
            rows = session.execute(query.where(*criteria).order_by(Ticket.id.desc()).limit(most)).all()
        return [Visit(login, f"/tickets/{row.number}") for row in rows for login in (row.login, next(leads))]


Source = Callable[[Bench, Cast], Iterable[Visit]]


def _inbox(bench: Bench, cast: Cast) -> list[Visit]:
    address = address_of(bench, "lists.inbox")
    return [Visit(each, f"{address}?view={view}") for each in cast.having(Permission.WORK) for view in VIEWS]


def _team(bench: Bench, cast: Cast) -> list[Visit]:
    return [Visit(each, f"{address_of(bench, 'lists.inbox')}?view=roles") for each in cast.team()]


def _lists(*queries: TicketQuery) -> Source:
    """Every one of the queries by people of every scope."""
    return lambda bench, cast: [_list(bench, each, query) for each in cast.having(Permission.SEE) for query in queries]


def _page(endpoint: str, permission: Permission, *scopes: Scope) -> Source:
    return lambda bench, cast: [Visit(each, address_of(bench, endpoint)) for each in cast.having(permission, *scopes)]


VIEWS = ("mine", "roles", "owned")


def address_of(bench: Bench, endpoint: str) -> str:
    """The address of a page without parts."""
    for rule in bench.app.url_map.iter_rules():
        if rule.endpoint == endpoint:
            return str(rule.rule)
    raise SystemExit(f"There is no page {endpoint} to measure.")


def _list(bench: Bench, login: str, query: TicketQuery, *columns: str) -> Visit:
    pairs = [*write_query(query, ZONE), *(("column", column) for column in columns)]
    return Visit(login, f"{address_of(bench, 'lists.tickets')}?{urlencode(pairs)}")


PLAIN = (
    TicketQuery(),
    TicketQuery(statuses=OPEN, sort=Sort.DUE),
    TicketQuery(statuses=OPEN, sort=Sort.PRIORITY),
    TicketQuery(sort=Sort.UPDATED),
    TicketQuery(overdue=True, sort=Sort.DUE),
    TicketQuery(priorities=frozenset({Priority.URGENT}), statuses=frozenset({Status.SUSPENDED})),
)
_CRASH = TicketQuery(types=("crash_report",))
_MODEL = FieldFilter("phone_model", FieldOp.IS, "iPad Pro 7")
_SYSTEM = FieldFilter("os", FieldOp.IS, "harmonyos")
_MANY = FieldFilter("affected_students", FieldOp.FROM, "25")
BY_FIELD = (
    replace(_CRASH, fields=(_MODEL,)),
    replace(_CRASH, fields=(_SYSTEM, _MANY), statuses=OPEN),
    replace(_CRASH, fields=(_SYSTEM,), sort=Sort.FIELD_DOWN, sort_field="affected_students"),
)


def _filtered(bench: Bench, cast: Cast) -> Iterator[Visit]:
    for login, campus in cast.campuses(cast.having(Permission.SEE)):
        for status in (Status.CLOSED, Status.IN_PROGRESS, Status.SUSPENDED):
            yield _list(
                bench, login, TicketQuery(types=("account_help",), statuses=frozenset({status}), places=(campus,))
            )


def _working(_bench: Bench, cast: Cast) -> list[Visit]:
    return cast.tickets(40, Ticket.status.in_([Status.IN_PROGRESS, Status.AWAITING_REQUESTER]))


def _long(_bench: Bench, cast: Cast) -> Iterator[Visit]:
    """Tickets with a thousand rows of timeline, as they open."""
    yield from cast.tickets(20, Ticket.id % LONG_EACH == LONG_AT)


def _whole_timeline(bench: Bench, cast: Cast) -> Iterator[Visit]:
    for visit in _long(bench, cast):
        yield Visit(visit.login, f"{visit.address}?events=all")


PAGES: Mapping[str, Source] = {
    "inbox": _inbox,
    "inbox_team_of_30": _team,
    "queue": _page("dispatch.index", Permission.DISPATCH),
    "tickets": _lists(*PLAIN),
    "tickets_filtered_type_status_campus": _filtered,
    "tickets_custom_field": _lists(*BY_FIELD),
    "search_two_chinese_characters": _lists(*(TicketQuery(text=word) for word in RARE)),
    "search_common_word": _lists(*(TicketQuery(text=word) for word in COMMON)),
    "ticket": _working,
    "timeline_1000_rows": _long,
    "dashboard_staff": _page("dashboard.page", Permission.SEE),
    "dashboard_group": _page("dashboard.page", Permission.SEE_REPORTS, Scope.GROUP, Scope.BRAND),
    "cc": _page("copies.index", Permission.WORK),
    "people": _page("people.index", Permission.SEE_PEOPLE),
}
"""Who asks for what, by the name of the figure."""
MORE: Mapping[str, Source] = {"timeline_whole": _whole_timeline}
"""Measured only when asked for by name."""


def figures(url: str, *, requests: int = REQUESTS, only: Sequence[str] = ()) -> dict[str, Any]:
    """What the module prints."""
    with opened(url) as bench:
        pages: dict[str, dict[str, float | int]] = {}
        cast = Cast(bench, random.Random(7))
        for name in only or PAGES:
            asked = list({**PAGES, **MORE}[name](bench, cast))
            if not asked:
                raise SystemExit(f"Nobody can ask for {name}: seed the database again.")
            pages[name] = bench.measure(asked, requests)
            print(f"{name:<40}{pages[name]}", file=sys.stderr, flush=True)
        with bench.runtime.reading() as session:
            rows = {
                name: session.scalar(sa.select(sa.func.count()).select_from(table))
                for name, table in (("tickets", Ticket), ("timeline", TimelineEvent), ("people", Person))
            }
    return {"rows": rows, "pages": pages}


@contextmanager
def opened(url: str) -> Iterator[Bench]:
    """The application on a database."""
    database = create_engine(url)
    with tempfile.TemporaryDirectory() as folder:
        runtime = Runtime(database, Path(folder) / "files", ManualClock(seed.NOW))
        config = Config(data_folder=Path(folder), database_url=url, secret_key="bench" * 8)
        bench = Bench(runtime, create_app(runtime, config))
        sa.event.listen(database, "before_cursor_execute", bench.count)
        yield bench
    database.dispose()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--json", action="store_true", help="one JSON object on one line, the last on stdout")
    arguments.add_argument("--tickets", type=int, default=seed.TICKETS, help="how many the SQLite file holds")
    arguments.add_argument("--database", help="the URL of a database that bench.seed filled")
    arguments.add_argument(
        "--postgresql", action="store_true", help="seed a PostgreSQL server of its own and measure that"
    )
    arguments.add_argument("--requests", type=int, default=REQUESTS)
    arguments.add_argument("--only", nargs="*", default=(), choices=[*PAGES, *MORE], help="names of pages")
    given = arguments.parse_args()

    def measured(url: str) -> None:
        found = figures(url, requests=given.requests, only=given.only)
        print(orjson.dumps(found).decode() if given.json else orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())

    if given.postgresql:
        with seed.postgresql() as url:
            seed.seed(url, given.tickets)
            measured(url)
    else:
        measured(given.database or seed.seeded(given.tickets))


if __name__ == "__main__":
    main()
