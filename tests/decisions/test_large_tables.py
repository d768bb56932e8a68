"""Tables of thousands of rules: read within the report's room, decided in steps by their different cells."""

from __future__ import annotations

from engine.expressions import Budget
from tests.decisions.build import decide, dmn, table

COLUMNS = ["a", "b", "c", "d", "e"]
SMALL = Budget(steps=20_000, memory=1_000_000)


def test_a_thousand_rules_of_five_inputs_are_decided_within_a_small_budget() -> None:
    rules = [f'{n} | > {n % 10} | "k{n % 7}" | [{n % 3}..9] | - | {n}' for n in range(1000)]
    content = dmn(table("d", COLUMNS, ["y"], *rules, hit="COLLECT"))
    assert decide(content, {"a": 523, "b": 4, "c": "k5", "d": 5}, budget=SMALL).value == [523]
    assert decide(content, {"a": 523, "b": 3, "c": "k5", "d": 5}, budget=SMALL).value == []


def test_every_rule_of_a_large_table_may_match() -> None:
    rules = [f"- | - | - | - | > {n % 5} | {n}" for n in range(3000)]
    content = dmn(table("d", COLUMNS, ["y"], *rules, hit="COLLECT"))
    assert decide(content, {"e": 9}).value == list(range(3000))
    assert decide(dmn(table("d", COLUMNS, ["y"], *rules, hit="COLLECT", collect="SUM")), {"e": 1}).value == sum(
        range(0, 3000, 5)
    )


def test_the_first_rule_of_many_ends_a_table_that_asks_for_the_first() -> None:
    rules = [f"- | - | - | - | - | for i in 1..1000 return {n}" for n in range(500)]
    content = dmn(table("d", COLUMNS, ["y"], *rules, hit="FIRST"))
    assert decide(content, {}, budget=Budget(steps=20_000, memory=1_000_000)).value == [0] * 1000
