"""A form whose expressions take very long all together is refused in words; a large one that does not is read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from forms import parse_html, parse_json, read_form, scope
from forms.showing import display
from forms.views import every_view

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HEAVY = "=sum(for i in 1..500 return i)"


def rows(expression: str) -> dict[str, Any]:
    """A list whose rows each hold a text, and a value that is worked out."""
    cells = [
        {"type": "textfield", "key": "cell", "label": "cell", "id": "c"},
        {"type": "expression", "key": "sum", "expression": expression, "id": "e"},
    ]
    listed = {"type": "dynamiclist", "path": "rows", "label": "rows", "id": "l", "components": cells}
    return {"type": "default", "schemaVersion": 18, "components": [listed]}


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope, "ALL_STEPS", 20_000)


@pytest.mark.usefixtures("little")
def test_what_takes_too_long_in_all_is_refused() -> None:
    form, problems = read_form(rows(HEAVY))
    assert problems == []
    sent = {"rows": [{"cell": "x"}] * 100}
    for submission in (
        parse_json(form, sent, now=NOW),
        parse_html(form, [(f"rows[{row}].cell", "x") for row in range(100)], now=NOW),
    ):
        assert not submission.ok
        assert "more than it may" in str(next(iter(submission.errors.values())))
    shown = display(form, sent, {}, now=NOW)
    assert sum(view.path.endswith("cell") for view in every_view(shown)) == 100


@pytest.mark.usefixtures("little")
def test_a_few_rows_of_it_are_worked_out() -> None:
    form, _ = read_form(rows(HEAVY))
    submission = parse_json(form, {"rows": [{"cell": "x"}] * 2}, now=NOW)
    assert submission.ok
    assert [row["sum"] for row in submission.values["rows"]] == [125_250, 125_250]


def test_two_hundred_rows_of_an_ordinary_form_are_worked_out() -> None:
    form, _ = read_form(rows("=sum(for i in 1..50 return i)"))
    submission = parse_json(form, {"rows": [{"cell": "x"}] * 200}, now=NOW)
    assert submission.ok
    assert {row["sum"] for row in submission.values["rows"]} == {1275}
