"""Business rule tasks: BPMN 2.0.2, 10.3.3 and 13.3.3, with decisions as DMN 1.3 has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import pytest

from engine.definitions import Compiled, read_bundle
from engine.step import StepFailed, World
from tests.engine.build import boundary, bpmn, chain, each, element, end, mapped, start, timer, undone_by, user
from tests.engine.runs import NOON, Run, changed, run_compiled

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def table(*rules: str, outputs: Sequence[str] = ("level",), hit: str = "UNIQUE") -> bytes:
    """The decision `grade` on `score`; each rule is its test and its outputs, a semicolon between them."""
    columns = "".join(f'<output id="o_{name}" name="{name}" />' for name in outputs)
    rows = []
    for number, rule in enumerate(rules):
        test, *given = (f"<text>{escape(part.strip())}</text>" for part in rule.split(";"))
        entries = "".join(f"<outputEntry>{one}</outputEntry>" for one in given)
        rows.append(f'<rule id="r{number}"><inputEntry>{test}</inputEntry>{entries}</rule>')
    policy, _, aggregation = hit.partition(" ")
    collects = f' aggregation="{aggregation}"' if policy == "COLLECT" and aggregation else ""
    return (
        f'<definitions xmlns="{DMN}" id="d" name="d" namespace="n"><decision id="grade" name="Grade">'
        f'<decisionTable id="t" hitPolicy="{policy if collects else hit}"{collects}><input id="i"><inputExpression>'
        f"<text>score</text></inputExpression></input>{columns}{''.join(rows)}</decisionTable></decision></definitions>"
    ).encode()


LEVELS = table('>= 90; "A"', '[60..90); "B"', '< 60; "C"')


def asks(mapping: str = "singleEntry", result: str = "level", inner: str = "") -> str:
    named = {"camunda__decisionRef": "grade", "camunda__mapDecisionResult": mapping, "camunda__resultVariable": result}
    return element("businessRuleTask", "rule", inner, **{name: value for name, value in named.items() if value})


def asking(dmn: bytes, task: str, *more: str) -> Compiled:
    file = bpmn(start(), task, user("after"), end(), chain("begin", "rule", "after", "done"), *more)
    bundle = read_bundle({"p.bpmn": file, "grade.dmn": dmn})
    assert bundle.report.accepted, [str(problem.problem) for problem in bundle.report.problems]
    return bundle.definitions[0][1]


def decided(dmn: bytes, task: str, *more: str, data: dict[str, Any] | None = None) -> Run:
    return run_compiled(asking(dmn, task, *more), World(NOON), data={"score": 95} if data is None else data)


@pytest.mark.parametrize(("score", "level"), [(95, "A"), (90, "A"), (89.5, "B"), (0, "C")])
def test_a_decision_is_asked_within_the_step(score: float, level: str) -> None:
    begun = decided(LEVELS, asks(), data={"score": score})
    assert (begun.open, begun.data, begun.asked) == (["after"], {"score": score, "level": level}, {})
    assert begun.visited() == ["begin", "rule"]


TWO = table('>= 90; "A"; 1', '< 90; "B"; 2', outputs=("level", "rank"))
ALL = table('>= 90; "A"', '>= 60; "B"', hit="COLLECT")


@pytest.mark.parametrize(
    ("dmn", "mapping", "result"),
    [
        (LEVELS, "singleEntry", "A"),
        (LEVELS, "singleResult", {"level": "A"}),
        (LEVELS, "collectEntries", ["A"]),
        (LEVELS, "resultList", [{"level": "A"}]),
        (LEVELS, "", [{"level": "A"}]),
        (TWO, "singleResult", {"level": "A", "rank": 1}),
        (TWO, "resultList", [{"level": "A", "rank": 1}]),
        (ALL, "collectEntries", ["A", "B"]),
        (ALL, "resultList", [{"level": "A"}, {"level": "B"}]),
    ],
)
def test_the_result_is_what_camunda_makes_of_the_rows(dmn: bytes, mapping: str, result: Any) -> None:
    assert decided(dmn, asks(mapping)).data["level"] == result


@pytest.mark.parametrize(
    ("mapping", "result"), [("singleEntry", None), ("singleResult", None), ("collectEntries", []), ("resultList", [])]
)
def test_when_no_rule_matches_the_result_is_empty(mapping: str, result: Any) -> None:
    assert decided(table('> 100; "A"'), asks(mapping)).data["level"] == result


def test_a_collected_number_is_one_entry() -> None:
    dmn = table(">= 90; 2", ">= 60; 3", hit="COLLECT SUM")
    assert decided(dmn, asks("singleEntry")).data["level"] == 5


@pytest.mark.parametrize(
    ("dmn", "mapping", "reason"),
    [(ALL, "singleEntry", "2 rows"), (ALL, "singleResult", "2 rows"), (TWO, "singleEntry", "2 outputs")],
)
def test_more_than_the_task_expects_fails_the_step(dmn: bytes, mapping: str, reason: str) -> None:
    with pytest.raises(StepFailed, match=reason) as failed:
        decided(dmn, asks(mapping))
    assert failed.value.element == "rule"


def test_a_decision_that_fails_fails_the_step_in_its_own_words() -> None:
    with pytest.raises(StepFailed, match="Grade") as failed:
        decided(table('>= 90; "A"', '>= 60; "B"'), asks())
    assert failed.value.element == "rule"


def test_the_platforms_names_win_over_form_values() -> None:
    dmn = LEVELS.replace(b"<text>score</text>", b"<text>ticket.score</text>")
    bundle = read_bundle(
        {"p.bpmn": bpmn(start(), asks(), user("after"), chain("begin", "rule", "after")), "d.dmn": dmn}
    )
    world = World(NOON, names={"ticket": {"score": 95}})
    begun = run_compiled(bundle.definitions[0][1], world, data={"ticket": {"score": 1}})
    assert begun.data["level"] == "A"


def test_its_data_may_be_mapped() -> None:
    task = asks("singleEntry", "found", mapped("score = points * 10", "good = found == 'B'"))
    begun = decided(LEVELS, task, data={"points": 7, "score": 95})
    assert begun.data == {"points": 7, "score": 95, "found": "B", "good": True}


@pytest.mark.parametrize("sequential", [False, True])
def test_it_may_be_repeated(sequential: bool) -> None:
    output = '<loopDataOutputRef>levels</loopDataOutputRef><outputDataItem name="level" />'
    task = asks(inner=each("scores", "score", sequential=sequential, inner=output))
    assert decided(LEVELS, task, data={"scores": [95, 50, 70]}).data["levels"] == ["A", "C", "B"]


def test_it_may_have_events_on_its_boundary_and_be_undone() -> None:
    late = (boundary("late", "rule", timer("after", "P1D")), chain("late", "done"))
    handler = element("userTask", "unrule", isForCompensation="true")
    begun = decided(LEVELS, asks(), *late, undone_by("rule", "unrule"), handler)
    assert (begun.open, begun.due) == (["after"], {})


def test_without_a_name_for_the_result_a_single_rows_outputs_are_variables() -> None:
    for dmn, data in ((TWO, {"score": 95, "level": "A", "rank": 1}), (ALL, {"score": 95})):
        nameless = changed(asking(dmn, asks()), "rule", result="", result_as="")
        assert run_compiled(nameless, World(NOON), data={"score": 95}).data == data


@pytest.mark.parametrize(("dmn", "value"), [(LEVELS, "A"), (TWO, {"level": "A", "rank": 1}), (ALL, ["A", "B"])])
def test_without_a_mapping_the_decision_itself_says_what_the_result_is(dmn: bytes, value: Any) -> None:
    plain = changed(asking(dmn, asks()), "rule", result_as="")
    assert run_compiled(plain, World(NOON), data={"score": 95}).data["level"] == value


def test_decisions_that_it_requires_are_asked_first() -> None:
    dmn = LEVELS.replace(
        b'<decision id="grade" name="Grade">',
        b'<decision id="score" name="score"><literalExpression><text>points * 10</text></literalExpression></decision>'
        b'<decision id="grade" name="Grade"><informationRequirement><requiredDecision href="#score" />'
        b"</informationRequirement>",
    )
    assert decided(dmn, asks(), data={"points": 9}).data == {"points": 9, "level": "A"}
