"""The values a trial makes up: texts for patterns, inputs for tables, samples for what scripts read."""

from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from engine.decisions.model import Clause, Decision, Rule
from engine.definitions.kinds import Kind
from engine.definitions.model import Node
from engine.definitions.parts import Assign, Expr
from engine.expressions import Language, compile_expression, compile_script
from tickets.trial.mapping import mapped_back
from tickets.trial.patterns import matching
from tickets.trial.tables import inputs_of, read_by
from tickets.trial.usage import read_paths, samples

ATOMS = st.sampled_from(
    [
        "a",
        "7",
        " ",
        "-",
        "周",
        r"\d",
        r"\w",
        r"\s",
        r"\.",
        r"\D",
        ".",
        "[a-z]",
        "[^0-9]",
        "[A-Z_]",
        r"[\d.]",
        "[[:alpha:]]",
    ]
)
COUNTS = st.sampled_from(["", "", "+", "*", "?", "{3}", "{2,4}", "{1,}", "+?"])


def pieces(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Sequences, alternatives and groups of patterns."""
    grouped = st.builds("({}){}".format, inner, COUNTS)
    return st.one_of(st.builds("{}{}".format, inner, inner), st.builds("(?:{}|{})".format, inner, inner), grouped)


PATTERNS = st.recursive(st.builds("{}{}".format, ATOMS, COUNTS), pieces, max_leaves=8)


@given(PATTERNS)
def test_a_text_is_made_that_the_pattern_matches_whole(pattern: str) -> None:
    compiled = re2.compile(f"^(?:{pattern})$")
    assert any(compiled.search(text) for text in matching(f"^(?:{pattern})$"))


@given(st.text(alphabet="()[]{}|\\^$?*+.a1,:-", max_size=20))
def test_any_text_may_stand_where_a_pattern_should(text: str) -> None:
    assert all(len(made) <= 1000 for made in matching(text))


@pytest.mark.parametrize(
    "pattern",
    [r"^\d{3}-[A-Z]{2,4}$", r"^https?://\S+$", r"^\p{Han}{2,4}$", r"(?i)^abc$", r"^[一-龥]{2}$", r"^\x{4e2d}$"],
)
def test_patterns_as_people_write_them_are_met(pattern: str) -> None:
    assert any(re2.compile(pattern).search(text) for text in matching(pattern))


def table(*tests: tuple[str, ...]) -> Decision:
    rules = tuple(Rule(id=str(number), tests=row, outputs=("1",)) for number, row in enumerate(tests))
    inputs = (Clause(expr="order.total", type="number"), Clause(expr="region", type="string"))
    return Decision(id="d", inputs=inputs, outputs=(Clause(name="out"),), rules=rules)


def test_each_rule_of_a_table_has_inputs_that_meet_it() -> None:
    decisions = {"d": table(("> 100", '"north"'), ("<= 100", "-"), ("[5..9]", 'not("north")'))}
    assert {path for expression in read_by(decisions, "d") for path in read_paths([expression.tree])} == {
        "order.total",
        "region",
    }
    first, second, third = inputs_of(decisions, "d")
    assert first == {"order.total": 101, "region": "north"}
    assert isinstance(second["order.total"], int)
    assert second["order.total"] <= 100
    assert third["order.total"] in range(5, 10)


def test_a_rule_for_all_others_is_asked_with_what_no_other_rule_takes() -> None:
    decisions = {"d": table(("> 5", '"north"'), ("-", "-"))}
    first, second = inputs_of(decisions, "d")
    assert (first["order.total"], first["region"]) == (6, "north")
    assert isinstance(second["order.total"], int)
    assert second["order.total"] <= 5
    assert second["region"] != "north"


def test_a_decision_that_is_not_there_asks_for_nothing() -> None:
    assert list(inputs_of({}, "d")) == [{}]
    assert list(read_by({}, "d")) == []


def test_scripts_say_what_they_look_into() -> None:
    script = compile_script(
        "total = 0\nfor line in order.lines:\n    total += line['price'] * line.count\n"
        "name = who.upper()\nseen.append(1)"
    )
    assert set(read_paths(script.tree)) >= {"order.lines[].price", "order.lines[].count", "who", "seen"}
    found = samples(script.tree)
    assert (found["who"], found["seen"]) == ("sample", [])


@pytest.mark.parametrize(
    ("text", "given_back"),
    [("= result.level", {"result": {"level": "red"}}), ("= if result != null then result else 1", {"result": "red"})],
)
def test_what_an_output_is_made_of_is_given_so_that_it_comes_out(text: str, given_back: object) -> None:
    node = Node(id="job", kind=Kind.JOB, outputs=(Assign("level", Expr(text, "feel")),))
    assert mapped_back(node, {"level": "red", "other": 1}) == given_back


def test_what_cannot_be_traced_back_is_left() -> None:
    node = Node(id="job", kind=Kind.JOB, outputs=(Assign("sum", Expr("= a + b", "feel")),))
    assert mapped_back(node, {"sum": "red"}) == {}


def test_a_number_is_guessed_where_something_is_reckoned() -> None:
    expression = compile_expression("${counter + 1}", Language.JUEL)
    assert samples([expression.tree]) == {"counter": 1}
