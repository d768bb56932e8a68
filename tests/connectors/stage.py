"""A play with connectors: the runtime, a keyring, the settings a call is sent with, and another system to call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engine.models import Job, JobStatus
from tests.connectors.other import Other
from tests.engine.build import chain, end, service, settings, start
from tests.tickets.play import Play, staff
from tickets.connectors import secret
from tickets.connectors.asking import JOB
from tickets.connectors.secret import Wanted
from tickets.connectors.tables import ConnectorCall
from tickets.places import Place
from web.config import Config
from web.post import calling
from web.post.allowed import Allowed

KEY = "k-7f3a9c5e1b2d4f60-campus"
"""What the other system wants to see."""


@dataclass
class Stage:
    """What a test of connectors acts with."""

    play: Play
    other: Other
    config: Config

    def secret(self, name: str, value: str = KEY, *, place: str = "qinghe", by: str = "admin") -> Any:
        """Keeps a secret for a brand, or the group's."""
        with self.play.runtime.reading() as session:
            found = session.get_one(Place, self.play.cast.places[place])
            brand = str(found.public_id)
        wanted = Wanted(brand=brand, name=name, value=value)
        return secret.create(self.play.runtime, self.config.keyring, self.play.cast.actor(by), wanted)

    def calls(self, limit: int = 100) -> int:
        """Makes what is due."""
        return calling.drain(self.play.runtime, self.config, limit=limit)

    def pass_time(self, **by: float) -> None:
        """Lets time pass, and makes what is due then."""
        self.play.cast.clock.advance(timedelta(**by))
        self.calls()

    def kept(self, number: str) -> ConnectorCall:
        """The newest call of a ticket."""
        query = sa.select(ConnectorCall).where(ConnectorCall.instance_id == self.play.instance(number).id)
        with self.play.runtime.reading() as session:
            return session.scalars(query.order_by(ConnectorCall.id.desc()).limit(1)).one()

    def jobs(self, number: str) -> list[Job]:
        prefix = f"{JOB}:{self.play.instance(number).id}:"
        with self.play.runtime.reading() as session:
            return list(session.scalars(sa.select(Job).where(Job.key.startswith(prefix)).order_by(Job.id)))

    def lose(self, number: str) -> None:
        """The worker that has the newest job of a ticket dies; its lease has run out."""
        lost = {"status": JobStatus.RUNNING, "attempts": 1, "locked_until": self.play.cast.clock.now()}
        with self.play.writing() as session, session.begin():
            session.execute(sa.update(Job).where(Job.id == self.jobs(number)[-1].id).values(lost))
        self.play.cast.clock.advance(timedelta(seconds=1))

    def allow(self, text: str) -> None:
        self.config = replace(self.config, connector_hosts=Allowed.read(text))


def config_for(folder: Path) -> Config:
    """Settings that allow this machine itself to be called."""
    return Config(
        data_folder=folder, database_url="", secret_key="x7Kd" * 10, connector_hosts=Allowed.read("127.0.0.0/8")
    )


def asks(play: Play, *more: str, type_key: str = "errand", **http: str) -> None:
    """A type whose one service task makes this call; `more` parts are beside it (`tests.engine.build`)."""
    said = settings(**{f"http__{name}": text for name, text in http.items()})
    task = service("call", "gongdan:http", said)
    play.define(start(), task, staff("look"), end(), chain("begin", "call", "look", "done"), *more, key=type_key)
