"""The people and programs who make the load, in a process of their own: `python -m bench.load.clients` (see `main`)."""

from __future__ import annotations

import http.client
import re
import resource
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic, perf_counter
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
ANSWER = {"answer": "重启后还是一样，换一台也一样。", "note": "已联系老师。"}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
COMPLETE = re.compile(r'action="/tasks/([0-9a-f-]{36})/complete"')


@dataclass
class Seen:
    """What all clients of this process saw."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Milliseconds by kind."""
    statuses: Counter[int] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    """Acts that were acknowledged."""
    surprises: list[str] = field(default_factory=list)


class Refused(Exception):
    """An answer that should not be; it is among the surprises, and this ticket is left."""


@dataclass
class Connection:
    """One that stays open, as a browser's or a program's does; opened again when the server has closed it."""

    port: int
    seen: Seen
    headers: dict[str, str]
    _kept: http.client.HTTPConnection | None = None

    def ask(
        self, kind: str, method: str, path: str, body: bytes | None = None, /, **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """The answer and its body; the time it took is noted by kind."""
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        begun = perf_counter()
        answer, said = self._send(method, path, body, sent)
        self.seen.times[kind].append((perf_counter() - begun) * 1000)
        self.seen.statuses[answer.status] += 1
        if answer.status >= 400:
            told = said[:300].decode(errors="replace")
            self.seen.surprises.append(f"{method} {path}: {answer.status} {told}")
            raise Refused
        return answer, said

    def _send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        for last in (False, True):
            if self._kept is None:
                self._kept = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                self._kept.request(method, path, body, dict(headers))
                answer = self._kept.getresponse()
                said = answer.read()
            except (http.client.RemoteDisconnected, ConnectionError):  # an idle connection may be closed at any time
                self._kept.close()
                self._kept = None
                if last:
                    raise
                continue
            if answer.will_close:
                self._kept.close()
                self._kept = None
            return answer, said
        raise AssertionError("the second time it answers or raises")


@dataclass
class Client:
    """One requester's program and one worker's browser and program."""

    seen: Seen
    asks: Connection
    works: Connection
    browser: Connection
    csrf: str = ""

    def sign_in(self, login: str, password: str) -> None:
        answer, page = self.browser.ask("sign_in", "GET", "/login")
        self._keep_cookie(answer)
        form = {"csrf_token": _first(TOKEN, page), "login": login, "password": password}
        answer, _ = self.browser.ask("sign_in", "POST", "/login", urlencode(form).encode(), Content_Type=FORM)
        self._keep_cookie(answer)
        answer, page = self.browser.ask("sign_in", "GET", "/inbox?view=roles")
        self._keep_cookie(answer)
        self.csrf = _first(TOKEN, page)

    def ticket(self, serial: int) -> None:
        """From filing to the end: its tasks are done in turn from the page and over the API."""
        number, task = self.file("steady", serial), ""
        self.browser.ask("inbox_page", "GET", "/inbox?view=roles")
        for place in range(self.tasks):
            if place % 2:
                task = self.task_of(number)
                self.complete(task)
            else:
                _, page = self.browser.ask("ticket_page", "GET", f"/tickets/{number}")
                task = _first(COMPLETE, page)
                if place == 0:
                    self.works.ask("claim", "POST", f"/api/v1/tasks/{task}/claim", b"")
                    self.seen.done["claimed"] += 1
                self.complete_on_page(task)
        self.seen.done["finished"] += 1

    tasks = 4

    def file(self, kind: str, serial: int) -> str:
        data = {"serial": str(serial), "what_happened": "全班 6 台 Pad 中有 2 台一进课堂就退出。" * 3}
        body = orjson.dumps({"type": kind, "data": data})
        _, said = self.asks.ask(
            "file", "POST", "/api/v1/tickets", body, Content_Type=JSON, Idempotency_Key=str(uuid4())
        )
        self.seen.done["filed"] += 1
        return str(orjson.loads(said)["number"])

    def task_of(self, number: str) -> str:
        """Its first open task."""
        _, said = self.works.ask("read_ticket", "GET", f"/api/v1/tickets/{number}")
        return str(orjson.loads(said)["tasks"][0]["id"])

    def complete(self, task: str) -> str:
        """The task that is open next, if there is one."""
        body = orjson.dumps({"values": ANSWER})
        _, said = self.works.ask("complete", "POST", f"/api/v1/tasks/{task}/complete", body, Content_Type=JSON)
        self.seen.done["completed"] += 1
        return next((each["id"] for each in orjson.loads(said)["next"]), "")

    def complete_on_page(self, task: str) -> None:
        body = urlencode({**ANSWER, "csrf_token": self.csrf}).encode()
        self.browser.ask("complete_on_page", "POST", f"/tasks/{task}/complete", body, Content_Type=FORM)
        self.seen.done["completed"] += 1

    def _keep_cookie(self, answer: http.client.HTTPResponse) -> None:
        for line in answer.headers.get_all("Set-Cookie") or ():
            self.browser.headers["Cookie"] = line.partition(";")[0]


def mixed(client: Client, place: int, until: float) -> None:
    """Ticket after ticket."""
    serial = place * 1_000_000
    while monotonic() < until:
        serial += 1
        try:
            client.ticket(serial)
        except Refused:
            continue


def completing(client: Client, place: int, until: float) -> None:
    """One ticket whose task comes again and again, as the answer to each completion says."""
    number, task = client.file("endless", place), ""
    while monotonic() < until:
        try:
            task = client.complete(task or client.task_of(number))
        except Refused:
            task = ""


PLAYS = {"mixed": mixed, "completing": completing}


def play(told: Mapping[str, Any]) -> dict[str, Any]:
    """Everybody signs in, which is not counted; then, once the other side says so, all begin at once."""
    seen, clients = Seen(), []
    for place in range(told["threads"]):
        worker = place % len(told["workers"])
        asks, works = (told["requesters"][place % len(told["requesters"])], told["workers"][worker])
        bearers = ({"Authorization": f"Bearer {token}"} for token in (asks, works))
        headers = (*bearers, {"Accept-Language": "zh-CN"})
        program, tool, browser = (Connection(told["port"], seen, each) for each in headers)
        client = Client(seen, program, tool, browser)
        client.sign_in(told["logins"][worker], told["password"])
        clients.append(client)
    seen.times.clear()
    seen.statuses.clear()
    print("ready", flush=True)
    sys.stdin.readline()
    begun, before = monotonic(), _cpu()
    until = begun + told["seconds"]
    threads = [
        threading.Thread(target=PLAYS[told["play"]], args=(client, place, until))
        for place, client in enumerate(clients, start=1)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "seconds": monotonic() - begun,
        "cpu_s": _cpu() - before,
        "done": dict(seen.done),
        "statuses": {str(status): count for status, count in sorted(seen.statuses.items())},
        "times": seen.times,
        "surprises": seen.surprises[:20],
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _first(pattern: re.Pattern[str], page: bytes) -> str:
    found = pattern.search(page.decode())
    if found is None:
        raise Refused(f"no {pattern.pattern} on the page")
    return found.group(1)


def main() -> None:
    """Reads what to do as one line of JSON, prints "ready", waits for a line, and prints what came of it as JSON."""
    told = orjson.loads(sys.stdin.readline())
    print(orjson.dumps(play(told)).decode(), flush=True)


if __name__ == "__main__":
    main()
