"""Every address and method × everyone of the cast. The addresses come from the application itself: a new one without a
row fails.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import url_for
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.access.matrix import MATRIX, OPEN, Row
from tests.access.stage import CAST, Stage, set_stage
from tests.databases import Databases


@dataclass(frozen=True)
class Theatre:
    """The stage and how it was when the curtain rose."""

    stage: Stage
    kept: Path


@pytest.fixture(scope="module")
def theatre(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    folder = tmp_path_factory.mktemp("access")
    with set_stage(databases, folder) as stage:
        stage.cast.runtime.database.dispose()
        shutil.copyfile(stage.database, folder / "kept.db")
        yield Theatre(stage, folder / "kept.db")


def addresses(stage: Stage) -> dict[str, Rule]:
    """Each address of the application by method and endpoint: `POST ticket.reply`."""
    rules = (rule for rule in stage.site.app.url_map.iter_rules() if rule.endpoint not in OPEN)
    found = {}
    for rule in rules:
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found[f"{method} {rule.endpoint}"] = rule
    return found


def test_every_address_has_a_row_and_no_row_is_left_over(theatre: Theatre) -> None:
    known = addresses(theatre.stage).keys()
    assert known - MATRIX.keys() == set(), "say in tests/access/matrix.py who gets there"
    assert MATRIX.keys() - known == set(), "these are no longer there"


@pytest.mark.parametrize("name", MATRIX)
def test_everybody_gets_where_the_table_says(theatre: Theatre, name: str) -> None:
    row = MATRIX[name]
    assert seen(theatre, name, row) == row.expected, f"{name}: columns are {', '.join(CAST)}"


def seen(theatre: Theatre, name: str, row: Row) -> str:
    """What each of the cast gets, a letter each."""
    method, rule = name.split(maxsplit=1)[0], addresses(theatre.stage)[name]
    letters = ""
    for who in CAST:
        body = {name: meant(theatre.stage, value) for name, value in row.body.items()}
        answer = theatre.stage.ask(who, method, path_of(theatre.stage, rule, row), body=body, kind=row.kind)
        letters += letter(answer)
        if method != "GET":
            theatre.stage.put_back(theatre.kept)
    return letters


def path_of(stage: Stage, rule: Rule, row: Row) -> str:
    """The address with the scene's ticket, task, person … in it, unless the row names another."""
    values = {name: row.values.get(name, stage.at.get(name)) for name in rule.arguments}
    values = {name: meant(stage, value) for name, value in values.items()}
    with stage.site.app.test_request_context():
        query = "=".join(meant(stage, part) for part in row.query.split("="))
        return url_for(rule.endpoint, **values) + query


def meant(stage: Stage, value: Any) -> Any:
    """What `@name` stands for among the scene's things, also in a list; anything else is itself."""
    if isinstance(value, list):
        return [meant(stage, each) for each in value]
    return str(stage.at[value[1:]]) if isinstance(value, str) and value.startswith("@") else value


def letter(answer: TestResponse) -> str:
    """`+` let through (whatever came of it), `-` forbidden, `0` not found, `L` has to sign in, `!` a fault of ours."""
    status = answer.status_code
    if status == 401 or (status == 303 and "/login" in answer.headers.get("Location", "")):
        return "L"
    return {403: "-", 404: "0"}.get(status, "!" if status >= 500 else "+")
