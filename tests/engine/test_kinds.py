"""Whatever reading accepts can be built: every kind of node has a spec, and every shape of it (10.3 to 10.6)."""

from __future__ import annotations

import msgspec
import pytest

from engine.definitions.kinds import ACTIVITIES, EventKind, Kind, LoopKind, TimerKind
from engine.definitions.model import Flow, Node, Process, Scope
from engine.definitions.parts import AdHoc, Assign, Event, Expr, Loop
from engine.definitions.stored import Compiled
from engine.spiff.build import build
from engine.spiff.make import MAKE
from engine.step import World
from tests.engine.runs import NOON, run_compiled

START, AFTER = Node("begin", Kind.START), Node("after", Kind.USER)
BODY = Scope((Node("in", Kind.START), Node("inner", Kind.USER)), (Flow("f", "in", "inner"),))
EVENTS = (
    None,
    *(Event(kind, name="x", expr=Expr("1"), text="PT1H", timer=TimerKind.DURATION) for kind in EventKind),
    Event(EventKind.MULTIPLE, of=(Event(EventKind.SIGNAL, "a"), Event(EventKind.MESSAGE, "b")), all_of=True),
)
LOOPS = (None, *(Loop(kind, cardinality=Expr("2"), maximum=2) for kind in LoopKind))


def process(node: Node, *beside: Node) -> Compiled:
    flows = (Flow("1", "begin", node.id), Flow("2", node.id, "after"))
    return Compiled(Process("p", Scope((START, node, AFTER, *beside), flows if node.kind is not Kind.START else ())))


def test_every_kind_has_a_spec() -> None:
    assert set(MAKE) == set(Kind)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.kind if event else "plain")
def test_every_kind_is_built_with_every_event(kind: Kind, event: Event | None) -> None:
    node = Node("it", kind, event=event, attached_to="after" if kind is Kind.BOUNDARY else "", called="nothing")
    assert build(process(node)).main.task_specs["it"]


@pytest.mark.parametrize("kind", sorted(ACTIVITIES - {Kind.CALL}))
@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: loop.kind if loop else "once")
def test_every_activity_runs_however_often_it_is_repeated(kind: Kind, loop: Loop | None) -> None:
    node = Node("it", kind, loop=loop, body=BODY if kind is Kind.SUB_PROCESS else None, called="nothing")
    mapped = msgspec.structs.replace(node, inputs=(Assign("a", Expr("1")),), before="b = 1", after="c = a")
    for one in (node, mapped):
        assert run_compiled(process(one), World(NOON)).step.state


@pytest.mark.parametrize(
    "node",
    [
        Node("it", Kind.SUB_PROCESS, body=Scope()),
        Node("it", Kind.SUB_PROCESS, body=Scope(), transaction=True),
        Node("it", Kind.SUB_PROCESS, body=Scope(), ad_hoc=AdHoc()),
        Node("it", Kind.SUB_PROCESS, body=BODY, ad_hoc=AdHoc(sequential=True, condition=Expr("1 == 1"))),
        Node("it", Kind.SCRIPT, script="  "),
        Node("it", Kind.SCRIPT, value=Expr("1")),
        Node("it", Kind.JOB, value=Expr("1"), result="x"),
        Node("it", Kind.END, default_flow="gone"),
        Node("it", Kind.DECISION, called="gone", result_as="rows"),
        Node("it", Kind.USER, default_flow="gone", for_compensation=True),
    ],
)
def test_odd_shapes_are_built_and_begun(node: Node) -> None:
    assert run_compiled(process(node), World(NOON)).step.state


def test_a_handler_that_is_not_there_undoes_nothing() -> None:
    undone = Node("undone", Kind.BOUNDARY, event=Event(EventKind.COMPENSATION), attached_to="it", handler="gone")
    assert run_compiled(process(Node("it", Kind.SCRIPT), undone), World(NOON)).open == ["after"]
