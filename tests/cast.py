"""The named cast: the demo's organisation in a test's database, each person as an Actor, and a Runtime to act with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.clock import ManualClock
from engine.database import Base, create_engine
from tests.databases import Databases, Kind
from tickets.access import Actor, load_actor
from tickets.demo import load_organisation, load_subjects
from tickets.evidence.pictures import look
from tickets.organising import sessions
from tickets.organising.sessions import Device
from tickets.people import Person
from tickets.runtime import Runtime
from tickets.subjects import Subject
from tickets.uploads.reading import read_here


@dataclass
class Cast:
    """Who plays: `cast.lina` is an Actor, loaded anew at each use, so that changed roles and new queues count."""

    runtime: Runtime
    clock: ManualClock
    people: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)
    """Ids by login, by external id, by key."""

    @property
    def zhoulan(self) -> Actor:
        """周岚, a teacher at 深圳南山, the usual requester."""
        return self.actor("zhoulan")

    @property
    def sunyue(self) -> Actor:
        """孙悦, a teacher at another campus, 广州天河."""
        return self.actor("sunyue")

    @property
    def huangyi(self) -> Actor:
        """黄毅, a teacher of another brand, 木棉科学."""
        return self.actor("huangyi")

    @property
    def lina(self) -> Actor:
        """李娜, support."""
        return self.actor("lina")

    @property
    def wanglei(self) -> Actor:
        """王磊, developer, who sees only his own work."""
        return self.actor("wanglei")

    @property
    def zhangwei(self) -> Actor:
        """张伟, support lead, the superior of lina and wanglei."""
        return self.actor("zhangwei")

    @property
    def liutao(self) -> Actor:
        """刘涛, consultant at 深圳南山."""
        return self.actor("liutao")

    @property
    def zhaomin(self) -> Actor:
        """赵敏, head of 深圳南山, the superior of liutao, wufang and zhoulan."""
        return self.actor("zhaomin")

    @property
    def chenxiao(self) -> Actor:
        """陈晓, HQ operations, who sees the whole group."""
        return self.actor("chenxiao")

    @property
    def hejing(self) -> Actor:
        """何静, process designer."""
        return self.actor("hejing")

    @property
    def guohao(self) -> Actor:
        """郭浩, the administrator of the brand 青禾英语."""
        return self.actor("guohao")

    @property
    def tangyan(self) -> Actor:
        """唐燕, the dispatcher of 青禾英语."""
        return self.actor("tangyan")

    @property
    def admin(self) -> Actor:
        """The administrator of the group."""
        return self.actor("admin")

    def actor(self, login: str, *, via: str = "page") -> Actor:
        """The person who acts; wufang has departed, so there is no such actor, only `people["wufang"]`."""
        with self.runtime.reading() as session:
            actor = load_actor(session, self.people[login], via=via)
        assert actor, f"{login} has departed"
        return actor

    def sign_in(self, login: str) -> str:
        """A session of theirs; gives its secret, which a cookie holds."""
        with self.runtime.writing() as session, session.begin():
            person = session.get_one(Person, self.people[login])
            return sessions.start(session, person, Device("tests", "127.0.0.1"), now=self.clock.now())

    def add_subjects(self) -> dict[str, int]:
        """The demo's subjects: their ids by external id. Their contracts' jobs are enqueued."""
        with self.runtime.writing() as session, session.begin():
            load_subjects(session, self.clock.now())
            rows = session.execute(sa.select(Subject.external_id, Subject.id))
            return {row[0]: row[1] for row in rows}


@pytest.fixture
def cast(engine: sa.Engine, tmp_path: Path) -> Cast:
    """The demo's people and places, without subjects, in a fresh database; the clock stands still."""
    return enter(engine, tmp_path)


def enter(engine: sa.Engine, folder: Path) -> Cast:
    """The cast enters an empty database; files go below `folder`."""
    runtime = Runtime(engine, folder / "files", clock := ManualClock(), reader=read_here, pictures=look)
    rows = _organisation()
    with runtime.writing() as session, session.begin():
        for table in TABLES:
            session.execute(sa.insert(table), rows[table.name])
        if engine.dialect.name == "postgresql":
            session.execute(sa.select(*(_count_on(table) for table in TABLES)))
    return Cast(
        runtime,
        clock,
        people={row["login"]: row["id"] for row in rows["person"]},
        places={row["external_id"]: row["id"] for row in rows["place"]},
        roles={row["key"]: row["id"] for row in rows["role"]},
    )


@contextmanager
def lasting_cast(databases: Databases, kind: str, folder: Path) -> Iterator[Cast]:
    """The cast in a database that many tests share, each looking only at tickets of its own: it is quicker."""
    url = databases.create(Kind(kind))
    engine = create_engine(url)
    yield enter(engine, folder)
    engine.dispose()
    databases.drop(url)


TABLES = [Base.metadata.tables[name] for name in ("place", "role", "person", "membership", "queue")]


@cache
def _organisation() -> Mapping[str, Sequence[dict[str, Any]]]:
    """The rows of the demo's organisation, made once: inserted in bulk they cost a test a tenth of making them anew."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine, TABLES)
    with Session(engine) as session:
        load_organisation(session, ManualClock().now())
        rows = {table.name: [dict(row._mapping) for row in session.execute(sa.select(table))] for table in TABLES}
    engine.dispose()
    return rows


def _count_on(table: sa.Table) -> sa.ColumnElement[int]:
    """On PostgreSQL: let the next id follow the greatest."""
    greatest = sa.select(sa.func.max(table.c.id)).scalar_subquery()
    return sa.func.setval(sa.func.pg_get_serial_sequence(table.name, "id"), greatest)
