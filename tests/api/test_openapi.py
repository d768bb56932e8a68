"""The description at /api/v1/openapi.json."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.caller import Api

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

VERBS = (
    "notes replies questions answers acceptance refusal owner assignment suspension resumption resolution confirmation "
    "closure withdrawal reopening priority title rating links parent merge"
).split()
BARE = ("/claim", "/acceptance", "/resumption", "/confirmation", "/proof", "/cancellation", "/move")
"""What takes no body."""
OPERATIONS = {
    ("post", "/api/v1/definitions"),
    ("post", "/api/v1/definition-checks"),
    ("get", "/api/v1/ticket-types"),
    ("get", "/api/v1/ticket-types/{type_id}/versions/{version}/move"),
    ("post", "/api/v1/ticket-types/{type_id}/versions/{version}/move"),
    ("get", "/api/v1/ticket-types/{type_id}/versions/{version}/publication"),
    ("post", "/api/v1/ticket-types/{type_id}/versions/{version}/publication"),
    ("post", "/api/v1/tickets"),
    ("get", "/api/v1/tickets"),
    ("get", "/api/v1/tickets/{number}"),
    ("get", "/api/v1/tasks"),
    ("post", "/api/v1/tasks/{task_id}/claim"),
    ("post", "/api/v1/tasks/{task_id}/complete"),
    ("get", "/api/v1/tasks/{task_id}"),
    ("post", "/api/v1/tasks/{task_id}/return"),
    *(
        ("post", f"/api/v1/tasks/{{task_id}}/{verb}")
        for verb in ("transfer", "delegation", "consultations", "advice", "helpers")
    ),
    ("delete", "/api/v1/tasks/{task_id}/delegation"),
    *(("post", f"/api/v1/tickets/{{number}}/{verb}") for verb in VERBS),
    ("delete", "/api/v1/tickets/{number}/links/{other}"),
    ("delete", "/api/v1/tickets/{number}/parent"),
    ("put", "/api/v1/tickets/{number}/tags"),
    ("post", "/api/v1/tickets/{number}/urges"),
    ("post", "/api/v1/tickets/{number}/urge-answers"),
    ("get", "/api/v1/tickets/{number}/copies"),
    ("post", "/api/v1/tickets/{number}/copies"),
    ("delete", "/api/v1/tickets/{number}/copies/{person}"),
    ("post", "/api/v1/messages"),
    ("post", "/api/v1/signals"),
    ("post", "/api/v1/events"),
    ("put", "/api/v1/subjects/{kind}/{external_id}"),
    ("put", "/api/v1/people/{login}"),
    ("get", "/api/v1/people/{login}"),
    ("get", "/api/v1/places"),
    ("get", "/api/v1/standards/{standard_id}/matrix"),
    ("get", "/api/v1/standards"),
    ("post", "/api/v1/standards"),
    ("post", "/api/v1/standards/preview"),
    ("get", "/api/v1/standards/{standard_id}"),
    ("put", "/api/v1/standards/{standard_id}"),
    ("put", "/api/v1/standards/{standard_id}/activity"),
    ("post", "/api/v1/standards/{standard_id}/launches"),
    ("get", "/api/v1/standards/{standard_id}/launches/{launch_id}"),
    ("post", "/api/v1/standards/{standard_id}/launches/{launch_id}/cancellation"),
    ("post", "/api/v1/standards/{standard_id}/retries"),
    ("post", "/api/v1/files"),
    ("post", "/api/v1/tasks/{task_id}/confirmations"),
    ("delete", "/api/v1/tasks/{task_id}/confirmations"),
    ("get", "/api/v1/standards/{standard_id}/records"),
    ("post", "/api/v1/tasks/{task_id}/confirmation-requests"),
    ("get", "/api/v1/spot-checks"),
    ("post", "/api/v1/spot-checks"),
    ("get", "/api/v1/spot-checks/{check_id}"),
    ("post", "/api/v1/spot-checks/{check_id}/proof"),
    ("put", "/api/v1/spot-check-steps/{checked_id}/verdict"),
    ("get", "/api/v1/waivers"),
    ("post", "/api/v1/waivers"),
    ("get", "/api/v1/waivers/{waiver_id}"),
    *(("post", f"/api/v1/waivers/{{waiver_id}}/{verb}") for verb in ("approval", "refusal", "end")),
}


@pytest.fixture
def spec(api: Api) -> dict[str, Any]:
    answer = api.get(None, "/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json
    return found


def operations(spec: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_it_describes_the_api_and_no_page(spec: dict[str, Any]) -> None:
    assert spec["openapi"].startswith("3.1")
    assert {(method, path) for method, path, _ in operations(spec)} == OPERATIONS


def test_every_reference_leads_somewhere(spec: dict[str, Any]) -> None:
    for reference in references(spec):
        part: Any = spec
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]
        assert part


def test_every_error_is_a_problem_document(spec: dict[str, Any]) -> None:
    for method, path, operation in operations(spec):
        errors = {status: answer for status, answer in operation["responses"].items() if status >= "4"}
        assert {"401", "404", "422"} <= errors.keys(), (method, path)
        for answer in errors.values():
            described = spec["components"]["responses"][answer["$ref"].rpartition("/")[2]]
            assert list(described["content"]) == ["application/problem+json"]


def test_every_success_has_a_shape(spec: dict[str, Any]) -> None:
    for _, _, operation in operations(spec):
        for status, answer in operation["responses"].items():
            assert status >= "4" or answer["content"]["application/json"]["schema"]


def test_every_operation_has_a_name_a_summary_and_a_body_if_it_takes_one(spec: dict[str, Any]) -> None:
    names = [operation["operationId"] for _, _, operation in operations(spec)]
    assert len(set(names)) == len(OPERATIONS)
    for method, path, operation in operations(spec):
        assert operation["summary"]
        assert ("requestBody" in operation) == (method not in ("get", "delete") and not path.endswith(BARE))
        parameters = {each["name"] for each in operation["parameters"] if "name" in each}
        assert {name.strip("{}") for name in path.split("/") if name.startswith("{")} <= parameters


def test_every_post_takes_an_idempotency_key(spec: dict[str, Any]) -> None:
    for method, _, operation in operations(spec):
        keys = [each for each in operation["parameters"] if each.get("$ref", "").endswith("/IdempotencyKey")]
        assert len(keys) == (method == "post")


def test_every_operation_needs_a_token(spec: dict[str, Any]) -> None:
    assert spec["security"] == [{"token": []}]
    assert spec["components"]["securitySchemes"]["token"] == {"type": "http", "scheme": "bearer"}
    assert all("security" not in operation for _, _, operation in operations(spec))
