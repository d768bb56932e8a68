"""A step that needs evidence on the stage: its type, photos on their way, and completing it with files."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from forms import Form, Submission, parse_json
from tests.engine import build
from tests.tickets.evidence.shots import photo
from tests.tickets.play import Play, files, staff
from tickets import tasks
from tickets.errors import FormInvalid
from tickets.files import StoredFile, known_file, store_upload

ZONE = ZoneInfo("Asia/Shanghai")


def field(kind: str, key: str, **properties: str) -> dict[str, Any]:
    return {"type": kind, "key": key, "label": key, "properties": properties}


def photos(key: str = "board", **properties: str) -> dict[str, Any]:
    return {**field("filepicker", key, **{"evidence": "photo", **properties}), "multiple": True}


def step(ident: str, **properties: str) -> str:
    """A standard's step with the form of its own name."""
    said = build.settings(**{"standardStep": ident, **properties})
    return staff(ident, said, name=ident, camunda__formKey=ident)


@dataclass
class Scene:
    """A play with one type: `prepare`, whose evidence is asked for, then `after`."""

    play: Play

    def define(self, *fields: Mapping[str, Any], inner: str = "", key: str = "proof", **properties: str) -> None:
        parts = (
            build.start(),
            step("prepare", **properties),
            staff("after", name="after"),
            build.end(),
            build.chain("begin", "prepare", "after", "done"),
            inner,
        )
        made = self.play.upload(files(*parts, key=key, forms={"prepare": fields}))
        assert made.report.accepted, [str(problem.problem) for problem in made.report.problems]

    def send(self, login: str, content: bytes, name: str = "板书.jpg") -> str:
        """Uploads a file; its public id."""
        actor = self.play.cast.actor(login)
        return str(store_upload(self.play.runtime, actor, name, io.BytesIO(content))["id"])

    def shot(self, login: str = "lina", **more: Any) -> str:
        """A photo just taken, on its way."""
        return self.send(login, photo(**more))

    def complete(self, login: str = "lina", element: str = "prepare", number: str = "", **values: Any) -> str:
        actor = self.play.cast.actor(login)

        def read(form: Form, before: Mapping[str, Any]) -> Submission:
            now = self.play.cast.clock.now().astimezone(ZONE)
            with self.play.runtime.reading() as session:
                known = partial(known_file, session, actor)
                return parse_json(form, values, now=now, values_before=before, known_files=known)

        return tasks.complete(self.play.runtime, actor, self.play.task(element, number).public_id, read)

    def refused(self, login: str = "lina", element: str = "prepare", **values: Any) -> dict[str, str]:
        """What is said of each field where it can't be completed."""
        try:
            self.complete(login, element, **values)
        except FormInvalid as refused:
            assert self.play.open_tasks() == [element]
            return {path: str(error) for path, error in refused.submission.errors.items()}
        raise AssertionError("it was completed")

    def stored(self, public_id: str) -> StoredFile:
        with self.play.runtime.reading() as session:
            return session.scalars(sa.select(StoredFile).where(StoredFile.public_id == UUID(public_id))).one()
