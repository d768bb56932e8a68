"""The shipped types' diagrams are models: nothing crosses or lies on another, and all that people see is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise

import pytest
from lxml import etree

from engine.definitions import read_bundle
from engine.definitions.kinds import Kind
from engine.definitions.model import Node
from tests.tickets.play import SHIPPED, SHIPPED_TYPES

DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
NAME = 24
"""What the name of an open sub-process takes at its top."""
FREE = 2
"""Between a sub-process's frame and the labels inside it."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle of a shape, or of its or a flow's label."""

    of: str
    x: float
    y: float
    width: float
    height: float

    def overlaps(self, other: Box) -> bool:
        across = self.x < other.x + other.width and other.x < self.x + self.width
        return across and self.y < other.y + other.height and other.y < self.y + self.height

    def ink(self) -> Box:
        """Without the corners that a gateway's diamond leaves free."""
        if not self.of.startswith("Gateway_"):
            return self
        return Box(self.of, self.x + self.width / 4, self.y + self.height / 4, self.width / 2, self.height / 2)

    def has_room_for(self, label: Box) -> bool:
        """Whether it is an open sub-process, and the label stands inside it, off the frame and below its name."""
        room = Box(self.of, self.x + FREE, self.y + NAME, self.width - 2 * FREE, self.height - NAME - FREE)
        return self.of.startswith("SubProcess_") and room.holds(label)

    def holds(self, other: Box) -> bool:
        inside = self.x <= other.x and other.x + other.width <= self.x + self.width
        return inside and self.y <= other.y and other.y + other.height <= self.y + self.height


@dataclass(frozen=True)
class Flow:
    """A sequence flow as it is drawn, between two elements."""

    id: str
    ends: tuple[str, str]
    points: tuple[Point, ...]

    def pieces(self) -> Iterator[Box]:
        """Its straight pieces, as boxes a pixel wide."""
        for (x1, y1), (x2, y2) in pairwise(self.points):
            yield Box(self.id, min(x1, x2) - 0.5, min(y1, y2) - 0.5, abs(x1 - x2) + 1, abs(y1 - y2) + 1)


@dataclass(frozen=True)
class Drawing:
    shapes: tuple[Box, ...]
    labels: tuple[Box, ...]
    flows: tuple[Flow, ...]
    attached: dict[str, str]

    def belong(self, one: str, other: str) -> bool:
        """Whether one stands on the border of the other."""
        return self.attached.get(one) == other or self.attached.get(other) == one


@pytest.fixture(params=SHIPPED_TYPES)
def key(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def drawing(key: str) -> Drawing:
    root = etree.parse(SHIPPED / key / f"{key}.bpmn").getroot()
    ends = {
        flow.attrib["id"]: (flow.attrib["sourceRef"], flow.attrib["targetRef"])
        for flow in root.iter(f"{BPMN}sequenceFlow")
    }
    boundary = root.iter(f"{BPMN}boundaryEvent")
    flows = [
        Flow(name, ends[name], tuple((float(p.attrib["x"]), float(p.attrib["y"])) for p in edge.iter(WAYPOINT)))
        for edge in root.iter(f"{DI}BPMNEdge")
        if (name := edge.attrib["bpmnElement"]) in ends
    ]
    labels = [_box(part, shape) for shape in _drawn(root) for part in shape.iter(f"{DI}BPMNLabel") if len(part)]
    shapes = tuple(_box(shape, shape) for shape in root.iter(f"{DI}BPMNShape"))
    return Drawing(
        shapes, tuple(labels), tuple(flows), {one.attrib["id"]: one.attrib["attachedToRef"] for one in boundary}
    )


def _drawn(root: etree._Element) -> Iterator[etree._Element]:
    yield from root.iter(f"{DI}BPMNShape", f"{DI}BPMNEdge")


def _box(part: etree._Element, shape: etree._Element) -> Box:
    bounds = next(part.iter(f"{DC}Bounds")).attrib
    return Box(shape.attrib["bpmnElement"], *(float(bounds[name]) for name in ("x", "y", "width", "height")))


def test_everything_is_drawn(key: str, drawing: Drawing) -> None:
    nodes = {node.id for node in _nodes(key)}
    assert nodes <= {shape.of for shape in drawing.shapes}
    root = etree.parse(SHIPPED / key / f"{key}.bpmn").getroot()
    assert {flow.get("id") for flow in root.iter(f"{BPMN}sequenceFlow")} == {flow.id for flow in drawing.flows}


def test_shapes_keep_apart(drawing: Drawing) -> None:
    wrong = [
        (one.of, other.of)
        for one, other in combinations(drawing.shapes, 2)
        if one.overlaps(other) and not (one.holds(other) or other.holds(one)) and not drawing.belong(one.of, other.of)
    ]
    assert wrong == []


def test_flows_are_straight_and_cross_nothing(drawing: Drawing) -> None:
    slanting = [flow.id for flow in drawing.flows for (a, b), (c, d) in pairwise(flow.points) if a != c and b != d]
    crossing = [
        (one.id, other.id)
        for one, other in combinations(drawing.flows, 2)
        if not set(one.ends) & set(other.ends)
        and any(piece.overlaps(second) for piece in one.pieces() for second in other.pieces())
    ]
    through = [
        (flow.id, shape.of)
        for flow in drawing.flows
        for shape in drawing.shapes
        if shape.of not in flow.ends
        and not any(drawing.belong(shape.of, end) for end in flow.ends)
        and any(piece.overlaps(shape) and not shape.holds(piece) for piece in flow.pieces())
    ]
    assert (slanting, crossing, through) == ([], [], [])


def test_labels_lie_on_nothing(drawing: Drawing) -> None:
    on_shapes = [
        (label.of, shape.of)
        for label in drawing.labels
        for shape in drawing.shapes
        if label.overlaps(shape.ink()) and not shape.has_room_for(label)
    ]
    on_labels = [(one.of, other.of) for one, other in combinations(drawing.labels, 2) if one.overlaps(other)]
    on_flows = [
        (label.of, flow.id)
        for label in drawing.labels
        for flow in drawing.flows
        if any(piece.overlaps(label) for piece in flow.pieces())
    ]
    assert (on_shapes, on_labels, on_flows) == ([], [], [])


def test_all_that_people_see_is_named_in_both_languages(key: str) -> None:
    joins = {Kind.EXCLUSIVE, Kind.PARALLEL, Kind.INCLUSIVE, Kind.EVENT_BASED}
    nameless = {node.id for node in _nodes(key) if set(node.names) != {"zh", "en"}} - _inner_starts(key)
    assert [ident for ident in nameless if _kind(key, ident) not in joins and not ident.endswith("_Campus")] == []


def _inner_starts(key: str) -> set[str]:
    """The plain starts of embedded sub-processes: nothing waits there, so no list and no line of a timeline tells of
    one, and a way round a step leaves out what has no name. Drawn, a name would only repeat the sub-process's.
    """
    embedded = [node.body for node in _nodes(key) if node.body is not None and not node.by_event]
    return {inner.id for body in embedded for inner in body.nodes if inner.kind is Kind.START and inner.event is None}


def _nodes(key: str) -> list[Node]:
    bundle = read_bundle({f"{key}.bpmn": (SHIPPED / key / f"{key}.bpmn").read_bytes()})
    return [node for _, compiled in bundle.definitions for node in compiled.process.scope.walk()]


def _kind(key: str, ident: str) -> Kind:
    return next(node.kind for node in _nodes(key) if node.id == ident)
