"""BPMN 2.0.2, 10.3.4, 10.3.5, 10.5.5, 10.7: sub-processes of every kind, links, compensation, how a process begins."""

from __future__ import annotations

import pytest

from engine.definitions import Kind
from engine.definitions.adhoc import FINISH, NEXT
from engine.definitions.kinds import EventKind
from engine.definitions.model import Flow
from engine.definitions.parts import AdHoc, Event, Expr
from engine.expressions import Level
from tests.engine.build import (
    both,
    bpmn,
    catch,
    chain,
    element,
    end,
    first_of,
    flow,
    message,
    receive,
    start,
    sub,
    throw,
    timer,
    times,
    user,
)
from tests.engine.reading import bundle_of, node_of, problems_of, whole_of
from tests.engine.runs import run

COMPENSATE = "<compensateEventDefinition />"


def by_event(*inner: str) -> str:
    return element("subProcess", "es", "".join(inner), triggeredByEvent="true")


def link(name: str) -> str:
    return f'<linkEventDefinition name="{name}" />'


def compensation(host: str, ident: str = "b") -> str:
    return element("boundaryEvent", ident, COMPENSATE, attachedToRef=host)


def association(source: str, target: str) -> str:
    return element("association", f"as-{source}", sourceRef=source, targetRef=target)


def test_an_event_sub_process_has_a_start_that_says_when_and_whether_it_interrupts() -> None:
    begin = element("startEvent", "when", message(), isInterrupting="false")
    parts = (start(), user("a"), end(), by_event(begin, user("r"), chain("when", "r")), chain("begin", "a", "done"))
    found = node_of("es", *parts)
    assert (found.kind, found.by_event) == (Kind.SUB_PROCESS, True)
    when = node_of("when", *parts)
    assert (when.event, when.interrupting) == (Event(EventKind.MESSAGE, "order"), False)
    assert problems_of(*parts) == []


def test_an_event_sub_process_without_a_start_event_is_left_out() -> None:
    parts = (start(), user("a"), by_event(user("r")), chain("begin", "a"))
    assert whole_of(*parts).node("es") is None
    assert problems_of(*parts) == [("event-scope-start", "es")]


def test_starts_of_an_event_sub_process_that_lead_to_the_same_are_one() -> None:
    inner = (start("w1", message()), start("w2", message("m_cancel")), user("r"), chain("w1", "r"), chain("w2", "r"))
    found = node_of("es", start(), user("a"), by_event(*inner), chain("begin", "a"))
    assert found.body is not None
    first = found.body.nodes[0]
    names = ("order", "cancel")
    assert first.event == Event(EventKind.MULTIPLE, of=tuple(Event(EventKind.MESSAGE, name) for name in names))
    assert [(each.source, each.target) for each in found.body.flows] == [("w1", "r")]


def test_of_other_starts_only_the_first_counts() -> None:
    inner = (start("w1", message()), start("w2", message("m_cancel")), user("r"), user("q"), chain("w1", "r"))
    parts = (start(), user("a"), by_event(*inner, chain("w2", "q")), chain("begin", "a"))
    assert ("event-scope-starts", "w2") in problems_of(*parts)
    assert whole_of(*parts).node("w2") is None


def test_an_event_sub_process_is_not_repeated_nor_interrupted_at_a_boundary() -> None:
    scope = by_event(times("3"), start("w", message()), user("r"), chain("w", "r"))
    parts = (start(), user("a"), scope, chain("begin", "a"))
    assert node_of("es", *parts).loop is None
    assert problems_of(*parts) == [("event-scope-loop", "es")]
    late = element("boundaryEvent", "b", timer("after", "PT1H"), attachedToRef="es")
    assert problems_of(*parts, late, level=Level.ERROR) == [("boundary-host", "b")]


def test_a_flow_to_an_event_sub_process_is_not_taken() -> None:
    parts = (start(), user("a"), by_event(start("w", message()), user("r"), chain("w", "r")), chain("begin", "a", "es"))
    assert problems_of(*parts) == [("event-scope-flow", "a-es")]
    assert [each.target for each in whole_of(*parts).scope.flows] == ["a"]


def test_a_start_inside_a_sub_process_waits_for_nothing() -> None:
    parts = (start(), sub("s", start("in", message()), user("u"), chain("in", "u")), chain("begin", "s"))
    assert node_of("in", *parts).event is None
    assert problems_of(*parts) == [("start-inside", "in")]


def test_a_sub_process_with_a_plain_start_never_begins_at_another() -> None:
    inside = (start("in"), start("other", message()), user("u"), chain("in", "u"), chain("other", "u"))
    parts = (start(), sub("s", *inside), chain("begin", "s"))
    assert problems_of(*parts) == [("start-unused", "other")]
    assert run(bpmn(*parts)).visited() == ["begin", "in"]


def test_an_empty_sub_process_is_passed_through() -> None:
    parts = (start(), sub("s"), user("a"), chain("begin", "s", "a"))
    assert node_of("s", *parts).kind is Kind.SUB_PROCESS
    assert problems_of(*parts) == [("empty-sub-process", "s")]


