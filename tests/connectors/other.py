"""Another system as connectors meet it: a real server on this machine that answers what a test tells it to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson


@dataclass(frozen=True)
class Came:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass(frozen=True)
class Say:
    """An answer; `raw` is written to the line instead of it."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    raw: Callable[[BaseHTTPRequestHandler], object] | None = None


@dataclass
class Other:
    """What came, and what is said next; when nothing is left to say, `usual`."""

    host: str = "127.0.0.1"
    port: int = 0
    came: list[Came] = field(default_factory=list)
    says: list[Say] = field(default_factory=list)
    usual: Say = field(default_factory=Say)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


class _Answering(BaseHTTPRequestHandler):
    other: Other

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): text for name, text in self.headers.items()}
        self.other.came.append(Came(self.command, self.path, headers, self.rfile.read(length)))
        say = self.other.says.pop(0) if self.other.says else self.other.usual
        if say.raw is not None:
            say.raw(self)
            return
        body = say.body if isinstance(say.body, bytes) else orjson.dumps(say.body)
        self.send_response(say.status)
        kinds = {} if isinstance(say.body, bytes) else {"Content-Type": "application/json"}
        for name, text in {**kinds, "Content-Length": str(len(body)), **say.headers}.items():
            self.send_header(name, text)
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _answer  # noqa: N815 - the library's names

    def log_message(self, *_args: object) -> None:
        """Says nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_args: object) -> None:
        """A caller that hangs up is nothing to speak of."""


@contextmanager
def other_system(host: str = "127.0.0.1") -> Iterator[Other]:
    """Serves until the block is left."""
    found = Other(host)
    server = _Server((host, 0), type("Answering", (_Answering,), {"other": found}))
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
