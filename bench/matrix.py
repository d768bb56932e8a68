"""Measures the matrix of standards in a group that `bench.seed --standards` made: `python -m bench.matrix --json`.

Each page is asked for in turn by those who may, without a socket, as in `bench.pages`. `p50_ms` and `p95_ms` are
wall-clock times, `cpu_p95_ms` this process's own processor time; `statements` is the most that one request sent. The
clock stands where the seed's stands. The aim is a p95 below 300 ms and at most 30 statements.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa

from bench import seed
from bench.asking.browser import Bench, Visit, opened
from bench.asking.people import Cast
from bench.seeding import standards
from tickets.permissions import Permission, Scope
from tickets.places import Place
from tickets.standards.tables import Standard, StepRecord
from tickets.subjects import Subject
from tickets.ticket import Ticket

REQUESTS = 100
SEES = Permission.SEE_STANDARDS
Source = Callable[[Bench, Cast], Iterable[Visit]]
PERIODS = ("", "period=2026-10", "period=2026-Q3")
PAST = tuple(f"as_of={day}" for day in ("2026-10-31", "2026-09-30", "2026-06-15"))
STATES = ("overdue", "missing", "late", "waived", "in_time")


def _pages(scopes: Sequence[Scope], queries: Sequence[str], what: str = "matrix") -> Source:
    """Every standard, by people of those scopes, with every one of the queries."""

    def source(bench: Bench, cast: Cast) -> Iterable[Visit]:
        for login in cast.having(SEES, *scopes, most=3):
            for standard in _standards(bench):
                yield from (Visit(login, f"/standards/{standard}/{what}?{query}") for query in queries)

    return source


def _overview(*queries: str) -> Source:
    return lambda _, cast: [
        Visit(login, f"/standards/matrix?{query}")
        for login in cast.having(SEES, Scope.GROUP, Scope.BRAND, most=3)
        for query in queries
    ]


def _campus_drilled(bench: Bench, cast: Cast) -> Iterable[Visit]:
    """A campus' classes, as headquarters looks at them; and one class' occurrences."""
    logins = cast.having(SEES, Scope.GROUP, most=2)
    with bench.runtime.reading() as session:
        subjects = sa.select(Subject.public_id, Place.public_id).join(Place, Place.id == Subject.place_id)
        some = session.execute(subjects.where(Subject.id % 501 == 1)).all()
    for standard in _standards(bench):
        for subject, place in some:
            yield Visit(logins[0], f"/standards/{standard}/matrix?place={place}&period=2026-Q3")
            yield Visit(logins[-1], f"/standards/{standard}/matrix?subject={subject}&period=2026-Q3")


def _standards(bench: Bench) -> Sequence[UUID]:
    with bench.runtime.reading() as session:
        return session.scalars(sa.select(Standard.public_id).order_by(Standard.id)).all()


BY_CAMPUS = tuple(f"by=campus&{period}" for period in PERIODS)
PAGES: Mapping[str, Source] = {
    "group": _pages([Scope.GROUP], PERIODS),
    "group_every_campus": _pages([Scope.GROUP], BY_CAMPUS),
    "group_filtered": _pages([Scope.GROUP], ["q=拼读", "state=overdue&by=campus", "failed=1&period=2026-Q3"]),
    "brand": _pages([Scope.BRAND], PERIODS),
    "campus": _pages([Scope.CAMPUS], PERIODS),
    "campus_and_class": _campus_drilled,
    "as_of_a_past_day": _pages([Scope.GROUP, Scope.BRAND], PAST),
    "group_year": _pages([Scope.GROUP], ["from=2025-12-01&to=2026-11-30&by=campus"]),
    "all_standards": _overview("", "period=2026-10", "by=campus"),
    "list": _pages([Scope.GROUP, Scope.CAMPUS], ["", *(f"state={state}" for state in STATES)], "records"),
    "list_quarter": _pages([Scope.GROUP], [f"period=2026-Q3&state={state}" for state in STATES], "records"),
    "list_as_of": _pages([Scope.GROUP, Scope.BRAND], [f"{past}&state=overdue" for past in PAST], "records"),
}
"""Who asks for what, by the name of the figure."""


def figures(url: str, *, requests: int = REQUESTS, only: Sequence[str] = ()) -> dict[str, Any]:
    """What the module prints."""
    pages: dict[str, dict[str, float | int]] = {}
    with opened(url) as bench:
        cast = Cast(bench, random.Random(7))
        for name in only or PAGES:
            pages[name] = bench.measure(list(PAGES[name](bench, cast)), requests)
            print(f"{name:<24}{pages[name]}", file=sys.stderr, flush=True)
        return {"rows": bench.rows(classes=Subject, records=StepRecord, tickets=Ticket), "pages": pages}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--json", action="store_true", help="one JSON object on one line, the last on stdout")
    arguments.add_argument("--classes", type=int, default=standards.CLASSES, help="how many the database holds")
    where = arguments.add_mutually_exclusive_group()
    where.add_argument("--database", help="the URL of a database that bench.seed --standards filled")
    where.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server that is started for it")
    arguments.add_argument("--requests", type=int, default=REQUESTS)
    arguments.add_argument("--only", nargs="*", default=(), choices=list(PAGES), help="names of pages")
    given = arguments.parse_args()
    stock = seed.classes(given.classes)
    with seed.stocked(stock, postgresql=given.postgresql, url=given.database) as url:
        found = figures(url, requests=given.requests, only=given.only)
    print(orjson.dumps(found, option=0 if given.json else orjson.OPT_INDENT_2).decode())


if __name__ == "__main__":
    main()