def test_a_transaction_is_a_sub_process_that_can_be_cancelled() -> None:
    found = node_of("tx", start(), element("transaction", "tx", user("a")), chain("begin", "tx"))
    assert (found.kind, found.transaction) == (Kind.SUB_PROCESS, True)


def ad_hoc(*inner: str, **attributes: str) -> tuple[str, ...]:
    return start(), element("adHocSubProcess", "ah", "".join(inner), **attributes), chain("begin", "ah")


def test_in_an_ad_hoc_sub_process_a_person_chooses_what_nothing_leads_to() -> None:
    inner = (user("a", name="Ask"), user("b"), user("c"), chain("a", "c"), user("undo", isForCompensation="true"))
    found = node_of("ah", *ad_hoc(*inner))
    assert found.ad_hoc == AdHoc()
    assert [field.id for field in found.fields] == [NEXT]
    assert found.fields[0].values == (("a", "Ask"), ("b", "b"), (FINISH, "Finish"))


def test_what_a_person_chooses_needs_no_flow_to_what_comes_next() -> None:
    inner = (user("a"), user("b"), sub("c", user("inside")))
    assert problems_of(*ad_hoc(*inner), level=Level.NOTE) == [("implicit-end", "ah"), ("implicit-end", "inside")]


def test_a_completion_condition_ends_an_ad_hoc_sub_process() -> None:
    condition = "<completionCondition>${completed}</completionCondition>"
    found = node_of("ah", *ad_hoc(condition, user("a"), ordering="Sequential", cancelRemainingInstances="false"))
    assert found.ad_hoc == AdHoc(sequential=True, condition=Expr("${completed}", "juel"), cancel_remaining=False)
    assert found.fields[0].values == (("a", "a"),)


def test_a_start_event_in_an_ad_hoc_sub_process_leads_to_what_is_chosen() -> None:
    found = node_of("ah", *ad_hoc(start("in"), user("a"), chain("in", "a")))
    assert found.body is not None
    assert [inner.id for inner in found.body.nodes] == ["a"]
    assert found.fields[0].values[0] == ("a", "a")


def test_an_ad_hoc_sub_process_with_nothing_to_begin_is_passed_through() -> None:
    parts = ad_hoc(throw("t"))
    assert node_of("ah", *parts).ad_hoc is None
    assert problems_of(*parts) == [("ad-hoc-empty", "ah")]


UNDOING = user("undo", isForCompensation="true")


@pytest.mark.parametrize("ends", [("b", "undo"), ("undo", "b")])
def test_the_association_says_what_undoes(ends: tuple[str, str]) -> None:
    parts = (start(), user("a"), end(), compensation("a"), UNDOING, association(*ends), chain("begin", "a", "done"))
    assert (node_of("b", *parts).handler, node_of("undo", *parts).for_compensation) == ("undo", True)
    assert problems_of(*parts) == []


def test_what_undoes_need_not_be_marked_and_may_be_drawn_with_a_flow() -> None:
    flows = chain("begin", "a") + chain("b", "undo", "done")
    parts = (start(), user("a"), compensation("a"), user("undo"), end(), flows)
    assert (node_of("b", *parts).handler, node_of("undo", *parts).for_compensation) == ("undo", True)
    assert [each.target for each in whole_of(*parts).scope.flows] == ["a"]


def test_a_compensation_event_without_a_handler_undoes_nothing() -> None:
    parts = (start(), user("a"), compensation("a"), chain("begin", "a"))
    assert problems_of(*parts) == [("no-handler", "b")]


def test_a_step_of_the_ordinary_course_undoes_nothing() -> None:
    parts = (start(), user("a"), UNDOING, compensation("a"), association("b", "undo"), chain("begin", "a", "undo"))
    assert node_of("undo", *parts).for_compensation is False
    assert node_of("b", *parts).handler == ""
    assert ("handler-flow", "undo") in problems_of(*parts)


def test_a_link_becomes_a_flow() -> None:
    halves = (throw("t", link("on")), catch("c", link("on")))
    parts = (start(), *halves, user("a"), chain("begin", "t"), chain("c", "a"))
    assert Flow("t→c", "t", "c", line=5) in whole_of(*parts).scope.flows
    assert [node_of(ident, *parts).kind for ident in ("t", "c")] == [Kind.LINK, Kind.LINK]
    assert problems_of(*parts) == []


def test_links_go_by_the_event_s_name_if_they_have_none_of_their_own() -> None:
    bare = "<linkEventDefinition />"
    halves = [
        element("intermediateThrowEvent", "t", bare, name="go  on"),
        element("intermediateCatchEvent", "c", bare, name="go on"),
    ]
    assert whole_of(start(), *halves, user("a"), chain("begin", "t"), chain("c", "a")).scope.flows[-1].id == "t→c"


