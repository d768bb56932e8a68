"""Measures the pages on a million tickets: the time of the server and its statements, each asked 200 times.

The real application answers in this process, without a socket, to people of different scopes who have signed in: the
time is what a request takes from when it is read until its answer is complete. The database is the one that
`bench.seed` makes, on SQLite or (`--postgresql`) on a server of its own; both are kept for the next time. Its clock
stands where the seed's stands. `cpu_p95_ms` is the same by this process's processor time, which other work on the
machine does not change.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from typing import Any

import orjson

from bench import seed
from bench.asking.browser import opened
from bench.asking.pages import MORE, PAGES
from bench.asking.people import Cast
from tickets.people import Person
from tickets.ticket import Ticket
from tickets.timeline import TimelineEvent

REQUESTS = 200


def figures(url: str, *, requests: int = REQUESTS, only: Sequence[str] = ()) -> dict[str, Any]:
    """What the module prints."""
    pages: dict[str, dict[str, float | int]] = {}
    with opened(url) as bench:
        cast = Cast(bench, random.Random(7))
        for name in only or PAGES:
            asked = list({**PAGES, **MORE}[name](bench, cast))
            if not asked:
                raise SystemExit(f"Nobody can ask for {name}: seed the database again.")
            pages[name] = bench.measure(asked, requests)
            print(f"{name:<40}{pages[name]}", file=sys.stderr, flush=True)
        return {"rows": bench.rows(tickets=Ticket, timeline=TimelineEvent, people=Person), "pages": pages}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("--json", action="store_true", help="one JSON object on one line, the last on stdout")
    arguments.add_argument("--tickets", type=int, default=seed.TICKETS, help="how many the database holds")
    where = arguments.add_mutually_exclusive_group()
    where.add_argument("--database", help="the URL of a database that bench.seed filled")
    where.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server that is started for it")
    arguments.add_argument("--requests", type=int, default=REQUESTS)
    arguments.add_argument("--only", nargs="*", default=(), choices=[*PAGES, *MORE], help="names of pages")
    given = arguments.parse_args()
    with seed.there(given.tickets, postgresql=given.postgresql, url=given.database) as url:
        found = figures(url, requests=given.requests, only=given.only)
    print(orjson.dumps(found, option=0 if given.json else orjson.OPT_INDENT_2).decode())


if __name__ == "__main__":
    main()
