"""What the API's own description allows and what it does not, sent by schemathesis: answers are as described."""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation

from tests.access.stage import CAST, Stage, furnish
from tests.cast import Cast, cast
from tests.web.site import Site

__all__ = ["cast"]

pytestmark = pytest.mark.slow
Operation = APIOperation[Any, Any, Any, Any]

EXAMPLES = 25
"""Of each operation, on each database, by each caller."""
MOST_SAID = 3_000
"""Characters of each failure."""
CALLERS = ("admin", "owner", "requester")
PROMISES = (
    "not_a_server_error",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
ALWAYS = frozenset({400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429})
"""Statuses that hold for every request alike; all others are described for each operation."""
OWN = {"kind", "external_id", "login", "number", "task_id", "other", "person"}
"""Arguments of addresses which the stage has a thing for."""


@pytest.fixture
def stage(cast: Cast, tmp_path: Path) -> Stage:
    stage = Stage(cast, Site(cast, tmp_path), Path())
    stage.site.app.config["PROPAGATE_EXCEPTIONS"] = False  # a fault of ours is an answer to be seen
    furnish(stage)
    stage.at["person"] = stage.at["person_id"]
    return stage


def operations(stage: Stage) -> Iterator[Operation]:
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", stage.site.app)
    for found in described.get_all_operations():
        assert isinstance(found, Ok)
        yield found.ok()


@functools.cache
def promises() -> list[Any]:
    load_all_checks()
    return CHECKS.get_by_names(list(PROMISES))


@pytest.mark.parametrize("who", CALLERS)
def test_every_operation_keeps_to_its_description(stage: Stage, who: str) -> None:
    headers = {"Authorization": f"Bearer {stage.tokens[CAST[who]]}"}
    broken: dict[str, str] = {}
    for operation in operations(stage):
        try:
            keeping(stage, operation, headers)()
        except (AssertionError, ExceptionGroup) as broke:
            broken[operation.label] = "".join(traceback.format_exception_only(broke))[:MOST_SAID]
    assert broken == {}


def keeping(stage: Stage, operation: Operation, headers: dict[str, str]) -> Callable[[], None]:
    """The test of one operation."""
    described = {str(status) for status in operation.definition.raw.get("responses", {})}

    @seed(20261122)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def keeps(case: schemathesis.Case[Any]) -> None:
        for name in set(case.path_parameters or {}) & OWN:
            if len(str(case.path_parameters[name])) % 4:  # most of the time a thing that is there
                case.path_parameters[name] = str(stage.at[name])
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=promises(), headers=headers)
        assert str(answer.status_code) in described or answer.status_code in ALWAYS, answer.text

    return keeps
