"""Owns the traffic: clients over HTTP that file, claim, complete and send messages, and keep what was acknowledged."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import orjson

from bench.faults.scene import CONFIRM, Scene

PAUSE = 0.3
"""Seconds until the same is sent again."""
BETWEEN = 1.5
"""Seconds between two tickets of one client: so much that the machine, which has to do all of it, keeps up."""


class Stopped(Exception):
    """The measurement is over, and what was asked for last is not known to be done."""


@dataclass
class Kept:
    """What all clients know: acts by kind, each with the serial of its ticket; and answers that should not be."""

    filed: dict[str, str] = field(default_factory=dict)
    """Numbers by serial."""
    claimed: set[str] = field(default_factory=set)
    completed: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    retried: int = 0
    """Acts that were sent again since nobody knew whether they had been done."""
    statuses: Counter[int] = field(default_factory=Counter)
    surprises: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        return len(self.filed) + len(self.claimed) + len(self.completed) + len(self.confirmed)


@dataclass
class Client:
    """One ticket after another is filed, claimed, completed, confirmed; each act has a key, and is sent until done."""

    scene: Scene
    port: int
    kept: Kept
    serials: Iterator[int]
    over: threading.Event
    giving_up: threading.Event

    def run(self) -> None:
        while not self.over.wait(BETWEEN):
            try:
                self.one(str(next(self.serials)))
            except Stopped:
                return

    def one(self, serial: str) -> None:
        scene, kept = self.scene, self.kept
        filed = self._act(scene.requester, "/tickets", {"type": "steady", "data": {"serial": serial}})
        if filed is None:
            return
        number = kept.filed[serial] = filed["number"]
        task = self._first_task(number)
        if task is None:
            return
        if self._act(scene.worker, f"/tasks/{task}/claim", None) is not None:
            kept.claimed.add(serial)
        if self._act(scene.worker, f"/tasks/{task}/complete", {"values": {"answer": f"answer to {serial}"}}) is None:
            return
        kept.completed.add(serial)
        if self._act(scene.admin, "/messages", {"name": CONFIRM, "key": number}) is not None:
            kept.confirmed.add(serial)

    def _first_task(self, number: str) -> str | None:
        found = self._until_answered("GET", self.scene.worker, f"/tickets/{number}", None, {})
        if found is None or not found["tasks"]:
            self.kept.surprises.append(f"{number} has no open task")
            return None
        return str(found["tasks"][0]["id"])

    def _act(self, token: str, path: str, body: Any) -> dict[str, Any] | None:
        return self._until_answered("POST", token, path, body, {"Idempotency-Key": str(uuid4())})

    def _until_answered(
        self, method: str, token: str, path: str, body: Any, headers: Mapping[str, str]
    ) -> dict[str, Any] | None:
        """The answer; None when it is one that should not be."""
        tries = 0
        while not self.giving_up.is_set():
            status, said = ask(self.port, method, token, path, body, headers)
            tries += 1
            self.kept.retried += tries == 2
            self.kept.statuses[status] += 1
            if 200 <= status < 300:
                return dict(orjson.loads(said))
            if status == DONE_BEFORE:
                return self._until_answered("GET", token, said.decode(), None, {})
            if status not in AGAIN:
                self.kept.surprises.append(f"{method} {path}: {status} {said[:300].decode(errors='replace')}")
                return None
            time.sleep(PAUSE)
        raise Stopped


DONE_BEFORE = 303
"""It was done, and its answer lost: what it was done to is found elsewhere."""
AGAIN = (0, 409, 429, 503)
"""No answer; still being answered; too many; not just now."""


def ask(
    port: int, method: str, token: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    """Status and body; the status is 0 when there was no answer."""
    sent = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **(headers or {})}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, f"/api/v1{path}", orjson.dumps(body) if body is not None else None, sent)
        answer = connection.getresponse()
        said = answer.read()
        return answer.status, said if answer.status != DONE_BEFORE else _path(answer.getheader("Location", ""))
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


def _path(location: str) -> bytes:
    return urlsplit(location).path.removeprefix("/api/v1").encode()
