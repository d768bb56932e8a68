"""Calls the API as one of the cast, each with a token of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from tests.apps import create_app
from tests.cast import Cast
from tickets.people import Person
from tickets.tokens import issue_token
from web.config import Config

FILES = Path(__file__).parent / "files"
REPAIR = ("repair.bpmn", "ask.form", "look.form")


class Answer:
    """What the API answered."""

    def __init__(self, response: TestResponse) -> None:
        self.status_code = response.status_code
        self.headers = response.headers
        self.content_type = response.content_type
        self.text = response.get_data(as_text=True)

    @cached_property
    def json(self) -> Any:
        return orjson.loads(self.text)


@dataclass
class Api:
    """`api.get("lina", "/tasks")` calls as lina; login None brings no token. Bodies are JSON, or files by name."""

    cast: Cast
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)

    @cached_property
    def client(self) -> FlaskClient:
        config = Config(data_folder=self.folder, database_url="", secret_key="x" * 32)
        app = create_app(self.cast.runtime, config)
        app.testing = True
        return app.test_client(use_cookies=False)

    def token(self, login: str) -> str:
        if login not in self.tokens:
            with self.cast.runtime.writing() as session, session.begin():
                person = session.get_one(Person, self.cast.people[login])
                self.tokens[login] = issue_token(session, person, "tests", now=self.cast.clock.now())
        return self.tokens[login]

    def call(self, method: str, login: str | None, path: str, **given: Any) -> Answer:
        headers = {"Accept-Language": "en", **given.pop("headers", {})}
        if login is not None:
            headers["Authorization"] = f"Bearer {self.token(login)}"
        address = path if path.startswith("/api") else f"/api/v1{path}"
        return Answer(self.client.open(address, method=method, headers=headers, **given))

    def get(self, login: str | None, path: str, **given: Any) -> Answer:
        return self.call("GET", login, path, **given)

    def post(self, login: str | None, path: str, json: Any = None, *, key: str = "", **given: Any) -> Answer:
        if key:
            given["headers"] = {**given.get("headers", {}), "Idempotency-Key": key}
        if json is not None:
            given["json"] = json
        return self.call("POST", login, path, **given)

    def put(self, login: str | None, path: str, json: Any) -> Answer:
        return self.call("PUT", login, path, json=json)

    def deploy(self, login: str | None, *files: tuple[str, bytes], key: str = "", path: str = "/definitions") -> Answer:
        parts = MultiDict([("files", FileStorage(BytesIO(content), name)) for name, content in files])
        boundary, body = encode_multipart(parts)  # the client itself would leave a temporary file open
        kind = f"multipart/form-data; boundary={boundary}"
        return self.post(login, path, data=body, content_type=kind, key=key)

    def check(self, login: str | None, *files: tuple[str, bytes]) -> Answer:
        """As `deploy`, only checked."""
        return self.deploy(login, *files, path="/definition-checks")

    def deploy_repair(self) -> None:
        """The type “repair”, which anybody files, support looks at, and a message ends."""
        answer = self.deploy("hejing", *((name, (FILES / name).read_bytes()) for name in REPAIR))
        assert answer.status_code == 201, answer.text

    def file_repair(self, login: str = "zhoulan", **data: Any) -> str:
        """A new repair ticket's number."""
        answer = self.post(login, "/tickets", {"type": "repair", "data": {"device": "投影仪", **data}})
        assert answer.status_code == 201, answer.text
        return str(answer.json["number"])

    def task_of(self, login: str, number: str) -> str:
        """The id of a ticket's only open task."""
        tasks = self.get(login, f"/tickets/{number}").json["tasks"]
        assert len(tasks) == 1
        return str(tasks[0]["id"])


def told(answer: Answer, status: int, *words: str) -> dict[str, Any]:
    """The problem document of a refusal, after checking its form, its status and that it says `words`."""
    assert answer.status_code == status, answer.text
    assert answer.content_type == "application/problem+json"
    body: dict[str, Any] = answer.json
    assert body["status"] == status
    assert {"type", "title", "detail"} <= body.keys()
    text = str(body)
    assert all(word in text for word in words), text
    return body