def test_several_links_may_lead_to_one() -> None:
    halves = (throw("t1", link("x")), throw("t2", link("x")), catch("c", link("x")))
    parts = (start(), both("g"), *halves, user("a"), chain("begin", "g", "t1"), chain("g", "t2"), chain("c", "a"))
    assert [each.id for each in whole_of(*parts).scope.flows if "→" in each.id] == ["t1→c", "t2→c"]


def test_a_link_without_its_other_half_is_said() -> None:
    alone = (start(), throw("t", link("x")), chain("begin", "t"))
    assert problems_of(*alone, level=Level.ERROR) == [("link-target", "t")]
    inside = (start(), throw("t", link("x")), sub("s", catch("c", link("x")), user("a"), chain("c", "a")))
    assert problems_of(*inside, chain("begin", "t"), level=Level.ERROR) == [("link-target", "t")]
    assert ("link-source", "c") in problems_of(start(), user("a"), catch("c", link("x")), chain("begin", "a"))


def test_a_process_without_a_start_event_begins_with_what_nothing_leads_to() -> None:
    parts = (user("a"), user("b"), end(), chain("a", "done"), by_event(start("w", message()), user("r")), UNDOING)
    found = whole_of(*parts)
    begin = found.start()
    assert begin is not None
    assert [each.target for each in found.scope.flows if each.source == begin.id] == ["a", "b"]
    assert problems_of(*parts, level=Level.NOTE)[0] == ("implicit-start", "p")


def test_a_receive_task_may_begin_the_process() -> None:
    task = element("receiveTask", "r", messageRef="m_order", instantiate="true")
    parts = (task, user("a"), chain("r", "a"))
    found = node_of("r", *parts)
    assert (found.kind, found.event) == (Kind.START, Event(EventKind.MESSAGE, "order"))
    assert ("instantiates", "r") in problems_of(*parts, level=Level.NOTE)
    later = node_of("r", start(), task, user("a"), chain("begin", "r", "a"))
    assert later.kind is Kind.RECEIVE


def test_an_event_gateway_may_begin_the_process() -> None:
    gateway = element("eventBasedGateway", "g", instantiate="true")
    parts = (gateway, catch("c", message()), receive("r", "m_cancel"), user("a"), chain("g", "c", "a"))
    found = whole_of(*parts, chain("g", "r", "a"))
    assert [(each.id, each.event.name) for each in found.starts() if each.event] == [("c", "order"), ("r", "cancel")]
    assert found.node("g") is None


def test_an_ordinary_event_gateway_stays() -> None:
    assert node_of("g", start(), first_of("g"), catch("c", timer("after", "PT1H")), chain("begin", "g", "c")).id == "g"


def test_an_element_without_an_id_is_given_one() -> None:
    parts = (start(), "<subProcess triggeredByEvent='true'>", start("w", message()), user("r"), "</subProcess>")
    found = whole_of(*parts, user("a"), chain("begin", "a"), chain("w", "r"))
    assert [each.id[0] for each in found.scope.nodes if each.by_event] == ["."]
    assert problems_of(*parts, level=Level.NOTE)[0] == ("no-id", "")


def test_ids_and_references_are_trimmed() -> None:
    loose = element("sequenceFlow", " f ", sourceRef=" begin", targetRef="a ")
    parts = (start(), user("a "), loose)
    assert whole_of(*parts).scope.flows == (Flow("f", "begin", "a", line=6),)
    assert problems_of(*parts, level=Level.NOTE)[:2] == [("spaces", "a"), ("spaces", "f")]


def test_a_flow_and_a_boundary_event_stand_beside_what_they_belong_to() -> None:
    late = element("boundaryEvent", "b", timer("after", "PT1H"), attachedToRef="u")
    parts = (start(), sub("s", user("u"), user("v")), late, chain("begin", "s"), flow("b", "v"))
    found = node_of("s", *parts)
    assert found.body is not None
    assert [inner.id for inner in found.body.nodes] == ["u", "v", "b"]
    assert [(each.source, each.target) for each in found.body.flows] == [("b", "v")]
    assert {"boundary-moved", "flow-moved"} <= {code for code, _ in problems_of(*parts, level=Level.NOTE)}


def test_a_flow_across_a_sub_processs_border_is_refused() -> None:
    parts = (start(), sub("s", user("u")), user("a"), chain("begin", "s"), flow("u", "a"))
    assert problems_of(*parts, level=Level.ERROR) == [("dangling-flow", "u-a")]


def test_what_is_written_inside_what_it_should_hold_is_left_there() -> None:
    """The tree of a hostile file is not bent into a circle."""
    flow_around = element("sequenceFlow", "f", sub("s", user("u"), user("v")), sourceRef="u", targetRef="v")
    assert bundle_of(start(), user("a"), chain("begin", "a"), flow_around).report.problems
    inside = sub("s", user("u"))
    event_around = element("boundaryEvent", "b", inside + timer("after", "PT1H"), attachedToRef="u")
    assert not bundle_of(start(), user("a"), chain("begin", "a"), event_around).report.accepted
