"""Measures what a tick, a completion and a page cost with much open and with little, and the start of it all.

Both installations are filled by filing, one ticket after another, each in a process of its own; of the larger one that
is the figure of starting in bulk: tickets a second, and the process's memory on the way. Then everything is done in
turn here and there. Costs are processor time, on PostgreSQL together with the server's for these connections.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa

from bench import server
from bench.growth import scene
from bench.growth.costs import compare, opened
from web.opening import settle

MANY, FEW = 100_000, 1_000
ROUNDS = 40
WARM = 5
MOST = 1.3
"""How much more a thing may cost with many."""


def figures(urls: tuple[str, str], counts: tuple[int, int], folder: Path, rounds: int) -> dict[str, Any]:
    """What the module prints, of two new databases."""
    bulk = []
    for url, count in zip(urls, counts, strict=True):
        scene.prepare(url)
        bulk.append(_fill(url, count))
        _say(f"{count} instances: {bulk[-1]}")
        _analyze(url)
    few, many = (opened(url, folder, rounds=rounds + WARM) for url in urls)
    settle()
    compare(few, many, WARM)
    costs = compare(few, many, rounds)
    memory = bulk[1]["memory_mb"]
    first, *_, last = memory.values()
    return {
        "few": counts[0],
        "many": counts[1],
        "rounds": rounds,
        "costs": costs,
        "most_ratio": max(cost["ratio"] for cost in costs.values()),
        "ok": all(cost["ratio"] <= MOST for cost in costs.values()),
        "bulk": bulk[1],
        "memory_growth": round(last / first, 3),
    }


def _fill(url: str, count: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.growth.bulk", url, str(count)]
    return dict(orjson.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))


def _analyze(url: str) -> None:
    """As PostgreSQL does by itself, and SQLite with us at each start."""
    database = sa.create_engine(url)
    with database.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE" if database.dialect.name == "postgresql" else "ANALYZE"))
    database.dispose()


@contextmanager
def _databases(kind: str, folder: Path) -> Iterator[tuple[str, str]]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'few.db'}", f"sqlite:///{folder / 'many.db'}"
        return
    with server.running(folder / "server") as url:
        admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            for name in ("few", "many"):
                connection.execute(sa.text(f"CREATE DATABASE {name}"))
        admin.dispose()
        few, many = (
            sa.make_url(url).set(database=name).render_as_string(hide_password=False) for name in ("few", "many")
        )
        yield few, many


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m bench.growth", description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--json", action="store_true", help="one JSON object on one line, the last on stdout")
    arguments.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    arguments.add_argument("--many", type=int, default=MANY)
    arguments.add_argument("--few", type=int, default=FEW)
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="gongdan-growth-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with _databases(given.database, folder) as urls:
            found = figures(urls, (given.few, given.many), folder, given.rounds)
    found = {"database": given.database, **found}
    print(orjson.dumps(found, option=0 if given.json else orjson.OPT_INDENT_2).decode())
    sys.exit(not found["ok"])


if __name__ == "__main__":
    main()
