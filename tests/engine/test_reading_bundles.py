"""An upload of several files: what is BPMN and DMN among them, and how calls and decisions are bound."""

from __future__ import annotations

import pytest

from engine.definitions import Bundle, Compiled, Kind, read_bundle
from engine.definitions.adhoc import FINISH, NEXT
from engine.expressions import Level
from tests.engine.build import bpmn, call, chain, element, end, start, throw, user

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def asks(decision: str, ident: str = "rule") -> str:
    return element("businessRuleTask", ident, camunda__decisionRef=decision, camunda__resultVariable="answer")


def literal(ident: str, text: str, requires: str = "") -> str:
    needed = (
        f"<informationRequirement><requiredDecision href='#{requires}'/></informationRequirement>" if requires else ""
    )
    expression = f"<literalExpression><text>{text}</text></literalExpression>"
    return f'<decision id="{ident}" name="{ident}"><variable name="{ident}" />{needed}{expression}</decision>'


def dmn(*decisions: str) -> bytes:
    return f'<definitions xmlns="{DMN}" id="d" name="d" namespace="x">{"".join(decisions)}</definitions>'.encode()


def caller(inner: str, ident: str = "rule", process: str = "p") -> bytes:
    return bpmn(
        start(f"begin_{process}"),
        inner,
        end(f"done_{process}"),
        chain(f"begin_{process}", ident, f"done_{process}"),
        process=process,
    )


def only(bundle: Bundle) -> Compiled:
    assert bundle.report.accepted, [str(problem.problem) for problem in bundle.report.problems]
    return bundle.definitions[0][1]


def found(bundle: Bundle, level: Level = Level.ERROR) -> list[tuple[str, str]]:
    return [(problem.code, problem.element) for problem in bundle.report.problems if problem.level is level]


@pytest.mark.parametrize("path", ["a.bpmn", "A.BPMN", "a.bpmn20.xml", "a.bpmn.xml", "a.xml", "folder/a.bpmn2"])
def test_a_bpmn_file_may_be_called_many_things(path: str) -> None:
    assert only(read_bundle({path: caller(user("rule"))})).process.id == "p"


@pytest.mark.parametrize("path", ["rules.dmn", "rules.dmn.xml", "rules.xml"])
def test_a_decision_comes_with_all_that_it_requires(path: str) -> None:
    tables = dmn(literal("price", "base * 2", "base"), literal("base", "7"), literal("other", "1"))
    compiled = only(read_bundle({"p.bpmn": caller(asks("price")), path: tables}))
    node = compiled.node("rule")
    assert node is not None
    assert (node.kind, node.called) == (Kind.DECISION, "price")
    assert sorted(compiled.decisions) == ["base", "price"]


def test_a_decision_that_is_not_there_is_refused_but_not_in_a_trial() -> None:
    files = {"p.bpmn": caller(asks("price"))}
    assert found(read_bundle(files)) == [("decision-missing", "rule")]
    bundle = read_bundle(files, lenient=True)
    node = only(bundle).node("rule")
    assert node is not None
    assert (node.kind, node.topic) == (Kind.JOB, "price")
    assert ("decision-missing", "rule") in found(bundle, Level.WARNING)


def test_two_decisions_of_one_id_are_refused() -> None:
    files = {"a.dmn": dmn(literal("price", "1")), "b.dmn": dmn(literal("price", "2")), "p.bpmn": caller(asks("price"))}
    bundle = read_bundle(files)
    assert found(bundle) == [("duplicate-decision", "price")]
    assert bundle.report.problems[-1].file == "b.dmn"


def test_a_deployed_process_brings_its_decisions() -> None:
    deployed = only(read_bundle({"q.bpmn": caller(asks("price"), process="q"), "d.dmn": dmn(literal("price", "1"))}))
    files = {"p.bpmn": caller(call("c", "q"), "c")}
    compiled = only(read_bundle(files, lambda key: deployed if key == "q" else None))
    assert [decision.literal for decision in compiled.decisions.values()] == ["1"]
    files["d.dmn"] = dmn(literal("price", "2"))
    newer = only(read_bundle(files, lambda key: deployed if key == "q" else None))
    assert [decision.literal for decision in newer.decisions.values()] == ["2"], "the upload's own counts first"


def test_a_called_process_that_is_not_there_is_refused_but_not_in_a_trial() -> None:
    files = {"p.bpmn": caller(call("c", "q"), "c")}
    assert found(read_bundle(files)) == [("call-missing", "c")]
    bundle = read_bundle(files, lenient=True)
    node = only(bundle).node("c")
    assert node is not None
    assert (node.kind, node.topic) == (Kind.JOB, "q")
    assert ("call-missing", "c") in found(bundle, Level.WARNING)
    assert only(read_bundle({"p.bpmn": caller(call("c", ""), "c")}, lenient=True)).called == {}


def test_a_trial_still_calls_what_is_there_and_refuses_circles() -> None:
    files = {"p.bpmn": caller(call("c", "q"), "c"), "q.bpmn": caller(user("u"), "u", process="q")}
    definitions = dict(read_bundle(files, lenient=True).definitions)
    assert sorted(definitions["p.bpmn"].called) == ["q"]
    circle = {"p.bpmn": caller(call("c", "q"), "c"), "q.bpmn": caller(call("d", "p"), "d", process="q")}
    assert {code for code, _ in found(read_bundle(circle, lenient=True))} == {"cyclic-call"}


def test_what_a_called_process_says_of_its_own_elements_is_qualified_too() -> None:
    undo = element("boundaryEvent", "b", "<compensateEventDefinition />", attachedToRef="u")
    undo += user("v") + element("association", "as", sourceRef="b", targetRef="v")
    back = throw("t", '<compensateEventDefinition activityRef="u" />')
    free = element("adHocSubProcess", "ah", user("w"))
    called = bpmn(start("s"), user("u"), undo, back, free, chain("s", "u", "t", "ah"), process="q")
    compiled = next(
        compiled
        for path, compiled in read_bundle({"p.bpmn": caller(call("c", "q"), "c"), "q.bpmn": called}).definitions
        if path == "p.bpmn"
    )
    boundary, thrown, chosen = (compiled.node(f"q/{ident}") for ident in ("b", "t", "ah"))
    assert boundary is not None
    assert (boundary.attached_to, boundary.handler) == ("q/u", "q/v")
    assert thrown is not None
    assert thrown.event is not None
    assert thrown.event.activity == "q/u"
    assert chosen is not None
    assert [field.id for field in chosen.fields] == [NEXT]
    assert [value for value, _ in chosen.fields[0].values] == ["q/w", FINISH]


def test_a_cmmn_case_is_named() -> None:
    case = b'<definitions xmlns="http://www.omg.org/spec/CMMN/20151109/MODEL"><case id="c" /></definitions>'
    bundle = read_bundle({"case.cmmn.xml": case})
    assert [problem.code for problem in bundle.report.problems] == ["cmmn"]
    assert "CMMN" in str(bundle.report.problems[0].problem)


def test_other_files_of_an_upload_are_not_read() -> None:
    assert read_bundle({"a.form": b"no", "b.txt": b"no", "c.cmmn": b"no"}).report.problems == []


def test_a_broken_table_refuses_the_upload_at_its_line() -> None:
    bundle = read_bundle({"p.bpmn": caller(asks("price")), "a.dmn": dmn(literal("price", "1 +"))})
    assert not bundle.report.accepted
    assert {(problem.file, problem.line) for problem in bundle.report.problems if problem.level is Level.ERROR} >= {
        ("a.dmn", 1)
    }
