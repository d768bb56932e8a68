"""Whatever a file holds, reading it ends in decisions that can be asked and a report in words."""

from __future__ import annotations

import contextlib
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.decisions.compile import compile_decision
from engine.expressions import EvaluationError
from tests.decisions.build import FLOWABLE, dmn, literal, read, table

WHOLE = dmn(
    table(
        "d", ["x: number", "e"], ["y = 1, 2 / 1", "z: string"], '> 5 | "a" | 1 | x', "- | - | 2 | 'b'", hit="PRIORITY"
    ),
    table("e", ["x in [1..9]"], ["f"], "true | ${x + 1}", "- | for i in 1..3 return i", hit="COLLECT", requires=["g"]),
    literal("g", "{f: function(a) a * 2, r: f(x)}.r", variable="twice"),
    more='<itemDefinition name="t"><typeRef>string</typeRef></itemDefinition><inputData id="x" name="x-y"/>',
)
WORDS = [
    "<",
    ">",
    '"',
    "&",
    "<text>",
    "</text>",
    "decision",
    "hitPolicy",
    "]",
    "${",
    "for ",
    "\0",
    "999",
    "#",
    "x",
    "é",
]
VALUES: list[dict[str, Any]] = [{}, {"x": 7}, {"x": "seven"}, {"x": None, "e": []}]


def survive(content: bytes) -> None:
    """Read it, and ask what was read."""
    decisions, report = read(content)
    for problem in report.problems:
        assert str(problem.problem)
        assert str(problem.remedy)
        assert problem.line >= 1
    for id_ in decisions:
        compiled = compile_decision(decisions, id_)
        for values in VALUES:
            with contextlib.suppress(EvaluationError):
                compiled.decide(values)


def mangled(content: bytes, seed: int) -> bytes:
    """The text with some parts dropped, doubled, moved or replaced."""
    dice = random.Random(seed)
    text = content.decode()
    for _ in range(dice.randint(1, 4)):
        start = dice.randrange(len(text))
        end = min(start + dice.choice([1, 2, 5, 30, 200]), len(text))
        part = dice.choice(["", text[start:end] * 2, dice.choice(WORDS), text[end : end + 50]])
        text = text[:start] + part + text[end:]
    return text.encode()


@pytest.mark.parametrize("xmlns", ["", FLOWABLE])
def test_a_whole_file_is_asked(xmlns: str) -> None:
    survive(WHOLE.replace(b"https://www.omg.org/spec/DMN/20191111/MODEL/", xmlns.encode()) if xmlns else WHOLE)


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 2**32))
def test_a_mangled_file_ends_in_a_report(seed: int) -> None:
    survive(mangled(WHOLE, seed))


PARTS = [*"ab15 .,<>=!?()[]{}-+*/\"'$#|&", "not", " in ", "and ", "for "]
CELLS = st.lists(st.sampled_from(PARTS), max_size=20).map("".join)


@settings(deadline=None, max_examples=150)
@given(CELLS, CELLS, st.sampled_from(["feel", "juel", "python"]))
def test_whatever_stands_in_the_cells_is_run_or_worded(test: str, output: str, language: str) -> None:
    survive(dmn(table("d", ["x"], ["y"], f"{test or '-'} | {output}", language=language)))
