"""FEEL gives what feelin gives, which evaluates forms in browsers; where it would not, the expression is refused."""

from __future__ import annotations

import datetime as dt
import json
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from engine.expressions import ExpressionError, Language, Months, compile_expression, compile_tests
from engine.expressions.feel.functions import FUNCTIONS
from engine.expressions.temporal import format_duration

HERE = Path(__file__).parent
TABLE = json.loads((HERE / "feelin_table.json").read_text("utf-8"))
EXPRESSIONS = [(source, group["values"], answer) for group in TABLE["expressions"] for source, answer in group["rows"]]
CELLS = [
    (test, {**group["values"], "?": asked}, answer) for group in TABLE["cells"] for test, asked, answer in group["rows"]
]
FEELIN = HERE.parents[1] / "node_modules" / "feelin"
KINDS = {dt.date: "date", dt.datetime: "datetime", dt.time: "time", dt.timedelta: "duration", Months: "duration"}


def as_feelin(value: Any) -> Any:
    """The value as feelin.mjs writes it down."""
    if isinstance(value, list):
        return [as_feelin(item) for item in value]
    if isinstance(value, dict):
        return {key: as_feelin(item) for key, item in value.items()}
    kind = KINDS.get(type(value))
    if kind is None:
        return value
    return {"@": kind, "is": format_duration(value) if kind == "duration" else written(value)}


def written(value: dt.date | dt.time) -> str:
    return str(compile_expression("string(x)", Language.FEEL).evaluate({"x": value}))


def same(ours: Any, other: Any) -> bool:
    """Equal, but for the last digits of binary fractions."""
    if isinstance(ours, list) and isinstance(other, list):
        return len(ours) == len(other) and all(map(same, ours, other))
    if isinstance(ours, dict) and isinstance(other, dict):
        return ours.keys() == other.keys() and all(same(ours[key], other[key]) for key in ours)
    if isinstance(ours, bool) or isinstance(other, bool) or not isinstance(ours, int | float):
        return ours is other if isinstance(ours, bool) or isinstance(other, bool) else bool(ours == other)
    return isinstance(other, int | float) and math.isclose(ours, other, rel_tol=1e-12, abs_tol=1e-12)


@pytest.mark.parametrize(("source", "values", "answer"), EXPRESSIONS, ids=[row[0] for row in EXPRESSIONS])
def test_an_expression_gives_what_feelin_gives(source: str, values: dict[str, Any], answer: Any) -> None:
    found = compile_expression(source, Language.FEEL, names=frozenset(values)).evaluate(values)
    assert same(as_feelin(found), answer), found


@pytest.mark.parametrize(("source", "values", "answer"), CELLS, ids=[row[0] for row in CELLS])
def test_a_cell_of_a_table_is_met_as_in_feelin(source: str, values: dict[str, Any], answer: Any) -> None:
    assert compile_tests(source).evaluate(values) is answer


@pytest.mark.parametrize(("source", "why", "answer"), TABLE["refused"]["rows"])
def test_what_would_differ_is_refused_with_a_remedy(source: str, why: str, answer: Any) -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_expression(source, Language.FEEL)
    assert f"{raised.value.message} {raised.value.remedy}" == why


def test_the_table_is_large_and_has_every_function_of_the_standard() -> None:
    sources = " ".join(row[0] for row in EXPRESSIONS)
    assert len(EXPRESSIONS) + len(CELLS) > 1000
    assert {name for name in FUNCTIONS if f"{name}(" not in sources} == {
        *(
            "duplicate values",
            "extract",
            "get or else",
            "is blank",
            "is empty",
            "last day of month",
            "partition",
            "trim",
        ),
    }


@pytest.mark.skipif(not shutil.which("node") or not FEELIN.is_dir(), reason="needs node and npm's feelin")
def test_feelin_still_gives_what_the_table_says() -> None:
    result = subprocess.run(
        ["node", HERE / "feelin.mjs"], capture_output=True, text=True, encoding="utf-8", timeout=60, check=False
    )
    assert (result.returncode, result.stdout) == (0, ""), result.stderr
